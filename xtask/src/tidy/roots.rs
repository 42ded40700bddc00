//! Every crate root forbids unsafe code in its own words, so that a reader of one file sees it and
//! a crate taken out of the workspace keeps it.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

const ATTRIBUTE: &str = "#![forbid(unsafe_code)]";

/// The root file of a library or a binary.
#[derive(Debug)]
pub(super) struct Root {
    path: PathBuf,
    text: String,
}

/// The roots of all libraries and binaries.
pub(super) fn read(ws: &Workspace) -> Result<Vec<Root>> {
    let kinds = ["lib", "cdylib", "rlib", "proc-macro", "bin"];
    let mut roots = Vec::new();
    for package in &ws.packages {
        for target in &package.targets {
            if !target
                .kind
                .iter()
                .any(|kind| kinds.contains(&kind.as_str()))
            {
                continue;
            }
            let path = ws.relative(&target.src_path).to_owned();
            let text = std::fs::read_to_string(&target.src_path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            roots.push(Root { path, text });
        }
    }
    Ok(roots)
}

/// Roots without the attribute.
pub(super) fn without_forbid(roots: &[Root]) -> Vec<String> {
    roots
        .iter()
        .filter(|root| !root.text.lines().any(|line| line.trim() == ATTRIBUTE))
        .map(|root| format!("{}: no `{ATTRIBUTE}`", root.path.display()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_without_the_attribute_is_named() {
        let root = |text: &str| {
            [Root {
                path: "src/lib.rs".into(),
                text: text.to_owned(),
            }]
        };
        assert!(without_forbid(&root("//! x\n#![forbid(unsafe_code)]\n")).is_empty());
        assert_eq!(
            without_forbid(&root("//! x\n#![deny(unsafe_code)]\n")).len(),
            1
        );
        assert_eq!(
            without_forbid(&root("//! `#![forbid(unsafe_code)]` is missing\n")).len(),
            1
        );
    }
}
