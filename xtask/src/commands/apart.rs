//! `apart`: the tests that stand in workspaces of their own, since they bring large dependencies
//! with them that nobody else should pay for, or features that no other build may have.

use std::path::Path;

use anyhow::Result;

use super::test::{failed_names, judged};
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools;
use crate::workspace::Workspace;

/// A workspace below `tests`, and what it shows.
struct Apart {
    folder: &'static str,
    shows: &'static str,
}

const APART: &[Apart] = &[
    Apart {
        folder: "evm",
        shows: "contract wallets before a real EVM",
    },
    Apart {
        folder: "signers",
        shows: "signers of other crates plugged in",
    },
    Apart {
        folder: "sqlite",
        shows: "a store over SQLite under the contract",
    },
    Apart {
        folder: "trust",
        shows: "a feature of one crate changes no verdict of another",
    },
];

pub(crate) fn run(ws: &Workspace, report: &mut Report) {
    for Apart { folder, shows } in APART {
        report.step(&format!("tests/{folder}: {shows}"), || {
            test(ws, &ws.root.join("tests").join(folder).join("Cargo.toml"))
        });
    }
}

fn test(ws: &Workspace, manifest: &Path) -> Result<Outcome> {
    Cmd::cargo("fmt")
        .args(["--check", "--manifest-path"])
        .arg(manifest)
        .run()?;
    let ended = Cmd::cargo("test")
        .args(["--locked", "--manifest-path"])
        .arg(manifest)
        .quiet_env("CARGO_TARGET_DIR", ws.target.join("apart"))
        .tee()?;
    if failed_names(&ended.stdout).is_empty()
        && let Err(missing) = tools::outcome_of_download("cargo", &ended.stderr, ended.success())
    {
        return Ok(missing.into());
    }
    Ok(judged(ended.success(), &ended.output()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_workspace_below_tests_is_run() {
        let ws = Workspace::load().unwrap();
        let mut folders: Vec<String> = std::fs::read_dir(ws.root.join("tests"))
            .unwrap()
            .flatten()
            .filter(|entry| entry.path().join("Cargo.toml").is_file())
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        folders.sort();
        let known: Vec<&str> = APART.iter().map(|apart| apart.folder).collect();
        assert_eq!(folders, known);
    }
}
