//! Which function of the page's module belongs to which part. A page loads the first part always,
//! the others when it needs them; a function stands in the first part whose entrances reach it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use anyhow::{Context, Result};
use wasmparser::{ElementItems, ExternalKind, KnownCustom, Operator, Parser, Payload};

use super::references::{self, References};
use super::wasm::{function_names, imported_functions};

/// What a function's name tells of a part that is loaded later.
#[derive(Debug)]
pub(super) struct Later {
    /// The part's name, which is its file's, too.
    pub(super) name: &'static str,
    /// The functions of Rust through which alone the part is entered, by how their names begin, and
    /// behind a star how they end.
    entrances: &'static [&'static str],
    /// The exported functions through which it is, in lower case, by how their names begin.
    exports: &'static [&'static str],
}

/// The parts after the first, in the order in which they may use what those before them have. The
/// first has what a visitor without a session needs (`did-session-web/src/glance.rs`).
pub(super) const LATER: [Later; 5] = [
    // the machine, and what it judges: requests, stored sessions, wallets' answers
    Later {
        name: "machine",
        entrances: &["didkey::did_key*::from_str"],
        exports: &[
            "__wbg_",
            "candidate_",
            "configure",
            "flow_",
            "ipldwriter_",
            "needsall",
            "publickeydid",
            "request_",
            "rules_",
            "session_",
            "signintext",
            "slotat",
            "slotsat",
        ],
    },
    // recovering the key of an Ethereum account's signature
    Later {
        name: "ethereum",
        entrances: &["k256::", "cacao::prove::recovery"],
        exports: &[],
    },
    // what session keys sign, and the capability as a CAR
    Later {
        name: "signing",
        entrances: &[],
        exports: &[
            "__wbg_dagsigning",
            "__wbg_signing",
            "dagsigning_",
            "ipldwriter_link",
            "session_car",
            "session_finish",
            "session_prepare",
            "signing_",
        ],
    },
    // what was revoked in this browser, and the statements that say so
    Later {
        name: "revocations",
        // their header has a type, and so a member more than the headers of messages
        entrances: &[
            "dag_jws::header*::chosen",
            "dag_jws::header*::json_with",
            "did_session_web::records::is_revoked",
        ],
        exports: &["revocationin", "session_preparerevocation"],
    },
    // the other chains, keys of a seed, what others signed, what servers ask; and what hardly any
    // capability of an Ethereum account has: ReCaps, other software's spellings, a contract's word,
    // numbers that are not short whole ones
    Later {
        name: "rest",
        entrances: &[
            "blake2::",
            "cacao::cid_text::any_base",
            "cacao::codec::loose",
            "cacao::prove::contract*::prove",
            "cacao::prove::evidence*::from_json",
            "cacao::prove::evidence*::to_json",
            "cacao::prove::question*::answer",
            "cacao::prove::solana*::prove",
            "cacao::prove::stacks*::prove",
            "cacao::prove::tezos*::prove",
            "cacao::prove::webauthn*::prove",
            "cacao::recap::abilities",
            "cacao::recap::json",
            "cacao::recap::order",
            "cacao::recap::parts",
            "cacao::recap::read",
            "cacao::recap::statement",
            "cacao::recap::value",
            "did_session_web::session::with_protected",
            "core::num::imp::flt2dec",
            "curve25519_dalek::",
            "did_session_web::answers*::take",
            "did_session_web::records::calls",
            "did_session_web::records::capability",
            "did_session_web::records::with_bytes",
            "ed25519",
            "ethereum_rpc::",
            "f64 as zmij::",
            "primeorder::affine*::decompress",
            "ripemd::",
            "ryu_js::",
            "serde_json::lexical",
            "session_core::chain*::conclude",
            "sha2::sha512",
            "zmij::",
        ],
        exports: &[
            "__wbg_authorization",
            "__wbg_delegation",
            "__wbg_readcapability",
            "__wbg_seedkey",
            "__wbg_verified",
            "__wbg_wish",
            "authorization_",
            "delegation_",
            "diddocument",
            "flow_signin",
            "fromsession",
            "judgecapability",
            "judgedelegation",
            "judgejws",
            "passkeychallenge",
            "possiblepasskeys",
            "readcapability",
            "seedkey_",
            "session_serialize",
            "session_signature",
            "sessiontext",
            "signedby",
            "tezospayload",
            "verified_",
            "warnings",
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
    /// As the compiler spells them.
    mangled: BTreeMap<u32, String>,
    /// As people do, in lower case.
    names: BTreeMap<u32, String>,
    /// Those of a name, of which there may be two.
    named: BTreeMap<String, Vec<u32>>,
    /// Exported ones, and those in the table of indirect calls whose address nobody is seen to take.
    roots: BTreeSet<u32>,
    references: References,
}

/// What belongs to a later part.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) name: &'static str,
    /// Its functions, by their numbers, counted from the first that is not imported.
    pub(super) functions: Vec<String>,
    /// Its pieces of data, by where they lie in memory, in this order.
    pub(super) data: Vec<Range<u32>>,
}

/// What is reached.
#[derive(Debug, Default)]
struct Reached {
    functions: BTreeSet<u32>,
    data: BTreeSet<usize>,
}

/// The module without the names of its functions: two may have one name, and then only their numbers
/// tell them apart, which a tool takes for names where there are none.
pub(super) fn without_names(module: &[u8]) -> Result<Vec<u8>> {
    rewritten(module, |_, content| content.to_vec())
}

/// The module, each of its sections as `edit` makes it, and without names.
pub(super) fn rewritten(module: &[u8], edit: impl Fn(u8, &[u8]) -> Vec<u8>) -> Result<Vec<u8>> {
    edited(module, |section| section == "name", edit)
}

/// The module, each of its sections as `edit` makes it, without the custom sections that `drops`
/// names.
fn edited(
    module: &[u8],
    drops: impl Fn(&str) -> bool,
    edit: impl Fn(u8, &[u8]) -> Vec<u8>,
) -> Result<Vec<u8>> {
    let mut bare = module.get(..8).unwrap_or_default().to_vec();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if matches!(&payload, Payload::CustomSection(section) if drops(section.name())) {
            continue;
        }
        let Some((id, range)) = payload.as_section() else {
            continue;
        };
        let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
        let content = module
            .get(range)
            .context("a section outside of the module")?;
        bare.extend(section(id, &edit(id, content)));
    }
    Ok(bare)
}

/// A section as it stands in a module.
pub(super) fn section(id: u8, content: &[u8]) -> Vec<u8> {
    let mut written = vec![id];
    number(&mut written, content.len());
    written.extend_from_slice(content);
    written
}

/// Writes a number, seven bits a byte, the least first.
pub(super) fn number(into: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        into.push(u8::try_from(value & 0x7f).unwrap_or_default() | 0x80);
        value >>= 7;
    }
    into.push(u8::try_from(value).unwrap_or_default());
}

/// Writes a text with its length.
pub(super) fn text(into: &mut Vec<u8>, text: &str) {
    number(into, text.len());
    into.extend_from_slice(text.as_bytes());
}

/// The module as the linker wrote it, for the tools that come after.
pub(super) fn without_relocations(module: &[u8]) -> Result<Vec<u8>> {
    edited(module, references::is_told_by_linker, |id, content| {
        let mut content = content.to_vec();
        let at = content
            .windows(REFERENCE_TYPES.len())
            .position(|bytes| bytes == REFERENCE_TYPES);
        if let (CUSTOM, Some(at)) = (id, at) {
            content[at] = b'-';
        }
        content
    })
}

/// How the module says that it may use reference types, which the standard library of a stable
/// toolchain is built with, and no code of ours needs: wasm-bindgen would take a second table for
/// JavaScript's values, and the tool that splits the module knows one only.
const REFERENCE_TYPES: &[u8] = b"+\x0freference-types";
const CUSTOM: u8 = 0;

/// What belongs to each later part of a module, of which the linker told what refers to what.
pub(super) fn later(linked: &[u8], module: &[u8]) -> Result<Vec<Part>> {
    let module = Module::read(References::read(linked)?, module)?;
    let mut taken = module.reached(&module.roots, |name| {
        LATER.iter().any(|later| later.is_entered_by(name))
    });
    let mut parts = Vec::new();
    for (place, later) in LATER.iter().enumerate() {
        let behind = &LATER[place + 1..];
        let stops = |name: &str| behind.iter().any(|later| later.is_entered_by(name));
        let reached = match behind {
            // whatever nobody else wants
            [] => Reached {
                functions: module.all(),
                data: module.references.pieces().collect(),
            },
            _ => module.reached(&module.entered(later), stops),
        };
        let functions: Vec<u32> = reached
            .functions
            .difference(&taken.functions)
            .copied()
            .collect();
        let data: Vec<usize> = reached.data.difference(&taken.data).copied().collect();
        parts.push(Part {
            name: later.name,
            functions: functions
                .iter()
                .map(|function| (function - module.imported).to_string())
                .collect(),
            data: data
                .iter()
                .filter_map(|piece| module.references.range(*piece))
                .collect(),
        });
        taken.functions.extend(functions);
        taken.data.extend(data);
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
        if !name.contains("::") {
            return self.exports.iter().any(|start| name.starts_with(start));
        }
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
    fn read(references: References, module: &[u8]) -> Result<Self> {
        let mut read = Self {
            references,
            ..Self::default()
        };
        let mut next = 0;
        let mut table = BTreeSet::new();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(imports) => {
                    read.imported = imported_functions(imports)?;
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
                                table.insert(function?);
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
        for function in table {
            let name = read.mangled.get(&function).map_or("", String::as_str);
            if !read.references.is_taken(name) {
                read.roots.insert(function);
            }
        }
        Ok(read)
    }

    fn name_functions(&mut self, section: &wasmparser::CustomSectionReader<'_>) -> Result<()> {
        let KnownCustom::Name(sections) = section.as_known() else {
            return Ok(());
        };
        for (function, name) in function_names(sections)? {
            self.names.insert(function, plain(name));
            self.mangled.insert(function, name.to_owned());
            self.named
                .entry(name.to_owned())
                .or_default()
                .push(function);
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

    /// What these reach, themselves included, without the functions that are stopped at: what they
    /// call, what they take the address of, and what the data refers to that they do.
    fn reached(&self, from: &BTreeSet<u32>, stops: impl Fn(&str) -> bool) -> Reached {
        let mut reached = Reached::default();
        let mut functions: Vec<u32> = from.iter().copied().collect();
        let mut data = Vec::new();
        loop {
            let named = if let Some(function) = functions.pop() {
                if function < self.imported
                    || stops(self.name(function))
                    || !reached.functions.insert(function)
                {
                    continue;
                }
                functions.extend(self.calls.get(&function).into_iter().flatten());
                let name = self.mangled.get(&function);
                name.and_then(|name| self.references.of_function(name))
            } else if let Some(piece) = data.pop() {
                if !reached.data.insert(piece) {
                    continue;
                }
                self.references.of_data(piece)
            } else {
                return reached;
            };
            for name in named.iter().flat_map(|named| &named.functions) {
                functions.extend(self.named.get(name).into_iter().flatten());
            }
            data.extend(named.iter().flat_map(|named| &named.data));
        }
    }
}
