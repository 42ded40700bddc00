//! Sessions: strings both ways, and finding the one that is kept.

use crate::Row;
use crate::fixtures::{NOW, context, raw_parts, request, runtime, session, wallet};
use crate::raw::recover_address;
use cacao::Provers;
use data_encoding::BASE64URL_NOPAD;
use didkey::Ed25519SigningKey;
use serde_json::Value;
use session_core::{
    Context, DidSession, ManualClock, SessionRecord, SessionStore, Sessions, SlotId,
};
use std::hint::black_box;
use store_fs::FsStore;
use store_memory::MemoryStore;

pub(super) fn rows() -> Vec<Row> {
    let session = session();
    let string = session.serialize().to_string();
    let (digest, rs, odd) = raw_parts(session.cacao());
    let mut rows = Vec::new();
    let (ours, seed) = (string.clone(), session.key().to_seed());
    rows.push(Row::new(
        "F16",
        "session restored, capability not checked",
        "key expanded from its seed",
        move || SessionRecord::from_session_string_unverified(black_box(&ours)).unwrap(),
        move || ed25519_dalek::SigningKey::from_bytes(black_box(&seed)),
    ));
    let (ours, context) = (string.clone(), context());
    rows.push(Row::new(
        "F17",
        "session restored, capability checked",
        "recover + address",
        move || DidSession::from_session(&context, black_box(&ours)).unwrap(),
        move || recover_address(&digest, &rs, odd),
    ));
    let json = BASE64URL_NOPAD.decode(string.as_bytes()).unwrap();
    let value: Value = serde_json::from_slice(&json).unwrap();
    rows.push(Row::new(
        "F18",
        "session serialized",
        "serde_json + base64url of the same value",
        move || session.serialize(),
        move || BASE64URL_NOPAD.encode(&serde_json::to_vec(black_box(&value)).unwrap()),
    ));
    rows.extend(found(&string));
    rows
}

/// `Sessions::get` that finds what it looks for.
fn found(string: &str) -> Vec<Row> {
    let restored = || {
        let (string, context) = (string.to_owned(), context());
        move || DidSession::<Ed25519SigningKey>::from_session(&context, black_box(&string)).unwrap()
    };
    let mut rows = vec![Row::new(
        "get-memory",
        "Sessions::get hit, in memory",
        "session restored, capability checked",
        get(MemoryStore::new(), context(), string),
        restored(),
    )];

    let remembering = Context::new(
        ManualClock::new(NOW),
        Provers::all_compiled_in().with_memory(64),
    );
    let (store, runtime) = (MemoryStore::new(), runtime());
    let slot = slot_of(string);
    let get_known = get(store.clone(), remembering, string);
    rows.push(Row::new(
        "get-memory-known",
        "Sessions::get hit, in memory, verdict known",
        "SessionStore::load",
        get_known,
        move || runtime.block_on(store.load(&slot)).unwrap(),
    ));

    let directory = tempfile::tempdir().unwrap();
    let store = FsStore::open(directory.path().join("sessions"));
    let (path, restore) = (store.path_of(&slot_of(string)), restored());
    let ours = get(store, context(), string);
    rows.push(
        Row::new(
            "get-fs",
            "Sessions::get hit, on disk",
            "std::fs::read + session restored, capability checked",
            ours,
            move || {
                let _kept = &directory;
                (std::fs::read(&path).unwrap(), restore())
            },
        )
        .waiting(),
    );
    rows
}

fn slot_of(string: &str) -> SlotId {
    DidSession::<Ed25519SigningKey>::from_session(&context(), string)
        .unwrap()
        .issuer()
        .into()
}

/// Puts the session where it will be found, and finds it.
fn get<S>(store: S, context: Context, string: &str) -> impl FnMut() + 'static
where
    S: SessionStore<Key = Ed25519SigningKey> + 'static,
{
    let sessions = Sessions::with_context(store, context);
    let session = DidSession::from_session(&crate::fixtures::context(), string).unwrap();
    let (runtime, wallet, request) = (runtime(), wallet(), request());
    runtime.block_on(sessions.put(&session)).unwrap();
    move || {
        let found = runtime.block_on(sessions.get(&wallet, &request)).unwrap();
        black_box(found);
    }
}
