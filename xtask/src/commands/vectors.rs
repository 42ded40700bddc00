//! The interop vectors: every crate that keeps vectors has a test that reads them.

use std::path::Path;

use anyhow::Result;

use super::test::{Count, failed_names};
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::workspace::{Package, Workspace};

/// Where a crate keeps vectors, and how the tests that read them are named.
const FOLDER: &str = "tests/vectors";
const TEST_PREFIX: &str = "vectors";

pub(crate) fn run(ws: &Workspace, report: &mut Report) {
    let holders = ws
        .packages
        .iter()
        .filter(|package| package.dir().join(FOLDER).is_dir());
    for package in holders {
        let name = format!("vectors: {}", package.folder());
        report.step(&name, || read_by_tests(ws, package));
    }
}

fn read_by_tests(ws: &Workspace, package: &Package) -> Result<Outcome> {
    let tests = test_names(package);
    if tests.is_empty() {
        return Ok(Outcome::Failed(format!(
            "{FOLDER} is there, but no test whose name begins with `{TEST_PREFIX}` reads it"
        )));
    }
    let selected = tests.iter().flat_map(|test| ["--test", test]);
    let ended = Cmd::cargo("test")
        .args(["--package", &package.name, "--all-features"])
        .args(selected)
        .dir(&ws.root)
        .tee()?;
    Ok(judge(
        ended.success(),
        &ended.stdout,
        files(&package.dir().join(FOLDER)),
    ))
}

fn judge(success: bool, output: &str, files: usize) -> Outcome {
    let count = Count::of(output);
    if !success {
        return Outcome::Failed(format!("{count}\n{}", failed_names(output).join("\n")));
    }
    if count.passed == 0 {
        return Outcome::Failed("no test ran".to_owned());
    }
    Outcome::Passed(format!("{files} files, {count}"))
}

fn test_names(package: &Package) -> Vec<&str> {
    package
        .targets("test")
        .map(|target| target.name.as_str())
        .filter(|name| name.starts_with(TEST_PREFIX))
        .collect()
}

fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.path().extension().is_some_and(|ext| ext == "json"))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_tests_fails() {
        assert!(matches!(
            judge(true, "test result: ok. 0 passed; 0 failed;", 1),
            Outcome::Failed(_)
        ));
        assert!(matches!(
            judge(true, "test result: ok. 3 passed; 0 failed;", 1),
            Outcome::Passed(_)
        ));
        let failed = judge(
            false,
            "test x ... FAILED\ntest result: FAILED. 1 passed; 1 failed;",
            1,
        );
        assert_eq!(
            failed,
            Outcome::Failed("1 passed, 1 failed, 0 ignored\nx".to_owned())
        );
    }
}
