//! Which passkeys a page accepts, as it is configured.

use crate::error::option;
use cacao::Policy;
use js_sys::{Array, Reflect};
use session_core::Error;
use wasm_bindgen::JsValue;

/// Reads `{rpId, origins, topOrigins, crossOrigin, userVerification}`, all optional.
pub(crate) fn policy(given: &JsValue) -> Result<Policy, Error> {
    let mut policy = Policy::default();
    if given.is_undefined() || given.is_null() {
        return Ok(policy);
    }
    if !given.is_object() {
        return Err(option("passkeys", "must be an object"));
    }
    let member = |name: &str| {
        // a getter of the caller's may throw: then there is no such member
        Reflect::get(given, &name.into()).unwrap_or_default()
    };
    let rp_id = member("rpId");
    if !rp_id.is_undefined() {
        let rp_id = rp_id.as_string();
        policy = policy.with_rp_id(rp_id.ok_or_else(|| option("passkeys.rpId", "must be a text"))?);
    }
    for origin in texts(&member("origins"), "passkeys.origins")? {
        policy = policy.with_origin(origin);
    }
    for origin in texts(&member("topOrigins"), "passkeys.topOrigins")? {
        policy = policy.with_top_origin(origin);
    }
    if member("crossOrigin").is_truthy() {
        policy = policy.with_cross_origin();
    }
    match member("userVerification") {
        wish if wish.is_undefined() || wish == "preferred" || wish == "discouraged" => Ok(policy),
        wish if wish == "required" => Ok(policy.with_user_verification()),
        _ => Err(option(
            "passkeys.userVerification",
            "must be \"required\", \"preferred\" or \"discouraged\"",
        )),
    }
}

/// A list of texts that is not empty, or nothing.
fn texts(given: &JsValue, name: &'static str) -> Result<Vec<String>, Error> {
    if given.is_undefined() {
        return Ok(Vec::new());
    }
    let bad = || option(name, "must be a list of texts, not empty");
    if !Array::is_array(given) || Array::from(given).length() == 0 {
        return Err(bad());
    }
    let texts = Array::from(given);
    texts
        .iter()
        .map(|text| text.as_string().ok_or_else(bad))
        .collect()
}
