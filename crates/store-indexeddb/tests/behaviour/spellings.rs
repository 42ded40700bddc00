//! One account, one session, however its id is spelled in the database.

use crate::common::{fresh, js, key_of, keys, name_of, put, save_anyway};
use cacao::Issuer;
use session_core::{ExpectedSlot, Listed, SessionStore, Slot, StoreError};
use store_indexeddb::{IndexedDbStore, WebCryptoKey};
use store_testkit::fixtures::TestIssuer;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

/// The spelling of a page that passed the address on as its wallet gave it.
fn checksum_key() -> JsValue {
    let issuer = TestIssuer::ethereum_in_checksum_case();
    let Issuer::Pkh(account) = issuer.issuer() else {
        panic!("no account");
    };
    account.as_str().into()
}

/// Puts a record that was issued then under a key.
async fn stored_under(store: &IndexedDbStore, key: &JsValue, nonce: &str, issued: &str) {
    let issuer = TestIssuer::ethereum();
    // made in another database, so that nothing else happens in this one
    let elsewhere = fresh();
    let record = issuer.record(&elsewhere, nonce).await;
    save_anyway(&elsewhere, issuer.slot(), &record).await;
    let databases = js_sys::Array::of3(&name_of(&elsewhere), &name_of(store), &issued.into());
    js(
        "const value = await using(a[0], 'readonly', s => s.get(b));
         value.cacao.p.iat = a[2];
         await using(a[1], 'readwrite', s => s.put(value, c));",
        &[&databases, &key_of(issuer.issuer()), key],
    )
    .await;
}

fn nonce_of(slot: &Slot<WebCryptoKey>) -> &str {
    match slot {
        Slot::Record { record, .. } => record.capability().payload().nonce(),
        other => panic!("{other:?}"),
    }
}

const EARLY: &str = "2024-01-01T00:00:00.000Z";
const LATE: &str = "2024-02-01T00:00:00.000Z";

#[wasm_bindgen_test]
async fn a_record_under_another_spelling_is_found_and_replaced() {
    let store = fresh();
    let issuer = TestIssuer::ethereum();
    stored_under(&store, &checksum_key(), "elsewhere", EARLY).await;
    let slot = store.load(issuer.slot()).await.unwrap();
    assert_eq!(nonce_of(&slot), "elsewhere");
    assert_eq!(
        store.list().await.unwrap(),
        [Listed::Slot(issuer.slot().clone())]
    );
    let record = issuer.record(&store, "ours0001").await;
    store
        .save(issuer.slot(), &record, slot.expected())
        .await
        .unwrap();
    let canonical = key_of(issuer.issuer()).as_string().unwrap();
    assert_eq!(keys(&store).await, format!("[{canonical:?}]"));
}

#[wasm_bindgen_test]
async fn of_several_spellings_the_one_issued_last_counts() {
    let issuer = TestIssuer::ethereum();
    let (canonical, checksum) = (key_of(issuer.issuer()), checksum_key());
    for (first, second, newest) in [(EARLY, LATE, "checksum"), (LATE, EARLY, "canonical")] {
        let store = fresh();
        stored_under(&store, &canonical, "canonical", first).await;
        stored_under(&store, &checksum, "checksum", second).await;
        let slot = store.load(issuer.slot()).await.unwrap();
        assert_eq!(nonce_of(&slot), newest);
    }
}

#[wasm_bindgen_test]
async fn an_unreadable_spelling_does_not_hide_a_readable_one() {
    let issuer = TestIssuer::ethereum();
    let store = fresh();
    stored_under(&store, &checksum_key(), "readable", EARLY).await;
    put(&store, &key_of(issuer.issuer()), "42").await;
    let slot = store.load(issuer.slot()).await.unwrap();
    assert_eq!(nonce_of(&slot), "readable");
}

#[wasm_bindgen_test]
async fn a_record_that_can_never_work_does_not_hide_one_that_can() {
    let issuer = TestIssuer::ethereum();
    let (canonical, checksum) = (key_of(issuer.issuer()), checksum_key());
    let store = fresh();
    stored_under(&store, &checksum, "usable", EARLY).await;
    stored_under(&store, &canonical, "foreign", LATE).await;
    // issued later, for a key that is not here
    js(
        "const value = await using(a, 'readonly', s => s.get(b));
         const other = await crypto.subtle.generateKey(
           { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
         value.keypair = { privateKey: other.privateKey, publicKey: other.publicKey };
         await using(a, 'readwrite', s => s.put(value, b));",
        &[&name_of(&store), &canonical],
    )
    .await;
    let slot = store.load(issuer.slot()).await.unwrap();
    assert_eq!(nonce_of(&slot), "usable");
}

#[wasm_bindgen_test]
async fn remove_leaves_no_spelling_behind() {
    let issuer = TestIssuer::ethereum();
    let store = fresh();
    stored_under(&store, &key_of(issuer.issuer()), "canonical", EARLY).await;
    stored_under(&store, &checksum_key(), "checksum", LATE).await;
    put(&store, &"another key".into(), "'not ours'").await;
    assert!(
        store
            .remove(issuer.slot(), ExpectedSlot::Anything)
            .await
            .unwrap()
    );
    assert_eq!(keys(&store).await, r#"["another key"]"#);
    assert!(
        !store
            .remove(issuer.slot(), ExpectedSlot::Anything)
            .await
            .unwrap()
    );
}

#[wasm_bindgen_test]
async fn a_record_that_appears_under_another_spelling_is_a_conflict() {
    let issuer = TestIssuer::ethereum();
    let store = fresh();
    stored_under(&store, &checksum_key(), "appeared", EARLY).await;
    let record = issuer.record(&store, "ours0001").await;
    let saved = store
        .save(issuer.slot(), &record, ExpectedSlot::Absent)
        .await;
    assert!(
        matches!(saved, Err(StoreError::Conflict { .. })),
        "{saved:?}"
    );
    // and so is a newer one beside the one that was loaded
    let slot = store.load(issuer.slot()).await.unwrap();
    stored_under(&store, &key_of(issuer.issuer()), "newer", LATE).await;
    let saved = store.save(issuer.slot(), &record, slot.expected()).await;
    assert!(
        matches!(saved, Err(StoreError::Conflict { .. })),
        "{saved:?}"
    );
}

#[wasm_bindgen_test]
async fn keys_that_are_no_issuer_are_listed_as_foreign() {
    let store = fresh();
    let issuer = TestIssuer::polygon();
    let record = issuer.record(&store, "nonce001").await;
    save_anyway(&store, issuer.slot(), &record).await;
    put(&store, &JsValue::from_f64(7.0), "1").await;
    put(&store, &"eip155:1:0x12".into(), "1").await;
    put(&store, &js_sys::Array::of1(&"x".into()), "1").await;
    let listed = store.list().await.unwrap();
    assert_eq!(listed.len(), 4, "{listed:?}");
    assert!(listed.contains(&Listed::Slot(issuer.slot().clone())));
    let foreign = listed.iter().filter(|l| matches!(l, Listed::Foreign(_)));
    assert_eq!(foreign.count(), 3, "{listed:?}");
}
