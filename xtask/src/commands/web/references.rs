//! What refers to what in a linked module: functions to functions and data, data to both. A function
//! whose address is taken can be called by whoever can read that address, and by nobody else, so that
//! what a part may call is known to the byte. The linker tells it (`--emit-relocs`).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use anyhow::{Context, Result};
use wasmparser::{
    DataKind, KnownCustom, Linking, Operator, Parser, Payload, RelocAddendKind, RelocationType,
    SymbolInfo,
};

use super::wasm::{function_names, imported_functions};

/// What one function or one piece of data names without calling it.
#[derive(Debug, Default, Clone)]
pub(super) struct Named {
    /// Functions whose address it takes.
    pub(super) functions: BTreeSet<String>,
    /// Pieces of data, by their places in the list.
    pub(super) data: BTreeSet<usize>,
}

/// A linked module.
#[derive(Debug, Default)]
pub(super) struct References {
    functions: BTreeMap<String, Named>,
    data: Vec<(Range<u32>, Named)>,
    /// Functions whose address somebody is seen to take.
    taken: BTreeSet<String>,
}

/// Where something stands in the contents of a section, and what it is.
struct Placed<T> {
    range: Range<usize>,
    what: T,
}

/// The sections that are looked into, as they stand in the file.
#[derive(Default)]
struct Layout<'a> {
    imported: u32,
    code: usize,
    bodies: Vec<Placed<u32>>,
    data: usize,
    /// With their addresses.
    segments: Vec<Placed<u32>>,
    names: BTreeMap<u32, String>,
    symbols: Vec<SymbolInfo<'a>>,
    relocations: Vec<(String, wasmparser::RelocSectionReader<'a>)>,
}

impl References {
    /// Of a module that was linked with `--emit-relocs`.
    pub(super) fn read(module: &[u8]) -> Result<Self> {
        let layout = Layout::read(module)?;
        anyhow::ensure!(!layout.symbols.is_empty(), "the linker told no relocations");
        let mut read = Self::default();
        // pieces of data, in the order of their addresses
        let mut pieces = Vec::new();
        for symbol in &layout.symbols {
            if let SymbolInfo::Data {
                symbol: Some(defined),
                ..
            } = symbol
            {
                let segment = layout.segments.get(usize::try_from(defined.index)?);
                if let (Some(segment), true) = (segment, defined.size > 0) {
                    let start = segment.what + defined.offset;
                    pieces.push((start, start + defined.size));
                }
            }
        }
        pieces.sort_unstable();
        // several names may stand for overlapping pieces: they are one
        for (start, end) in pieces {
            match read.data.last_mut() {
                Some((last, _)) if start < last.end => last.end = last.end.max(end),
                _ => read.data.push((start..end, Named::default())),
            }
        }
        for (name, section) in &layout.relocations {
            read.take_in(&layout, name, section)?;
        }
        Ok(read)
    }

    fn take_in(
        &mut self,
        layout: &Layout<'_>,
        section: &str,
        relocations: &wasmparser::RelocSectionReader<'_>,
    ) -> Result<()> {
        for relocation in relocations.entries() {
            let relocation = relocation?;
            let offset = usize::try_from(relocation.offset)?;
            let is_data = section == "reloc.DATA";
            let holders = if is_data {
                &layout.segments
            } else {
                &layout.bodies
            };
            let within = if is_data { layout.data } else { layout.code } + offset;
            let place = holders.partition_point(|holder| holder.range.end <= within);
            let Some(holder) = holders.get(place).filter(|one| one.range.contains(&within)) else {
                continue;
            };
            let symbol = layout.symbols.get(usize::try_from(relocation.index)?);
            let mut named = Named::default();
            match (relocation.ty, symbol) {
                (
                    RelocationType::TableIndexSleb | RelocationType::TableIndexI32,
                    Some(SymbolInfo::Func { index, .. }),
                ) => {
                    let name = layout.name(*index);
                    self.taken.insert(name.clone());
                    named.functions.insert(name);
                }
                (
                    ty,
                    Some(SymbolInfo::Data {
                        symbol: Some(defined),
                        ..
                    }),
                ) if ty.addend_kind() == RelocAddendKind::Addend32 => {
                    let segment = layout.segments.get(usize::try_from(defined.index)?);
                    let segment = segment.context("a symbol outside of all data")?;
                    let start = segment.what + defined.offset;
                    // what is empty has an address and nothing there
                    named.data.extend(self.piece_at(start));
                }
                _ => continue,
            }
            let into = if is_data {
                let address = holder.what + u32::try_from(within - holder.range.start)?;
                let Some(piece) = self.piece_at(address) else {
                    anyhow::bail!("data at {address} has no name, and refers to something");
                };
                &mut self.data[piece].1
            } else {
                self.functions.entry(layout.name(holder.what)).or_default()
            };
            into.functions.extend(named.functions);
            into.data.extend(named.data);
        }
        Ok(())
    }

    fn piece_at(&self, address: u32) -> Option<usize> {
        let place = self.data.partition_point(|(range, _)| range.end <= address);
        let (range, _) = self.data.get(place)?;
        range.contains(&address).then_some(place)
    }

    /// What the function of that name refers to.
    pub(super) fn of_function(&self, name: &str) -> Option<&Named> {
        self.functions.get(name)
    }

    /// What a piece of data refers to.
    pub(super) fn of_data(&self, piece: usize) -> Option<&Named> {
        self.data.get(piece).map(|(_, named)| named)
    }

    /// Where a piece of data lies in memory.
    pub(super) fn range(&self, piece: usize) -> Option<Range<u32>> {
        self.data.get(piece).map(|(range, _)| range.clone())
    }

    /// All pieces of data.
    pub(super) fn pieces(&self) -> Range<usize> {
        0..self.data.len()
    }

    /// Whether somebody is seen to take the address of the function.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        self.taken.contains(name)
    }
}

impl<'a> Layout<'a> {
    fn read(module: &'a [u8]) -> Result<Self> {
        let mut read = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(imports) => {
                    read.imported = imported_functions(imports)?;
                }
                Payload::CodeSectionStart {
                    unchecked_range: range,
                    ..
                } => {
                    read.code = usize::try_from(range.start)?;
                }
                Payload::CodeSectionEntry(body) => {
                    let range = body.range();
                    let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
                    let what = read.imported + u32::try_from(read.bodies.len())?;
                    read.bodies.push(Placed { range, what });
                }
                Payload::DataSection(segments) => {
                    read.data = usize::try_from(segments.range().start)?;
                    for segment in segments {
                        let segment = segment?;
                        let end = usize::try_from(segment.range.end)?;
                        let range = end - segment.data.len()..end;
                        let what = address(&segment.kind)?;
                        read.segments.push(Placed { range, what });
                    }
                }
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Linking(linking) => {
                        for part in linking {
                            if let Linking::SymbolTable(symbols) = part? {
                                read.symbols = symbols.into_iter().collect::<Result<_, _>>()?;
                            }
                        }
                    }
                    KnownCustom::Reloc(relocations) => {
                        let name = section.name().to_owned();
                        read.relocations.push((name, relocations));
                    }
                    KnownCustom::Name(sections) => {
                        let names = function_names(sections)?.into_iter();
                        read.names
                            .extend(names.map(|(function, name)| (function, name.to_owned())));
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        Ok(read)
    }

    /// As the section of names has it, which other tools keep.
    fn name(&self, function: u32) -> String {
        self.names.get(&function).cloned().unwrap_or_default()
    }
}

/// Where a segment of data is put.
pub(super) fn address(kind: &DataKind<'_>) -> Result<u32> {
    let DataKind::Active { offset_expr, .. } = kind else {
        anyhow::bail!("data that is put nowhere by itself");
    };
    match offset_expr.get_operators_reader().read()? {
        // addresses are unsigned
        Operator::I32Const { value } => Ok(value.cast_unsigned()),
        other => anyhow::bail!("data whose address is {other:?}"),
    }
}

/// The module without what the linker told, which later tools do not keep true.
pub(super) fn is_told_by_linker(section: &str) -> bool {
    section == "linking" || section.starts_with("reloc.")
}
