//! Getting, asking, removing, making and restoring sessions.

use crate::auth::{Answered, JsAuth, Nobody, call, classified, options_for};
use crate::clock::StoppableClock;
use crate::error::{option, reason, thrown};
use crate::options;
use crate::passkeys;
use crate::session::Session;
use cacao::{KnownCapabilities, Policy, Verifiers};
use didkey::Ed25519SigningKey;
use js_sys::{Function, Reflect};
use session_core::{AuthRequest, Clock, Context, DidSession, Error, SessionOptions, Sessions};
use std::cell::RefCell;
use std::sync::Arc;
use store_indexeddb::{
    ChangeKind, DateClock, IndexedDbStore, Subscription, Unstorable, WebCryptoAlgorithm,
};
use wasm_bindgen::prelude::*;

/// Most capabilities whose signature a page remembers.
const MAX_KNOWN: usize = 16;

thread_local! {
    static SESSIONS: RefCell<Option<Sessions<IndexedDbStore>>> = const { RefCell::new(None) };
    static VERIFIERS: RefCell<Option<Verifiers>> = const { RefCell::new(None) };
    static POLICY: RefCell<Policy> = RefCell::default();
}

/// A session whose key its string carries.
type Exportable = DidSession<Ed25519SigningKey>;

/// The verifiers of this page, which remember.
pub(crate) fn verifiers() -> Verifiers {
    VERIFIERS.with_borrow_mut(|verifiers| {
        verifiers
            .get_or_insert_with(|| {
                let known = KnownCapabilities::new(MAX_KNOWN);
                Verifiers::default().remembering(&known)
            })
            .clone()
    })
}

/// The rules that stand for this page.
pub(crate) fn policy() -> Policy {
    POLICY.with_borrow(Clone::clone)
}

pub(crate) fn context() -> Context {
    Context::with_clock(DateClock)
        .verifiers(verifiers())
        .policy(policy())
}

fn sessions() -> Sessions<IndexedDbStore> {
    SESSIONS.with_borrow_mut(|sessions| {
        sessions
            .get_or_insert_with(|| Sessions::with_context(IndexedDbStore::new(), context()))
            .clone()
    })
}

/// Chooses another database, other keys, another policy: `{database, algorithm, unstorable,
/// passkeys}`.
///
/// # Errors
/// `invalid_option`; `no_session_key` for keys that the database is not for.
#[wasm_bindgen]
pub fn configure(given: &JsValue) -> Result<(), JsValue> {
    let text = |name: &str| {
        Reflect::get(given, &name.into())
            .ok()
            .and_then(|value| value.as_string())
    };
    let bad = |name, problem| thrown(&option(name, problem), None);
    let mut builder = IndexedDbStore::builder();
    if let Some(database) = text("database") {
        builder = builder.database(database);
    }
    builder = builder.algorithm(match text("algorithm").as_deref() {
        None | Some("P-256") => WebCryptoAlgorithm::P256,
        Some("Ed25519") => WebCryptoAlgorithm::Ed25519,
        Some(_) => return Err(bad("algorithm", "must be \"P-256\" or \"Ed25519\"")),
    });
    builder = builder.unstorable(match text("unstorable").as_deref() {
        None | Some("refuse") => Unstorable::Refuse,
        Some("memory") => Unstorable::KeepInMemory,
        Some(_) => return Err(bad("unstorable", "must be \"refuse\" or \"memory\"")),
    });
    let passkeys = Reflect::get(given, &"passkeys".into()).unwrap_or_default();
    let rules = passkeys::policy(&passkeys).map_err(|error| thrown(&error, None))?;
    let store = builder
        .build()
        .map_err(|error| thrown(&error.into(), None))?;
    POLICY.set(rules);
    // what was remembered was judged by other rules
    VERIFIERS.set(None);
    SESSIONS.set(Some(Sessions::with_context(store, context())));
    Ok(())
}

/// The stored session, or a new one.
///
/// # Errors
/// As `Sessions::get`.
#[wasm_bindgen]
pub async fn get(account: String, method: Function, given: JsValue) -> Result<Session, JsValue> {
    let ready = || Ok::<_, Error>((options::issuer(&account)?, options::read_all(&given)?));
    let (issuer, wishes) = ready().map_err(|error| thrown(&error, None))?;
    let auth = JsAuth::new(issuer, &method, &given);
    match sessions().get(&auth, &wishes).await {
        Ok(session) => Ok(session.into()),
        Err(error) => Err(thrown(&error, auth.take_thrown())),
    }
}

/// Whether `get` would answer without a prompt; without resources, whether there is a session
/// that can be used at all.
///
/// # Errors
/// As `Sessions::has_session_for`.
#[wasm_bindgen(js_name = hasSessionFor)]
pub async fn has_session_for(account: String, given: JsValue) -> Result<bool, JsValue> {
    Ok(why_not(account, given).await?.is_undefined())
}

/// Why `get` would prompt: `{code, message}`; nothing when it would not.
///
/// # Errors
/// As `Sessions::has_session_for`.
#[wasm_bindgen(js_name = whyNot)]
pub async fn why_not(account: String, given: JsValue) -> Result<JsValue, JsValue> {
    let found = async {
        let issuer = options::issuer(&account)?;
        let mut resources = options::resources(&given)?;
        if resources.is_empty() {
            // whatever it grants: judged by the same rules as if just that had been asked for
            match sessions().load(&issuer).await? {
                Ok(session) => resources = session.authorizations().map(str::to_owned).collect(),
                Err(reason) => return Ok(Some(reason)),
            }
        }
        let wishes = options::read(&given, resources)?;
        Ok(sessions().find(&issuer, &wishes).await?.err())
    };
    match found.await {
        Ok(None) => Ok(JsValue::UNDEFINED),
        Ok(Some(why)) => Ok(reason(&why)),
        Err(error) => Err(thrown(&error, None)),
    }
}

/// Forgets the session of an account.
///
/// # Errors
/// Of the store.
#[wasm_bindgen]
pub async fn remove(account: String) -> Result<bool, JsValue> {
    let removed = async { sessions().remove(&options::issuer(&account)?).await };
    removed.await.map_err(|error| thrown(&error, None))
}

/// A session that is kept nowhere, under a key that its string carries.
///
/// Who signs is known only by the answer, so the answer is judged once it is there, as of the
/// time at which it was asked for.
///
/// # Errors
/// As `DidSession::authorize`.
#[wasm_bindgen]
pub async fn authorize(method: Function, given: JsValue) -> Result<Session, JsValue> {
    let failed = |error: Error| thrown(&error, None);
    let wishes = options::read_all(&given).map_err(failed)?;
    let key = Ed25519SigningKey::generate().map_err(|error| {
        failed(Error::Randomness {
            reason: error.to_string(),
        })
    })?;
    let clock = Arc::new(StoppableClock::stopped(DateClock.now()));
    let context = Context::with_shared_clock(Arc::<StoppableClock>::clone(&clock))
        .verifiers(verifiers())
        .policy(policy());
    let key = Arc::new(key);
    let asked = ask_nobody(&context, &key, &wishes).await.map_err(failed)?;
    let answer = call(&method, &options_for(&given, asked.payload()))
        .await
        .map_err(|value| thrown(&classified(&value).into(), Some(value)))?
        .map_err(|error| failed(error.into()))?;
    let wishes = wishes.nonce(asked.payload().nonce());
    let session = Exportable::authorize_key(&context, key, &Answered(answer), &wishes)
        .await
        .map_err(failed)?;
    clock.go_on();
    Ok(session.into())
}

/// The request that an issuer would get.
async fn ask_nobody(
    context: &Context,
    key: &Arc<Ed25519SigningKey>,
    wishes: &SessionOptions,
) -> Result<AuthRequest, Error> {
    let nobody = Nobody::new(key.did_key().clone());
    let asked = Exportable::authorize_key(context, Arc::clone(key), &nobody, wishes).await;
    match (nobody.into_request(), asked) {
        (Some(request), _) => Ok(request),
        (None, Err(error)) => Err(error),
        (None, Ok(_)) => Err(option("options", "make no request")),
    }
}

/// Restores a session from its string.
///
/// # Errors
/// As `DidSession::from_session`.
#[wasm_bindgen(js_name = fromSession)]
pub fn from_session(text: &str) -> Result<Session, JsValue> {
    DidSession::from_session_in(&context(), text)
        .map(Session::from)
        .map_err(|error| thrown(&error, None))
}

/// Hears of changes until it is dropped, or freed.
#[wasm_bindgen]
#[derive(Debug)]
pub struct ChangeSubscription {
    _subscription: Subscription,
}

/// Calls `hear(did, "saved" | "removed")` for each change of the store.
///
/// # Errors
/// `storage_unavailable` where there is no `BroadcastChannel`.
#[wasm_bindgen(js_name = onChange)]
pub fn on_change(hear: Function) -> Result<ChangeSubscription, JsValue> {
    let heard = sessions().store().on_change(move |change| {
        // pages know no profiles but the default one
        if !change.slot.profile().is_default() {
            return;
        }
        let kind = match change.kind {
            ChangeKind::Removed => "removed",
            _ => "saved",
        };
        // what a listener throws is its own matter
        let _ = hear.call2(
            &JsValue::UNDEFINED,
            &change.slot.issuer().did().into(),
            &kind.into(),
        );
    });
    heard
        .map(|subscription| ChangeSubscription {
            _subscription: subscription,
        })
        .map_err(|error| thrown(&error.into(), None))
}
