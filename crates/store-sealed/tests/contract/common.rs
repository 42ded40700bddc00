//! What these tests share.

use didkey::Ed25519SigningKey;
use session_core::{
    ExpectedSlot, SealableStore, SealedRecord, SealedSlot, SessionRecord, SessionStore, Slot,
    SlotId,
};
use store_fs::FsStore;
use store_memory::MemoryStore;
use store_sealed::{Error, SealKey, SealedStore};
use store_testkit::fixtures::TestIssuer;
use tempfile::TempDir;
use test_support::with_sources;

pub(crate) type Record = SessionRecord<Ed25519SigningKey>;
pub(crate) type Files = SealedStore<FsStore>;

pub(crate) fn key(byte: u8) -> SealKey {
    SealKey::from_bytes(&[byte; 32])
}

pub(crate) async fn files(byte: u8) -> (Files, TempDir) {
    let home = tempfile::tempdir().unwrap();
    let inner = FsStore::open(home.path().join("sessions"));
    (SealedStore::create(inner, &key(byte)).await.unwrap(), home)
}

pub(crate) async fn save<S: SessionStore<Key = Ed25519SigningKey>>(
    store: &S,
    issuer: &TestIssuer,
) -> Record {
    let record = issuer.record(store, "nonce001").await;
    let saved = store.save(issuer.slot(), &record, ExpectedSlot::Anything);
    assert_eq!(saved.await.unwrap(), record.tag());
    record
}

/// The record in a slot.
pub(crate) async fn record_of<S: SessionStore<Key = Ed25519SigningKey>>(
    store: &S,
    slot: &SlotId,
) -> Record {
    match store.load(slot).await.unwrap() {
        Slot::Record { record, .. } => record,
        other => panic!("no record: {other:?}"),
    }
}

/// Why a slot is unreadable: the name of the reason, and all of its text.
pub(crate) async fn reason<S: SessionStore<Key = Ed25519SigningKey>>(
    store: &S,
    slot: &SlotId,
) -> (&'static str, String) {
    match store.load(slot).await.unwrap() {
        Slot::Unreadable { source, .. } => {
            let text = with_sources(&*source);
            let code = match source.downcast_ref::<Error>() {
                Some(error) => error.code(),
                None => match source.downcast_ref::<store_fs::Error>() {
                    Some(error) => error.code(),
                    None => match source.downcast_ref().unwrap() {
                        session_core::SealError::Sealed => "sealed",
                        session_core::SealError::NotSealed => "not_sealed",
                        _ => "unknown_seal",
                    },
                },
            };
            (code, text)
        }
        other => panic!("not unreadable: {other:?}"),
    }
}

pub(crate) async fn sealed_in<S: SealableStore>(inner: &S, slot: &SlotId) -> SealedRecord {
    match inner.load_sealed(slot).await.unwrap() {
        SealedSlot::Sealed(sealed) => sealed,
        other => panic!("not sealed: {other:?}"),
    }
}

/// Leaves something in a slot that does not open.
pub(crate) async fn spoil_memory(store: &SealedStore<MemoryStore>, slot: &SlotId) {
    let record = TestIssuer::ethereum().record(store, "nonce000").await;
    let sealed = SealedRecord::seal(store.id().to_bytes(), slot, &record, |_| {
        Ok::<_, ()>(b"garbage".to_vec())
    });
    let sealed = sealed.unwrap();
    let saved = store.inner().save_sealed(&sealed, ExpectedSlot::Anything);
    saved.await.unwrap();
}
