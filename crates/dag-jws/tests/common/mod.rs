//! Reads the vector files, and collects the names of the cases that fail.

use serde_json::Value;

/// One file of `tests/vectors`.
pub(crate) fn vectors(file: &str) -> Value {
    let path = format!("{}/tests/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A member that must be a text.
pub(crate) fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member]
        .as_str()
        .unwrap_or_else(|| panic!("{member} is no text in {value}"))
}

/// The names of the cases that failed, each with what happened.
#[derive(Default)]
pub(crate) struct Failures(Vec<String>);

impl Failures {
    pub(crate) fn add(&mut self, name: &str, what: impl std::fmt::Display) {
        self.0.push(format!("{name}: {what}"));
    }

    pub(crate) fn check(&mut self, name: &str, holds: bool, what: impl std::fmt::Display) {
        if !holds {
            self.add(name, what);
        }
    }

    /// Fails the test when a case failed, naming each.
    pub(crate) fn finish(self, ran: usize) {
        assert!(ran > 0, "no case ran");
        assert!(
            self.0.is_empty(),
            "{} of {ran} failed:\n{}",
            self.0.len(),
            self.0.join("\n")
        );
        println!("{ran} cases");
    }
}
