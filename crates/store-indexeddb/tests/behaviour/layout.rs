//! The layout that the npm package `did-session` reads and writes.

use crate::common::{fresh, js, keys, name_of, save_anyway};
use cacao::Issuer;
use session_core::{SessionStore, Slot};
use store_testkit::fixtures::TestIssuer;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn a_record_is_what_other_software_expects() {
    let store = fresh();
    let issuer = TestIssuer::ethereum_in_checksum_case();
    let record = issuer.record(&store, "nonce001").await;
    save_anyway(&store, issuer.slot(), &record).await;
    let shape = js(
        "const [key] = await using(a, 'readonly', s => s.getAllKeys());
         const [value] = await using(a, 'readonly', s => s.getAll());
         const db = await open(a);
         const database = [db.version, [...db.objectStoreNames]];
         const store = db.transaction('sessions').objectStore('sessions');
         const properties = [store.keyPath, store.autoIncrement, [...store.indexNames]];
         db.close();
         const half = k => [k.constructor.name, k.type, k.extractable, k.algorithm, k.usages];
         const { cacao, keypair } = value;
         return JSON.stringify([
           database, properties, key === key.toLowerCase(), Object.keys(value),
           Object.keys(cacao), cacao.h, Object.keys(cacao.p), cacao.p.resources, Object.keys(cacao.s),
           Object.keys(keypair), half(keypair.privateKey), half(keypair.publicKey),
         ])",
        &[&name_of(&store)],
    )
    .await
    .as_string()
    .unwrap();
    assert_eq!(
        shape,
        concat!(
            r#"[[1,["sessions"]],[null,false,[]],true,["cacao","keypair"],"#,
            r#"["h","p","s"],{"t":"eip4361"},"#,
            r#"["domain","iat","iss","aud","version","nonce","exp","statement","resources"],"#,
            r#"["ceramic://*"],["t","s"],["privateKey","publicKey"],"#,
            r#"["CryptoKey","private",false,{"name":"ECDSA","namedCurve":"P-256"},["sign"]],"#,
            r#"["CryptoKey","public",true,{"name":"ECDSA","namedCurve":"P-256"},[]]]"#,
        )
    );
}

#[wasm_bindgen_test]
async fn keys_are_account_ids_and_dids_of_passkeys() {
    for issuer in TestIssuer::each() {
        let store = fresh();
        let record = issuer.record(&store, "nonce001").await;
        save_anyway(&store, issuer.slot(), &record).await;
        let expected = match issuer.issuer() {
            Issuer::Pkh(account) => account.to_string(),
            other => other.did(),
        };
        assert_eq!(keys(&store).await, format!("[{expected:?}]"));
    }
}

#[wasm_bindgen_test]
async fn bytes_are_byte_arrays_and_come_back() {
    let store = fresh();
    let issuer = TestIssuer::passkey();
    let record = issuer.record(&store, "nonce001").await;
    save_anyway(&store, issuer.slot(), &record).await;
    let class = js(
        "const [{ cacao }] = await using(a, 'readonly', s => s.getAll());
         return cacao.s.m.aad.constructor.name",
        &[&name_of(&store)],
    )
    .await;
    assert_eq!(class, "Uint8Array");
    let Slot::Record { record: found, tag } = store.load(issuer.slot()).await.unwrap() else {
        panic!("no record");
    };
    assert_eq!(found.capability(), record.capability());
    assert_eq!(tag, record.tag());
}
