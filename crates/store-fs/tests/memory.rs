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
    let session = record.to_session_string();
    let json = data_encoding::BASE64URL_NOPAD
        .decode(session.as_bytes())
        .unwrap();
    let base64 = std::str::from_utf8(&json)
        .unwrap()
        .split('"')
        .nth(3)
        .unwrap();
    let seed = data_encoding::BASE64.decode(base64.as_bytes()).unwrap();
    let needles = [
        ("the seed", &seed[..]),
        ("half of the seed", &seed[16..]),
        ("the seed in base64", &base64.as_bytes()[..40]),
        (
            "the part of the session string that holds it",
            &session.as_bytes()[28..80],
        ),
    ];
    let mut command = child("child_uses_sessions", store.directory());
    let mut child = Waiting::spawn(&mut command);
    child.until("holding");
    for what in [&needles[0], &needles[3]] {
        assert!(
            !child.holding(what.1).is_empty(),
            "{} is not found while it lives",
            what.0
        );
    }
    child.go_on();
    child.until("dropped");
    // the memory is read as before: the name of the issuer, which is no secret, is still found
    assert!(!child.holding(b"app.example").is_empty());
    for (what, needle) in needles {
        let found = child.holding(needle);
        assert!(found.is_empty(), "{what} is still there: {found:?}");
    }
    child.go_on();
    assert!(child.ended_well());
}
