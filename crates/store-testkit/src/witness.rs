//! Looks into a store on behalf of the tests, and says what is wrong in words.

use session_core::{
    Evidence, Listed, RecordTag, SessionKey, SessionRecord, SessionStore, Slot, SlotId,
};

/// What lies in the slot.
pub(crate) async fn load<S: SessionStore>(store: &S, slot: &SlotId) -> Slot<S::Key> {
    match store.load(slot).await {
        Ok(slot) => slot,
        Err(error) => panic!("load of {slot} failed: {error}"),
    }
}

/// Fails unless the slot holds exactly this record, with a key that signs. Answers its tag.
pub(crate) async fn expect_record<S: SessionStore>(
    store: &S,
    slot: &SlotId,
    expected: &SessionRecord<S::Key>,
    when: &str,
) -> RecordTag {
    let (found, tag) = expect_any_record(store, slot, when).await;
    assert_eq!(
        found.capability(),
        expected.capability(),
        "{when}: another capability lies in the slot of {slot}"
    );
    assert_eq!(
        found.capability().cid(),
        expected.capability().cid(),
        "{when}: the capability of {slot} came back in another encoding"
    );
    assert_eq!(
        found.key().did(),
        expected.key().did(),
        "{when}: another key lies in the slot of {slot}"
    );
    assert_eq!(
        found.evidence().map(Evidence::as_str),
        expected.evidence().map(Evidence::as_str),
        "{when}: other evidence lies beside the record of {slot}"
    );
    expect_signs(&**found.key(), when).await;
    tag
}

/// Fails unless the slot holds a record, whichever. Answers it and its tag.
pub(crate) async fn expect_any_record<S: SessionStore>(
    store: &S,
    slot: &SlotId,
    when: &str,
) -> (SessionRecord<S::Key>, RecordTag) {
    match load(store, slot).await {
        Slot::Record { record, tag } => (record, tag),
        Slot::Empty => panic!("{when}: the slot of {slot} is empty"),
        Slot::Unreadable { source, .. } => {
            panic!("{when}: the slot of {slot} is unreadable: {source}")
        }
    }
}

/// Fails unless the slot holds exactly one of these records. Answers which.
pub(crate) async fn expect_one_of<S: SessionStore>(
    store: &S,
    slot: &SlotId,
    candidates: &[SessionRecord<S::Key>],
    when: &str,
) -> usize {
    let (found, _) = expect_any_record(store, slot, when).await;
    expect_signs(&**found.key(), when).await;
    let which = candidates.iter().position(|candidate| {
        candidate.capability() == found.capability() && candidate.key().did() == found.key().did()
    });
    match which {
        Some(which) => which,
        None => panic!("{when}: the slot of {slot} holds no record that was saved whole"),
    }
}

/// Fails unless the slot is empty.
pub(crate) async fn expect_empty<S: SessionStore>(store: &S, slot: &SlotId, when: &str) {
    match load(store, slot).await {
        Slot::Empty => {}
        Slot::Record { .. } => panic!("{when}: the slot of {slot} holds a record"),
        Slot::Unreadable { source, .. } => {
            panic!("{when}: the slot of {slot} is unreadable: {source}")
        }
    }
}

/// Fails unless the slot holds something unreadable. Answers its tag.
pub(crate) async fn expect_unreadable<S: SessionStore>(
    store: &S,
    slot: &SlotId,
    when: &str,
) -> RecordTag {
    match load(store, slot).await {
        Slot::Unreadable { tag, source } => {
            assert!(
                !source.to_string().is_empty(),
                "{when}: nothing says why the slot of {slot} is unreadable"
            );
            tag
        }
        Slot::Empty => panic!("{when}: the unreadable slot of {slot} is reported as empty"),
        Slot::Record { .. } => panic!("{when}: the slot of {slot} holds a record"),
    }
}

/// Fails unless the list has exactly these slots, each once.
pub(crate) async fn expect_listed<S: SessionStore>(store: &S, slots: &[&SlotId], when: &str) {
    let mut listed = match store.list().await {
        Ok(listed) => listed,
        Err(error) => panic!("{when}: list failed: {error}"),
    };
    listed.sort();
    let mut expected: Vec<_> = slots
        .iter()
        .map(|slot| Listed::Slot((*slot).clone()))
        .collect();
    expected.sort();
    assert_eq!(listed, expected, "{when}: list");
}

/// Fails unless the key signs, with the algorithm of its DID.
async fn expect_signs<K: SessionKey + ?Sized>(key: &K, when: &str) {
    let message = b"what a session signs";
    let signature = match key.sign(message).await {
        Ok(signature) => signature,
        Err(error) => panic!("{when}: {error}"),
    };
    let public = key.did().public_key();
    let algorithm = key.did().key_type().algorithm();
    let algorithm = algorithm.expect("the DID of a session key is of a type that signs");
    if let Err(error) = public.verify(algorithm, message, signature.as_ref()) {
        panic!("{when}: the key does not sign as {}: {error}", key.did());
    }
}
