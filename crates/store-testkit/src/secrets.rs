//! The spellings of a record's secrets, for tests that look for them where they must not be.

use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};
use didkey::Ed25519SigningKey;
use session_core::{ExportableKey, SessionRecord};

/// The seed and the session string of a record in the spellings in which a store, its files or a
/// log could hold them, each with its name: raw, in hex and in base64. Only a part of each is looked
/// for. A test that shows that nothing is found should first show that something is found if records
/// are not encrypted.
#[must_use]
pub fn secrets_of(record: &SessionRecord<Ed25519SigningKey>) -> Vec<(String, Vec<u8>)> {
    let seed = record.key().export_seed();
    let session = record.to_session_string();
    // where the seed stands in it
    let session = session.as_bytes().get(28..80).unwrap_or_default();
    let base64 = BASE64.encode(seed.as_slice());
    // its last characters depend on what follows
    let base64 = base64.as_bytes().get(..40).unwrap_or_default();
    let mut found = Vec::new();
    for (name, secret) in [
        ("the seed", seed.as_slice()),
        ("the seed in base64", base64),
        ("the session string", session),
    ] {
        // a multiple of three, so that nothing is filled up
        let thirds = secret.get(..secret.len() / 3 * 3).unwrap_or_default();
        for (spelling, bytes) in [
            ("as it is", secret.to_vec()),
            ("in hex", HEXLOWER.encode(secret).into_bytes()),
            ("in upper-case hex", HEXUPPER.encode(secret).into_bytes()),
            ("in base64", BASE64.encode(thirds).into_bytes()),
            ("in base64url", BASE64URL.encode(thirds).into_bytes()),
        ] {
            found.push((format!("{name}, {spelling}"), bytes));
        }
    }
    found
}

/// The names of the secrets of a record that stand in these bytes.
#[must_use]
pub fn secrets_in(bytes: &[u8], record: &SessionRecord<Ed25519SigningKey>) -> Vec<String> {
    let secrets = secrets_of(record).into_iter();
    secrets
        .filter(|(_, secret)| bytes.windows(secret.len()).any(|window| window == secret))
        .map(|(name, _)| name)
        .collect()
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::fixtures::TestIssuer;
    use crate::run;
    use store_memory::MemoryStore;

    #[test]
    fn secrets_are_found_where_they_stand() {
        let store = MemoryStore::new();
        let record = run(TestIssuer::ethereum().record(&store, "nonce001"));
        let session = record.to_session_string();
        let found = secrets_in(session.as_bytes(), &record);
        assert_eq!(found, ["the session string, as it is"]);
        let hex = HEXLOWER.encode(session.as_bytes());
        let found = secrets_in(hex.as_bytes(), &record);
        assert_eq!(found, ["the session string, in hex"]);
        let json = data_encoding::BASE64URL_NOPAD.decode(session.as_bytes());
        let found = secrets_in(&json.unwrap(), &record);
        // in base64 of the seed is the seed in base64
        let mut expected = vec!["the seed, in base64", "the seed in base64, as it is"];
        let seed = record.key().export_seed();
        // where neither alphabet's own characters come up the two are one text
        if BASE64.encode(&seed[..30]) == BASE64URL.encode(&seed[..30]) {
            expected.insert(1, "the seed, in base64url");
        }
        assert_eq!(found, expected);
        let other = run(TestIssuer::ethereum().record(&store, "nonce002"));
        assert!(secrets_in(session.as_bytes(), &other).is_empty());
    }
}
