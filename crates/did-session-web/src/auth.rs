//! Auth methods of JavaScript: functions from options to a capability, as those of the
//! `@didtools` packages.

use crate::error::{chain, set};
use async_trait::async_trait;
use cacao::{Cacao, Issuer};
use js_sys::{Array, Function, Object, Promise, Reflect};
use session_core::{AuthError, AuthMethod, Pending, SignIn};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// An auth method whose account is known only by its answer.
pub(crate) struct JsSignIn<'a> {
    method: &'a Function,
    given: &'a JsValue,
    thrown: RefCell<Option<JsValue>>,
}

impl<'a> JsSignIn<'a> {
    /// `given` are the caller's options, which stay as they are.
    pub(crate) fn new(method: &'a Function, given: &'a JsValue) -> Self {
        Self {
            method,
            given,
            thrown: RefCell::new(None),
        }
    }

    /// What the method threw, if it did.
    pub(crate) fn take_thrown(&self) -> Option<JsValue> {
        self.thrown.take()
    }
}

#[async_trait(?Send)]
impl SignIn for JsSignIn<'_> {
    async fn sign_in(&self, pending: &Pending) -> Result<Cacao, AuthError> {
        let answer = call(self.method, &options_for(self.given, pending)).await;
        let answer = answer.map_err(|value| {
            let error = classified(&value);
            self.thrown.replace(Some(value));
            error
        })?;
        store_indexeddb::capability_from_js(&answer).map_err(|error| {
            AuthError::failed(format!("its answer is not usable: {}", chain(&error)))
        })
    }
}

/// An auth method for a known issuer.
pub(crate) struct JsAuth<'a> {
    issuer: Issuer,
    asked: JsSignIn<'a>,
}

impl<'a> JsAuth<'a> {
    /// As [`JsSignIn::new`].
    pub(crate) fn new(issuer: Issuer, method: &'a Function, given: &'a JsValue) -> Self {
        Self {
            issuer,
            asked: JsSignIn::new(method, given),
        }
    }

    /// What the method threw, if it did.
    pub(crate) fn take_thrown(&self) -> Option<JsValue> {
        self.asked.take_thrown()
    }
}

#[async_trait(?Send)]
impl AuthMethod for JsAuth<'_> {
    fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    async fn authorize(&self, pending: &Pending) -> Result<Cacao, AuthError> {
        self.asked.sign_in(pending).await
    }
}

/// What a method answers, or what it threw.
async fn call(method: &Function, options: &Object) -> Result<JsValue, JsValue> {
    let answer = method.call1(&JsValue::UNDEFINED, options)?;
    JsFuture::from(Promise::resolve(&answer)).await
}

/// The user's no, or something else.
fn classified(thrown: &JsValue) -> AuthError {
    if is_decline(thrown) {
        return AuthError::Declined;
    }
    let message = member(thrown, "message").or_else(|| thrown.as_string());
    AuthError::failed(message.unwrap_or_else(|| "it threw something without a message".to_owned()))
}

/// EIP-1193 has a code for it, WebAuthn a name, libraries have names of their own, and the rest
/// says so in its message.
fn is_decline(thrown: &JsValue) -> bool {
    let code = Reflect::get(thrown, &"code".into()).unwrap_or_default();
    let name = member(thrown, "name").unwrap_or_default();
    let named = matches!(
        &*name,
        "NotAllowedError" | "UserRejectedRequestError" | "AbortedBeaconError"
    );
    if code.as_f64() == Some(4001.0) || code == "ACTION_REJECTED" || named {
        return true;
    }
    let message = member(thrown, "message")
        .or_else(|| thrown.as_string())
        .unwrap_or_default()
        .to_lowercase();
    // wallets of Stacks throw just this word
    if message == "cancel" {
        return true;
    }
    message.contains("user")
        && ["reject", "denied", "declin", "cancel", "abort"]
            .iter()
            .any(|word| message.contains(word))
}

fn member(object: &JsValue, name: &str) -> Option<String> {
    // primitives have no members
    Reflect::get(object, &name.into()).ok()?.as_string()
}

/// A copy of the caller's options with everything that must stand in the answer.
fn options_for(given: &JsValue, pending: &Pending) -> Object {
    let options = Object::new();
    if given.is_object() {
        Object::assign(&options, given.unchecked_ref());
    }
    let text = |name: &str, value: &str| set(&options, name, &value.into());
    let request = pending.request();
    text("uri", pending.audience().as_str());
    text("domain", request.domain());
    text("nonce", pending.nonce());
    text("issuedAt", pending.issued_at().as_str());
    text("expirationTime", pending.expires_at().as_str());
    if let Some(statement) = pending.statement() {
        text("statement", &statement);
    }
    if let Some(request_id) = request.request_id() {
        text("requestId", request_id);
    }
    let resources = pending.resources();
    let resources: Array = resources.iter().map(JsValue::from).collect();
    set(&options, "resources", &resources);
    options
}
