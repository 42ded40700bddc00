//! What a module imports: of a part the table of functions, and what stands for functions of later
//! parts.

use std::collections::BTreeSet;

use anyhow::Result;
use wasmparser::{Import, Parser, Payload, TypeRef};

use super::parts::{LATER, number, rewritten, text};

const IMPORTS: u8 = 2;
const TABLES: u8 = 4;

/// How an import begins of a table of functions with a largest size, and of one without.
const LIMITED: [u8; 3] = [0x01, 0x70, 0x01];
const UNLIMITED: [u8; 3] = [0x01, 0x70, 0x00];

/// The module with an imported table of whatever size: the table grows when another part is split
/// off.
pub(super) fn with_any_table(module: &[u8]) -> Result<Vec<u8>> {
    rewritten(module, |id, content| {
        let at = content.windows(3).position(|bytes| bytes == LIMITED);
        let (IMPORTS, Some(at)) = (id, at) else {
            return content.to_vec();
        };
        let (before, rest) = content.split_at(at);
        let mut numbers = rest[3..].split_inclusive(|byte| byte & 0x80 == 0);
        let smallest = numbers.next().unwrap_or_default();
        let largest = numbers.next().unwrap_or_default();
        let behind = &rest[3 + smallest.len() + largest.len()..];
        [before, &UNLIMITED, smallest, behind].concat()
    })
}

/// Of which modules a module imports something, each once.
pub(super) fn modules(module: &[u8]) -> Result<Vec<String>> {
    let mut names = BTreeSet::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ImportSection(imports) = payload? {
            for import in imports.into_imports() {
                names.insert(import?.module.to_owned());
            }
        }
    }
    Ok(names.into_iter().collect())
}

/// How many slots the table must have that a part imports.
pub(super) fn slots(module: &[u8]) -> Result<u32> {
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ImportSection(imports) = payload? {
            for import in imports.into_imports() {
                if let TypeRef::Table(table) = import?.ty {
                    return Ok(u32::try_from(table.initial)?);
                }
            }
        }
    }
    Ok(0)
}

/// The first part with a table of at least so many slots.
pub(super) fn with_slots(module: &[u8], slots: u32) -> Result<Vec<u8>> {
    let mut initial = 0;
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::TableSection(tables) = payload? {
            anyhow::ensure!(tables.count() == 1, "there is one table of functions");
            for table in tables {
                initial = u32::try_from(table?.ty.initial)?;
            }
        }
    }
    let mut table = vec![0x01, 0x70, 0x00];
    number(&mut table, usize::try_from(initial.max(slots))?);
    rewritten(module, |id, content| match id {
        TABLES => table.clone(),
        _ => content.to_vec(),
    })
}

/// The module, in which one function of each type stands for all of a later part.
pub(super) fn with_one_placeholder(module: &[u8]) -> Result<Vec<u8>> {
    with_names(module, |import| {
        let stands_in = LATER.iter().any(|later| later.name == import.module);
        let is_function = matches!(import.ty, TypeRef::Func(_));
        let is_number = import.name.bytes().all(|byte| byte.is_ascii_digit());
        (stands_in && is_function && is_number).then_some("")
    })
}

/// The module, in which imports have the names that are given for them, and the others their own.
pub(super) fn with_names<'n>(
    module: &[u8],
    name: impl Fn(&Import<'_>) -> Option<&'n str>,
) -> Result<Vec<u8>> {
    let mut imports = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ImportSection(section) = payload? {
            let start = section.range().start;
            for import in section.into_imports_with_offsets() {
                let (at, import) = import?;
                imports.push((usize::try_from(at - start)?, import));
            }
        }
    }
    rewritten(module, |id, content| {
        if id != IMPORTS {
            return content.to_vec();
        }
        let mut written = Vec::new();
        number(&mut written, imports.len());
        for (place, (at, import)) in imports.iter().enumerate() {
            let end = imports
                .get(place + 1)
                .map_or(content.len(), |(end, _)| *end);
            let Some(name) = name(import) else {
                written.extend_from_slice(&content[*at..end]);
                continue;
            };
            text(&mut written, import.module);
            text(&mut written, name);
            let names = coded(import.module) + coded(import.name);
            written.extend_from_slice(&content[*at + names..end]);
        }
        written
    })
}

/// How many bytes a text takes with its length.
fn coded(name: &str) -> usize {
    let mut written = Vec::new();
    text(&mut written, name);
    written.len()
}
