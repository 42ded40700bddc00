//! Auth methods of JavaScript: functions from options to a capability, as those of the
//! `@didtools` packages.

use crate::error::{chain, set};
use async_trait::async_trait;
use cacao::{Cacao, Issuer, Payload};
use didkey::DidKey;
use js_sys::{Array, Function, Object, Promise, Reflect};
use session_core::{AuthError, AuthMethod, AuthRequest};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// An auth method for a known issuer.
pub(crate) struct JsAuth<'a> {
    issuer: Issuer,
    method: &'a Function,
    given: &'a JsValue,
    thrown: RefCell<Option<JsValue>>,
}

impl<'a> JsAuth<'a> {
    /// `given` are the caller's options, which stay as they are.
    pub(crate) fn new(issuer: Issuer, method: &'a Function, given: &'a JsValue) -> Self {
        Self {
            issuer,
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
impl AuthMethod for JsAuth<'_> {
    fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    async fn authorize(&self, request: &AuthRequest) -> Result<Cacao, AuthError> {
        let options = options_for(self.given, request.payload());
        call(self.method, &options).await.map_err(|value| {
            let error = classified(&value);
            self.thrown.replace(Some(value));
            error
        })?
    }
}

/// An answer that is there already.
pub(crate) struct Answered(pub(crate) Cacao);

#[async_trait(?Send)]
impl AuthMethod for Answered {
    fn issuer(&self) -> &Issuer {
        self.0.payload().issuer()
    }

    async fn authorize(&self, _: &AuthRequest) -> Result<Cacao, AuthError> {
        Ok(self.0.clone())
    }
}

/// An issuer that signs nothing: it only looks at the request.
pub(crate) struct Nobody {
    issuer: Issuer,
    request: RefCell<Option<AuthRequest>>,
}

impl Nobody {
    pub(crate) fn new(key: DidKey) -> Self {
        Self {
            issuer: key.into(),
            request: RefCell::new(None),
        }
    }

    pub(crate) fn into_request(self) -> Option<AuthRequest> {
        self.request.into_inner()
    }
}

#[async_trait(?Send)]
impl AuthMethod for Nobody {
    fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    async fn authorize(&self, request: &AuthRequest) -> Result<Cacao, AuthError> {
        self.request.replace(Some(request.clone()));
        Err(AuthError::Declined)
    }
}

/// Calls a method. The outer error is what it threw, the inner one that it answered something
/// else than a capability.
pub(crate) async fn call(
    method: &Function,
    options: &Object,
) -> Result<Result<Cacao, AuthError>, JsValue> {
    let answer = method.call1(&JsValue::UNDEFINED, options)?;
    let answer = JsFuture::from(Promise::resolve(&answer)).await?;
    Ok(store_indexeddb::capability_from_js(&answer)
        .map_err(|error| AuthError::failed(format!("its answer is not usable: {}", chain(&error)))))
}

/// The user's no, or something else.
pub(crate) fn classified(thrown: &JsValue) -> AuthError {
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
pub(crate) fn options_for(given: &JsValue, asked: &Payload) -> Object {
    let options = Object::new();
    if given.is_object() {
        Object::assign(&options, given.unchecked_ref());
    }
    let text = |name: &str, value: &str| set(&options, name, &value.into());
    text("uri", asked.audience());
    text("domain", asked.domain());
    text("nonce", asked.nonce());
    text("issuedAt", asked.issued_at().as_str());
    if let Some(exp) = asked.expires_at() {
        text("expirationTime", exp.as_str());
    }
    if let Some(statement) = asked.statement() {
        text("statement", statement);
    }
    if let Some(request_id) = asked.request_id() {
        text("requestId", request_id);
    }
    let resources: Array = asked.resources().map(JsValue::from).collect();
    set(&options, "resources", &resources);
    options
}
