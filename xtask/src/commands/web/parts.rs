//! Which function of the page's module belongs to which part. A page loads the first part always,
//! the others when it needs them; a function stands in the first part whose entrances reach it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use wasmparser::{
    ElementItems, ExternalKind, KnownCustom, Name, Operator, Parser, Payload, TypeRef,
};

/// What a function's name tells of a part that is loaded later.
#[derive(Debug)]
pub(super) struct Later {
    /// The part's name, which is its file's, too.
    pub(super) name: &'static str,
    /// The functions through which alone the part is entered, by how their names begin, and behind
    /// a star how they end: of Rust, and exports in lower case.
    entrances: &'static [&'static str],
}

/// The parts after the first, in the order in which they may use what those before them have.
pub(super) const LATER: [Later; 2] = [
    // recovering the key of an Ethereum account's signature
    Later {
        name: "ethereum",
        entrances: &["k256::", "cacao::prove::recovery"],
    },
    // the other chains, keys of a seed, what others signed, what servers ask
    Later {
        name: "rest",
        entrances: &[
            "authorization_",
            "blake2::",
            "cacao::prove::contract*::prove",
            "cacao::prove::solana*::prove",
            "cacao::prove::stacks*::prove",
            "cacao::prove::tezos*::prove",
            "cacao::prove::webauthn*::prove",
            "curve25519_dalek::",
            "delegation_",
            "diddocument",
            "ed25519",
            "fromsession",
            "judgecapability",
            "judgedelegation",
            "judgejws",
            "passkeychallenge",
            "possiblepasskeys",
            "readcapability",
            "ripemd::",
            "seedkey_",
            "session_serialize",
            "session_signature",
            "sessiontext",
            "sha2::sha512",
            "signedby",
            "tezospayload",
            "verified_",
            "wish_",
        ],
    },
];

/// Methods that are no entrance, whosever they are.
const EVERYWHERE: [&str; 8] = [
    "::clone",
    "::cmp",
    "::drop",
    "::eq",
    "::fmt",
    "::hash",
    "::ne",
    "::partial_cmp",
];

/// One module: its functions, who calls whom, and where calls come from outside.
#[derive(Debug, Default)]
struct Module {
    imported: u32,
    calls: BTreeMap<u32, BTreeSet<u32>>,
    names: BTreeMap<u32, String>,
    /// Exported ones, and those in the table of indirect calls.
    roots: BTreeSet<u32>,
}

/// The module without the names of its functions: two may have one name, and then only their numbers
/// tell them apart, which a tool takes for names where there are none.
pub(super) fn without_names(module: &[u8]) -> Result<Vec<u8>> {
    rewritten(module, |_, content| content.to_vec())
}

/// How an import begins of a table of functions with a largest size, and of one without.
const LIMITED: [u8; 3] = [0x01, 0x70, 0x01];
const UNLIMITED: [u8; 3] = [0x01, 0x70, 0x00];

/// The module with an imported table of whatever size: the table grows when another part is split
/// off.
pub(super) fn with_any_table(module: &[u8]) -> Result<Vec<u8>> {
    const IMPORTS: u8 = 2;
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

/// The module, each of its sections as `edit` makes it, and without names.
fn rewritten(module: &[u8], edit: impl Fn(u8, &[u8]) -> Vec<u8>) -> Result<Vec<u8>> {
    let mut bare = module.get(..8).unwrap_or_default().to_vec();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if matches!(&payload, Payload::CustomSection(section) if section.name() == "name") {
            continue;
        }
        let Some((id, range)) = payload.as_section() else {
            continue;
        };
        let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
        let content = module
            .get(range)
            .context("a section outside of the module")?;
        let content = edit(id, content);
        bare.push(id);
        let mut length = content.len();
        while length >= 0x80 {
            bare.push(u8::try_from(length & 0x7f)? | 0x80);
            length >>= 7;
        }
        bare.push(u8::try_from(length)?);
        bare.extend_from_slice(&content);
    }
    Ok(bare)
}

/// The functions of each later part, by their numbers.
pub(super) fn functions(module: &[u8]) -> Result<Vec<(&'static str, Vec<String>)>> {
    let module = Module::read(module)?;
    let mut taken = module.reached(&module.roots, |name| {
        LATER.iter().any(|later| later.is_entered_by(name))
    });
    let mut parts = Vec::new();
    for (place, later) in LATER.iter().enumerate() {
        let behind = &LATER[place + 1..];
        let stops = |name: &str| behind.iter().any(|later| later.is_entered_by(name));
        let reached = match behind {
            // whatever nobody else wants
            [] => module.all(),
            _ => module.reached(&module.entered(later), stops),
        };
        let own: Vec<u32> = reached.difference(&taken).copied().collect();
        // counted from the first that is not imported
        let numbers = own
            .iter()
            .map(|function| (function - module.imported).to_string());
        parts.push((later.name, numbers.collect()));
        taken.extend(own);
    }
    Ok(parts)
}

/// A name that the compiler mangled, in lower case.
fn plain(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name)).to_ascii_lowercase()
}

impl Later {
    /// By a name as `plain` has it.
    fn is_entered_by(&self, name: &str) -> bool {
        let name = name.trim_start_matches(['<', '&', '*']);
        // values of every part are passed on and compared everywhere
        if EVERYWHERE.iter().any(|end| name.ends_with(end)) {
            return false;
        }
        self.entrances.iter().any(|wanted| {
            let (start, end) = wanted.split_once('*').unwrap_or((wanted, ""));
            name.starts_with(start) && name.ends_with(end)
        })
    }
}

impl Module {
    fn read(module: &[u8]) -> Result<Self> {
        let mut read = Self::default();
        let mut next = 0;
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        if matches!(import?.ty, TypeRef::Func(_)) {
                            read.imported += 1;
                        }
                    }
                    next = read.imported;
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let export = export?;
                        if export.kind == ExternalKind::Func {
                            read.roots.insert(export.index);
                        }
                    }
                }
                Payload::StartSection { func, .. } => {
                    read.roots.insert(func);
                }
                Payload::ElementSection(elements) => {
                    for element in elements {
                        if let ElementItems::Functions(functions) = element?.items {
                            for function in functions {
                                read.roots.insert(function?);
                            }
                        }
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let mut callees = BTreeSet::new();
                    for operator in body.get_operators_reader()? {
                        if let Operator::Call { function_index }
                        | Operator::ReturnCall { function_index }
                        | Operator::RefFunc { function_index } = operator?
                        {
                            callees.insert(function_index);
                        }
                    }
                    read.calls.insert(next, callees);
                    next += 1;
                }
                Payload::CustomSection(section) => read.name_functions(&section)?,
                _ => {}
            }
        }
        Ok(read)
    }

    fn name_functions(&mut self, section: &wasmparser::CustomSectionReader<'_>) -> Result<()> {
        let KnownCustom::Name(sections) = section.as_known() else {
            return Ok(());
        };
        for section in sections {
            if let Name::Function(map) = section? {
                for naming in map {
                    let naming = naming?;
                    self.names.insert(naming.index, plain(naming.name));
                }
            }
        }
        Ok(())
    }

    fn name(&self, function: u32) -> &str {
        self.names.get(&function).map_or("", String::as_str)
    }

    /// The functions through which a part is entered.
    fn entered(&self, later: &Later) -> BTreeSet<u32> {
        let all = self.all().into_iter();
        all.filter(|function| later.is_entered_by(self.name(*function)))
            .collect()
    }

    /// Every function that has a body.
    fn all(&self) -> BTreeSet<u32> {
        self.calls.keys().copied().collect()
    }

    /// What these reach by direct calls, themselves included, without what is stopped at.
    fn reached(&self, from: &BTreeSet<u32>, stops: impl Fn(&str) -> bool) -> BTreeSet<u32> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<u32> = from
            .iter()
            .filter(|function| !stops(self.name(**function)))
            .copied()
            .collect();
        while let Some(function) = open.pop() {
            if function < self.imported || !reached.insert(function) {
                continue;
            }
            let callees = self.calls.get(&function).into_iter().flatten();
            open.extend(
                callees
                    .filter(|callee| !stops(self.name(**callee)))
                    .copied(),
            );
        }
        reached
    }
}
