//! Getting, asking, removing, making and restoring sessions.

use crate::auth::{JsAuth, JsSignIn};
use crate::error::{reason, set, thrown};
use crate::options;
use crate::page;
use crate::session::Session;
use js_sys::{Array, Function, Object};
use session_core::{DidSession, Error, Sessions};
use store_indexeddb::{ChangeKind, IndexedDbStore, Subscription};
use wasm_bindgen::prelude::*;

/// The sessions of the profile that a call names.
fn sessions(given: &JsValue) -> Result<Sessions<IndexedDbStore>, Error> {
    let sessions = page::sessions()?;
    Ok(match options::profile(given)? {
        Some(profile) => sessions.with_profile(profile),
        None => sessions,
    })
}

/// The stored session, or a new one.
///
/// # Errors
/// As `Sessions::get`.
#[wasm_bindgen]
pub async fn get(account: String, method: Function, given: JsValue) -> Result<Session, JsValue> {
    let ready = || {
        let issuer = options::issuer(&account)?;
        Ok::<_, Error>((sessions(&given)?, issuer, options::read_all(&given)?))
    };
    let (sessions, issuer, request) = ready().map_err(|error| thrown(&error, None))?;
    let auth = JsAuth::new(issuer, &method, &given);
    match sessions.get(&auth, &request).await {
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
    match find(&account, &given).await {
        Ok(()) => Ok(JsValue::UNDEFINED),
        Err(Error::NotUsable(why)) => Ok(reason(&why)),
        Err(error) => Err(thrown(&error, None)),
    }
}

async fn find(account: &str, given: &JsValue) -> Result<(), Error> {
    let issuer = options::issuer(account)?;
    let sessions = sessions(given)?;
    let mut resources = options::resources(given)?;
    if resources.is_empty() && !options::has_recap(given)? {
        // whatever it grants: judged by the same rules as if just that had been asked for
        let stored = sessions.load(&issuer).await?;
        resources = stored.authorizations().map(str::to_owned).collect();
    }
    let request = options::read(given, resources)?;
    sessions.find(&issuer, &request).await.map(drop)
}

/// Which texts of a request leave the grammar of EIP-4361: a list of `{option, text, message}`.
///
/// # Errors
/// `invalid_option`.
#[wasm_bindgen]
pub fn warnings(given: &JsValue) -> Result<Array, JsValue> {
    let request = options::read_all(given).map_err(|error| thrown(&error, None))?;
    let told = request.warnings().into_iter().map(|warning| {
        let object = Object::new();
        set(&object, "option", &warning.option().into());
        set(&object, "text", &warning.text().into());
        set(&object, "message", &warning.to_string().into());
        object
    });
    Ok(told.collect())
}

/// Forgets the sessions of an account: all of them, or the one of the profile that is named.
///
/// # Errors
/// Of the store.
#[wasm_bindgen]
pub async fn remove(account: String, given: JsValue) -> Result<bool, JsValue> {
    let removed = async {
        let issuer = options::issuer(&account)?;
        match options::profile(&given)? {
            Some(_) => sessions(&given)?.remove_profile(&issuer).await,
            None => Ok(!page::sessions()?.remove(&issuer).await?.is_empty()),
        }
    };
    removed.await.map_err(|error| thrown(&error, None))
}

/// Ends a session before its time: it is used no more in this browser, and forgotten; the answer
/// is the statement that ends it elsewhere.
///
/// # Errors
/// As `Sessions::revoke`.
#[wasm_bindgen]
pub async fn revoke(account: String, given: JsValue) -> Result<String, JsValue> {
    let revoked = async {
        let issuer = options::issuer(&account)?;
        sessions(&given)?.revoke(&issuer).await
    };
    revoked.await.map_err(|error| thrown(&error, None))
}

/// A session that is kept nowhere, under a key that its string carries. Who signs is known only
/// by the answer.
///
/// # Errors
/// As `DidSession::sign_in`.
#[wasm_bindgen]
pub async fn authorize(method: Function, given: JsValue) -> Result<Session, JsValue> {
    let wallet = JsSignIn::new(&method, &given);
    let session = async {
        let request = options::read_all(&given)?;
        DidSession::sign_in(page::sessions()?.context(), &wallet, &request).await
    };
    match session.await {
        Ok(session) => Ok(session.into()),
        Err(error) => Err(thrown(&error, wallet.take_thrown())),
    }
}

/// Restores a session from its string.
///
/// # Errors
/// As `DidSession::from_session`.
#[wasm_bindgen(js_name = fromSession)]
pub fn from_session(text: &str) -> Result<Session, JsValue> {
    page::sessions()
        .and_then(|sessions| DidSession::from_session(sessions.context(), text))
        .map(Session::from)
        .map_err(|error| thrown(&error, None))
}

/// Hears of changes until it is dropped, or freed.
#[wasm_bindgen]
#[derive(Debug)]
pub struct ChangeSubscription {
    _subscription: Subscription,
}

/// Calls `hear(did, "saved" | "removed", profile)` for each change of the store; the default
/// profile is `undefined`.
///
/// # Errors
/// `storage_unavailable` where there is no `BroadcastChannel`.
#[wasm_bindgen(js_name = onChange)]
pub fn on_change(hear: Function) -> Result<ChangeSubscription, JsValue> {
    let sessions = page::sessions().map_err(|error| thrown(&error, None))?;
    let heard = sessions.store().on_change(move |change| {
        let kind = match change.kind {
            ChangeKind::Removed => "removed",
            _ => "saved",
        };
        // what a listener throws is its own matter
        let _ = hear.call3(
            &JsValue::UNDEFINED,
            &change.slot.issuer().did().into(),
            &kind.into(),
            &change.slot.profile().name().into(),
        );
    });
    heard
        .map(|subscription| ChangeSubscription {
            _subscription: subscription,
        })
        .map_err(|error| thrown(&error.into(), None))
}
