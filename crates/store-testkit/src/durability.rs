//! What a store that outlives its process must keep. [`store_durability!`](crate::store_durability)
//! calls these functions. Each takes a new, empty store and a closure that closes it and opens another on
//! the same medium, and panics when something is lost or comes back.

use crate::fixtures::TestIssuer;
use crate::witness::{expect_empty, expect_listed, expect_record};
use session_core::{Evidence, ExpectedSlot, SessionRecord, SessionStore, SlotId, StoreError};
use std::time::Duration;

/// What was saved is there when the store is opened again: all of it, each replaced by its
/// latest, with keys that sign and tags that still hold.
///
/// # Panics
/// When something is lost or changed.
pub async fn durability_what_was_saved_is_there<S: SessionStore>(
    store: S,
    reopen: impl AsyncFn(S) -> S,
) {
    let mut saved: Vec<(SlotId, SessionRecord<S::Key>)> = Vec::new();
    for issuer in TestIssuer::each() {
        for slot in [issuer.slot().clone(), issuer.slot_in("work")] {
            let mut last = None;
            for nonce in ["nonce001", "nonce002"] {
                let evidence = Evidence::from_json(r#"{"block":"0x1"}"#).ok();
                let record = issuer.record(&store, nonce).await.with_evidence(evidence);
                must(store.save(&slot, &record, ExpectedSlot::Anything).await);
                last = Some(record);
            }
            saved.extend(last.map(|record| (slot, record)));
        }
    }
    let slots: Vec<_> = saved.iter().map(|(slot, _)| slot).collect();
    let mut store = store;
    for when in ["opened again", "opened once more"] {
        store = reopen(store).await;
        expect_listed(&store, &slots, when).await;
        for (slot, record) in &saved {
            let tag = expect_record(&store, slot, record, when).await;
            let again = store.save(slot, record, ExpectedSlot::Tag(tag)).await;
            assert_eq!(must(again), tag, "{when}: the tag");
        }
    }
    let conflict = store
        .save(slots[0], &saved[0].1, ExpectedSlot::Absent)
        .await;
    assert!(
        matches!(conflict, Err(StoreError::Conflict { .. })),
        "a save that expects an empty slot conflicts after opening again: {conflict:?}"
    );
}

/// What was removed stays away when the store is opened again.
///
/// # Panics
/// When it comes back, or when somebody else's record is gone.
pub async fn durability_what_was_removed_stays_away<S: SessionStore>(
    store: S,
    reopen: impl AsyncFn(S) -> S,
) {
    let (removed, kept) = (TestIssuer::ethereum(), TestIssuer::polygon());
    let record = removed.record(&store, "nonce001").await;
    let others = kept.record(&store, "nonce002").await;
    must(
        store
            .save(removed.slot(), &record, ExpectedSlot::Anything)
            .await,
    );
    must(
        store
            .save(kept.slot(), &others, ExpectedSlot::Anything)
            .await,
    );
    let store = reopen(store).await;
    assert!(
        must(store.remove(removed.slot(), ExpectedSlot::Anything).await),
        "it was there"
    );
    let named = removed.slot_in("work");
    must(store.save(&named, &record, ExpectedSlot::Absent).await);
    let profiles = must(store.remove_issuer(removed.issuer()).await);
    assert_eq!(profiles, [named.profile().clone()], "it was there");
    let store = reopen(store).await;
    let when = "removed, and opened again";
    expect_empty(&store, removed.slot(), when).await;
    expect_empty(&store, &named, when).await;
    expect_listed(&store, &[kept.slot()], when).await;
    expect_record(&store, kept.slot(), &others, when).await;
}

/// A prompt lock does not survive: whoever opens the store again finds none.
///
/// # Panics
/// When a prompt lock of the earlier store is still in the way.
pub async fn durability_a_prompt_lock_does_not_survive<S: SessionStore>(
    store: S,
    reopen: impl AsyncFn(S) -> S,
) {
    let issuer = TestIssuer::ethereum();
    let max_wait = Duration::from_secs(5);
    let held = must(store.lock_prompt(issuer.slot(), max_wait).await);
    drop(held);
    let store = reopen(store).await;
    drop(must(store.lock_prompt(issuer.slot(), max_wait).await));
    expect_empty(&store, issuer.slot(), "opened again").await;
    expect_listed(&store, &[], "opened again").await;
}

fn must<T>(result: Result<T, StoreError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("the store failed: {error}"),
    }
}
