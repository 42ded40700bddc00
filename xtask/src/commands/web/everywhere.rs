//! The npm package beyond Chromium and esbuild: in every bundler, and in Firefox.

use std::ffi::OsStr;
use std::path::Path;

use super::test::{self, Driven, Programs};
use super::{build, folder};
use crate::commands::conformance;
use crate::report::{Outcome, Report};
use crate::workspace::Workspace;

/// Where the tests with bundlers lie below `tests`, with packages of their own: Next's are heavy.
const BUNDLERS: [&str; 2] = ["bundlers", "bundlers/next"];

/// One file of each for the gate: what broke before anything else did.
const SAMPLE_BUNDLER: &str = "vite.test.mjs";
const SAMPLE_PAGES: [&str; 1] = ["native.test.mjs"];

/// What wants a virtual authenticator, which Chromium alone offers to tests.
const CHROMIUM_ALONE: [&str; 1] = ["passkeys.test.mjs"];

/// Files in which no browser runs.
const NO_BROWSER: [&str; 7] = [
    "contracts.test.mjs",
    "dids.test.mjs",
    "hostile-server.test.mjs",
    "node.test.mjs",
    "pack.test.mjs",
    "server.test.mjs",
    "strict.test.mjs",
];

/// A little of both, for the gate.
pub(super) fn sample(ws: &Workspace, report: &mut Report, chromium: &Path, programs: &Programs) {
    bundled(ws, report, chromium, |name| name == SAMPLE_BUNDLER);
    in_firefox(
        ws,
        report,
        programs,
        |_| false,
        |name| SAMPLE_PAGES.contains(&name),
    );
}

/// The package in every bundler.
pub(crate) fn bundlers(ws: &Workspace, report: &mut Report) {
    if let Some(chromium) = test::browser(report, "Chromium", test::chromium)
        && build::run(ws, report)
    {
        bundled(ws, report, &chromium, |_| true);
    }
}

/// The store contract and the pages in Firefox.
pub(crate) fn firefox(ws: &Workspace, report: &mut Report) {
    if build::run(ws, report)
        && test::pages(ws, report)
        && let Some(programs) = test::programs(ws, report)
    {
        let can_run = |name: &str| !CHROMIUM_ALONE.contains(&name) && !NO_BROWSER.contains(&name);
        in_firefox(ws, report, &programs, |_| true, can_run);
    }
}

fn bundled(ws: &Workspace, report: &mut Report, chromium: &Path, wanted: impl Fn(&str) -> bool) {
    for folder in BUNDLERS {
        let names = test::test_files(ws, folder).unwrap_or_default();
        let names = names.into_iter().filter(|name| wanted(name));
        let names: Vec<_> = names.map(|name| format!("{folder}/{name}")).collect();
        if !names.is_empty() && install(ws, report, folder) {
            let env = [("CHROMIUM", chromium.as_os_str())];
            test::all_files(ws, report, "bundlers", &names, &env);
        }
    }
}

/// Installs the packages of a folder; true when they are there.
fn install(ws: &Workspace, report: &mut Report, below: &str) -> bool {
    let mut there = false;
    report.step(&format!("{below}: npm packages"), || {
        let outcome = conformance::install(&folder(ws)?.join("tests").join(below))?;
        there = matches!(outcome, Outcome::Passed(_));
        Ok(outcome)
    });
    there
}

fn in_firefox(
    ws: &Workspace,
    report: &mut Report,
    programs: &Programs,
    stores: impl Fn(&str) -> bool,
    pages: impl Fn(&str) -> bool,
) {
    let Some(firefox) = test::browser(report, "Firefox", test::firefox) else {
        return;
    };
    test::store(ws, report, &Driven::ByScript(firefox.clone()), stores);
    let [named, rest @ ..] = programs.env(("FIREFOX", firefox.as_os_str()));
    let mut env = vec![named, ("DID_SESSION_BROWSER", OsStr::new("firefox"))];
    env.extend(rest);
    let mut names = test::test_files(ws, "").unwrap_or_default();
    names.retain(|name| pages(name));
    test::clients(ws, report, &names);
    test::all_files(ws, report, "firefox", &names, &env);
}
