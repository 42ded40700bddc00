//! `apart`: the tests that stand in workspaces of their own, since they bring large dependencies
//! with them that nobody else should pay for, or features that no other build may have.

use std::path::Path;

use anyhow::Result;

use super::test::{failed_names, judged};
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools;
use crate::workspace::Workspace;

/// The workspaces by the folders of their manifests, and what they show.
const APART: &[(&str, &str)] = &[
    (
        "tests",
        "contract wallets before a real EVM, signers of other crates, a store over SQLite",
    ),
    (
        "tests/trust",
        "a feature of one crate changes no verdict of another, and nothing that is signed",
    ),
];

pub(crate) fn run(ws: &Workspace, report: &mut Report) {
    for (folder, shows) in APART {
        report.step(&format!("{folder}: {shows}"), || {
            test(ws, &ws.root.join(folder).join("Cargo.toml"))
        });
    }
}

fn test(ws: &Workspace, manifest: &Path) -> Result<Outcome> {
    Cmd::cargo("fmt")
        .args(["--all", "--check", "--manifest-path"])
        .arg(manifest)
        .run()?;
    // what our own workspace has built of others is not built again
    let ended = Cmd::cargo("test")
        .args(["--locked", "--manifest-path"])
        .arg(manifest)
        .quiet_env("CARGO_TARGET_DIR", &ws.target)
        .tee()?;
    if failed_names(&ended.stdout).is_empty() {
        tools::outcome_of_download("cargo", &ended.stderr, ended.success())?;
    }
    Ok(judged(ended.success(), &ended.output()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crate_below_tests_is_run() {
        let ws = Workspace::load().unwrap();
        let entries = std::fs::read_dir(ws.root.join("tests")).unwrap().flatten();
        let crates = entries.filter(|entry| entry.path().join("Cargo.toml").is_file());
        let mut manifests: Vec<String> = crates
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        manifests.sort();
        let tests = Workspace::of(&ws.root.join("tests/Cargo.toml")).unwrap();
        for name in &manifests {
            let alone = APART
                .iter()
                .any(|(apart, _)| *apart == format!("tests/{name}"));
            assert_ne!(alone, tests.member(name).is_some(), "{name}");
        }
        assert_eq!(manifests, ["evm", "signers", "sqlite", "trust"]);
    }
}
