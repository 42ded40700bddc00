//! A seed that was dropped is in no heap page of the process, raw or encoded. A child process uses
//! sessions and drops them; its parent, who knows the seed, looks through the child's memory.
//!
//! What an optimiser leaves behind is what counts: `cargo test --release -p store-fs --test memory`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod common;

use cacao::{Provers, eip191::Eip191};
use common::{block_on, child, directory_of_child, save};
use session_core::{Context, DidSession, SessionStore, Sessions, Slot};
use std::fs::{self, File};
use store_fs::FsStore;
use store_testkit::fixtures::TestIssuer;
use store_testkit::secrets_of;
use test_support::{Waiting, say_and_wait};

#[test]
#[ignore = "the child process of a_dropped_seed_is_in_no_page"]
fn child_uses_sessions() {
    let Some(directory) = directory_of_child() else {
        return;
    };
    let (store, issuer) = (FsStore::open(directory), TestIssuer::ethereum());
    let context = Context::with_system_clock(Provers::none().with(Eip191).unwrap());
    block_on(async {
        let Slot::Record { record, tag } = store.load(issuer.slot()).await.unwrap() else {
            panic!("there is no record");
        };
        let text = record.to_session_string();
        say_and_wait("holding");
        drop(record);
        let session = DidSession::from_session(&context, &text).unwrap();
        drop(text);
        // whatever an application does with it
        let payload = serde_json::json!({ "hello": "world" });
        session.create_jws(&payload).await.unwrap();
        let again = DidSession::from_session(&context, &session.clone().serialize()).unwrap();
        again.clone().erase().create_jws(&payload).await.unwrap();
        drop((session, again));
        let sessions = Sessions::with_context(store.clone(), context);
        let loaded = sessions.load(issuer.issuer()).await.unwrap();
        loaded.create_jws(&payload).await.unwrap();
        drop(loaded);
        let Slot::Record { record, .. } = store.load(issuer.slot()).await.unwrap() else {
            panic!("there is no record");
        };
        let expected = session_core::ExpectedSlot::Tag(tag);
        store.save(issuer.slot(), &record, expected).await.unwrap();
        drop(record);
        // texts that are no session: what was read of them is wiped, too
        let path = store.path_of(issuer.slot());
        let cut = fs::metadata(&path).unwrap().len() - 9;
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(cut)
            .unwrap();
        let slot = store.load(issuer.slot()).await.unwrap();
        assert!(matches!(slot, Slot::Unreadable { .. }));
        drop(slot);
    });
    say_and_wait("dropped");
}

#[test]
fn a_dropped_seed_is_in_no_page() {
    let (store, _home) = common::open();
    let issuer = TestIssuer::ethereum();
    let record = block_on(async {
        let record = issuer.record(&store, "nonce001").await;
        save(&store, &issuer, &record).await;
        record
    });
    let mut command = child("child_uses_sessions", store.directory());
    let held = ["the seed, as it is", "the session string, as it is"];
    // the domain is no secret
    let mut secrets = secrets_of(&record);
    let half = record.key().to_seed()[16..].to_vec();
    secrets.push(("half of the seed".to_owned(), half));
    let found = Waiting::left_behind(&mut command, &held, &secrets, b"app.example");
    assert_eq!(found, [""; 0]);
}
