//! `lint`: what rustfmt, clippy, rustdoc, typos and cargo-deny say.

use anyhow::Result;

use crate::report::{Outcome, Report};
use crate::shell::{Cmd, is_offline};
use crate::tools;
use crate::workspace::{Package, Workspace};

/// Behind what clippy is told.
const DENY: [&str; 3] = ["--", "-D", "warnings"];

/// Workspaces beside ours, and what clippy reads of them: of the fuzzer the laws (the targets are one
/// macro call each), and the load test, whose figures are wanted seldom.
const BESIDE: [(&str, &[&str]); 2] = [
    (
        "fuzz/Cargo.toml",
        &["--all-targets", "--no-default-features"],
    ),
    ("benches/load/Cargo.toml", &["--locked"]),
];

pub(crate) fn run(ws: &Workspace, report: &mut Report) {
    report.step("lint: rustfmt", || {
        Cmd::cargo("fmt")
            .args(["--all", "--check"])
            .dir(&ws.root)
            .run()?;
        // and what `web size` weighs as the core, which compiles there
        for manifest in BESIDE
            .map(|(manifest, _)| manifest)
            .iter()
            .chain(&["xtask/core/Cargo.toml"])
        {
            let cmd = Cmd::cargo("fmt").args(["--check", "--manifest-path", manifest]);
            cmd.dir(&ws.root).run()?;
        }
        Ok(Outcome::passed())
    });
    report.step("lint: clippy", || {
        everywhere(ws, "clippy", "--all-targets", &DENY)
    });
    for (manifest, what) in BESIDE {
        report.step(&format!("lint: clippy of {manifest}"), || {
            let ended = Cmd::cargo("clippy")
                .args(["--manifest-path", manifest])
                .args(what)
                .args(DENY)
                .quiet_env("CARGO_TARGET_DIR", &ws.target)
                .dir(&ws.root)
                .tee()?;
            tools::outcome_of_download("cargo", &ended.stderr, ended.success())?;
            Ok(Outcome::passed())
        });
    }
    report.step("lint: rustdoc", || everywhere(ws, "doc", "--no-deps", &[]));
    report.step("lint: spelling", || {
        let typos = tools::bin_from_pypi(ws, "typos", "typos")?;
        Cmd::new(typos).dir(&ws.root).run()?;
        Ok(Outcome::passed())
    });
    report.step("lint: licences, bans, sources", || {
        deny(ws, &["licenses", "bans", "sources"])
    });
    report.step("lint: advisories", || deny(ws, &["advisories"]));
}

/// All crates natively, but those that are for wasm alone on wasm, where all of them is there to
/// be read.
fn everywhere(ws: &Workspace, command: &str, what: &str, deny: &[&str]) -> Result<Outcome> {
    let (wasm, native): (Vec<_>, Vec<_>) = ws
        .packages
        .iter()
        .partition(|package| package.is_for_wasm_alone());
    let run = |packages: &[&Package], target: &[&str]| {
        let names = packages
            .iter()
            .map(|package| format!("--package={}", package.name));
        let cmd = Cmd::cargo(command)
            .args([what, "--all-features"])
            .args(names);
        let cmd = cmd
            .args(target)
            .args(deny)
            .env("RUSTDOCFLAGS", "-D warnings");
        cmd.dir(&ws.root).run()
    };
    run(&native, &[])?;
    tools::target(tools::WASM)?;
    run(&wasm, &["--target", tools::WASM])?;
    Ok(Outcome::passed())
}

/// Only the advisories want a database from the network; without it that step is skipped.
fn deny(ws: &Workspace, checks: &[&str]) -> Result<Outcome> {
    let deny = tools::cargo_tool(ws, "cargo-deny")?;
    let ended = Cmd::new(deny)
        .args(["--all-features", "check", "--hide-inclusion-graph"])
        .args(checks)
        .dir(&ws.root)
        .tee()?;
    Ok(judge(checks, ended.success(), &ended.stderr))
}

fn judge(checks: &[&str], success: bool, words: &str) -> Outcome {
    if success {
        return Outcome::passed();
    }
    let no_database = words.contains("failed to fetch advisory database")
        || words.contains("failed to load advisory database")
        || is_offline(words);
    if checks == ["advisories"] && no_database {
        return Outcome::Skipped("the advisory database cannot be fetched here".to_owned());
    }
    Outcome::Failed(format!("cargo deny check {} failed", checks.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_database_that_cannot_be_fetched_skips() {
        let unfetched = "[ERROR] failed to fetch advisory database https://github.com/x";
        let judged = |checks, words| judge(checks, false, words);
        assert!(matches!(
            judged(&["advisories"], unfetched),
            Outcome::Skipped(_)
        ));
        assert!(matches!(
            judged(&["advisories"], "error[vulnerability]: x"),
            Outcome::Failed(_)
        ));
        assert!(matches!(judged(&["bans"], unfetched), Outcome::Failed(_)));
        assert!(matches!(judge(&["bans"], true, ""), Outcome::Passed(_)));
    }
}
