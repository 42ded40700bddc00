//! Verifying what a session signed.

use crate::error::{make, option, set, thrown};
use crate::manage::{policy, verifiers};
use dag_jws::{Jws, Verification};
use js_sys::{Object, Uint8Array};
use session_core::{Clock, Error};
use store_indexeddb::{DateClock, capability_from_js};
use wasm_bindgen::prelude::*;

/// Verifies a JWS, compact or general (as JSON): `{kid, did, issuer, payload, isJson}`, the payload
/// as bytes, and whether it is JSON that every reader reads alike. With a capability, the key must be its audience; the issuer is who it speaks for.
///
/// # Errors
/// `invalid_signature` and the other codes of `dag-jws`.
#[wasm_bindgen(js_name = verifyJws)]
pub fn verify_jws(
    jws: &str,
    issuer: Option<String>,
    capability: &JsValue,
) -> Result<Object, JsValue> {
    let failed = |error: Error| thrown(&error, None);
    let mut wanted = Verification::new(DateClock.now())
        .verifiers(verifiers())
        .policy(policy());
    if let Some(issuer) = issuer {
        let issuer = issuer
            .parse()
            .map_err(|error: cacao::Error| failed(option("issuer", &error.to_string())))?;
        wanted = wanted.issuer(issuer);
    }
    if capability.is_object() {
        let capability = capability_from_js(capability)
            .map_err(|error| make("invalid_option", &crate::error::chain(&error)))?;
        wanted = wanted.capability(&capability);
    }
    let verified = Jws::parse(jws)
        .and_then(|jws| jws.verify(&wanted))
        .map_err(|error| failed(error.into()))?;
    let object = Object::new();
    set(&object, "kid", &verified.header().key_id().into());
    set(&object, "did", &verified.key().to_string().into());
    let issuer = verified.principal().issuer();
    let issuer = issuer.map(|issuer| issuer.normalized().did());
    set(&object, "issuer", &issuer.into());
    set(&object, "payload", &Uint8Array::from(verified.payload()));
    let is_json = verified.payload_json().is_some();
    set(&object, "isJson", &is_json.into());
    Ok(object)
}
