//! Sentence 5: what cannot be read.

use super::records::{remove, save};
use crate::fixtures::TestIssuer;
use crate::witness::{expect_empty, expect_listed, expect_record, expect_unreadable};
use session_core::{ExpectedSlot, RecordTag, SessionStore, SlotId, StoreError};

/// Sentence 5: what cannot be read is `Unreadable`, never `Empty`; it is not deleted, and it does
/// not stop `list`.
///
/// `corrupt` leaves something unreadable in a slot, whether a record is there or
/// not, the same each time.
///
/// # Panics
/// When something unreadable is hidden, lost, in the way, or cannot be replaced.
pub async fn contract_05_unreadable_is_never_empty<S: SessionStore>(
    store: S,
    corrupt: impl AsyncFn(&S, &SlotId),
) {
    let issuer = TestIssuer::ethereum();
    let other = TestIssuer::solana();
    let others = other.record(&store, "nonce001").await;
    save(&store, &other, &others).await;
    let record = issuer.record(&store, "nonce002").await;
    let good = save(&store, &issuer, &record).await;

    corrupt(&store, issuer.slot()).await;
    let tag = expect_unreadable(&store, issuer.slot(), "a spoiled record").await;
    assert_ne!(tag, good, "what is unreadable has a tag of its own");
    let both = [issuer.slot(), other.slot()];
    expect_listed(&store, &both, "with a spoiled record").await;
    let again = expect_unreadable(&store, issuer.slot(), "loaded and listed before").await;
    assert_eq!(tag, again, "what nobody touched keeps its tag");
    expect_record(&store, other.slot(), &others, "beside a spoiled record").await;

    // only who has seen it may replace it
    for (expected, what) in [
        (ExpectedSlot::Absent, "as absent"),
        (ExpectedSlot::Tag(good), "as the record that it was"),
        (
            ExpectedSlot::Tag(RecordTag::of_unreadable(b"something else")),
            "as something else",
        ),
    ] {
        let refused = store.save(issuer.slot(), &record, expected).await;
        assert!(
            matches!(refused, Err(StoreError::Conflict { .. })),
            "a save that expects the spoiled slot {what} conflicts: {refused:?}"
        );
        expect_unreadable(&store, issuer.slot(), "after a save was refused").await;
    }
    let replaced = store
        .save(issuer.slot(), &record, ExpectedSlot::Tag(tag))
        .await;
    assert!(
        replaced.is_ok(),
        "a spoiled record can be replaced: {replaced:?}"
    );
    let when = "after it replaced a spoiled one";
    expect_record(&store, issuer.slot(), &record, when).await;

    corrupt(&store, issuer.slot()).await;
    assert!(remove(&store, &issuer).await, "something was there");
    expect_empty(
        &store,
        issuer.slot(),
        "after something unreadable was removed",
    )
    .await;
    expect_listed(
        &store,
        &[other.slot()],
        "after something unreadable was removed",
    )
    .await;

    corrupt(&store, issuer.slot()).await;
    let when = "where no record was before";
    expect_unreadable(&store, issuer.slot(), when).await;
    expect_listed(&store, &both, when).await;
    save(&store, &issuer, &record).await;
    expect_record(&store, issuer.slot(), &record, when).await;
}
