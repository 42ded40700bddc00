//! A chain's name stands in the files that `CONTRIBUTING.md` lists ("Add a chain") and in no other:
//! whoever adds one has read the whole list, and whoever reads the core reads of none.

use std::path::Path;

use anyhow::{Context, Result};

use super::text::File;

/// A chain, and the words that name it, in lower case.
type Name = (&'static str, &'static [&'static str]);

const NAMES: [Name; 4] = [
    ("Ethereum", &["ethereum", "eip155", "eip191"]),
    ("Solana", &["solana"]),
    ("Stacks", &["stacks"]),
    ("Tezos", &["tezos"]),
];

/// Stands for each of a chain's words in a listed path.
const PLACEHOLDER: &str = "CHAIN";
/// In the second column: the file names every chain.
const EACH: &str = "each";
const SECTION: &str = "## Add a chain";

/// What is for readers and for tests may name whom it likes.
const SKIPPED: [&str; 5] = ["bench", "demo", "docs", "examples", "tests"];

/// A listed path: a file, or a folder that ends in a slash.
#[derive(Debug, PartialEq, Eq)]
struct Listed<'a> {
    path: &'a str,
    whose: &'a str,
}

impl Listed<'_> {
    fn allows(&self, file: &str, (chain, words): Name) -> bool {
        let is_it = |path: &str| path == file || path.ends_with('/') && file.starts_with(path);
        (self.whose == EACH || self.whose == chain)
            && words
                .iter()
                .any(|word| is_it(&self.path.replace(PLACEHOLDER, word)))
    }
}

/// The real files against the real list.
pub(super) fn check(root: &Path, files: &[File]) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(root.join("CONTRIBUTING.md")).context("CONTRIBUTING.md")?;
    Ok(problems(&listed(&text), files))
}

/// The table of the section: paths in the first column, whose they are in the second.
fn listed(text: &str) -> Vec<Listed<'_>> {
    let section = text.split_once(SECTION).map_or("", |(_, rest)| rest);
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.flat_map(|row| {
        let mut columns = row.split('|').skip(1).map(str::trim);
        let (paths, whose) = (columns.next(), columns.next().unwrap_or_default());
        let paths = paths.unwrap_or_default().split('`').skip(1).step_by(2);
        paths.map(move |path| Listed { path, whose })
    })
    .collect()
}

fn problems(list: &[Listed<'_>], files: &[File]) -> Vec<String> {
    let (mut problems, mut idle) = (Vec::new(), Vec::from_iter(list));
    let code = files.iter().filter(|file| is_code(&file.path));
    for (file, name) in code.flat_map(|file| NAMES.map(|name| (file, name))) {
        let Some(line) = first(file, name.1) else {
            continue;
        };
        let path = file.path.to_string_lossy();
        let allows = |listed: &&Listed<'_>| listed.allows(&path, name);
        if !list.iter().any(|listed| allows(&listed)) {
            let chain = name.0;
            problems.push(format!(
                "{path}:{line}: names {chain}, and is not listed in CONTRIBUTING.md"
            ));
        }
        idle.retain(|listed| !allows(listed));
    }
    let idle = idle.iter().map(|listed| listed.path);
    problems
        .extend(idle.map(|path| format!("CONTRIBUTING.md lists {path}, where no chain is named")));
    problems
}

/// What is compiled into our crates and tools.
fn is_code(path: &Path) -> bool {
    let ours = path.starts_with("crates") || path.starts_with("xtask/src");
    let extension = path.extension().and_then(|extension| extension.to_str());
    let written = extension.is_some_and(|found| ["rs", "toml", "js", "ts"].contains(&found));
    let skipped = path
        .iter()
        .any(|part| SKIPPED.iter().any(|name| part == *name));
    // this very list
    ours && written && !skipped && !path.ends_with("tidy/names.rs")
}

/// The first line of code that has one of the words: comments, unit tests and what only tests
/// depend on are left out.
fn first(file: &File, words: &[&str]) -> Option<usize> {
    let mut section = "";
    file.code()
        .filter(|(_, line)| {
            if file.is("toml") && line.starts_with('[') {
                section = line;
            }
            !section.contains("dev-dependencies")
        })
        .find(|(_, line)| {
            let line = line.trim_start();
            let comment = if file.is("toml") { "#" } else { "//" };
            let is_comment = line.starts_with(comment) || line.starts_with(['*', '/']);
            let code = line.split(" // ").next().unwrap_or_default();
            let code = code.to_lowercase();
            !is_comment && words.iter().any(|word| code.contains(word))
        })
        .map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "## Add a chain\n\n| file | whose |\n|---|---|\n\
        | `crates/a/src/CHAIN.rs`, `crates/a/Cargo.toml` | each |\n\
        | `crates/b/src/` | Ethereum | why |\n\n## Add a store\n\n| `crates/c/` | each |\n";

    fn found(extra: &[(&str, &str)]) -> Vec<String> {
        let named = [
            ("crates/a/src/tezos.rs", "//! x\nstruct Tezos;\n"),
            ("crates/a/Cargo.toml", "[features]\nsolana = []\n"),
            (
                "crates/b/src/x/y.rs",
                "//! x\nconst A: &str = \"eip155:1\";\n",
            ),
        ];
        let all = named.iter().chain(extra);
        let files: Vec<File> = all.map(|(path, text)| File::new(path, *text)).collect();
        problems(&listed(LIST), &files)
    }

    #[test]
    fn the_list_is_read_from_its_section() {
        let paths: Vec<&str> = listed(LIST).iter().map(|listed| listed.path).collect();
        assert_eq!(
            paths,
            [
                "crates/a/src/CHAIN.rs",
                "crates/a/Cargo.toml",
                "crates/b/src/"
            ]
        );
        assert!(found(&[]).is_empty(), "{:?}", found(&[]));
        assert_eq!(
            problems(&listed(LIST), &[]).len(),
            3,
            "a listed file names no chain"
        );
    }

    #[test]
    fn a_name_elsewhere_is_told_and_comments_and_tests_may_name_any() {
        for (told, path, text) in [
            (1, "crates/c/src/x.rs", "//! x\nfn solana() {}\n"),
            (1, "crates/a/src/tezos.rs", "//! x\nuse crate::Stacks;\n"),
            (1, "crates/b/src/x.rs", "//! x\nmod tezos;\n"),
            (1, "crates/c/Cargo.toml", "[features]\neip191 = []\n"),
            (1, "crates/c/js/x.js", "export const ethereum = 1\n"),
            (1, "xtask/src/x.rs", "//! x\nconst A: &str = \"Stacks\";\n"),
            (0, "crates/c/src/x.rs", "//! Solana\nlet a = 1; // solana\n"),
            (
                0,
                "crates/c/src/x.rs",
                "//! x\n#[cfg(test)]\nmod tests { solana }\n",
            ),
            (0, "crates/c/tests/x.rs", "//! x\nfn solana() {}\n"),
            (
                0,
                "crates/c/Cargo.toml",
                "[dev-dependencies]\na = [\"tezos\"]\n",
            ),
            (0, "fuzz/src/x.rs", "//! x\nfn solana() {}\n"),
        ] {
            assert_eq!(found(&[(path, text)]).len(), told, "{path}: {text}");
        }
    }
}
