//! Whoever wants one chain pays for no other: proved with `cargo tree`, since the promise is about the
//! whole graph with one feature. cargo-deny does not ask for the features of one member alone.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

use crate::chains::{CHAINS, Chain};
use crate::shell::Cmd;
use crate::workspace::Workspace;

/// The crate whose features are the chains.
const VERIFIERS: &str = "did-cacao";

/// Each chain alone, in every crate that has it: nothing of another chain is in the graph.
pub(super) fn check(ws: &Workspace) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for chain in CHAINS {
        for folder in chain.folders() {
            let package = ws.member(folder).context(folder)?;
            let tree = Cmd::cargo("tree")
                .args(["--no-default-features", "--features", chain.feature])
                .args([
                    "--edges",
                    "features,no-dev",
                    "--target",
                    "all",
                    "--prefix",
                    "none",
                ])
                .args(["--package", &package.name, "--manifest-path"])
                .arg(&package.manifest_path)
                .read()?;
            let found = of_other_chains(chain, &tree).into_iter();
            problems.extend(found.map(|what| format!("{folder}, {} alone: {what}", chain.feature)));
        }
    }
    Ok(problems)
}

/// What a graph for one chain has of another: crates by name, features of our verifiers.
fn of_other_chains<'a>(chain: &Chain, tree: &'a str) -> BTreeSet<&'a str> {
    let others = || CHAINS.iter().filter(|other| !chain.owns(other.feature));
    let is_others = |line: &&str| {
        let name = line.split(' ').next().unwrap_or_default();
        let switch = |other: &Chain| format!("{VERIFIERS} feature \"{}\"", other.feature);
        others().any(|other| other.crates.contains(&name) || line.starts_with(&switch(other)))
    };
    tree.lines().filter(is_others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_another_chain_is_seen() {
        let chain = |name: &str| CHAINS.iter().find(|chain| chain.feature == name).unwrap();
        let tree = "did-cacao v0.1.0\nsha3 v0.12.0\ndid-cacao feature \"ethereum\"\nsha2 v0.11.0";
        let of = |name| {
            of_other_chains(chain(name), tree)
                .into_iter()
                .collect::<Vec<_>>()
        };
        assert!(of("ethereum").is_empty() && of("contract").is_empty());
        assert_eq!(
            of("solana"),
            ["did-cacao feature \"ethereum\"", "sha3 v0.12.0"]
        );
    }
}
