//! Looks into a store on behalf of the tests, and says what is wrong in words.

use cacao::Issuer;
use session_core::{Listed, RecordTag, SessionKey, SessionRecord, SessionStore, Slot};

/// What lies in the slot.
pub(crate) async fn load<S: SessionStore>(store: &S, issuer: &Issuer) -> Slot<S::Key> {
    match store.load(issuer).await {
        Ok(slot) => slot,
        Err(error) => panic!("load of {issuer} failed: {error}"),
    }
}

/// Fails unless the slot holds exactly this record, with a key that signs. Answers its tag.
pub(crate) async fn expect_record<S: SessionStore>(
    store: &S,
    issuer: &Issuer,
    expected: &SessionRecord<S::Key>,
    when: &str,
) -> RecordTag {
    let (found, tag) = expect_any_record(store, issuer, when).await;
    assert_eq!(
        found.capability(),
        expected.capability(),
        "{when}: another capability lies in the slot of {issuer}"
    );
    assert_eq!(
        found.capability().cid(),
        expected.capability().cid(),
        "{when}: the capability of {issuer} came back in another encoding"
    );
    assert_eq!(
        found.key().did(),
        expected.key().did(),
        "{when}: another key lies in the slot of {issuer}"
    );
    expect_signs(&**found.key(), when).await;
    tag
}

/// Fails unless the slot holds a record, whichever. Answers it and its tag.
pub(crate) async fn expect_any_record<S: SessionStore>(
    store: &S,
    issuer: &Issuer,
    when: &str,
) -> (SessionRecord<S::Key>, RecordTag) {
    match load(store, issuer).await {
        Slot::Record { record, tag } => (record, tag),
        Slot::Empty => panic!("{when}: the slot of {issuer} is empty"),
        Slot::Unreadable { source, .. } => {
            panic!("{when}: the slot of {issuer} is unreadable: {source}")
        }
    }
}

/// Fails unless the slot holds exactly one of these records. Answers which.
pub(crate) async fn expect_one_of<S: SessionStore>(
    store: &S,
    issuer: &Issuer,
    candidates: &[SessionRecord<S::Key>],
    when: &str,
) -> usize {
    let (found, _) = expect_any_record(store, issuer, when).await;
    expect_signs(&**found.key(), when).await;
    let which = candidates.iter().position(|candidate| {
        candidate.capability() == found.capability() && candidate.key().did() == found.key().did()
    });
    match which {
        Some(which) => which,
        None => panic!("{when}: the slot of {issuer} holds no record that was saved whole"),
    }
}

/// Fails unless the slot is empty.
pub(crate) async fn expect_empty<S: SessionStore>(store: &S, issuer: &Issuer, when: &str) {
    match load(store, issuer).await {
        Slot::Empty => {}
        Slot::Record { .. } => panic!("{when}: the slot of {issuer} holds a record"),
        Slot::Unreadable { source, .. } => {
            panic!("{when}: the slot of {issuer} is unreadable: {source}")
        }
    }
}

/// Fails unless the slot holds something unreadable. Answers its tag.
pub(crate) async fn expect_unreadable<S: SessionStore>(
    store: &S,
    issuer: &Issuer,
    when: &str,
) -> RecordTag {
    match load(store, issuer).await {
        Slot::Unreadable { tag, source } => {
            assert!(
                !source.to_string().is_empty(),
                "{when}: nothing says why the slot of {issuer} is unreadable"
            );
            tag
        }
        Slot::Empty => panic!("{when}: the unreadable slot of {issuer} is reported as empty"),
        Slot::Record { .. } => panic!("{when}: the slot of {issuer} holds a record"),
    }
}

/// Fails unless the list has exactly these issuers, each once.
pub(crate) async fn expect_listed<S: SessionStore>(store: &S, issuers: &[&Issuer], when: &str) {
    let mut listed = match store.list().await {
        Ok(listed) => listed,
        Err(error) => panic!("{when}: list failed: {error}"),
    };
    listed.sort();
    let mut expected: Vec<_> = issuers
        .iter()
        .map(|issuer| Listed::Issuer((*issuer).clone()))
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
