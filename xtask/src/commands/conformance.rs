//! `conformance`: the TypeScript peer, and the packages that other programs make sign-ins with, are
//! installed from npm and talk to our command line. The drivers are `xtask/peer/driver.mjs` and
//! `xtask/wild/driver.mjs`; they print one JSON document for each check.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use serde::Deserialize;

use super::{stores, vectors, web};
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools;
use crate::workspace::Workspace;

/// How many cases, and from which seed.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) cases: u32,
    pub(crate) seed: Option<String>,
}

/// Our command line, by its folder.
const CLI: &str = "did-session-cli";

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
pub(crate) fn parts(ws: &Workspace, report: &mut Report, live: &Live, only: &[Part]) {
    for part in Part::value_variants() {
        if !only.is_empty() && !only.contains(part) {
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

/// Somebody else's software in Node, and its driver.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Other {
    /// In front of the names of its steps.
    label: &'static str,
    /// Where it is installed, below the target directory.
    folder: &'static str,
    /// The folders of its scripts; the last one has the driver and the lock file.
    scripts: &'static [&'static str],
}

/// The peer.
pub(crate) const PEER: Other = Other {
    label: "live",
    folder: "peer",
    scripts: &["xtask/peer"],
};

/// Packages that other programs make sign-ins with.
pub(crate) const WILD: Other = Other {
    label: "wild",
    folder: "wild",
    scripts: &["xtask/peer", "xtask/wild"],
};

pub(crate) fn run(ws: &Workspace, report: &mut Report, live: &Live, other: Other) {
    let Other { label, scripts, .. } = other;
    let mut installed = None;
    report.step(&format!("{label}: install the packages"), || {
        if let Err(missing) = tools::node() {
            return Ok(missing.into());
        }
        let folder = ws.target.join(other.folder);
        for scripts in scripts {
            copy_scripts(&ws.root.join(scripts), &folder)?;
        }
        let outcome = install(&folder)?;
        if matches!(outcome, Outcome::Passed(_)) {
            installed = Some(folder);
        }
        Ok(outcome)
    });
    let Some(folder) = installed else { return };
    if other.folder == PEER.folder {
        report.step("live: requests that prove their session", || {
            let vectors = ws.root.join(HTTP_VECTORS);
            let script = Cmd::new("node").arg("http.mjs").arg(&vectors).dir(&folder);
            let ended = script.tee()?;
            let line = ended.stdout.lines().last().unwrap_or_default();
            let check: Check = serde_json::from_str(line).context("what http.mjs printed")?;
            Ok(judge(&check))
        });
    }
    let mut binary = None;
    report.step(&format!("{label}: build the command line"), || {
        binary = Some(build(ws)?);
        Ok(Outcome::passed())
    });
    if let Some(binary) = binary {
        let mut checks = Vec::new();
        report.step(&format!("{label}: driver"), || {
            checks = drive(&folder, &binary, live)?;
            Ok(Outcome::Passed(format!("{} checks", checks.len())))
        });
        for check in checks {
            let took = Duration::try_from_secs_f64(check.seconds).unwrap_or_default();
            report.note(&format!("{label}: {}", check.check), judge(&check), took);
        }
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
    if let Err(missing) = tools::outcome_of_download("npm ci", &ended.stderr, ended.success()) {
        return Ok(missing.into());
    }
    std::fs::write(&stamp, lock).context("cannot note what was installed")?;
    Ok(Outcome::passed())
}

pub(super) fn build(ws: &Workspace) -> Result<PathBuf> {
    let package = ws.member(CLI).with_context(|| format!("no crate {CLI}"))?;
    let binary = package
        .targets("bin")
        .next()
        .with_context(|| format!("{CLI} has no binary"))?;
    // the example `passkey` is the authenticator of our passkey sessions; with the flags of the
    // tests, so that nothing is built twice
    Cmd::cargo("build")
        .args(["--workspace", "--all-features", "--example", "passkey"])
        .args(["--bin", &binary.name])
        .dir(&ws.root)
        .run()?;
    let name = format!("{}{}", binary.name, std::env::consts::EXE_SUFFIX);
    let path = ws.target.join("debug").join(name);
    if path.is_file() {
        Ok(path)
    } else {
        bail!("{} was not built", binary.name)
    }
}

fn drive(peer: &Path, binary: &Path, live: &Live) -> Result<Vec<Check>> {
    let mut cmd = Cmd::new("node")
        .arg("driver.mjs")
        .arg("--cli")
        .arg(binary)
        .args(["--cases", &live.cases.to_string()])
        .dir(peer);
    if let Some(seed) = &live.seed {
        cmd = cmd.args(["--seed", seed]);
    }
    let ended = cmd.tee()?;
    if !ended.success() {
        bail!(
            "the driver stopped ({}): {}",
            ended.status,
            ended.stderr.trim_end()
        );
    }
    let checks = parse(&ended.stdout)?;
    if checks.is_empty() {
        bail!("the driver made no check");
    }
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
        note.push_str(&format!("; {}", check.note));
    }
    if !check.failures.is_empty() {
        let (count, all) = (check.failures.len(), check.failures.join("\n"));
        return Outcome::Failed(format!("{count} failed, {note}\n{all}"));
    }
    if check.passed == 0 {
        return Outcome::Failed("no case ran".to_owned());
    }
    Outcome::Passed(note)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(passed: u32, failures: &[&str]) -> Check {
        Check {
            check: "x".to_owned(),
            passed,
            failures: failures.iter().map(|&text| text.to_owned()).collect(),
            note: String::new(),
            seconds: 0.0,
        }
    }

    #[test]
    fn lines_of_the_driver_are_read() {
        let output = "seed 5\n{\"check\":\"a\",\"passed\":2,\"failures\":[],\"seconds\":0.5}\n";
        let checks = parse(output).unwrap();
        assert_eq!(checks.len(), 1);
        assert_eq!(checks[0].passed, 2);
        assert!(parse("{\"check\":1}\n").is_err());
    }

    #[test]
    fn a_check_without_cases_fails() {
        assert!(matches!(judge(&check(3, &[])), Outcome::Passed(_)));
        assert!(matches!(judge(&check(3, &["case 1"])), Outcome::Failed(_)));
        assert!(matches!(judge(&check(0, &[])), Outcome::Failed(_)));
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
