//! The laws of what a store in a directory loads, whatever lies there.

use session_core::{ExpectedSlot, RecordTag, SessionStore, Slot, SlotId, StoreError};
use store_fs::FsStore;

use crate::disk::block_on;

/// Loads a slot, in whose file `content` lies. A refusal leaves it there; a record
/// can be saved where it lay and comes back the same; nothing is left when it is removed. Tells
/// whether a record was there.
pub(crate) fn laws(store: &FsStore, slot: &SlotId, content: &[u8]) -> bool {
    let path = store.path_of(slot);
    let (record, tag) = match load(store, slot) {
        Slot::Empty => panic!("a file is taken for nothing"),
        Slot::Record { record, tag } => (record, tag),
        Slot::Unreadable { tag, source } => {
            assert_eq!(tag, RecordTag::of_unreadable(content));
            let error = source.downcast_ref::<store_fs::Error>();
            let error = error.expect("a refusal is of the store's own type");
            crate::session_string::keeps_the_secret(content, error);
            crate::refused(error, error.code());
            assert_eq!(std::fs::read(path).expect("it is left there"), content);
            return false;
        }
    };
    assert_eq!(record.tag(), tag);
    let stale = block_on(store.save(slot, &record, ExpectedSlot::Absent));
    assert!(matches!(stale, Err(StoreError::Conflict { .. })));
    let saved = block_on(store.save(slot, &record, ExpectedSlot::Tag(tag)));
    assert_eq!(saved.expect("what was loaded can be saved"), tag);
    match load(store, slot) {
        Slot::Record { record: again, .. } => {
            assert_eq!(again.to_stored_string(), record.to_stored_string());
            assert_eq!(again.tag(), tag);
        }
        _ => panic!("what was saved is not loaded"),
    }
    removed(store, slot);
    true
}

/// Removes what lies in a slot: then nothing does.
pub(crate) fn removed(store: &FsStore, slot: &SlotId) {
    assert!(block_on(store.remove(slot, ExpectedSlot::Anything)).expect("it can be removed"));
    assert!(matches!(load(store, slot), Slot::Empty));
    assert!(
        !block_on(store.remove(slot, ExpectedSlot::Anything)).expect("there is nothing to remove")
    );
    assert_eq!(block_on(store.list()).expect("the store is listed"), []);
}

/// What lies there; only the medium can fail, and it does not.
pub(crate) fn load(store: &FsStore, slot: &SlotId) -> Slot<didkey::Ed25519SigningKey> {
    block_on(store.load(slot)).expect("the medium does not fail")
}
