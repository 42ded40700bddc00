//! The file store keeps the contract, and what it kept is there when it is opened again.
#![allow(clippy::unwrap_used)]

use session_core::SlotId;
use std::fs;
use store_fs::FsStore;
use store_testkit::Kept;
use tempfile::TempDir;

type Store = Kept<FsStore, TempDir>;

/// Leaves a file that is no record, whether the directory is there or not.
async fn spoil(store: &Store, slot: &SlotId) {
    let path = store.store().path_of(slot);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "no session").unwrap();
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

    store_testkit::store_contract!(open(), corrupt = spoil);
    store_testkit::store_durability!(open(), reopen = reopen);
}
