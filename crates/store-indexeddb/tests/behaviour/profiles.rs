//! Profiles that are not the default one: where they lie, and who hears of them.

use crate::common::{fresh, js, keys, name_of, save_anyway};
use session_core::{Evidence, Listed, SessionStore, Slot};
use std::cell::RefCell;
use std::rc::Rc;
use store_indexeddb::ChangeKind;
use store_testkit::fixtures::TestIssuer;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn a_named_profile_lies_in_a_database_of_its_own() {
    let store = fresh();
    let issuer = TestIssuer::ethereum();
    let record = issuer.record(&store, "nonce001").await;
    let work = issuer.slot_in("work");
    save_anyway(&store, &work, &record).await;
    assert_eq!(keys(&store).await, "[]");
    let profiles: JsValue = format!("{}-profiles", store.database()).into();
    let found = js(
        "const keys = await using(a, 'readonly', s => s.getAllKeys());
         const [value] = await using(a, 'readonly', s => s.getAll());
         return JSON.stringify([keys, Object.keys(value)])",
        &[&profiles],
    )
    .await;
    let account = issuer.issuer().account().unwrap();
    let expected = format!(r#"[["{account}@work"],["cacao","keypair"]]"#);
    assert_eq!(found.as_string().unwrap(), expected);

    // what lies in the wrong database is nobody's, and is left alone
    let stray = format!("{account}@home");
    js(
        "await using(a, 'readwrite', s => s.put('stray', b));
         await using(c, 'readwrite', s => s.put('stray', b.split('@')[0]));",
        &[&name_of(&store), &stray.as_str().into(), &profiles],
    )
    .await;
    let mut listed = store.list().await.unwrap();
    listed.sort();
    let mut expected = [
        Listed::Slot(work.clone()),
        Listed::Foreign(stray.clone()),
        Listed::Foreign(account.to_string()),
    ];
    expected.sort();
    assert_eq!(listed, expected);
    for slot in [issuer.slot(), &issuer.slot_in("home")] {
        assert!(matches!(store.load(slot).await.unwrap(), Slot::Empty));
    }
    let removed = store.remove_issuer(issuer.issuer()).await.unwrap();
    assert_eq!(removed, [work.profile().clone()]);
    assert_eq!(keys(&store).await, format!("[{stray:?}]"));
}

#[wasm_bindgen_test]
async fn a_change_tells_its_profile_and_not_to_those_who_know_none() {
    let store = fresh();
    let issuer = TestIssuer::solana();
    let work = issuer.slot_in("work");
    let record = issuer.record(&store, "nonce001").await;
    let heard = Rc::new(RefCell::new(Vec::new()));
    let kept = Rc::clone(&heard);
    let _subscription = store
        .on_change(move |change| kept.borrow_mut().push((change.slot, change.kind)))
        .unwrap();
    let body = "globalThis.oldEars = [];
        globalThis.oldChannel = new BroadcastChannel('did-session:' + a);
        globalThis.oldChannel.onmessage = event => globalThis.oldEars.push(event.data)";
    js(body, &[&name_of(&store)]).await;
    save_anyway(&store, &work, &record).await;
    save_anyway(&store, issuer.slot(), &record).await;
    store.remove_issuer(issuer.issuer()).await.unwrap();
    futures_timer::Delay::new(std::time::Duration::from_millis(100)).await;
    let mut heard = heard.borrow().clone();
    // two channels: only within one is there an order
    heard.sort_by(|(one, _), (other, _)| one.cmp(other));
    let expected = [issuer.slot(), &work]
        .map(|slot| [ChangeKind::Saved, ChangeKind::Removed].map(|kind| (slot.clone(), kind)));
    assert_eq!(heard, expected.concat());
    let old = js(
        "globalThis.oldChannel.close();
         return globalThis.oldEars.map(data => data.change + ' ' + (data.profile ?? '')).join()",
        &[],
    )
    .await;
    assert_eq!(old, "saved ,removed ");
}

#[wasm_bindgen_test]
async fn evidence_is_a_string_beside_the_record() {
    let store = fresh();
    let issuer = TestIssuer::ethereum();
    let evidence = Evidence::from_json(r#"{"block":"0x1"}"#).unwrap();
    let record = issuer.record(&store, "nonce001").await;
    save_anyway(&store, issuer.slot(), &record.with_evidence(evidence)).await;
    let shape = js(
        "const [value] = await using(a, 'readonly', s => s.getAll());
         return JSON.stringify([Object.keys(value), value.evidence])",
        &[&name_of(&store)],
    )
    .await;
    let expected = r#"[["cacao","keypair","evidence"],"{\"block\":\"0x1\"}"]"#;
    assert_eq!(shape, expected);
}
