//! The interop vectors, and the vectors that others have published: every crate that keeps vectors
//! has a test that reads them.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::test::judged;
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::workspace::{Package, Target, Workspace};

/// Where a crate keeps vectors, and how the tests that read them are named.
struct Kind {
    name: &'static str,
    folder: &'static str,
    test_prefix: &'static str,
}

/// Recorded from the peer.
const INTEROP: Kind = Kind {
    name: "vectors",
    folder: "tests/vectors",
    test_prefix: "vectors",
};
/// Published by others: specifications, and collections of hard cases. One test a collection.
const PUBLIC: Kind = Kind {
    name: "public",
    folder: "tests/data",
    test_prefix: "public",
};

/// A test program that cargo built.
#[derive(Debug, Deserialize)]
struct Artifact {
    manifest_path: PathBuf,
    target: Target,
    executable: Option<PathBuf>,
}

pub(crate) fn run(ws: &Workspace, report: &mut Report) {
    let mut programs = None;
    report.step("vectors: build", || {
        programs = Some(build(ws)?);
        Ok(Outcome::passed())
    });
    let Some(programs) = programs else { return };
    for package in INTEROP.packages(ws) {
        let name = format!("{}: {}", INTEROP.name, package.folder());
        report.step(&name, || {
            if INTEROP.tests(package).next().is_none() {
                return Ok(INTEROP.unread());
            }
            run_tests(package, &programs, |name| INTEROP.is_test(name))
        });
    }
    for package in PUBLIC.packages(ws) {
        let mut tests = PUBLIC.tests(package).peekable();
        if tests.peek().is_none() {
            let name = format!("{}: {}", PUBLIC.name, package.folder());
            report.step(&name, || Ok(PUBLIC.unread()));
        }
        for test in tests {
            let name = format!("{}: {}, {test}", PUBLIC.name, package.folder());
            report.step(&name, || run_tests(package, &programs, |name| name == test));
        }
    }
}

impl Kind {
    fn packages<'a>(&self, ws: &'a Workspace) -> impl Iterator<Item = &'a Package> {
        let folder = self.folder;
        ws.packages
            .iter()
            .filter(move |package| package.dir().join(folder).is_dir())
    }

    fn is_test(&self, name: &str) -> bool {
        name.starts_with(self.test_prefix)
    }

    fn tests<'a>(&'a self, package: &'a Package) -> impl Iterator<Item = &'a str> {
        let names = package.targets("test").map(|target| target.name.as_str());
        names.filter(|name| self.is_test(name))
    }

    fn unread(&self) -> Outcome {
        Outcome::Failed(format!(
            "{} is there, but no test whose name begins with `{}` reads it",
            self.folder, self.test_prefix
        ))
    }
}

/// Builds the tests of all crates with the flags of `cargo xtask test`, so that nothing is built
/// twice.
fn build(ws: &Workspace) -> Result<Vec<Artifact>> {
    let mut names: Vec<&str> = ws
        .packages
        .iter()
        .flat_map(|package| INTEROP.tests(package).chain(PUBLIC.tests(package)))
        .collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        bail!("no test reads vectors");
    }
    let json = Cmd::cargo("test")
        .args([
            "--workspace",
            "--all-features",
            "--no-run",
            "--message-format=json",
        ])
        .args(names.iter().flat_map(|name| ["--test", name]))
        .dir(&ws.root)
        .shown()
        .read()?;
    artifacts(&json)
}

fn artifacts(json: &str) -> Result<Vec<Artifact>> {
    json.lines()
        .filter(|line| line.contains("\"reason\":\"compiler-artifact\""))
        .map(|line| serde_json::from_str(line).context("a message of cargo"))
        .filter(|found: &Result<Artifact>| {
            found
                .as_ref()
                .map_or(true, |artifact| artifact.executable.is_some())
        })
        .collect()
}

fn run_tests(
    package: &Package,
    programs: &[Artifact],
    wanted: impl Fn(&str) -> bool,
) -> Result<Outcome> {
    let (mut success, mut output) = (true, String::new());
    for artifact in programs {
        let Some(program) = &artifact.executable else {
            continue;
        };
        if artifact.manifest_path != package.manifest_path || !wanted(&artifact.target.name) {
            continue;
        }
        println!("{}: {}", package.folder(), artifact.target.name);
        let ended = Cmd::new(program)
            .quiet_env("CARGO_MANIFEST_DIR", package.dir())
            .dir(package.dir())
            .tee()?;
        success &= ended.success();
        output.push_str(&ended.output());
    }
    Ok(judged(success, &output))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn built_programs_are_found() {
        let json = concat!(
            r#"{"reason":"build-script-executed","package_id":"x"}"#,
            "\n",
            r#"{"reason":"compiler-artifact","manifest_path":"/w/a/Cargo.toml","executable":null,"#,
            r#""target":{"name":"a","kind":["lib"],"src_path":"/w/a/src/lib.rs"}}"#,
            "\n",
            r#"{"reason":"compiler-artifact","manifest_path":"/w/a/Cargo.toml","executable":"/t/v","#,
            r#""target":{"name":"vectors","kind":["test"],"src_path":"/w/a/tests/v.rs"}}"#,
        );
        let found = artifacts(json).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].executable.as_deref(), Some(Path::new("/t/v")));
        assert!(artifacts(r#"{"reason":"compiler-artifact"}"#).is_err());
    }
}
