//! Files of recorded cases, and what became of each case.

use std::fmt::Display;
use std::path::PathBuf;

use serde_json::Value;

/// A file of `tests/vectors` of the crate whose tests run.
fn path_of(file: &str) -> PathBuf {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo names the crate");
    PathBuf::from(root).join("tests/vectors").join(file)
}

fn read(file: &str) -> String {
    let path = path_of(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// One file of `tests/vectors` of the crate whose tests run.
///
/// # Panics
/// When it cannot be read.
#[must_use]
pub fn vectors(file: &str) -> Value {
    serde_json::from_str(&read(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// A member that must be a text.
///
/// # Panics
/// When it is none.
#[must_use]
pub fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member]
        .as_str()
        .unwrap_or_else(|| panic!("{member} is not a text in {value}"))
}

/// The names of the cases that failed, each with what happened.
#[derive(Debug, Default)]
pub struct Failures(Vec<String>);

impl Failures {
    /// Notes a case that failed.
    pub fn add(&mut self, name: &str, what: impl Display) {
        self.0.push(format!("{name}: {what}"));
    }

    /// Notes a case unless it holds.
    pub fn check(&mut self, name: &str, holds: bool, what: impl Display) {
        if !holds {
            self.add(name, what);
        }
    }

    /// Says how many cases ran.
    ///
    /// # Panics
    /// When a case failed, naming each, and when no case ran.
    pub fn finish(self, ran: usize) {
        println!("{ran} cases");
        assert!(ran > 0, "no case ran");
        assert!(
            self.0.is_empty(),
            "{} of {ran} failed:\n{}",
            self.0.len(),
            self.0.join("\n")
        );
    }
}

/// Holds what became of the cases, by name, against what is written down in this file of
/// `tests/vectors`, so that a reason that changes is seen in review: `DID_SESSION_WRITE_REASONS=1`
/// writes it anew.
///
/// # Panics
/// When something else became of a case.
pub fn hold_reasons(file: &str, found: &[(String, &str)]) {
    let lines = found
        .iter()
        .map(|(name, code)| format!("{name} => {code}\n"));
    let found: String = lines.collect();
    if std::env::var_os("DID_SESSION_WRITE_REASONS").is_some() {
        let path = path_of(file);
        let written = std::fs::write(&path, &found);
        written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    let written = read(file);
    let differs = found.lines().zip(written.lines()).find(|(a, b)| a != b);
    assert!(differs.is_none(), "found and written differ: {differs:?}");
    assert_eq!(found.lines().count(), written.lines().count(), "{file}");
}
