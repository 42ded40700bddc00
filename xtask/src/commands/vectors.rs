//! The interop vectors, and the vectors that others have published: every crate that keeps vectors
//! has a test that reads them.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::test::judged;
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::workspace::{Package, Target, Workspace};

/// The program that has all tests of a crate, each file as a module.
const ALL: &str = "all";

/// Where a crate keeps vectors, and how the files of the tests that read them are named.
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
            let tests = INTEROP.tests(package);
            if tests.is_empty() {
                return Ok(INTEROP.unread());
            }
            run_tests(package, &programs, &tests)
        });
    }
    for package in PUBLIC.packages(ws) {
        let tests = PUBLIC.tests(package);
        if tests.is_empty() {
            let name = format!("{}: {}", PUBLIC.name, package.folder());
            report.step(&name, || Ok(PUBLIC.unread()));
        }
        for test in tests {
            let name = format!("{}: {}, {test}", PUBLIC.name, package.folder());
            report.step(&name, || run_tests(package, &programs, &[test]));
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

    /// The files of the tests that read them, without their endings.
    fn tests(&self, package: &Package) -> Vec<String> {
        let entries = std::fs::read_dir(package.dir().join("tests")).into_iter();
        let names = entries.flatten().flatten().filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let name = name.strip_suffix(".rs")?;
            name.starts_with(self.test_prefix).then(|| name.to_owned())
        });
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
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
    let mut names: Vec<String> = Vec::new();
    for kind in [INTEROP, PUBLIC] {
        for package in kind.packages(ws) {
            let of_file = |file: String| program_of(package, file);
            names.extend(kind.tests(package).into_iter().map(of_file));
        }
    }
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
        .args(names.iter().flat_map(|name| ["--test", name.as_str()]))
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

/// The program of a file of tests.
fn program_of(package: &Package, file: String) -> String {
    let mut programs = package.targets("test");
    if programs.any(|program| program.name == ALL) {
        ALL.to_owned()
    } else {
        file
    }
}

fn run_tests(package: &Package, programs: &[Artifact], files: &[String]) -> Result<Outcome> {
    let (mut success, mut output) = (true, String::new());
    for file in files {
        let wanted = program_of(package, file.clone());
        let artifact = programs.iter().find(|artifact| {
            artifact.manifest_path == package.manifest_path && artifact.target.name == wanted
        });
        let program = artifact.and_then(|artifact| artifact.executable.as_ref());
        let program = program.with_context(|| format!("{wanted} was not built"))?;
        println!("{}: {file}", package.folder());
        let ended = Cmd::new(program)
            .args((wanted == ALL).then(|| format!("{file}::")))
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

    #[test]
    fn vectors_are_read_by_tests_of_all_crates_that_keep_some() {
        let ws = Workspace::load().unwrap();
        for kind in [INTEROP, PUBLIC] {
            assert!(kind.packages(&ws).count() > 1);
            for package in kind.packages(&ws) {
                assert!(!kind.tests(package).is_empty(), "{}", package.folder());
            }
        }
    }
}
