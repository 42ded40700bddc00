//! Browsers that cannot keep a session key: refuse, or keep it in memory.

use crate::common::{fresh, fresh_builder, js, keys};
use session_core::{ExpectedSlot, Listed, SessionKey, SessionStore, Slot, StoreError};
use store_indexeddb::{IndexedDbError, IndexedDbStore, Unstorable};
use store_testkit::fixtures::TestIssuer;
use wasm_bindgen_test::wasm_bindgen_test;

/// Makes `put` of our databases fail as it does where a key cannot be cloned.
async fn break_cloning(store: &IndexedDbStore) {
    let body = "const original = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function (...parameters) {
          if (this.transaction.db.name === a) {
            throw new DOMException('a CryptoKey cannot be cloned here', 'DataCloneError');
          }
          return original.apply(this, parameters);
        }";
    js(body, &[&store.database().into()]).await;
}

#[wasm_bindgen_test]
async fn refused_by_default_and_the_old_record_stays() {
    let store = fresh();
    let issuer = TestIssuer::ethereum();
    let old = issuer.record(&store, "old00001").await;
    let tag = store
        .save(issuer.slot(), &old, ExpectedSlot::Absent)
        .await
        .unwrap();
    break_cloning(&store).await;
    let new = issuer.record(&store, "new00001").await;
    let error = store
        .save(issuer.slot(), &new, ExpectedSlot::Anything)
        .await
        .unwrap_err();
    let found = IndexedDbError::of(&error).unwrap();
    assert_eq!(found.code(), "key_not_storable");
    assert!(found.to_string().contains("cannot be cloned here"));
    let slot = store.load(issuer.slot()).await.unwrap();
    assert_eq!(slot.expected(), ExpectedSlot::Tag(tag));
}

#[wasm_bindgen_test]
async fn kept_in_memory_when_the_app_says_so() {
    let store = fresh_builder()
        .with_unstorable(Unstorable::KeepInMemory)
        .build()
        .unwrap();
    break_cloning(&store).await;
    let issuer = TestIssuer::ethereum();
    let first = issuer.record(&store, "first001").await;
    let tag = store
        .save(issuer.slot(), &first, ExpectedSlot::Absent)
        .await
        .unwrap();
    assert_eq!(keys(&store).await, "[]");
    let Slot::Record { record, .. } = store.clone().load(issuer.slot()).await.unwrap() else {
        panic!("no record");
    };
    assert_eq!(record.tag(), tag);
    record.key().sign(b"message").await.unwrap();
    assert_eq!(
        store.list().await.unwrap(),
        [Listed::Slot(issuer.slot().clone())]
    );
    // conditions hold here, too
    let second = issuer.record(&store, "second01").await;
    let absent = store
        .save(issuer.slot(), &second, ExpectedSlot::Absent)
        .await;
    assert!(matches!(absent, Err(StoreError::Conflict { .. })));
    store
        .save(issuer.slot(), &second, ExpectedSlot::Tag(tag))
        .await
        .unwrap();
    let stale = store
        .save(issuer.slot(), &first, ExpectedSlot::Tag(tag))
        .await;
    assert!(matches!(stale, Err(StoreError::Conflict { .. })));
    assert!(
        store
            .remove(issuer.slot(), ExpectedSlot::Anything)
            .await
            .unwrap()
    );
    assert!(matches!(
        store.load(issuer.slot()).await.unwrap(),
        Slot::Empty
    ));
}

/// Runs something where there is no IndexedDB at all.
async fn without_indexed_db<T>(doing: impl AsyncFnOnce() -> T) -> T {
    let hide = "globalThis.hidden = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB');
        Object.defineProperty(globalThis, 'indexedDB', { value: undefined, configurable: true })";
    js(hide, &[]).await;
    let done = doing().await;
    js(
        "Object.defineProperty(globalThis, 'indexedDB', globalThis.hidden)",
        &[],
    )
    .await;
    done
}

#[wasm_bindgen_test]
async fn without_any_storage() {
    let issuer = TestIssuer::ethereum();
    let refusing = fresh();
    let keeping = fresh_builder()
        .with_unstorable(Unstorable::KeepInMemory)
        .build()
        .unwrap();
    let (refused, kept) = without_indexed_db(async || {
        let refused = refusing.load(issuer.slot()).await;
        assert!(matches!(keeping.load(issuer.slot()).await, Ok(Slot::Empty)));
        let record = issuer.record(&keeping, "nonce001").await;
        keeping
            .save(issuer.slot(), &record, ExpectedSlot::Absent)
            .await
            .unwrap();
        (refused, keeping.load(issuer.slot()).await)
    })
    .await;
    let code = IndexedDbError::of(&refused.unwrap_err()).unwrap().code();
    assert_eq!(code, "storage_unavailable");
    assert!(matches!(kept, Ok(Slot::Record { .. })));
}
