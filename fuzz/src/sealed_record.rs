//! Records sealed at rest, and seals: what was not sealed does not open, and what was sealed comes
//! back.

use cacao::Issuer;
use didkey::Ed25519SigningKey;
use session_core::{
    ExpectedSlot, SealableStore, SealedSlot, SessionRecord, SessionStore, Slot, SlotId,
};
use std::sync::OnceLock;
use store_memory::MemoryStore;
use store_sealed::{Error, SealKey, SealedStore};

use crate::disk::block_on;

/// How the records of the seeds were sealed: this key, and this seal of the first format.
const KEY: [u8; 32] = [7; 32];
const FIRST_SEAL: &str = include_str!("../seeds/sealed_record/settings");

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

/// Takes the bytes as a sealed record; as a seal, where they begin as JSON does; and as a session
/// string to be sealed. Tells whether one of them was accepted.
pub fn laws(data: &[u8]) -> bool {
    if data.starts_with(b"{") {
        return seal(data);
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

fn key() -> SealKey {
    SealKey::from_bytes(&KEY)
}

/// An empty store with this seal.
fn with_seal(seal: &[u8]) -> MemoryStore {
    let inner = MemoryStore::new();
    assert!(block_on(inner.replace_seal(seal, None)).expect("memory does not fail"));
    inner
}

/// A seal that this process made, as it is written now. The key opens it, which nobody can forge.
fn own_seal() -> &'static [u8] {
    static SEAL: OnceLock<Vec<u8>> = OnceLock::new();
    SEAL.get_or_init(|| {
        let inner = MemoryStore::new();
        block_on(SealedStore::create(inner.clone(), &key())).expect("a store can be sealed");
        let seal = block_on(inner.load_seal()).expect("memory does not fail");
        seal.expect("it was made")
    })
}

/// Only what was sealed opens, for the slot it was sealed for.
fn opened(data: &[u8]) -> bool {
    let SealedSlot::Sealed(sealed) = SealedSlot::of_bytes(data) else {
        assert!(SEALED.iter().all(|(_, sealed)| *sealed != data));
        return false;
    };
    assert_eq!(sealed.as_bytes(), data);
    assert_eq!([sealed.head(), sealed.ciphertext()].concat(), data);
    let mut accepted = false;
    for (seal, is_first) in [(FIRST_SEAL.as_bytes(), true), (own_seal(), false)] {
        let key = key();
        let store = SealedStore::open(with_seal(seal), &key);
        let store = block_on(store).expect("the seal opens");
        let saved = store.inner().save_sealed(&sealed, ExpectedSlot::Absent);
        block_on(saved).expect("memory does not fail");
        let slot = sealed.slot();
        let is_sealed = SEALED.iter().any(|(issuer, sealed)| {
            let issuer: Issuer = issuer.parse().expect("an account");
            *sealed == data && SlotId::new(issuer) == *slot
        });
        match block_on(store.load(slot)).expect("memory does not fail") {
            Slot::Empty => panic!("a record is taken for nothing"),
            Slot::Record { tag, .. } => {
                assert!(is_first && is_sealed, "only what was sealed opens");
                assert_eq!(tag, sealed.tag());
                accepted = true;
            }
            Slot::Unreadable { tag, source } => {
                assert!(!(is_first && is_sealed), "what was sealed opens");
                assert_eq!(tag, sealed.tag());
                let error = source.downcast_ref::<Error>();
                let error = error.expect("a refusal is of the store's own type");
                crate::refused(error, error.code());
            }
        }
    }
    accepted
}

/// A seal is read, or refused; the key opens those that were made with it.
fn seal(data: &[u8]) -> bool {
    let inner = with_seal(data);
    let info = block_on(SealedStore::info(&inner));
    let opened = block_on(SealedStore::open(inner, &key()));
    match opened {
        Ok(store) => {
            let info = info.expect("what opens is read").expect("it is sealed");
            assert_eq!(store.id(), info.id);
            // nobody forges one of the second format
            assert!(info.format == 1 || data == own_seal());
            true
        }
        Err(error) => {
            assert!(info.is_ok() == !matches!(error, Error::Seal { .. }));
            crate::refused(&error, error.code())
        }
    }
}

/// A record comes back from under its seal, and what lies there shows nothing of it.
fn sealed_and_opened(record: &SessionRecord<Ed25519SigningKey>) {
    let store = block_on(SealedStore::open(with_seal(own_seal()), &key()));
    let store = store.expect("the seal opens");
    let slot = SlotId::from(record.capability().payload().issuer());
    let saved = block_on(store.save(&slot, record, ExpectedSlot::Absent));
    assert_eq!(saved.expect("a session string can be saved"), record.tag());
    let SealedSlot::Sealed(sealed) =
        block_on(store.inner().load_sealed(&slot)).expect("memory does not fail")
    else {
        panic!("it is not sealed");
    };
    let text = record.to_session_string();
    let shown = sealed.as_bytes().windows(32);
    assert!(
        !shown
            .into_iter()
            .any(|part| text.as_bytes().starts_with(part))
    );
    match block_on(store.load(&slot)).expect("memory does not fail") {
        Slot::Record { record: again, .. } => assert_eq!(again.to_session_string(), text),
        _ => panic!("what was sealed does not open"),
    }
}
