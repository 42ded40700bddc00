//! What the tests in windows and workers share: databases of their own, and JavaScript that does
//! what our code never would.
#![allow(dead_code)]

use cacao::Issuer;
use js_sys::{Array, Function, Promise};
use session_core::{SessionStore, SlotId};
use std::cell::Cell;
use store_indexeddb::{Builder, IndexedDbStore};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

thread_local!(static COUNT: Cell<u32> = const { Cell::new(0) });

/// A name that no other test, and no other run in this browser profile, uses.
pub(crate) fn fresh_name() -> String {
    let count = COUNT.replace(COUNT.get() + 1);
    format!("test-{}-{count}", js_sys::Math::random())
}

/// An empty store over a database of its own.
pub(crate) fn fresh() -> IndexedDbStore {
    fresh_builder().build().unwrap()
}

pub(crate) fn fresh_builder() -> Builder {
    IndexedDbStore::builder().with_database(fresh_name())
}

/// Runs the body of an async JavaScript function; `args` are its parameters `a`, `b`, `c`.
pub(crate) async fn run(body: &str, args: &[&JsValue]) -> Result<JsValue, JsValue> {
    let source = format!("return (async () => {{ {PRELUDE} {body} }})()");
    let function = Function::new_with_args("a, b, c", &source);
    let args: Array = args.iter().map(|arg| (*arg).clone()).collect();
    let promise: Promise = function.apply(&JsValue::UNDEFINED, &args)?.unchecked_into();
    JsFuture::from(promise).await
}

pub(crate) async fn js(body: &str, args: &[&JsValue]) -> JsValue {
    run(body, args)
        .await
        .unwrap_or_else(|error| panic!("{error:?} in {body}"))
}

/// `with(database, mode, use)`: one request on the object store `sessions`, as any script of the
/// page can make it.
const PRELUDE: &str = "
const settled = request => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
const open = async (name, version = 1) => {
  const request = indexedDB.open(name, version);
  request.onupgradeneeded = () => request.result.createObjectStore('sessions');
  return settled(request);
};
const using = async (name, mode, use) => {
  const db = await open(name);
  try {
    return await settled(use(db.transaction('sessions', mode).objectStore('sessions')));
  } finally {
    db.close();
  }
};
const dropped = name => new Promise((resolve, reject) => {
  const request = indexedDB.deleteDatabase(name);
  request.onsuccess = () => resolve('deleted');
  request.onblocked = () => resolve('blocked');
  request.onerror = () => reject(request.error);
});
";

/// The CAIP-10 id, or DID, under which a record lies.
pub(crate) fn key_of(issuer: &Issuer) -> JsValue {
    match issuer.normalized() {
        Issuer::Pkh(account) => account.as_str().into(),
        other => other.did().into(),
    }
}

pub(crate) fn name_of(store: &IndexedDbStore) -> JsValue {
    store.database().into()
}

/// Puts a value, a JavaScript expression, under any key.
pub(crate) async fn put(store: &IndexedDbStore, key: &JsValue, value: &str) {
    let body = format!("const value = {value}; await using(a, 'readwrite', s => s.put(value, b));");
    js(&body, &[&name_of(store), key]).await;
}

/// Changes the stored value `v` of an issuer by JavaScript statements.
pub(crate) async fn change(store: &IndexedDbStore, issuer: &Issuer, statements: &str) {
    let body = format!(
        "let v = await using(a, 'readonly', s => s.get(b));
         if (v === undefined) throw new Error('no record to change');
         {statements}
         await using(a, 'readwrite', s => s.put(v, b));"
    );
    js(&body, &[&name_of(store), &key_of(issuer)]).await;
}

/// Spoils a slot of a default profile.
pub(crate) async fn corrupt(store: &IndexedDbStore, slot: &SlotId) {
    put(store, &key_of(slot.issuer()), "'no session'").await;
}

/// The keys of the object store, as JSON.
pub(crate) async fn keys(store: &IndexedDbStore) -> String {
    js(
        "return JSON.stringify(await using(a, 'readonly', s => s.getAllKeys()))",
        &[&name_of(store)],
    )
    .await
    .as_string()
    .unwrap()
}

/// Deletes the database: `deleted`, or `blocked` when a connection is open.
pub(crate) async fn drop_database(store: &IndexedDbStore) -> String {
    js("return dropped(a)", &[&name_of(store)])
        .await
        .as_string()
        .unwrap()
}

/// Saves a record as it is, whatever lies there.
pub(crate) async fn save_anyway<S: SessionStore>(
    store: &S,
    slot: &SlotId,
    record: &session_core::SessionRecord<S::Key>,
) {
    store
        .save(slot, record, session_core::ExpectedSlot::Anything)
        .await
        .unwrap();
}
