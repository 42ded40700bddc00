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

/// Files of tests that no program has, in crates that name their programs themselves: they would
/// never run.
pub(super) fn left_out(ws: &Workspace) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for package in &ws.packages {
        let folder = package.dir().join("tests");
        let Ok(root) = std::fs::read_to_string(folder.join("main.rs")) else {
            continue;
        };
        for entry in std::fs::read_dir(&folder).context("a folder of tests")? {
            let path = entry?.path();
            let own = package.targets("test").any(|test| test.src_path == path);
            let name = path.file_name().and_then(|name| name.to_str());
            if let (false, Some(name)) = (own, name)
                && is_left_out(&root, name)
            {
                let path = ws.relative(&path).display();
                problems.push(format!("{path}: stands in no program of tests"));
            }
        }
    }
    Ok(problems)
}

fn is_left_out(root: &str, file: &str) -> bool {
    let Some(name) = file.strip_suffix(".rs") else {
        return false;
    };
    let module = |line: &str| {
        let name_of = |line: &str| Some(line.strip_prefix("mod ")?.strip_suffix(';')?.to_owned());
        name_of(line).is_some_and(|found| found.trim_start_matches("r#") == name)
    };
    !root.lines().any(module)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_tests_that_never_runs_is_named() {
        let root = "//! x\nmod get;\nmod r#use;\n";
        assert!(!is_left_out(root, "get.rs"));
        assert!(!is_left_out(root, "use.rs"));
        assert!(!is_left_out(root, "vectors"));
        assert!(is_left_out(root, "new.rs"));
    }

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
