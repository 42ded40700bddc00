//! The file store keeps the contract, and what it kept is there when it is opened again.
#![allow(clippy::unwrap_used)]

use crate::common::{block_on, child, directory_of_child};
use session_core::{SessionStore, SlotId};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;
use store_fs::FsStore;
use store_testkit::Kept;
use store_testkit::fixtures::TestIssuer;
use tempfile::TempDir;

type Store = Kept<FsStore, TempDir>;

/// Leaves a file that is no record, whether the directory is there or not.
async fn spoil(store: &Store, slot: &SlotId) {
    let path = store.store().path_of(slot);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "no session").unwrap();
}

/// Takes the lock in another process, which is killed while it holds it.
async fn crash(store: &Store, slot: &SlotId) {
    assert_eq!(slot, TestIssuer::ethereum().slot(), "the child's slot");
    let mut holder = child(
        "contract::child_holds_a_prompt_lock",
        store.store().directory(),
    )
    .stdout(Stdio::piped())
    .spawn()
    .unwrap();
    let lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    let locked = lines.map_while(Result::ok).any(|line| line == "locked");
    assert!(locked, "the child ended before it held the lock");
    holder.kill().unwrap();
    holder.wait().unwrap();
}

#[test]
#[ignore = "the child process of crash"]
fn child_holds_a_prompt_lock() {
    let Some(directory) = directory_of_child() else {
        return;
    };
    block_on(async {
        let store = FsStore::open(directory);
        let slot = TestIssuer::ethereum().slot().clone();
        let _lock = store
            .lock_prompt(&slot, Duration::from_secs(5))
            .await
            .unwrap();
        println!("\nlocked");
        std::future::pending::<()>().await;
    });
}

mod plain {
    use super::*;

    fn open() -> Store {
        let home = tempfile::tempdir().unwrap();
        Kept::new(FsStore::open(home.path().join("sessions")), home)
    }

    async fn reopen(store: Store) -> Store {
        store.reopen(|home| FsStore::open(home.path().join("sessions")))
    }

    store_testkit::store_contract!(
        open(),
        corrupt = spoil,
        crash = crash,
        never = [foreign_key, lossy, another]
    );
    store_testkit::store_durability!(open(), reopen = reopen);
    store_testkit::sealable_contract!(open());
}
