//! `lint`: what rustfmt, clippy, rustdoc and cargo-deny say.

use std::path::PathBuf;

use anyhow::Result;

use crate::report::{Outcome, Report};
use crate::shell::{Cmd, is_offline};
use crate::tools::{self, Missing};
use crate::workspace::{Package, Workspace};

const DENY_WARNINGS: &str = "-D warnings";

pub(crate) fn run(ws: &Workspace, report: &mut Report) {
    report.step("lint: rustfmt", || {
        Cmd::cargo("fmt")
            .args(["--all", "--check"])
            .dir(&ws.root)
            .run()?;
        for manifest in [fuzz(ws), load(ws), core(ws)] {
            Cmd::cargo("fmt")
                .args(["--check", "--manifest-path"])
                .arg(manifest)
                .run()?;
        }
        Ok(Outcome::passed())
    });
    report.step("lint: clippy", || {
        let deny = ["--", "-D", "warnings"];
        let outcome = everywhere(ws, |selected| {
            Cmd::cargo("clippy")
                .arg("--all-targets")
                .args(selected)
                .args(deny)
        })?;
        // The laws only: the targets themselves are one macro call each.
        Cmd::cargo("clippy")
            .args(["--all-targets", "--no-default-features", "--manifest-path"])
            .arg(fuzz(ws))
            .args(deny)
            .quiet_env("CARGO_TARGET_DIR", &ws.target)
            .run()?;
        Ok(outcome)
    });
    // its figures are wanted seldom, that it compiles always
    report.step("lint: clippy of the load test", || {
        let ended = Cmd::cargo("clippy")
            .args(["--locked", "--manifest-path"])
            .arg(load(ws))
            .args(["--", "-D", "warnings"])
            .quiet_env("CARGO_TARGET_DIR", &ws.target)
            .tee()?;
        let ended = tools::outcome_of_download("cargo", &ended.stderr, ended.success());
        Ok(ended.map_or_else(Into::into, |()| Outcome::passed()))
    });
    report.step("lint: rustdoc", || {
        everywhere(ws, |selected| {
            Cmd::cargo("doc")
                .arg("--no-deps")
                .args(selected)
                .env("RUSTDOCFLAGS", DENY_WARNINGS)
        })
    });
    report.step("lint: licences, bans, sources", || {
        deny(ws, &["licenses", "bans", "sources"])
    });
    report.step("lint: advisories", || deny(ws, &["advisories"]));
}

/// All crates natively, but those that are for wasm alone on wasm, where all of them is there to
/// be read.
fn everywhere(ws: &Workspace, command: impl Fn(&[&str]) -> Cmd) -> Result<Outcome> {
    let (wasm, native): (Vec<_>, Vec<_>) = ws
        .packages
        .iter()
        .partition(|package| package.is_for_wasm_alone());
    let select = |packages: &[&Package], more: &[&'static str]| -> Vec<String> {
        let names = packages
            .iter()
            .map(|package| format!("--package={}", package.name));
        names
            .chain(more.iter().map(|&arg| arg.to_owned()))
            .collect()
    };
    let run = |selected: Vec<String>| {
        let selected: Vec<&str> = selected.iter().map(String::as_str).collect();
        command(&selected).dir(&ws.root).run()
    };
    run(select(&native, &["--all-features"]))?;
    if wasm.is_empty() {
        return Ok(Outcome::passed());
    }
    match tools::target(tools::WASM) {
        Ok(()) => run(select(&wasm, &["--all-features", "--target", tools::WASM]))?,
        Err(Missing::Unavailable(why)) => {
            return Ok(Outcome::Passed(format!(
                "without the crates for wasm: {why}"
            )));
        }
        Err(broken) => return Ok(broken.into()),
    }
    Ok(Outcome::passed())
}

fn fuzz(ws: &Workspace) -> PathBuf {
    ws.root.join("fuzz/Cargo.toml")
}

fn load(ws: &Workspace) -> PathBuf {
    ws.root.join("benches/load/Cargo.toml")
}

/// What `web size` weighs as the core, which compiles there.
fn core(ws: &Workspace) -> PathBuf {
    ws.root.join("xtask/core/Cargo.toml")
}

/// Only the advisories want a database from the network; without it that step is skipped.
fn deny(ws: &Workspace, checks: &[&str]) -> Result<Outcome> {
    let deny = match tools::cargo_tool(ws, "cargo-deny") {
        Ok(path) => path,
        Err(missing) => return Ok(missing.into()),
    };
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
        assert!(matches!(
            judge(&["advisories"], false, unfetched),
            Outcome::Skipped(_)
        ));
        let found = "error[vulnerability]: something";
        assert!(matches!(
            judge(&["advisories"], false, found),
            Outcome::Failed(_)
        ));
        assert!(matches!(
            judge(&["bans"], false, unfetched),
            Outcome::Failed(_)
        ));
        assert!(matches!(judge(&["bans"], true, ""), Outcome::Passed(_)));
    }
}
