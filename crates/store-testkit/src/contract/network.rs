//! Sentences 14 and 18: a reply that was lost, and a key that another store keeps.

use super::records::{remove, save};
use crate::fixtures::TestIssuer;
use crate::runtime::ends;
use crate::witness::{expect_empty, expect_one_of, expect_record, load};
use session_core::{ExpectedSlot, SessionRecord, SessionStore, Slot, SlotId, StoreError};

/// What is lost of the next request of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums)]
pub enum Lost {
    /// The request: it is sent, and never arrives.
    Request,
    /// The reply: the request was carried out, but its caller is not told.
    Reply,
}

/// Sentence 14: a change whose reply was lost ends with `Unknown`, and was made whole or not at
/// all. A store that finds out by itself may tell what became of it.
///
/// `lossy` makes one thing of the store's next request be lost.
///
/// # Panics
/// When a lost reply looks like an answer or like another failure, or leaves half of a change.
pub async fn contract_14_a_lost_reply_is_unknown<S: SessionStore>(
    store: S,
    lossy: impl AsyncFn(&S, Lost),
) {
    for lost in [Lost::Request, Lost::Reply] {
        let issuer = TestIssuer::ethereum();
        let slot = issuer.slot();
        let first = issuer.record(&store, "nonce001").await;
        let second = issuer.record(&store, "nonce002").await;

        lossy(&store, lost).await;
        let saved = ends("a save", store.save(slot, &first, ExpectedSlot::Absent)).await;
        let is_there = matches!(load(&store, slot).await, Slot::Record { .. });
        expect_told(saved.map(|_| true), is_there, lost, "a save");
        if is_there {
            expect_record(&store, slot, &first, "saved, and nobody heard of it").await;
        } else {
            expect_empty(&store, slot, "not saved").await;
        }

        let seen = ExpectedSlot::Tag(save(&store, &issuer, &first).await);
        lossy(&store, lost).await;
        let replaced = ends("a save", store.save(slot, &second, seen)).await;
        let both = [first.clone(), second.clone()];
        let which = expect_one_of(&store, slot, &both, "a reply was lost").await;
        expect_told(replaced.map(|_| true), which == 1, lost, "a replacement");

        save(&store, &issuer, &first).await;
        lossy(&store, lost).await;
        let removed = ends("a removal", store.remove(slot, seen)).await;
        let is_gone = expect_gone_or(&store, slot, &first).await;
        expect_told(removed, is_gone, lost, "a removal");

        // a caller that is told so loads again, and decides by the tag
        let expected = load(&store, slot).await.expected();
        let again = store.save(slot, &second, expected).await;
        assert!(again.is_ok(), "what was loaded is as it is: {again:?}");
        expect_record(&store, slot, &second, "after it was loaded again").await;

        lossy(&store, lost).await;
        let ended = ends("a removal", store.remove_issuer(issuer.issuer())).await;
        let is_gone = expect_gone_or(&store, slot, &second).await;
        let ended = ended.map(|profiles| !profiles.is_empty());
        expect_told(ended, is_gone, lost, "the end of an issuer");
        remove(&store, &issuer).await;
    }
}

/// Fails unless a store says what it knows: nothing, or the truth.
fn expect_told(told: Result<bool, StoreError>, done: bool, lost: Lost, what: &str) {
    match told {
        Err(StoreError::Unknown { .. }) => {}
        Ok(told) => assert_eq!(told, done, "{what} whose {lost:?} was lost"),
        Err(error) => panic!("{what} whose {lost:?} was lost is not unknown: {error}"),
    }
}

/// Fails unless the slot is empty, or as it was; returns whether it is empty.
async fn expect_gone_or<S: SessionStore>(
    store: &S,
    slot: &SlotId,
    before: &SessionRecord<S::Key>,
) -> bool {
    if matches!(load(store, slot).await, Slot::Empty) {
        return true;
    }
    expect_record(store, slot, before, "not removed").await;
    false
}

/// Sentence 18: a key that cannot leave its custody, and is in another one, is refused with
/// `Key`, which says why, and the slot stays as it was.
///
/// `foreign_key` makes a key that this store cannot keep.
///
/// # Panics
/// When such a key is kept, or the refusal changes something.
pub async fn contract_18_a_key_of_another_custody_is_refused<S: SessionStore>(
    store: S,
    foreign_key: impl AsyncFn(&S) -> S::Key,
) {
    use session_core::SessionKey as _;
    let issuer = TestIssuer::ethereum();
    let slot = issuer.slot();
    let key = foreign_key(&store).await;
    let foreign = SessionRecord::new(issuer.capability(key.did(), "nonce001"), key);
    let refuse = async |expected| match store.save(slot, &foreign, expected).await {
        Err(StoreError::Key { reason }) => assert!(!reason.is_empty(), "nothing says why"),
        other => panic!("a key that cannot be kept: {other:?}"),
    };
    refuse(ExpectedSlot::Absent).await;
    expect_empty(&store, slot, "after a key was refused").await;
    let own = issuer.record(&store, "nonce002").await;
    let tag = save(&store, &issuer, &own).await;
    for expected in [ExpectedSlot::Anything, ExpectedSlot::Tag(tag)] {
        refuse(expected).await;
        expect_record(&store, slot, &own, "after a key was refused").await;
    }
}
