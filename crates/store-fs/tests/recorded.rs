//! Directories that were written before there were profiles and evidence, recorded as they were:
//! they are read as ever, and what is written in them keeps its names and its form.
#![allow(clippy::unwrap_used, clippy::panic)]

use crate::common::{block_on, names};
use session_core::{ExpectedSlot, Listed, SessionStore, Slot, SlotId};
use std::fs;
use std::path::Path;
use store_fs::FsStore;
use store_testkit::fixtures::TestIssuer;
use tempfile::TempDir;

/// A copy of a recorded directory.
fn recorded(name: &str) -> TempDir {
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/recorded")
        .join(name);
    let home = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), home.path().join(entry.file_name())).unwrap();
    }
    home
}

/// Loads what lies in the slot and saves it again: the same file, to the byte unless it is sealed.
/// Then a profile is laid beside it, and taken away.
async fn laws(store: &FsStore, slot: &SlotId, same_bytes: bool) {
    let path = store.path_of(slot);
    let before = fs::read(&path).unwrap();
    let files = names(store.directory());
    let Slot::Record { record, tag } = store.load(slot).await.unwrap() else {
        panic!("{slot} has no record");
    };
    let payload = record.capability().payload();
    assert_eq!(payload.issuer(), slot.issuer());
    assert_eq!(record.key().did_key().as_str(), payload.audience());
    assert!(record.evidence().is_none() && slot.profile().is_default());
    let seen = ExpectedSlot::Tag(tag);
    store.save(slot, &record, seen).await.unwrap();
    assert_eq!(fs::read(&path).unwrap() == before, same_bytes);

    let work = slot.clone().with_profile("work".parse().unwrap());
    let absent = ExpectedSlot::Absent;
    store.save(&work, &record, absent).await.unwrap();
    assert!(store.remove(&work, ExpectedSlot::Anything).await.unwrap());
    let mut now = names(store.directory());
    now.retain(|name| name != ".locks");
    assert_eq!(
        now,
        files
            .into_iter()
            .filter(|name| name != ".locks")
            .collect::<Vec<_>>()
    );
    assert!(matches!(
        store.load(slot).await.unwrap(),
        Slot::Record { .. }
    ));
}

#[test]
fn plain_records_are_read_and_keep_their_form() {
    let home = recorded("plain");
    let store = FsStore::open(home.path());
    let issuers = [
        TestIssuer::ethereum(),
        TestIssuer::polygon(),
        TestIssuer::solana(),
    ];
    block_on(async {
        let mut listed = store.list().await.unwrap();
        listed.sort();
        let mut expected = issuers
            .clone()
            .map(|issuer| Listed::Slot(issuer.slot().clone()));
        expected.sort();
        assert_eq!(listed, expected);
        for issuer in &issuers {
            laws(&store, issuer.slot(), true).await;
        }
        for issuer in &issuers {
            let removed = store.remove_issuer(issuer.issuer()).await.unwrap();
            assert_eq!(removed.len(), 1, "{issuer:?}");
        }
        assert_eq!(names(store.directory()), [".locks"]);
    });
}
