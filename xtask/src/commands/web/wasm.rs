//! What takes the space in a wasm module: the bytes of its functions, added up by crate.

use std::collections::BTreeMap;

use anyhow::Result;
use wasmparser::{
    ImportSectionReader, KnownCustom, Name, NameSectionReader, Parser, Payload, TypeRef,
};

/// How many functions a module imports: its own are counted from there.
pub(super) fn imported_functions(imports: ImportSectionReader<'_>) -> Result<u32> {
    let mut imported = 0;
    for import in imports.into_imports() {
        if matches!(import?.ty, TypeRef::Func(_)) {
            imported += 1;
        }
    }
    Ok(imported)
}

/// The functions that have a name, by their numbers.
pub(super) fn function_names(sections: NameSectionReader<'_>) -> Result<Vec<(u32, &str)>> {
    let mut names = Vec::new();
    for section in sections {
        if let Name::Function(map) = section? {
            for naming in map {
                let naming = naming?;
                names.push((naming.index, naming.name));
            }
        }
    }
    Ok(names)
}

/// Bytes of code by the crate that its name begins with, largest first; the module must still
/// have its names.
pub(super) fn code_by_crate(module: &[u8]) -> Result<Vec<(String, usize)>> {
    let (mut imported, mut sizes, mut names) = (0, Vec::new(), BTreeMap::new());
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                imported = imported_functions(imports)?;
            }
            Payload::CodeSectionEntry(body) => {
                let range = body.range();
                sizes.push(usize::try_from(range.end - range.start)?);
            }
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(sections) = section.as_known() {
                    names.extend(function_names(sections)?);
                }
            }
            _ => {}
        }
    }
    let mut crates: BTreeMap<String, usize> = BTreeMap::new();
    for (index, size) in (imported..).zip(sizes) {
        let name = names.get(&index).copied().unwrap_or_default();
        *crates.entry(crate_of(name)).or_default() += size;
    }
    let mut crates: Vec<_> = crates.into_iter().collect();
    crates.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    Ok(crates)
}

/// The first crate that a function's name tells, through `<… as …>` and references.
fn crate_of(name: &str) -> String {
    let name = format!("{:#}", rustc_demangle::demangle(name));
    let start = name.trim_start_matches(['<', '&', '*', '[', '(']);
    let start = start.strip_prefix("mut ").unwrap_or(start);
    let start = start.strip_prefix("dyn ").unwrap_or(start);
    let end = start.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    match end.map(|end| start.split_at(end)) {
        Some((first, rest)) if rest.starts_with("::") || rest.starts_with('[') => first.to_owned(),
        _ => "other".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_are_told_by_names() {
        for (name, wanted) in [
            (
                "k256::arithmetic::field::FieldElement::sqrt::h5134e7f54e189c34",
                "k256",
            ),
            ("<&mut cacao::Cacao as core::fmt::Debug>::fmt", "cacao"),
            ("<core[c5930c85a12de822]::num::x>::y", "core"),
            ("<str>::to_lowercase", "other"),
            ("memcpy", "other"),
            ("", "other"),
        ] {
            assert_eq!(crate_of(name), wanted, "{name}");
        }
    }

    #[test]
    fn what_is_no_module_is_an_error() {
        assert!(code_by_crate(b"not wasm").is_err());
        assert_eq!(code_by_crate(b"\0asm\x01\0\0\0").unwrap(), []);
    }
}
