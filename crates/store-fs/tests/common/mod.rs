//! What the tests of the file store share: stores in temporary directories, and child processes
//! that are this test program itself.
#![allow(dead_code, reason = "no test program uses all of it")]
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

use cacao::{Policy, Provers, Requirement, UnixTime};
use didkey::Ed25519SigningKey;
use session_core::{ExpectedSlot, RecordTag, SessionRecord, SessionStore, Slot};
use std::path::{Path, PathBuf};
use std::process::Command;
use store_fs::FsStore;
use store_testkit::fixtures::TestIssuer;
use tempfile::TempDir;
use test_support::{this_test, with_sources};

pub(crate) type Record = SessionRecord<Ed25519SigningKey>;

/// An empty store, and the directory above it.
pub(crate) fn open() -> (FsStore, TempDir) {
    let home = tempfile::tempdir().unwrap();
    (FsStore::open(home.path().join("sessions")), home)
}

/// The names in a directory, sorted.
pub(crate) fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

pub(crate) async fn save(store: &FsStore, issuer: &TestIssuer, record: &Record) -> RecordTag {
    store
        .save(issuer.slot(), record, ExpectedSlot::Anything)
        .await
        .unwrap()
}

/// The record in a slot.
pub(crate) async fn record_of(store: &FsStore, issuer: &TestIssuer) -> Record {
    match store.load(issuer.slot()).await.unwrap() {
        Slot::Record { record, .. } => record,
        other => panic!("no record: {other:?}"),
    }
}

/// Why a slot is unreadable: the store's own error, and all of its text.
pub(crate) async fn reason(store: &FsStore, issuer: &TestIssuer) -> (&'static str, String) {
    match store.load(issuer.slot()).await.unwrap() {
        Slot::Unreadable { source, .. } => {
            let text = with_sources(&*source);
            (source.downcast::<store_fs::Error>().unwrap().code(), text)
        }
        other => panic!("not unreadable: {other:?}"),
    }
}

/// Fails unless the capability is what its issuer signed, for exactly this key.
pub(crate) fn assert_whole(record: &Record) {
    let capability = record.capability();
    let judged = capability.verify(
        &Provers::all_compiled_in(),
        &Policy::default(),
        &Requirement::any_domain().with_audience(record.key().did_key().as_str()),
        UnixTime::from_secs(1_800_000_000),
    );
    if let Err(error) = judged {
        panic!("the record is not whole: {error}");
    }
}

/// The n-th of a row of records, each with a key of its own; every other one is long.
pub(crate) async fn numbered(store: &FsStore, issuer: &TestIssuer, n: u64) -> Record {
    let many = if n.is_multiple_of(2) { 0 } else { 400 };
    issuer
        .record_with(store, &format!("nonce{n:08}"), |payload| {
            payload.with_resources((0..many).map(|m| format!("ceramic://*?model={m}")))
        })
        .await
}

/// The number of such a record.
pub(crate) fn number_of(record: &Record) -> u64 {
    let nonce = record.capability().payload().nonce();
    nonce.strip_prefix("nonce").unwrap().parse().unwrap()
}

const DIRECTORY: &str = "STORE_FS_TEST_DIRECTORY";

/// This test program once more, as a process of its own that runs one of its ignored tests.
pub(crate) fn child(test: &str, directory: &Path) -> Command {
    let mut command = this_test(test);
    command.env(DIRECTORY, directory);
    command
}

/// In a child: the directory that it works in. Elsewhere there is none.
pub(crate) fn directory_of_child() -> Option<PathBuf> {
    let directory = std::env::var_os(DIRECTORY);
    if directory.is_none() {
        println!("skipped: this is the child process of another test");
    }
    directory.map(PathBuf::from)
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    store_testkit::run(future)
}

/// Numbers that look random and are the same each time (xorshift).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        for shift in [13_i32, -7, 17] {
            let shifted = if shift > 0 {
                self.0 << shift
            } else {
                self.0 >> -shift
            };
            self.0 ^= shifted;
        }
        self.0 % limit
    }
}
