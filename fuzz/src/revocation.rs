//! Revocations as they are kept: one text for one ledger, and nothing of a damaged one.

use cacao::UnixTime;
use session_core::revoke::RevocationLedger;

/// Reads the bytes as a ledger. Tells whether they were one.
pub fn laws(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else {
        return false;
    };
    let ledger = match RevocationLedger::from_text(text) {
        Ok(ledger) => ledger,
        Err(error) => return crate::refused(&error, "malformed_ledger"),
    };
    assert_eq!(ledger.to_text(), text);
    assert_eq!(ledger.entries().count(), ledger.len());
    // what is added again changes nothing, and what is over is forgotten
    let mut again = ledger.clone();
    for entry in ledger.entries() {
        assert!(again.contains(&entry));
        assert!(!again.add(entry));
    }
    assert_eq!(again, ledger);
    let forgotten = again.purge(UnixTime::from_nanos(i128::MAX));
    assert_eq!(forgotten + again.len(), ledger.len());
    assert!(again.entries().all(|entry| entry.keep_until().is_none()));
    true
}
