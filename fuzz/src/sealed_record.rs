//! Records sealed at rest: what was not sealed does not open, and what was sealed comes back.

use cacao::Issuer;
use didkey::Ed25519SigningKey;
use session_core::{ExpectedSlot, SessionRecord, SessionStore, Slot, SlotId, StoreError};
use store_fs::{FsStore, SealKey};

use crate::disk::{block_on, home};
use crate::slot;

/// How the records of the seeds were sealed: this key, and these settings.
const KEY: [u8; 32] = [7; 32];
const SETTINGS: &str = include_str!("../seeds/sealed_record/settings");

/// The records that were sealed with them, and for whom.
const SEALED: [(&str, &[u8]); 2] = [
    (
        "did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44",
        include_bytes!("../seeds/sealed_record/sealed-1"),
    ),
    (
        "did:pkh:eip155:5:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44",
        include_bytes!("../seeds/sealed_record/sealed-2"),
    ),
];

/// Takes the bytes as a sealed record; as the settings of a sealed store, where they begin as JSON
/// does; and as a session string to be sealed. Tells whether one of them was accepted.
pub fn laws(data: &[u8]) -> bool {
    if data.starts_with(b"{") {
        return settings(data);
    }
    let session = std::str::from_utf8(data).ok();
    let session = session.and_then(|text| SessionRecord::from_session_string_unverified(text).ok());
    match session {
        Some(record) => {
            sealed_and_opened(&record);
            true
        }
        None => opened(data),
    }
}

fn open(home: &tempfile::TempDir) -> FsStore {
    FsStore::open_sealed(home.path(), SealKey::from_bytes(&KEY))
}

/// Only what was sealed opens, for the issuer it was sealed for.
fn opened(data: &[u8]) -> bool {
    let mut accepted = false;
    for (issuer, sealed) in SEALED {
        let home = home();
        std::fs::write(home.path().join(".seal"), SETTINGS).expect("a file can be written");
        let issuer: Issuer = issuer.parse().expect("an account");
        let slot = SlotId::new(issuer);
        let store = open(&home);
        std::fs::write(store.path_of(&slot), data).expect("a file can be written");
        let opens = slot::laws(&store, &slot, data);
        assert_eq!(opens, data == sealed, "only what was sealed opens");
        accepted |= opens;
    }
    accepted
}

/// Settings are read, or refused for every record; none of it is silent.
fn settings(data: &[u8]) -> bool {
    let home = home();
    std::fs::write(home.path().join(".seal"), data).expect("a file can be written");
    let (issuer, sealed) = SEALED[0];
    let issuer: Issuer = issuer.parse().expect("an account");
    let slot = SlotId::new(issuer);
    let store = open(&home);
    std::fs::write(store.path_of(&slot), sealed).expect("a file can be written");
    match block_on(store.load(&slot)) {
        Ok(Slot::Record { .. }) => true,
        Ok(Slot::Unreadable { source, .. }) => {
            let error = source.downcast_ref::<store_fs::Error>();
            let error = error.expect("a refusal is of the store's own type");
            crate::refused(error, error.code())
        }
        Ok(Slot::Empty) => panic!("a file is taken for nothing"),
        Err(error) => {
            assert!(matches!(error, StoreError::Medium { .. }));
            crate::refused(&error, error.code())
        }
    }
}

/// A record comes back from under its seal, and its file shows nothing of it.
fn sealed_and_opened(record: &SessionRecord<Ed25519SigningKey>) {
    let home = home();
    let store = open(&home);
    let slot = SlotId::from(record.capability().payload().issuer());
    let saved = block_on(store.save(&slot, record, ExpectedSlot::Absent));
    let tag = saved.expect("a session string can be saved");
    let file = std::fs::read(store.path_of(&slot)).expect("its file is there");
    let text = record.to_session_string();
    assert!(
        !file
            .windows(32)
            .any(|part| text.as_bytes().starts_with(part))
    );
    match slot::load(&store, &slot) {
        Slot::Record { record: again, .. } => assert_eq!(again.to_session_string(), text),
        _ => panic!("what was sealed does not open"),
    }
    assert_eq!(tag, record.tag());
    slot::removed(&store, &slot);
}
