//! `web test`: the store contract in windows and workers, then the package in pages, all of it in
//! a headless Chromium.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{build, bundle, everywhere, folder};
use crate::commands::conformance;
use crate::commands::test::{Count, failed_names};
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools::{self, Found, Missing};
use crate::workspace::{Target, Workspace};

/// The crate whose tests run under wasm-bindgen-test.
const STORE: &str = "store-indexeddb";

/// The test file whose packages are installed for it alone.
const CLIENTS: &str = "clients.test.mjs";

/// Seconds that all tests of one file may take in a browser on a busy machine.
const PATIENCE: &str = "600";

/// What cargo runs tests for wasm32 with.
const RUNNER: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER";

pub(crate) fn run(ws: &Workspace, report: &mut Report, filter: Option<&str>) {
    let Some(browser) = browser(report, "Chromium", chromium) else {
        return;
    };
    if wants(filter, STORE) {
        store(ws, report, &Driven::ByChromedriver, |_| true);
    }
    if build::run(ws, report) && pages(ws, report) {
        let programs = files(ws, report, &browser, filter);
        if let (None, Some(programs)) = (filter, programs) {
            everywhere::sample(ws, report, &browser, &programs);
        }
    }
}

/// A browser that is installed, and its version as a step.
pub(super) fn browser(
    report: &mut Report,
    name: &str,
    find: impl FnOnce() -> Found<PathBuf>,
) -> Option<PathBuf> {
    let mut browser = None;
    report.step(&format!("web: {name}"), || {
        let found = find()?;
        let version = Cmd::new(&found).arg("--version").read()?;
        browser = Some(found);
        Ok(Outcome::Passed(version.trim().to_owned()))
    });
    browser
}

/// How a browser is told to run what is compiled to wasm.
#[derive(Debug)]
pub(super) enum Driven {
    ByChromedriver,
    /// This Firefox, by a script of ours: it needs no driver.
    ByScript(PathBuf),
}

/// The store's own tests, one step for each kind of global scope.
pub(super) fn store(
    ws: &Workspace,
    report: &mut Report,
    driven: &Driven,
    wanted: impl Fn(&str) -> bool,
) {
    let Some(package) = ws.member(STORE) else {
        return;
    };
    let label = match driven {
        Driven::ByChromedriver => "web",
        Driven::ByScript(_) => "firefox",
    };
    let runner = build::wasm_bindgen(ws, "wasm-bindgen-test-runner");
    let cargo = |named: &Target| {
        Cmd::cargo("test")
            .args(["--package", &package.name, "--target", tools::WASM])
            .args(["--test", &named.name])
            .quiet_env("WASM_BINDGEN_TEST_TIMEOUT", PATIENCE)
            .dir(&ws.root)
    };
    let run = |named: &&Target| {
        tools::target(tools::WASM)?;
        let runner = runner.clone()?;
        let cmd = match driven {
            Driven::ByChromedriver => cargo(named)
                .quiet_env(RUNNER, runner)
                .quiet_env("CHROMEDRIVER", driver()?),
            Driven::ByScript(firefox) => {
                let script = folder(ws)?.join("tests/support/firefox-runner.mjs");
                cargo(named)
                    .quiet_env(RUNNER, format!("node {}", script.display()))
                    .quiet_env("WASM_BINDGEN_TEST_RUNNER", runner)
                    .quiet_env("FIREFOX", firefox)
            }
        };
        let ended = cmd.run_apart()?;
        let count = Count::of(&ended.output());
        let failed = failed_names(&ended.stdout);
        Ok(judge(
            ended.success(),
            count.passed,
            &count.to_string(),
            &failed,
        ))
    };
    let tests = package.targets("test").filter(|test| wanted(&test.name));
    let tests: Vec<&Target> = tests.collect();
    let name = |named: &&Target| format!("{label}: {STORE}, {}", named.name);
    report.at_once(&tests, name, run);
}

/// The peer as one module for the pages; true when it is there.
pub(super) fn pages(ws: &Workspace, report: &mut Report) -> bool {
    report.step("web: bundle the peer", || {
        bundle(ws, "tests/support/peer.entry.js", "peer.js", false)?;
        super::serve::demo_wallet(ws)?;
        Ok(Outcome::passed())
    })
}

/// What the tests of pages need beside a browser: native programs judge what the pages sign.
#[derive(Debug)]
pub(super) struct Programs {
    cli: PathBuf,
    server: PathBuf,
    notes: PathBuf,
}

impl Programs {
    /// The variables that name them, and one more.
    pub(super) fn env<'a>(&'a self, browser: (&'a str, &'a OsStr)) -> [(&'a str, &'a OsStr); 4] {
        [
            browser,
            ("DID_SESSION_CLI", self.cli.as_os_str()),
            ("DID_SESSION_PAGE_SERVER", self.server.as_os_str()),
            ("NOTES_SERVICE", self.notes.as_os_str()),
        ]
    }
}

/// Builds them.
pub(super) fn programs(ws: &Workspace, report: &mut Report) -> Option<Programs> {
    report.made("web: build the command line and two servers", || {
        let cli = conformance::build(ws)?;
        let (server, notes) = servers(ws)?;
        Ok(Programs { cli, server, notes })
    })
}

fn files(
    ws: &Workspace,
    report: &mut Report,
    browser: &Path,
    filter: Option<&str>,
) -> Option<Programs> {
    let programs = programs(ws, report)?;
    let mut names = test_files(ws, "").unwrap_or_default();
    names.retain(|name| wants(filter, name));
    clients(ws, report, &names);
    let env = programs.env(("CHROMIUM", browser.as_os_str()));
    all_files(ws, report, "web", &names, &env);
    Some(programs)
}

/// Installs the packages of the one file that has its own, if it is among these.
pub(super) fn clients(ws: &Workspace, report: &mut Report, names: &[String]) {
    if names.iter().any(|name| name == CLIENTS) {
        report.step("web: packages that sites use", || {
            conformance::install(&folder(ws)?.join("tests/clients"))
        });
    }
}

/// A step for each of these files of tests, as many at once as there are cores: they wait a lot.
pub(super) fn all_files(
    ws: &Workspace,
    report: &mut Report,
    label: &str,
    names: &[String],
    env: &[(&str, &OsStr)],
) {
    let title = |name: &String| {
        let name = name.rsplit('/').next().unwrap_or(name);
        format!("{label}: {}", name.trim_end_matches(".test.mjs"))
    };
    report.at_once(names, title, |name| file(ws, name, env));
}

/// One file of tests below `tests`, in Node, with these variables.
fn file(ws: &Workspace, name: &str, env: &[(&str, &OsStr)]) -> Result<Outcome> {
    let cmd = Cmd::new("node")
        .args(["--test", "--test-reporter=tap"])
        .arg(format!("tests/{name}"))
        .dir(&folder(ws)?);
    let cmd = env
        .iter()
        .fold(cmd, |cmd, (variable, value)| cmd.quiet_env(variable, value));
    let ended = cmd.run_apart()?;
    let tap = Tap::of(&ended.stdout);
    let skipped = if tap.skipped > 0 {
        format!(", {} skipped", tap.skipped)
    } else {
        String::new()
    };
    let note = format!(
        "{} passed, {} failed{skipped}",
        tap.passed,
        tap.failed.len()
    );
    Ok(judge(ended.success(), tap.passed, &note, &tap.failed))
}

/// A server whose callers are pages, and the notes service: with the flags of the tests, so that
/// nothing is built twice.
fn servers(ws: &Workspace) -> Result<(PathBuf, PathBuf)> {
    Cmd::cargo("build")
        .args(["--workspace", "--all-features"])
        .args(["--example", "page", "--bin", "notes"])
        .dir(&ws.root)
        .run()?;
    let program = |name: &str| {
        let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        ws.target.join("debug").join(name)
    };
    Ok((program("examples/page"), program("notes")))
}

fn judge(success: bool, passed: u64, note: &str, failed: &[String]) -> Outcome {
    match (success, passed) {
        (false, _) => Outcome::Failed(format!("{note}\n{}", failed.join("\n"))),
        (true, 0) => Outcome::Failed("no test ran".to_owned()),
        (true, _) => Outcome::Passed(note.to_owned()),
    }
}

fn wants(filter: Option<&str>, name: &str) -> bool {
    filter.is_none_or(|filter| name.contains(filter))
}

/// The files of tests in a folder below `tests`.
pub(super) fn test_files(ws: &Workspace, below: &str) -> Result<Vec<String>> {
    let folder = folder(ws)?.join("tests").join(below);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).context("the tests of did-session-web")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".test.mjs") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// What Node's TAP reporter says of the tests, their suites left out.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tap {
    passed: u64,
    skipped: u64,
    failed: Vec<String>,
}

impl Tap {
    fn of(output: &str) -> Self {
        let mut tap = Self::default();
        let closing = |word: &str| -> u64 {
            let mut lines = output.lines().rev();
            let found = lines.find_map(|line| line.strip_prefix("# ")?.strip_prefix(word));
            found
                .and_then(|number| number.trim().parse().ok())
                .unwrap_or_default()
        };
        tap.passed = closing("pass ");
        tap.skipped = closing("skipped ");
        tap.failed = output
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("not ok "))
            .map(str::to_owned)
            .collect();
        tap
    }
}

/// Chromium, by `CHROMIUM` or by its usual names.
pub(super) fn chromium() -> Found<PathBuf> {
    program(
        "CHROMIUM",
        &["chromium", "chromium-browser", "google-chrome", "chrome"],
        "Chromium",
    )
}

/// Firefox, by `FIREFOX` or by its usual names.
pub(super) fn firefox() -> Found<PathBuf> {
    program("FIREFOX", &["firefox-esr", "firefox"], "Firefox")
}

fn driver() -> Found<PathBuf> {
    program("CHROMEDRIVER", &["chromedriver"], "chromedriver")
}

/// A program that a variable names, or the first of its usual names in the search path.
fn program(variable: &str, names: &[&str], what: &str) -> Found<PathBuf> {
    if let Some(named) = std::env::var_os(variable).filter(|named| !named.is_empty()) {
        return Ok(named.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found = std::env::split_paths(&path)
        .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
        .filter(|file| file.is_file());
    found.next().ok_or_else(|| {
        Missing::Unavailable(format!("no {what} is installed; {variable} can name one"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tap_is_counted_and_failures_are_named() {
        let output = "TAP version 13\n    ok 1 - one\n    not ok 2 - two\nnot ok 1 - suite\n\
            # tests 2\n# pass 1\n# fail 1\n# skipped 0\n";
        let tap = Tap::of(output);
        assert_eq!((tap.passed, tap.skipped), (1, 0));
        assert_eq!(tap.failed, ["2 - two", "1 - suite"]);
        assert_eq!(Tap::of("no tests"), Tap::default());
    }

    #[test]
    fn a_run_without_tests_fails() {
        assert!(matches!(judge(true, 0, "", &[]), Outcome::Failed(_)));
        assert!(matches!(judge(true, 1, "", &[]), Outcome::Passed(_)));
        assert!(matches!(judge(false, 1, "", &[]), Outcome::Failed(_)));
    }

    #[test]
    fn what_is_not_installed_is_said() {
        let missing = program("NO_SUCH_VARIABLE", &["no-such-program-here"], "it").unwrap_err();
        assert!(matches!(missing, Missing::Unavailable(_)));
    }
}
