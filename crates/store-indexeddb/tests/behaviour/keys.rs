//! The session key signs and cannot be had.

use crate::common::{fresh, fresh_builder, js, key_of, name_of, run, save_anyway};
use session_core::{SessionKey, SessionStore, Slot, StoreError};
use store_indexeddb::{IndexedDbStore, WebCryptoAlgorithm};
use store_testkit::fixtures::TestIssuer;
use wasm_bindgen_test::wasm_bindgen_test;

async fn stored(store: &IndexedDbStore) -> TestIssuer {
    let issuer = TestIssuer::ethereum();
    let record = issuer.record(store, "nonce001").await;
    save_anyway(store, issuer.slot(), &record).await;
    issuer
}

#[wasm_bindgen_test]
async fn the_stored_private_key_cannot_be_exported() {
    let store = fresh();
    let issuer = stored(&store).await;
    let parameters = [&name_of(&store), &key_of(issuer.issuer())];
    let get = "const { privateKey } = (await using(a, 'readonly', s => s.get(b))).keypair;";
    for format in ["pkcs8", "jwk", "raw"] {
        let body = format!("{get} return crypto.subtle.exportKey('{format}', privateKey)");
        assert!(run(&body, &parameters).await.is_err(), "exportKey {format}");
    }
    let wrap = format!(
        "{get}
         const wrapping = await crypto.subtle.generateKey(
           {{ name: 'AES-GCM', length: 256 }}, true, ['wrapKey', 'unwrapKey']);
         const iv = crypto.getRandomValues(new Uint8Array(12));
         // the wrapping itself works
         const other = await crypto.subtle.generateKey(
           {{ name: 'ECDSA', namedCurve: 'P-256' }}, true, ['sign']);
         await crypto.subtle.wrapKey('pkcs8', other.privateKey, wrapping, {{ name: 'AES-GCM', iv }});
         try {{
           await crypto.subtle.wrapKey('pkcs8', privateKey, wrapping, {{ name: 'AES-GCM', iv }});
         }} catch (error) {{ return error.name }}"
    );
    let refused = js(&wrap, &parameters).await;
    assert_eq!(refused.as_string().as_deref(), Some("InvalidAccessError"));
    let json = format!("{get} return JSON.stringify(privateKey)");
    assert_eq!(js(&json, &parameters).await, "{}");
    let cloned = format!("{get} return structuredClone(privateKey).extractable");
    assert_eq!(js(&cloned, &parameters).await, false);
}

#[wasm_bindgen_test]
async fn what_it_signs_verifies_by_its_did() {
    for algorithm in [WebCryptoAlgorithm::P256, WebCryptoAlgorithm::Ed25519] {
        let store = fresh_builder().with_algorithm(algorithm).build().unwrap();
        let issuer = stored(&store).await;
        let Slot::Record { record, .. } = store.load(issuer.slot()).await.unwrap() else {
            panic!("{algorithm}: no record");
        };
        let (key, message) = (record.key(), b"a message");
        assert_eq!(key.algorithm(), algorithm);
        let public = key.did().public_key();
        let jose = public.key_type().algorithm().unwrap();
        let signature = key.sign(message).await.unwrap();
        public.verify(jose, message, signature.as_ref()).unwrap();
        assert!(public.verify(jose, b"another", signature.as_ref()).is_err());
        assert!(!format!("{key:?}").contains("private"), "{key:?}");
    }
}

#[wasm_bindgen_test]
fn ed25519_keys_have_a_database_of_their_own() {
    let ed25519 = || IndexedDbStore::builder().with_algorithm(WebCryptoAlgorithm::Ed25519);
    assert_eq!(IndexedDbStore::new().database(), "did-session");
    assert_eq!(ed25519().build().unwrap().database(), "did-session-ed25519");
    let shared = ed25519().with_database("did-session").build();
    assert!(matches!(shared, Err(StoreError::Key { .. })), "{shared:?}");
}
