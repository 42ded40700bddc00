//! What became of each recorded case, by name. The tests of other crates hold theirs by this, too.

/// Holds the outcomes of the cases, by name, against those that are written down, so that a reason
/// that changes is seen in review: `DID_SESSION_WRITE_REASONS=1` writes them anew.
#[allow(dead_code, reason = "some tests have a file of their own")]
pub(crate) fn hold_reasons(found: &[(String, &str)]) {
    hold_reasons_in("reasons.txt", found);
}

/// As [`hold_reasons`], in this file.
pub(crate) fn hold_reasons_in(file: &str, found: &[(String, &str)]) {
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
