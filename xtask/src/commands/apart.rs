//! `apart`: the tests that stand in workspaces of their own, since they bring large dependencies
//! with them that nobody else should pay for.

use std::path::Path;

use anyhow::Result;

use super::test::{Count, failed_names};
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
        shows: "signers of alloy and solana plugged in",
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
    let count = Count::of(&ended.stdout);
    let failed = failed_names(&ended.stdout);
    if failed.is_empty()
        && let Err(missing) = tools::outcome_of_download("cargo", &ended.stderr, ended.success())
    {
        return Ok(missing.into());
    }
    Ok(judge(count, &failed))
}

fn judge(count: Count, failed: &[String]) -> Outcome {
    if !failed.is_empty() {
        return Outcome::Failed(format!("{count}\n{}", failed.join("\n")));
    }
    if count.passed == 0 {
        return Outcome::Failed("no test ran".to_owned());
    }
    Outcome::Passed(count.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_tests_fails() {
        let count = |output: &str| Count::of(output);
        let ran = count("test result: ok. 3 passed; 0 failed;");
        assert!(matches!(judge(ran, &[]), Outcome::Passed(_)));
        assert!(matches!(judge(count(""), &[]), Outcome::Failed(_)));
        let failed = judge(ran, &["x".to_owned()]);
        assert!(matches!(failed, Outcome::Failed(why) if why.ends_with("\nx")));
    }

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
