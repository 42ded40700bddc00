//! The database as others left it, and nobody is kept waiting by us.

use crate::common::{drop_database, fresh, fresh_name, js, key_of, name_of, put, save_anyway};
use session_core::{ExpectedSlot, SessionStore, StoreError};
use store_indexeddb::{IndexedDbError, IndexedDbStore};
use store_testkit::fixtures::TestIssuer;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn no_path_leaves_a_connection_open() {
    let issuer = TestIssuer::ethereum();
    let at = issuer.slot();

    let store = fresh();
    store.load(at).await.unwrap();
    assert_eq!(
        drop_database(&store).await,
        "deleted",
        "an empty slot loaded"
    );
    store.remove(at, ExpectedSlot::Anything).await.unwrap();
    assert_eq!(drop_database(&store).await, "deleted", "nothing removed");
    store.list().await.unwrap();
    assert_eq!(drop_database(&store).await, "deleted", "an empty list");

    let record = issuer.record(&store, "nonce001").await;
    save_anyway(&store, at, &record).await;
    assert_eq!(drop_database(&store).await, "deleted", "saved");
    save_anyway(&store, at, &record).await;
    store.load(at).await.unwrap();
    assert_eq!(drop_database(&store).await, "deleted", "a record loaded");
    save_anyway(&store, at, &record).await;
    let conflict = store.save(at, &record, ExpectedSlot::Absent).await;
    assert!(conflict.is_err());
    assert_eq!(drop_database(&store).await, "deleted", "a conflict");
    put(&store, &key_of(issuer.issuer()), "{}").await;
    store.load(at).await.unwrap();
    assert_eq!(drop_database(&store).await, "deleted", "unreadable");

    let lock = store
        .lock_prompt(at, std::time::Duration::from_secs(1))
        .await;
    assert_eq!(drop_database(&store).await, "deleted", "a prompt lock held");
    drop(lock);
}

#[wasm_bindgen_test]
async fn a_caller_who_goes_away_leaves_no_connection_open() {
    use futures_util::future::{Either, select};
    let store = fresh();
    let issuer = TestIssuer::ethereum();
    let record = issuer.record(&store, "nonce001").await;
    // gone after nothing, after a microtask, and after some milliseconds
    for wait in [0, 0, 1, 2, 5, 10] {
        let delay = std::pin::pin!(async {
            match wait {
                0 => {}
                wait => futures_timer::Delay::new(std::time::Duration::from_millis(wait)).await,
            }
        });
        let saving = store.save(issuer.slot(), &record, ExpectedSlot::Anything);
        if let Either::Right((_, cancelled)) = select(saving, delay).await {
            drop(cancelled);
        }
        assert_eq!(drop_database(&store).await, "deleted", "after {wait} ms");
    }
    // and the database is as good as ever
    save_anyway(&store, issuer.slot(), &record).await;
    assert_eq!(store.list().await.unwrap().len(), 1);
}

fn found(error: &StoreError) -> &IndexedDbError {
    IndexedDbError::of(error).unwrap_or_else(|| panic!("{error:?}"))
}

async fn every_operation(store: &IndexedDbStore) -> [(&'static str, StoreError); 4] {
    let issuer = TestIssuer::ethereum();
    let record = issuer.record(store, "nonce001").await;
    let save = store.save(issuer.slot(), &record, ExpectedSlot::Anything);
    [
        ("save", save.await.unwrap_err()),
        ("load", store.load(issuer.slot()).await.unwrap_err()),
        (
            "remove",
            store
                .remove(issuer.slot(), ExpectedSlot::Anything)
                .await
                .unwrap_err(),
        ),
        ("list", store.list().await.unwrap_err()),
    ]
}

#[wasm_bindgen_test]
async fn a_newer_database_is_an_error_that_says_so() {
    let store = fresh();
    js("(await open(a, 2)).close()", &[&name_of(&store)]).await;
    for (operation, error) in every_operation(&store).await {
        let expected = IndexedDbError::NewerVersion {
            database: store.database().to_owned(),
            found: Some(2),
            known: 1,
        };
        assert_eq!(found(&error), &expected, "{operation}");
        assert_eq!(found(&error).code(), "database_newer");
        assert!(found(&error).to_string().contains("has version 2"));
    }
    assert_eq!(drop_database(&store).await, "deleted");
}

#[wasm_bindgen_test]
async fn a_database_without_the_object_store_is_an_error_that_says_so() {
    let store = fresh();
    let body = "const request = indexedDB.open(a, 1);
        request.onupgradeneeded = () => request.result.createObjectStore('something else');
        (await settled(request)).close()";
    js(body, &[&name_of(&store)]).await;
    for (operation, error) in every_operation(&store).await {
        let expected = IndexedDbError::NoObjectStore {
            database: store.database().to_owned(),
            expected: "sessions",
            found: vec!["something else".to_owned()],
        };
        assert_eq!(found(&error), &expected, "{operation}");
        assert_eq!(found(&error).code(), "database_foreign");
    }
    assert_eq!(drop_database(&store).await, "deleted");
}

#[wasm_bindgen_test]
async fn a_database_that_somebody_holds_on_to_is_an_error_in_time() {
    let store = fresh();
    // a connection that does not give way, and a deletion that waits for it
    let body = "globalThis.holding = await open(a);
        globalThis.deletion = indexedDB.deleteDatabase(a);
        await new Promise(resolve => { globalThis.deletion.onblocked = resolve });";
    js(body, &[&name_of(&store)]).await;
    let error = store.list().await.unwrap_err();
    assert!(
        matches!(found(&error), IndexedDbError::Blocked { .. }),
        "{error:?}"
    );
    assert_eq!(found(&error).code(), "database_blocked");
    // when the way is free again, what we left behind closes itself and has the object store
    let body = "globalThis.holding.close(); await settled(globalThis.deletion)";
    js(body, &[]).await;
    let stores = js(
        "const db = await open(a); const names = [...db.objectStoreNames]; db.close(); return names.join()",
        &[&name_of(&store)],
    )
    .await;
    assert_eq!(stores, "sessions");
    assert_eq!(drop_database(&store).await, "deleted");
}

#[wasm_bindgen_test]
async fn names_of_databases_are_told_in_errors() {
    let name = fresh_name();
    let store = IndexedDbStore::builder()
        .with_database(&name)
        .build()
        .unwrap();
    js("(await open(a, 3)).close()", &[&name_of(&store)]).await;
    let error = store.list().await.unwrap_err();
    assert!(error.to_string().contains(&name), "{error}");
}
