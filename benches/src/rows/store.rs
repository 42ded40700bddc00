//! The stores, beside the same bytes written and read by hand.

use crate::Row;
use crate::fixtures::{runtime, session};
use session_core::{ExpectedSlot, SessionRecord, SessionStore, SlotId};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use store_fs::FsStore;
use store_memory::MemoryStore;

type Record = SessionRecord<didkey::Ed25519SigningKey>;

/// The record that is kept, its slot and its text.
#[must_use]
pub fn record() -> (SlotId, SessionRecord<didkey::Ed25519SigningKey>, Vec<u8>) {
    let session = session();
    let string = session.serialize();
    let record = SessionRecord::from_session_string_unverified(&string).unwrap();
    (session.issuer().into(), record, string.as_bytes().to_vec())
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = vec![put_beside_hand(), get_beside_hand()];
    rows.extend(memory());
    rows
}

/// Saves through the file store.
fn put(directory: &Path) -> impl FnMut() + 'static {
    let (slot, record, _) = record();
    let (store, runtime) = (FsStore::open(directory.join("store")), runtime());
    move || {
        runtime
            .block_on(store.save(&slot, &record, ExpectedSlot::Anything))
            .unwrap();
    }
}

fn put_beside_hand() -> Row {
    let directory = tempfile::tempdir().unwrap();
    let ours = put(directory.path());
    let (_, _, bytes) = record();
    let (plain, runtime) = (directory.path().join("plain"), runtime());
    fs::create_dir(&plain).unwrap();
    Row::new(
        "S6",
        "durable put, file store",
        "one spawn_blocking around write, fsync, rename, fsync of the directory",
        ours,
        move || {
            let _kept = &directory;
            let (plain, bytes) = (plain.clone(), bytes.clone());
            let by_hand = move || {
                let staged = plain.join("staged");
                let mut file = File::create(&staged).unwrap();
                file.write_all(&bytes).unwrap();
                file.sync_all().unwrap();
                fs::rename(&staged, plain.join("record")).unwrap();
                File::open(&plain).unwrap().sync_all().unwrap();
            };
            runtime
                .block_on(async { tokio::task::spawn_blocking(by_hand).await })
                .unwrap();
        },
    )
    .waiting()
}

fn get_beside_hand() -> Row {
    let directory = tempfile::tempdir().unwrap();
    put(directory.path())();
    let (slot, ..) = record();
    let store = FsStore::open(directory.path().join("store"));
    let (file, ours, by_hands) = (store.path_of(&slot), runtime(), runtime());
    Row::new(
        "S6-get",
        "get, file store",
        "one spawn_blocking around std::fs::read and reading the record",
        move || ours.block_on(store.load(&slot)).unwrap(),
        move || {
            let _kept = &directory;
            let file = file.clone();
            let by_hand = move || {
                let text = fs::read_to_string(file).unwrap();
                Record::from_session_string_unverified(&text).unwrap()
            };
            by_hands
                .block_on(async { tokio::task::spawn_blocking(by_hand).await })
                .unwrap()
        },
    )
    .waiting()
}

fn memory() -> Vec<Row> {
    let (slot, record, bytes) = record();
    let store = MemoryStore::new();
    let (name, bytes): (String, Arc<[u8]>) = (slot.issuer().did(), bytes.into());
    let map: Arc<RwLock<HashMap<String, Arc<[u8]>>>> = Arc::default();
    map.write()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(name.clone(), Arc::clone(&bytes));
    crate::fixtures::block_on(store.save(&slot, &record, ExpectedSlot::Anything)).unwrap();
    let (getting, of_get, runtime_of_get) = (store.clone(), slot.clone(), runtime());
    let (read, named, runtime_of_put) = (Arc::clone(&map), name.clone(), runtime());
    vec![
        Row::new(
            "S7-get",
            "get, memory store",
            "RwLock<HashMap<String, Arc<[u8]>>>",
            move || runtime_of_get.block_on(getting.load(&of_get)).unwrap(),
            move || {
                let map = read.read().unwrap_or_else(PoisonError::into_inner);
                map.get(&named).cloned()
            },
        ),
        Row::new(
            "S7-put",
            "put, memory store",
            "RwLock<HashMap<String, Arc<[u8]>>>",
            move || {
                runtime_of_put
                    .block_on(store.save(&slot, &record, ExpectedSlot::Anything))
                    .unwrap()
            },
            move || {
                let mut map = map.write().unwrap_or_else(PoisonError::into_inner);
                map.insert(name.clone(), Arc::clone(&bytes))
            },
        ),
    ]
}
