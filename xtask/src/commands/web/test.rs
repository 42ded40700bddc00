//! `web test`: the store contract in windows and workers, then the package in pages, all of it in
//! a headless Chromium.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{build, bundle, folder};
use crate::commands::conformance;
use crate::commands::test::{Count, failed_names};
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools::{self, Found, Missing};
use crate::workspace::Workspace;

/// The crate whose tests run under wasm-bindgen-test.
const STORE: &str = "store-indexeddb";

/// The test file whose packages are installed for it alone.
const CLIENTS: &str = "clients.test.mjs";

/// Seconds that all tests of one file may take in a browser on a busy machine.
const PATIENCE: &str = "300";

pub(crate) fn run(ws: &Workspace, report: &mut Report, filter: Option<&str>) {
    let mut browser = None;
    report.step("web: Chromium", || match chromium() {
        Ok(found) => {
            let version = Cmd::new(&found).arg("--version").read()?;
            browser = Some(found);
            Ok(Outcome::Passed(version.trim().to_owned()))
        }
        Err(missing) => Ok(missing.into()),
    });
    let Some(browser) = browser else { return };
    if wants(filter, STORE) {
        store(ws, report);
    }
    if build::run(ws, report) && pages(ws, report) {
        files(ws, report, &browser, filter);
    }
}

/// The store's own tests, one step for each kind of global scope.
fn store(ws: &Workspace, report: &mut Report) {
    let Some(package) = ws.member(STORE) else {
        return;
    };
    let runner = build::wasm_bindgen(ws, "wasm-bindgen-test-runner");
    for target in package.targets("test") {
        report.step(&format!("web: {STORE}, {}", target.name), || {
            if let Err(missing) = tools::target(tools::WASM) {
                return Ok(missing.into());
            }
            let (runner, driver) = match (runner.clone(), driver()) {
                (Ok(runner), Ok(driver)) => (runner, driver),
                (Err(missing), _) | (_, Err(missing)) => return Ok(missing.into()),
            };
            let ended = Cmd::cargo("test")
                .args(["--package", &package.name, "--target", tools::WASM])
                .args(["--test", &target.name])
                .quiet_env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner)
                .quiet_env("CHROMEDRIVER", driver)
                .quiet_env("WASM_BINDGEN_TEST_TIMEOUT", PATIENCE)
                .dir(&ws.root)
                .tee()?;
            let count = Count::of(&ended.output());
            Ok(judge(
                ended.success(),
                count.passed,
                &count.to_string(),
                &failed_names(&ended.stdout),
            ))
        });
    }
}

/// The peer as one module for the pages; true when it is there.
fn pages(ws: &Workspace, report: &mut Report) -> bool {
    report.step("web: bundle the peer", || {
        bundle(ws, "tests/support/peer.entry.js", "peer.js", false)?;
        super::serve::demo_wallet(ws)?;
        Ok(Outcome::passed())
    })
}

fn files(ws: &Workspace, report: &mut Report, browser: &Path, filter: Option<&str>) {
    let (mut files, mut cli, mut server) = (Vec::new(), PathBuf::new(), PathBuf::new());
    let mut notes = PathBuf::new();
    // Native programs judge what the pages sign.
    report.step("web: build the command line and two servers", || {
        cli = conformance::build(ws)?;
        (server, notes) = servers(ws)?;
        files = test_files(ws)?;
        Ok(Outcome::Passed(format!("{} test files", files.len())))
    });
    if wants(filter, CLIENTS) && files.iter().any(|name| name == CLIENTS) {
        report.step("web: packages that sites use", || {
            conformance::install(&folder(ws)?.join("tests/clients"))
        });
    }
    for name in files.iter().filter(|name| wants(filter, name)) {
        let title = name.trim_end_matches(".test.mjs");
        report.step(&format!("web: {title}"), || {
            let ended = Cmd::new("node")
                .args(["--test", "--test-reporter=tap"])
                .arg(format!("tests/{name}"))
                .quiet_env("CHROMIUM", browser)
                .quiet_env("DID_SESSION_CLI", &cli)
                .quiet_env("DID_SESSION_PAGE_SERVER", &server)
                .quiet_env("NOTES_SERVICE", &notes)
                .dir(&folder(ws)?)
                .tee()?;
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
        });
    }
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

fn test_files(ws: &Workspace) -> Result<Vec<String>> {
    let folder = folder(ws)?.join("tests");
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
