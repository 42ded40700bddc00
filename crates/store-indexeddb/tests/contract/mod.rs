//! The contract of `SessionStore`, for each kind of store that this crate makes.

mod p256 {
    use crate::common::{corrupt, fresh};

    store_testkit::store_contract!(
        fresh(),
        corrupt = corrupt,
        never = [foreign_key, lossy, another]
    );
    store_testkit::store_durability!(fresh(), reopen = crate::contract::reopen);
}

mod ed25519 {
    use crate::common::{corrupt, fresh_builder};
    use store_indexeddb::{IndexedDbStore, WebCryptoAlgorithm};

    fn fresh() -> IndexedDbStore {
        let algorithm = WebCryptoAlgorithm::Ed25519;
        fresh_builder().with_algorithm(algorithm).build().unwrap()
    }

    store_testkit::store_contract!(
        fresh(),
        corrupt = corrupt,
        never = [foreign_key, lossy, another]
    );
}

mod lease {
    use crate::common::{corrupt, fresh_builder};
    use store_indexeddb::IndexedDbStore;

    fn fresh() -> IndexedDbStore {
        fresh_builder().without_web_locks().build().unwrap()
    }

    store_testkit::store_contract!(
        fresh(),
        corrupt = corrupt,
        never = [foreign_key, lossy, another]
    );
}

mod revocations {
    use crate::common::{fresh, js};
    use session_core::SessionStore as _;
    use session_core::revoke::Revocations as _;
    use store_indexeddb::IndexedDbRevocations;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn open() -> IndexedDbRevocations {
        fresh().revocations().clone()
    }

    store_testkit::revocations_contract!(open());

    async fn databases() -> String {
        let names = "return JSON.stringify((await indexedDB.databases()).map(d => d.name))";
        js(names, &[]).await.as_string().unwrap()
    }

    /// Sentence 6; and what asks leaves no trace.
    #[wasm_bindgen_test]
    async fn what_is_damaged_is_an_error_and_asking_makes_no_database() {
        let store = fresh();
        let issuer = store_testkit::fixtures::TestIssuer::ethereum();
        let record = issuer.record(&store, "nonce001").await;
        let (revocations, capability) = (store.revocations(), record.capability());
        assert!(!revocations.is_revoked(capability).await.unwrap());
        assert!(!databases().await.contains(revocations.database()));
        for damaged in ["'did-session-revocations 1'", "{}", "''"] {
            let body = format!(
                "const request = indexedDB.open(a, 1);
                 request.onupgradeneeded = () => request.result.createObjectStore('revocations');
                 const db = await settled(request);
                 const ledger = db.transaction('revocations', 'readwrite').objectStore('revocations');
                 await settled(ledger.put({damaged}, 'ledger'));
                 db.close();"
            );
            js(&body, &[&revocations.database().into()]).await;
            let error = revocations.is_revoked(capability).await.unwrap_err();
            assert_eq!(error.code(), "store_failed", "{damaged}");
            let purged = revocations.purge(cacao::UnixTime::EPOCH).await;
            assert_eq!(purged.unwrap_err().code(), "store_failed", "{damaged}");
        }
        assert!(store.list().await.unwrap().is_empty());
    }
}

/// Another store over the same database. That a record outlives the page is a test of the whole
/// package, where a page can be left.
async fn reopen(store: store_indexeddb::IndexedDbStore) -> store_indexeddb::IndexedDbStore {
    let database = store.database().to_owned();
    drop(store);
    store_indexeddb::IndexedDbStore::builder()
        .with_database(database)
        .build()
        .unwrap()
}
