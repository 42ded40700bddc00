//! What a server that only verifies does not carry: proved with `cargo tree`, since the promise is
//! about the whole graph and not about the lines of one manifest.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

use crate::chains::{CHAINS, Chain};
use crate::shell::Cmd;
use crate::workspace::{Package, Workspace};

/// A crate, and what must not stand in its tree.
#[derive(Debug)]
pub(super) struct Proof {
    pub(super) rule: &'static str,
    folder: &'static str,
    /// With the default features: what everybody builds needs no C compiler.
    default_features: bool,
}

pub(super) const PROOFS: &[Proof] = &[
    Proof {
        rule: "didkey alone: no runtime, randomness, signing",
        folder: "didkey",
        default_features: false,
    },
    Proof {
        rule: "cacao alone: no runtime, randomness, signing",
        folder: "cacao",
        default_features: false,
    },
    Proof {
        rule: "dag-jws alone: no runtime, randomness, signing",
        folder: "dag-jws",
        default_features: false,
    },
    Proof {
        rule: "did-session by default: nothing in C",
        folder: "did-session",
        default_features: true,
    },
    Proof {
        rule: "did-session-cli by default: nothing in C",
        folder: "did-session-cli",
        default_features: true,
    },
];

/// Runs the proof on the real graph.
pub(super) fn check(ws: &Workspace, proof: &Proof) -> Result<Vec<String>> {
    let package = ws
        .member(proof.folder)
        .with_context(|| format!("no crate {}", proof.folder))?;
    let keys = ws
        .member("didkey")
        .map_or("didkey", |package| package.name.as_str());
    let crates = tree(package, proof.default_features, "", "normal,build")?;
    let mut problems = in_c(&crates);
    if !proof.default_features {
        problems.extend(forbidden_crates(&crates));
        let features = tree(package, false, "", "features,no-dev")?;
        problems.extend(forbidden_features(&features, keys));
    }
    Ok(problems
        .into_iter()
        .map(|problem| format!("{}: {problem}", package.name))
        .collect())
}

/// Each chain alone, in every crate that has it: nothing of another chain is in the graph.
pub(super) fn chains(ws: &Workspace) -> Result<Vec<String>> {
    let verifiers = ws
        .member("cacao")
        .map_or("cacao", |package| package.name.as_str());
    let mut problems = Vec::new();
    for chain in CHAINS {
        for (folder, feature) in chain.alone() {
            let package = ws
                .member(folder)
                .with_context(|| format!("no crate {folder}"))?;
            let tree = tree(package, false, feature, "features,no-dev")?;
            let found = of_other_chains(chain, &tree, verifiers);
            problems.extend(found.map(|what| format!("{folder} with {feature} alone {what}")));
        }
    }
    Ok(problems)
}

/// The graph of a crate, one line for each crate or feature in it.
fn tree(package: &Package, default: bool, features: &str, edges: &str) -> Result<String> {
    let mut cmd = Cmd::cargo("tree").args(["--package", &package.name]);
    if !default {
        cmd = cmd.arg("--no-default-features");
    }
    cmd.args(["--features", features, "--edges", edges])
        .args(["--target", "all", "--prefix", "none", "--manifest-path"])
        .arg(&package.manifest_path)
        .read()
}

/// What a graph for one chain has of another: crates by name, features of our verifiers.
fn of_other_chains<'a>(
    chain: &'a Chain,
    tree: &'a str,
    verifiers: &'a str,
) -> impl Iterator<Item = String> + 'a {
    let others = CHAINS.iter().filter(|other| !chain.owns(other.feature));
    others.flat_map(move |other| {
        let feature = format!("{verifiers} feature \"{}\"", other.feature);
        let switched = tree.lines().any(|line| line.starts_with(&feature));
        let carried = carried(tree, |name| other.crates.contains(&name));
        let switched = switched.then(|| format!("switches on {feature}"));
        carried.into_iter().chain(switched)
    })
}

/// Crates that bring a runtime, threads, randomness or the network. `rand_core` is only the traits
/// that curve arithmetic is written against: it holds no source of randomness.
fn forbidden_crates(tree: &str) -> Vec<String> {
    const EXACT: [&str; 9] = [
        "tokio",
        "async-std",
        "smol",
        "getrandom",
        "mio",
        "socket2",
        "hyper",
        "js-sys",
        "wasm-bindgen",
    ];
    let is_random = |name: &str| name.starts_with("rand") && name != "rand_core";
    carried(tree, |name| EXACT.contains(&name) || is_random(name))
}

/// The crates of a graph that it must not carry, each once.
fn carried(tree: &str, forbidden: impl Fn(&str) -> bool) -> Vec<String> {
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    let found: BTreeSet<&str> = names.filter(|name| forbidden(name)).collect();
    found
        .into_iter()
        .map(|name| format!("carries {name}"))
        .collect()
}

/// The curves of the feature `native-curves`, and what would compile C.
fn in_c(tree: &str) -> Vec<String> {
    const EXACT: [&str; 6] = [
        "aws-lc-rs",
        "aws-lc-sys",
        "secp256k1",
        "secp256k1-sys",
        "cc",
        "cmake",
    ];
    carried(tree, |name| EXACT.contains(&name))
}

/// Features of our key crate that create signatures.
fn forbidden_features(tree: &str, keys: &str) -> Vec<String> {
    let signing = format!("{keys} feature \"signing\"");
    let on = tree.lines().any(|line| line.starts_with(&signing));
    if on {
        vec![format!("switches on {signing}")]
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forbidden_crate_is_named_once() {
        let tree =
            "cacao v0.1.0\nrand_core v0.10.1\nrand_chacha v0.9.0\ntokio v1.0.0 (*)\ntokio v1.0.0";
        assert_eq!(
            forbidden_crates(tree),
            ["carries rand_chacha", "carries tokio"]
        );
        assert!(forbidden_crates("cacao v0.1.0\nrand_core v0.10.1\nsha2 v0.11.1").is_empty());
    }

    #[test]
    fn c_is_seen() {
        let tree =
            "cacao v0.1.0\nsecp256k1 v0.33.1\nsecp256k1-sys v0.14.1\ncc v1.2.0\nsha2 v0.11.1";
        assert_eq!(
            in_c(tree),
            ["carries cc", "carries secp256k1", "carries secp256k1-sys"]
        );
        assert!(in_c("cacao v0.1.0\nk256 v0.14.0").is_empty());
    }

    #[test]
    fn what_belongs_to_another_chain_is_seen() {
        let chain = |name: &str| CHAINS.iter().find(|chain| chain.feature == name).unwrap();
        let tree = "cacao v0.1.0\nsha3 v0.12.0\ncacao feature \"ethereum\"\nsha2 v0.11.0";
        let of = |name| of_other_chains(chain(name), tree, "cacao").collect::<Vec<_>>();
        assert!(of("ethereum").is_empty() && of("contract").is_empty());
        let found = ["carries sha3", "switches on cacao feature \"ethereum\""];
        assert_eq!(of("solana"), found);
    }

    #[test]
    fn the_signing_feature_is_seen() {
        let tree = "cacao v0.1.0\n└── didkey feature \"signing\"".replace("└── ", "");
        assert_eq!(forbidden_features(&tree, "didkey").len(), 1);
        assert!(forbidden_features("didkey feature \"default\"", "didkey").is_empty());
    }
}
