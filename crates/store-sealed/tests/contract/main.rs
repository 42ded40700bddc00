//! A sealed store over memory and over files: the contract, and what is promised beyond it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod attacks;
mod common;
mod files;
mod keys;
#[cfg(target_os = "linux")]
mod memory;
mod recorded;
mod rekey;

/// The contract of stores.
mod over_memory {
    use super::common::{key, spoil_memory};
    use store_memory::MemoryStore;
    use store_sealed::SealedStore;

    async fn open() -> SealedStore<MemoryStore> {
        SealedStore::create(MemoryStore::new(), &key(7))
            .await
            .unwrap()
    }

    store_testkit::store_contract!(open().await, corrupt = spoil_memory);
}

/// The same on a disk.
mod over_files {
    use super::common::key;
    use session_core::SlotId;
    use std::fs;
    use store_fs::FsStore;
    use store_sealed::SealedStore;
    use store_testkit::Kept;
    use tempfile::TempDir;

    type Store = Kept<SealedStore<FsStore>, TempDir>;

    async fn open_in(home: &TempDir) -> SealedStore<FsStore> {
        let inner = FsStore::open(home.path().join("sessions"));
        SealedStore::open_or_create(inner, &key(7)).await.unwrap()
    }

    async fn open() -> Store {
        let home = tempfile::tempdir().unwrap();
        Kept::new(open_in(&home).await, home)
    }

    async fn spoil(store: &Store, slot: &SlotId) {
        let path = store.store().inner().sealed_path_of(slot);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "no session").unwrap();
    }

    async fn reopen(store: Store) -> Store {
        let id = store.store().id();
        let kept = store.reopen(|home| home.path().join("sessions"));
        let inner = FsStore::open(kept.store());
        let store = SealedStore::open(inner, &key(7)).await.unwrap();
        let store = store.expect_id(id).unwrap();
        // the guard goes on with the new store
        kept.reopen(|_| store)
    }

    store_testkit::store_contract!(open().await, corrupt = spoil);
    store_testkit::store_durability!(open().await, reopen = reopen);
}
