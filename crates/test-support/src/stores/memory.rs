//! Seeds that were dropped: a child process uses a store and drops it, its parent looks through its
//! memory.

use crate::{Waiting, say_and_wait};
use didkey::Ed25519SigningKey;
use session_core::{ExpectedSlot, SessionStore, Slot};
use std::process::Command;
use store_testkit::fixtures::TestIssuer;
use store_testkit::secrets_of;

/// In the child: reads the record and writes it, stops while it holds it, and once more. Say `dropped`
/// when the store is dropped, too.
pub async fn use_it(store: impl SessionStore<Key = Ed25519SigningKey>) {
    let issuer = TestIssuer::ethereum();
    for is_first in [true, false] {
        let Slot::Record { record, tag } = store.load(issuer.slot()).await.unwrap() else {
            panic!("there is no record");
        };
        let saved = store.save(issuer.slot(), &record, ExpectedSlot::Tag(tag));
        saved.await.unwrap();
        if is_first {
            say_and_wait("holding");
        }
    }
}

/// In the parent: saves the record; the spellings of its secrets that are found in the child after all
/// was dropped.
pub async fn found_after_drop(
    store: impl SessionStore<Key = Ed25519SigningKey>,
    child: &mut Command,
) -> Vec<String> {
    let issuer = TestIssuer::ethereum();
    let record = issuer.record(&store, "nonce001").await;
    let saved = store.save(issuer.slot(), &record, ExpectedSlot::Anything);
    saved.await.unwrap();
    let held = ["the seed, as it is"];
    // the name of the issuer is no secret
    Waiting::left_behind(child, &held, &secrets_of(&record), b"did:pkh")
}
