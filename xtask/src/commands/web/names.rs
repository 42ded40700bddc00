//! The names by which parts know each other's functions: a page downloads them twice, with what
//! exports them and with what imports them. So they are short, and in the order of the functions.

use std::collections::BTreeMap;

use anyhow::Result;
use wasmparser::{Export, ExternalKind, Parser, Payload};

use super::imports;
use super::parts::{number, rewritten, text};

const EXPORTS: u8 = 7;

/// What only the names have that the tool gives which splits the module.
const GIVEN: char = '.';

const LETTERS: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The parts, each by the name under which others import from it, with short names for what they
/// have of each other.
pub(super) fn shortened(parts: &[(&str, Vec<u8>)]) -> Result<Vec<Vec<u8>>> {
    let mut names: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    let mut exporting = Vec::new();
    for (part, module) in parts {
        let mut exports = exports(module)?;
        exports.sort_by_key(|export| (!export.name.contains(GIVEN), export.index));
        let given = exports.iter().filter(|export| export.name.contains(GIVEN));
        let own = given
            .enumerate()
            .map(|(place, export)| (export.name.to_owned(), short(place)))
            .collect::<BTreeMap<_, _>>();
        let mut written = Vec::new();
        number(&mut written, exports.len());
        for export in &exports {
            let name = own.get(export.name);
            text(&mut written, name.map_or(export.name, String::as_str));
            written.push(kind(export.kind)?);
            number(&mut written, usize::try_from(export.index)?);
        }
        names.insert(*part, own);
        let is_some = !exports.is_empty();
        exporting.push(rewritten(module, |id, content| match id {
            EXPORTS if is_some => written.clone(),
            _ => content.to_vec(),
        })?);
    }
    let renamed = exporting.iter().map(|module| {
        imports::with_names(module, |import| {
            let name = names.get(import.module)?.get(import.name)?;
            Some(name.as_str())
        })
    });
    renamed.collect()
}

fn exports(module: &[u8]) -> Result<Vec<Export<'_>>> {
    let mut exports = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ExportSection(section) = payload? {
            exports = section.into_iter().collect::<Result<_, _>>()?;
        }
    }
    Ok(exports)
}

fn kind(kind: ExternalKind) -> Result<u8> {
    Ok(match kind {
        ExternalKind::Func => 0,
        ExternalKind::Table => 1,
        ExternalKind::Memory => 2,
        ExternalKind::Global => 3,
        other => anyhow::bail!("an export of the kind {other:?}"),
    })
}

/// The name of that number: it begins with a digit, as no function's own name does.
fn short(number: usize) -> String {
    let mut name = String::from(char::from(LETTERS[number % 10]));
    let mut rest = number / 10;
    while rest > 0 {
        name.push(char::from(LETTERS[rest % LETTERS.len()]));
        rest /= LETTERS.len();
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A part that imports a function without arguments from `from`, and exports it as `name`.
    fn part(from: (&str, &str), name: &str) -> Vec<u8> {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        let mut import = vec![1];
        text(&mut import, from.0);
        text(&mut import, from.1);
        import.extend([0, 0]);
        let mut export = vec![1];
        text(&mut export, name);
        export.extend([0, 0]);
        for (id, content) in [(1, vec![1, 0x60, 0, 0]), (2, import), (EXPORTS, export)] {
            module.extend(super::super::parts::section(id, &content));
        }
        module
    }

    #[test]
    fn what_one_exports_the_other_imports() {
        let first = part(("./glue.js", "a.b"), "m.1086");
        let second = part(("first", "m.1086"), "flow_new");
        let parts = shortened(&[("first", first), ("second", second)]).unwrap();
        assert_eq!(parts[0], part(("./glue.js", "a.b"), "0"));
        assert_eq!(parts[1], part(("first", "0"), "flow_new"));
    }

    #[test]
    fn no_two_numbers_have_one_name() {
        let mut names: Vec<_> = (0..5000).map(short).collect();
        assert_eq!((&*names[7], &*names[19]), ("7", "91"));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 5000);
    }
}
