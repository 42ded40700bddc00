//! `conformance`: the TypeScript peer, and the packages that other programs make sign-ins with, are
//! installed from npm and talk to our command line. The drivers are `xtask/peer/driver.mjs` and
//! `xtask/wild/driver.mjs`; they print one JSON document for each check.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use serde::Deserialize;

use super::{stores, vectors, web};
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools;
use crate::workspace::Workspace;

/// What is run.
#[derive(Debug, Args)]
pub(crate) struct Live {
    /// How many valid and how many tampered cases each live check takes
    #[arg(long, default_value_t = 1000)]
    cases: u32,
    /// Seed of the random inputs; printed when it is not given
    #[arg(long)]
    seed: Option<String>,
    /// Only this part; repeat it for more
    #[arg(long, value_enum, value_name = "PART")]
    only: Vec<Part>,
}

impl Live {
    /// So many cases, from any seed.
    pub(crate) fn of(cases: u32) -> Self {
        let (seed, only) = (None, Vec::new());
        Self { cases, seed, only }
    }
}

/// Our command line.
const CLI: &str = "did-session";

/// The vectors of `docs/http.md`, which `http.mjs` judges without any of our code.
const HTTP_VECTORS: &str = "crates/session-http/tests/vectors/http.json";

/// A line of the driver.
#[derive(Debug, Deserialize)]
struct Check {
    check: String,
    passed: u32,
    failures: Vec<String>,
    /// What was counted beside, such as how often a rule of ours decided.
    #[serde(default)]
    note: String,
    seconds: f64,
}

/// What can be asked for alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// The vectors recorded from the peer, and those that others published
    Vectors,
    /// Every store under the contract
    Stores,
    /// The peer in Node
    Live,
    /// The packages in Node that other programs make sign-ins with
    Wild,
    /// The stores and the npm package in Chromium, beside the peer
    Browser,
    /// The npm package in every bundler, in Node and in pages
    Bundlers,
    /// The stores and the npm package in Firefox
    Firefox,
}

/// The parts that are asked for; all of them where none is.
pub(crate) fn parts(ws: &Workspace, report: &mut Report, live: &Live) {
    for part in Part::value_variants() {
        if !live.only.is_empty() && !live.only.contains(part) {
            continue;
        }
        match part {
            Part::Vectors => vectors::run(ws, report),
            Part::Stores => stores::run(ws, report),
            Part::Live => run(ws, report, live, PEER),
            Part::Wild => run(ws, report, live, WILD),
            Part::Browser => web::test::run(ws, report, None),
            Part::Bundlers => web::everywhere::bundlers(ws, report),
            Part::Firefox => web::everywhere::firefox(ws, report),
        }
    }
}

/// Somebody else's software in Node: how its steps are called, and the folders of its scripts. The
/// last one has the driver and the lock file.
pub(crate) type Other = (&'static str, &'static [&'static str]);

/// The peer.
pub(crate) const PEER: Other = ("live", &["peer"]);

/// Packages that other programs make sign-ins with.
pub(crate) const WILD: Other = ("wild", &["peer", "wild"]);

pub(crate) fn run(ws: &Workspace, report: &mut Report, live: &Live, (label, scripts): Other) {
    let installed = report.made(&format!("{label}: install the packages"), || {
        tools::node()?;
        let folder = ws.target.join(scripts[scripts.len() - 1]);
        for scripts in scripts {
            copy_scripts(&ws.root.join("xtask").join(scripts), &folder)?;
        }
        install(&folder)?;
        Ok(folder)
    });
    let Some(folder) = installed else { return };
    if label == PEER.0 {
        report.step("live: requests that prove their session", || {
            let vectors = ws.root.join(HTTP_VECTORS);
            let script = Cmd::new("node").arg("http.mjs").arg(&vectors).dir(&folder);
            let ended = script.tee()?;
            let line = ended.stdout.lines().last().unwrap_or_default();
            let check: Check = serde_json::from_str(line).context("what http.mjs printed")?;
            Ok(judge(&check))
        });
    }
    let Some(binary) = report.made(&format!("{label}: build the command line"), || build(ws))
    else {
        return;
    };
    let checks = report.made(&format!("{label}: driver"), || {
        drive(&folder, &binary, live)
    });
    for check in checks.unwrap_or_default() {
        let took = Duration::try_from_secs_f64(check.seconds).unwrap_or_default();
        report.note(&format!("{label}: {}", check.check), judge(&check), took);
    }
}

/// The scripts run from below the target directory, so that npm leaves nothing in the sources.
pub(crate) fn copy_scripts(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    for entry in std::fs::read_dir(from).context("xtask/peer")? {
        let path = entry?.path();
        if let (true, Some(name)) = (path.is_file(), path.file_name()) {
            std::fs::copy(&path, to.join(name))
                .with_context(|| format!("cannot copy {}", path.display()))?;
        }
    }
    Ok(())
}

/// `npm ci`, unless what is installed was installed from the same lock file.
pub(crate) fn install(folder: &Path) -> Result<Outcome> {
    let lock = std::fs::read(folder.join("package-lock.json")).context("package-lock.json")?;
    let stamp = folder.join("node_modules/.installed-from");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(Outcome::Passed("already there".to_owned()));
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let ended = Cmd::new(npm)
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        .dir(folder)
        .tee()?;
    tools::outcome_of_download("npm ci", &ended.stderr, ended.success())?;
    std::fs::write(&stamp, lock).context("cannot note what was installed")?;
    Ok(Outcome::passed())
}

pub(super) fn build(ws: &Workspace) -> Result<PathBuf> {
    // the example `passkey` is the authenticator of our passkey sessions; with the flags of the
    // tests, so that nothing is built twice
    Cmd::cargo("build")
        .args(["--workspace", "--all-features", "--example", "passkey"])
        .args(["--bin", CLI])
        .dir(&ws.root)
        .run()?;
    let program = format!("debug/{CLI}{}", std::env::consts::EXE_SUFFIX);
    Ok(ws.target.join(program))
}

fn drive(peer: &Path, binary: &Path, live: &Live) -> Result<Vec<Check>> {
    let ended = Cmd::new("node")
        .args(["driver.mjs", "--cases", &live.cases.to_string(), "--cli"])
        .arg(binary)
        .args(live.seed.iter().map(|seed| format!("--seed={seed}")))
        .dir(peer)
        .tee()?;
    let (status, words) = (ended.status, ended.stderr.trim_end());
    ensure!(ended.success(), "the driver stopped ({status}): {words}");
    let checks = parse(&ended.stdout)?;
    ensure!(!checks.is_empty(), "the driver made no check");
    Ok(checks)
}

fn parse(output: &str) -> Result<Vec<Check>> {
    let lines = output.lines().filter(|line| line.starts_with('{'));
    lines
        .map(|line| serde_json::from_str(line).context("a line of the driver"))
        .collect()
}

fn judge(check: &Check) -> Outcome {
    let mut note = format!("{} cases", check.passed);
    if !check.note.is_empty() {
        note += &format!("; {}", check.note);
    }
    match (check.failures.len(), check.passed) {
        (0, 0) => Outcome::Failed("no case ran".to_owned()),
        (0, _) => Outcome::Passed(note),
        (count, _) => Outcome::Failed(format!(
            "{count} failed, {note}\n{}",
            check.failures.join("\n")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_driver_are_read_and_a_check_without_cases_fails() {
        for (passed, failures, fine) in [(3, "", true), (3, "\"case 1\"", false), (0, "", false)] {
            let line = format!(
                "seed 5\n{{\"check\":\"a\",\"passed\":{passed},\"failures\":[{failures}],\"seconds\":0.5}}\n"
            );
            let checks = parse(&line).unwrap();
            assert_eq!(checks.len(), 1);
            assert_eq!(
                matches!(judge(&checks[0]), Outcome::Passed(_)),
                fine,
                "{line}"
            );
        }
        assert!(parse("{\"check\":1}\n").is_err());
    }

    #[test]
    fn the_peer_is_installed_once_for_each_lock_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("package-lock.json"), "{}").unwrap();
        std::fs::create_dir(folder.path().join("node_modules")).unwrap();
        std::fs::write(folder.path().join("node_modules/.installed-from"), "{}").unwrap();
        let outcome = install(folder.path()).unwrap();
        assert_eq!(outcome, Outcome::Passed("already there".to_owned()));
    }
}
