//! `lint`: what rustfmt, clippy, rustdoc and cargo-deny say.

use anyhow::Result;

use crate::report::{Outcome, Report};
use crate::shell::{Cmd, is_offline};
use crate::tools;
use crate::workspace::Workspace;

pub(crate) fn run(ws: &Workspace, report: &mut Report) {
    report.step("lint: rustfmt", || {
        cargo(ws, &["fmt", "--all", "--check"]).run()?;
        let fuzz = ws.root.join("fuzz/Cargo.toml");
        Cmd::cargo("fmt")
            .args(["--check", "--manifest-path"])
            .arg(fuzz)
            .run()?;
        Ok(Outcome::passed())
    });
    report.step("lint: clippy", || {
        cargo(
            ws,
            &[
                "clippy",
                "--workspace",
                "--all-targets",
                "--all-features",
                "--",
            ],
        )
        .args(["-D", "warnings"])
        .run()?;
        Ok(Outcome::passed())
    });
    report.step("lint: rustdoc", || {
        cargo(ws, &["doc", "--workspace", "--no-deps", "--all-features"])
            .env("RUSTDOCFLAGS", "-D warnings")
            .run()?;
        Ok(Outcome::passed())
    });
    report.step("lint: licences, bans, sources", || {
        deny(ws, &["licenses", "bans", "sources"])
    });
    report.step("lint: advisories", || deny(ws, &["advisories"]));
}

fn cargo(ws: &Workspace, args: &[&str]) -> Cmd {
    let (command, rest) = args.split_first().unwrap_or((&"", &[]));
    Cmd::cargo(command).args(rest).dir(&ws.root)
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
