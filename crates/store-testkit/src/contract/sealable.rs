//! What a store promises of sealed records.

use crate::fixtures::TestIssuer;
use session_core::{ExpectedSlot, SealableStore, SealedRecord, SealedSlot, StoreError};
use std::convert::Infallible;

/// Sentence 3 of [`SealableStore`]: a record does not take the place of a sealed one, whether or
/// not there is a seal; what lies there stays, and may be removed.
///
/// # Panics
/// When a sealed record is replaced, or cannot be removed.
pub async fn sealable_03_no_record_in_place_of_a_sealed_one<S: SealableStore>(store: S) {
    let issuer = TestIssuer::ethereum();
    let record = issuer.record(&store, "nonce001").await;
    let (slot, other) = (issuer.slot(), issuer.slot_in("work"));
    let made = SealedRecord::seal([7; 16], slot, &record, |_| {
        Ok::<_, Infallible>(b"ciphertext".to_vec())
    });
    let Ok(sealed) = made;
    let saved = store.save_sealed(&sealed, ExpectedSlot::Absent).await;
    assert!(saved.is_ok(), "there is no seal that forbids it: {saved:?}");
    for expected in [ExpectedSlot::Anything, ExpectedSlot::Tag(sealed.tag())] {
        match store.save(slot, &record, expected).await {
            Err(StoreError::Medium { .. }) => {}
            other => panic!("a save in place of a sealed record ended with {other:?}"),
        }
        let SealedSlot::Sealed(found) = expect(store.load_sealed(slot).await) else {
            panic!("the sealed record has gone");
        };
        assert_eq!(found.as_bytes(), sealed.as_bytes(), "{expected:?}");
    }
    let asked = store.may_save(Some(slot)).await;
    assert!(asked.is_err(), "nothing plain is saved there: {asked:?}");
    let refused = store.save(slot, &record, ExpectedSlot::Absent).await;
    assert!(refused.is_err(), "the slot is not empty: {refused:?}");
    // the slots beside it are as free as before, and so is this one once it is empty
    expect(store.save(&other, &record, ExpectedSlot::Absent).await);
    assert!(expect(
        store.remove(slot, ExpectedSlot::Tag(sealed.tag())).await
    ));
    expect(store.may_save(Some(slot)).await);
    expect(store.may_save(None).await);
    expect(store.save(slot, &record, ExpectedSlot::Absent).await);
    // if there is a seal, a caller that is about to ask a wallet is told before it does
    assert!(expect(store.replace_seal(b"a seal", None).await));
    for place in [Some(slot), Some(&other), None] {
        match store.may_save(place).await {
            Err(StoreError::Medium { .. }) => {}
            said => panic!("a sealed store would save a plain record: {said:?}"),
        }
    }
}

fn expect<T>(outcome: Result<T, StoreError>) -> T {
    outcome.unwrap_or_else(|error| panic!("{error}"))
}
