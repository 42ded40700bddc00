//! The few things of the browser that `web-sys` does not offer to windows and workers alike, or
//! hides behind an unstable flag.

use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, IdbFactory, IdbTransaction, SubtleCrypto};

#[wasm_bindgen]
extern "C" {
    /// A window, a web worker's or a service worker's global object.
    #[wasm_bindgen(extends = Object)]
    pub(crate) type Scope;

    // a sandboxed frame throws here
    #[wasm_bindgen(method, getter, catch, js_name = indexedDB)]
    pub(crate) fn indexed_db(this: &Scope) -> Result<Option<IdbFactory>, JsValue>;

    // a number
    #[wasm_bindgen(method, js_name = setTimeout)]
    pub(crate) fn set_timeout(this: &Scope, handler: &Function, millis: i32) -> JsValue;

    #[wasm_bindgen(method, js_name = clearTimeout)]
    pub(crate) fn clear_timeout(this: &Scope, timer: &JsValue);

    #[wasm_bindgen(method, getter)]
    pub(crate) fn crypto(this: &Scope) -> Option<CryptoScope>;

    // windows and workers have it, service workers too
    #[wasm_bindgen(method, getter)]
    pub(crate) fn performance(this: &Scope) -> Performance;

    #[wasm_bindgen(extends = Object)]
    pub(crate) type Performance;

    /// Milliseconds since the page or worker began, by a clock that never goes back.
    #[wasm_bindgen(method)]
    pub(crate) fn now(this: &Performance) -> f64;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn navigator(this: &Scope) -> Option<NavigatorScope>;

    #[wasm_bindgen(method, getter, js_name = BroadcastChannel)]
    pub(crate) fn broadcast_channel(this: &Scope) -> JsValue;

    #[wasm_bindgen(extends = Object)]
    pub(crate) type CryptoScope;

    // absent from insecure contexts
    #[wasm_bindgen(method, getter)]
    pub(crate) fn subtle(this: &CryptoScope) -> Option<SubtleCrypto>;

    #[wasm_bindgen(extends = Object)]
    pub(crate) type NavigatorScope;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn locks(this: &NavigatorScope) -> Option<LockManager>;

    /// Web Locks, `LockManager`.
    #[wasm_bindgen(extends = Object)]
    pub(crate) type LockManager;

    #[wasm_bindgen(method)]
    pub(crate) fn request(
        this: &LockManager,
        name: &str,
        options: &LockOptions,
        callback: &Function,
    ) -> Promise;

    /// Web Locks, `LockOptions`.
    #[wasm_bindgen(extends = Object)]
    pub(crate) type LockOptions;

    #[wasm_bindgen(method, setter, js_name = ifAvailable)]
    pub(crate) fn set_if_available(this: &LockOptions, value: bool);

    #[wasm_bindgen(method, setter)]
    pub(crate) fn set_signal(this: &LockOptions, signal: &AbortSignal);

    /// `IDBDatabase` with the third parameter of `transaction`.
    #[wasm_bindgen(extends = Object)]
    pub(crate) type Database;

    #[wasm_bindgen(method, catch)]
    pub(crate) fn transaction(
        this: &Database,
        store: &str,
        mode: &str,
        options: &TransactionOptions,
    ) -> Result<IdbTransaction, JsValue>;

    /// `IDBTransactionOptions`.
    #[wasm_bindgen(extends = Object)]
    pub(crate) type TransactionOptions;

    #[wasm_bindgen(method, setter)]
    pub(crate) fn set_durability(this: &TransactionOptions, durability: &str);

    /// `IDBFactory` with the method that lists the databases.
    #[wasm_bindgen(extends = Object)]
    pub(crate) type Factory;

    #[wasm_bindgen(method, catch)]
    pub(crate) fn databases(this: &Factory) -> Result<Promise, JsValue>;

    /// What `IDBFactory.databases()` tells of one database.
    #[wasm_bindgen(extends = Object)]
    pub(crate) type DatabaseInfo;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn name(this: &DatabaseInfo) -> Option<String>;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn version(this: &DatabaseInfo) -> Option<f64>;

    /// A `CryptoKeyPair`, which is a plain dictionary: any object, or nothing, may stand for one.
    #[wasm_bindgen(extends = Object)]
    pub(crate) type KeyPair;

    #[wasm_bindgen(method, getter, js_name = privateKey)]
    pub(crate) fn private_key(this: &KeyPair) -> JsValue;

    #[wasm_bindgen(method, setter, js_name = privateKey)]
    pub(crate) fn set_private_key(this: &KeyPair, key: &JsValue);

    #[wasm_bindgen(method, getter, js_name = publicKey)]
    pub(crate) fn public_key(this: &KeyPair) -> JsValue;

    #[wasm_bindgen(method, setter, js_name = publicKey)]
    pub(crate) fn set_public_key(this: &KeyPair, key: &JsValue);

    /// An `EcKeyAlgorithm`, or that of any other key.
    #[wasm_bindgen(extends = Object)]
    pub(crate) type Algorithm;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn name(this: &Algorithm) -> Option<String>;

    #[wasm_bindgen(method, setter)]
    pub(crate) fn set_name(this: &Algorithm, name: &str);

    #[wasm_bindgen(method, getter, js_name = namedCurve)]
    pub(crate) fn named_curve(this: &Algorithm) -> Option<String>;

    #[wasm_bindgen(method, setter, js_name = namedCurve)]
    pub(crate) fn set_named_curve(this: &Algorithm, curve: &str);

    #[wasm_bindgen(method, setter)]
    pub(crate) fn set_hash(this: &Algorithm, hash: &str);

    /// A stored session: `{cacao, keypair}`, and `evidence` where there is some.
    #[wasm_bindgen(extends = Object)]
    pub(crate) type StoredSession;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn cacao(this: &StoredSession) -> JsValue;

    #[wasm_bindgen(method, setter)]
    pub(crate) fn set_cacao(this: &StoredSession, cacao: &JsValue);

    #[wasm_bindgen(method, getter)]
    pub(crate) fn keypair(this: &StoredSession) -> JsValue;

    #[wasm_bindgen(method, setter)]
    pub(crate) fn set_keypair(this: &StoredSession, keypair: &KeyPair);

    #[wasm_bindgen(method, getter)]
    pub(crate) fn evidence(this: &StoredSession) -> JsValue;

    #[wasm_bindgen(method, setter)]
    pub(crate) fn set_evidence(this: &StoredSession, evidence: &str);
}

/// The global object of where we run.
pub(crate) fn scope() -> Scope {
    js_sys::global().unchecked_into()
}

/// `{}` as one of the dictionaries above.
pub(crate) fn dictionary<T: JsCast>() -> T {
    Object::new().unchecked_into()
}

/// WebCrypto, where there is one.
pub(crate) fn subtle() -> Option<SubtleCrypto> {
    scope().crypto()?.subtle()
}
