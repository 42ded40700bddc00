//! The interop vectors, and the vectors that others have published: every crate that keeps vectors
//! has a test that reads them.

use super::test::{SHOWN, judged};
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::workspace::Workspace;

/// Where crates keep vectors, and how the files of the tests that read them begin: those recorded
/// from the peer, and those of specifications and collections of hard cases.
const KINDS: [(&str, &str); 2] = [("tests/vectors", "vectors"), ("tests/data", "public_")];

/// Of the program of all tests of a crate those tests, and all of a program that has no others.
const PROGRAMS: [(&str, &[&str]); 2] = [("all", &["vectors", "public_"]), ("vectors", &[])];

pub(crate) fn run(ws: &Workspace, report: &mut Report) {
    report.step("vectors: every crate that keeps some reads them", || {
        Ok(Outcome::from_problems(&unread(ws)))
    });
    for (program, filters) in PROGRAMS {
        report.step(&format!("vectors: the tests `{program}`"), || {
            let ended = Cmd::cargo("test")
                // with the flags of `cargo xtask test`, so that nothing is built twice
                .args([
                    "--workspace",
                    "--all-features",
                    "--no-fail-fast",
                    "--test",
                    program,
                ])
                .args(SHOWN)
                .args(filters)
                .dir(&ws.root)
                .tee()?;
            Ok(judged(ended.success(), &ended.output()))
        });
    }
}

/// Folders of vectors that no test reads.
fn unread(ws: &Workspace) -> Vec<String> {
    let mut problems = Vec::new();
    for package in &ws.packages {
        let tests = std::fs::read_dir(package.dir().join("tests"));
        let names = tests
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.file_name());
        let names: Vec<_> = names
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        for (folder, prefix) in KINDS {
            let reads = |name: &String| name.starts_with(prefix) && name.ends_with(".rs");
            if package.dir().join(folder).is_dir() && !names.iter().any(reads) {
                let name = package.folder();
                problems.push(format!("{name}: no test {prefix}*.rs reads {folder}"));
            }
        }
    }
    problems
}
