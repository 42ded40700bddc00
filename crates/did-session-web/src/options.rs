//! The options of a call, as JavaScript callers write them.

use crate::error::{chain, option};
use crate::page;
use crate::texts::texts;
use cacao::Issuer;
use js_sys::{Date, Object};
use session_core::{Error, Profile, Request};
use std::time::Duration;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// What the caller passed: any object.
    #[wasm_bindgen(extends = Object)]
    type Given;

    #[wasm_bindgen(method, getter)]
    fn domain(this: &Given) -> JsValue;

    #[wasm_bindgen(method, getter)]
    fn resources(this: &Given) -> JsValue;

    #[wasm_bindgen(method, getter)]
    fn statement(this: &Given) -> JsValue;

    #[wasm_bindgen(method, getter, js_name = requestId)]
    fn request_id(this: &Given) -> JsValue;

    #[wasm_bindgen(method, getter)]
    fn nonce(this: &Given) -> JsValue;

    #[wasm_bindgen(method, getter, js_name = expiresInSecs)]
    fn expires_in_secs(this: &Given) -> JsValue;

    #[wasm_bindgen(method, getter, js_name = expirationTime)]
    fn expiration_time(this: &Given) -> JsValue;

    #[wasm_bindgen(method, getter)]
    fn profile(this: &Given) -> JsValue;

    #[wasm_bindgen(method, getter)]
    fn exact(this: &Given) -> JsValue;

    #[wasm_bindgen(method, getter, js_name = maxWaitSecs)]
    fn max_wait_secs(this: &Given) -> JsValue;

    /// The global object, of which the host of the page is wanted.
    type Page;

    #[wasm_bindgen(method, getter)]
    fn location(this: &Page) -> Option<PageLocation>;

    type PageLocation;

    #[wasm_bindgen(method, getter)]
    fn hostname(this: &PageLocation) -> Option<String>;
}

/// Reads the options of `get` and `authorize`.
pub(crate) fn read_all(given: &JsValue) -> Result<Request, Error> {
    read(given, resources(given)?)
}

/// Reads the options, but for the resources.
pub(crate) fn read(given: &JsValue, resources: Vec<String>) -> Result<Request, Error> {
    let given = object(given)?;
    let host = host();
    let domain = text("domain", &given.domain())?
        .or_else(|| host.clone())
        .ok_or_else(|| option("domain", "must be given outside of web pages"))?;
    let mut request = Request::new(domain, resources);
    // methods for wallets always write the page's own host
    for accepted in host.into_iter().chain(page::domains()) {
        request = request.with_accepted_domain(accepted);
    }
    if let Some(statement) = text("statement", &given.statement())? {
        request = request.with_statement(statement);
    }
    if let Some(request_id) = text("requestId", &given.request_id())? {
        request = request.with_request_id(request_id);
    }
    if let Some(nonce) = text("nonce", &given.nonce())? {
        request = request.with_nonce(nonce);
    }
    if let Some(lifetime) = lifetime(given)? {
        request = request.with_lifetime(lifetime);
    }
    if given.exact().is_truthy() {
        request = request.with_exact_resources();
    }
    if let Some(max_wait) = seconds("maxWaitSecs", &given.max_wait_secs())? {
        request = request.with_max_wait(max_wait);
    }
    Ok(request)
}

/// In which profile the session is kept; nothing where the call does not say.
pub(crate) fn profile(given: &JsValue) -> Result<Option<Profile>, Error> {
    if given.is_undefined() || given.is_null() {
        return Ok(None);
    }
    let Some(name) = text("profile", &object(given)?.profile())? else {
        return Ok(None);
    };
    let profile = name.parse();
    profile
        .map(Some)
        .map_err(|error: session_core::ProfileError| option("profile", &chain(&error)))
}

/// Which resources are asked for; none when the member is absent.
pub(crate) fn resources(given: &JsValue) -> Result<Vec<String>, Error> {
    let value = object(given)?.resources();
    if value.is_undefined() || value.is_null() {
        return Ok(Vec::new());
    }
    texts(&value).ok_or_else(|| option("resources", "must be a list of texts"))
}

fn object(given: &JsValue) -> Result<&Given, Error> {
    match given.is_object() {
        true => Ok(given.unchecked_ref()),
        false => Err(option("options", "must be an object")),
    }
}

/// How long the session may last; `None` for the usual time.
fn lifetime(given: &Given) -> Result<Option<Duration>, Error> {
    let wish = given.expires_in_secs();
    // 0 is no wish, as in the npm package did-session
    if !wish.is_falsy() {
        return seconds("expiresInSecs", &wish);
    }
    let time = given.expiration_time();
    if time.is_undefined() || time.is_null() {
        return Ok(None);
    }
    let millis = Date::new(&time).get_time() - Date::now();
    if millis.is_nan() || millis <= 0.0 {
        return Err(option("expirationTime", "must be a date in the future"));
    }
    Ok(Duration::try_from_secs_f64(millis / 1000.0).ok())
}

fn seconds(name: &'static str, value: &JsValue) -> Result<Option<Duration>, Error> {
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    value
        .as_f64()
        .and_then(|secs| Duration::try_from_secs_f64(secs).ok())
        .map(Some)
        .ok_or_else(|| option(name, "must be a number of seconds, not negative"))
}

fn text(name: &'static str, value: &JsValue) -> Result<Option<String>, Error> {
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    value
        .as_string()
        .map(Some)
        .ok_or_else(|| option(name, "must be a text"))
}

/// The issuer of a CAIP-10 id or a DID.
pub(crate) fn issuer(account: &str) -> Result<Issuer, Error> {
    account
        .parse()
        .map_err(|error: cacao::Error| option("accountId", &error.to_string()))
}

/// `location.hostname`, where there is a location with a host.
fn host() -> Option<String> {
    js_sys::global()
        .unchecked_into::<Page>()
        .location()?
        .hostname()
        .filter(|host| !host.is_empty())
}
