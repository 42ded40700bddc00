//! The contract of `SessionStore`, for each kind of store that this crate makes.

mod p256 {
    use crate::common::{corrupt, fresh};

    store_testkit::store_contract!(fresh(), corrupt = corrupt);
    store_testkit::store_durability!(fresh(), reopen = crate::contract::reopen);
}

mod ed25519 {
    use crate::common::{corrupt, fresh_builder};
    use store_indexeddb::{IndexedDbStore, WebCryptoAlgorithm};

    fn fresh() -> IndexedDbStore {
        let algorithm = WebCryptoAlgorithm::Ed25519;
        fresh_builder().algorithm(algorithm).build().unwrap()
    }

    store_testkit::store_contract!(fresh(), corrupt = corrupt);
}

mod lease {
    use crate::common::{corrupt, fresh_builder};
    use store_indexeddb::IndexedDbStore;

    fn fresh() -> IndexedDbStore {
        fresh_builder().without_web_locks().build().unwrap()
    }

    store_testkit::store_contract!(fresh(), corrupt = corrupt);
}

/// Another store over the same database. That a record outlives the page is a test of the whole
/// package, where a page can be left.
async fn reopen(store: store_indexeddb::IndexedDbStore) -> store_indexeddb::IndexedDbStore {
    let database = store.database().to_owned();
    drop(store);
    store_indexeddb::IndexedDbStore::builder()
        .database(database)
        .build()
        .unwrap()
}
