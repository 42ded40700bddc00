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

/// Holds the outcomes of the cases, by name, against those that are written down, so that a reason
/// that changes is seen in review: `DID_SESSION_WRITE_REASONS=1` writes them anew.
pub(crate) fn hold_reasons(file: &str, found: &[(String, &str)]) {
    let path = format!("{}/tests/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let lines = found
        .iter()
        .map(|(name, code)| format!("{name} => {code}\n"));
    let found: String = lines.collect();
    if std::env::var_os("DID_SESSION_WRITE_REASONS").is_some() {
        std::fs::write(&path, &found).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    let written = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let differs = found.lines().zip(written.lines()).find(|(a, b)| a != b);
    assert!(differs.is_none(), "found and written differ: {differs:?}");
    assert_eq!(found.lines().count(), written.lines().count(), "{path}");
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
