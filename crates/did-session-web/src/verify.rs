//! Verifying what a session signed.

use crate::error::{make, option, set, thrown};
use crate::page;
use cacao::Requirement;
use dag_jws::{Jws, Verification};
use js_sys::{Object, Uint8Array};
use session_core::Error;
use store_indexeddb::capability_from_js;
use wasm_bindgen::prelude::*;

/// Verifies a JWS, compact or general (as JSON): `{kid, did, issuer, payload, isJson}`, the payload
/// as bytes, and whether it is JSON that every reader reads alike. With a capability, the key must
/// be its audience; the issuer is who it speaks for. Without a domain, a capability of any will do.
///
/// # Errors
/// `invalid_signature` and the other codes of `dag-jws`.
#[wasm_bindgen(js_name = verifyJws)]
pub fn verify_jws(
    jws: &str,
    issuer: Option<String>,
    domain: Option<String>,
    capability: &JsValue,
) -> Result<Object, JsValue> {
    let failed = |error: Error| thrown(&error, None);
    let mut requirement = match domain {
        Some(domain) => Requirement::for_domain(domain),
        None => Requirement::any_domain(),
    };
    if let Some(issuer) = issuer {
        let issuer = issuer
            .parse()
            .map_err(|error: cacao::Error| failed(option("issuer", &error.to_string())))?;
        requirement = requirement.with_issuer(issuer);
    }
    let sessions = page::sessions().map_err(failed)?;
    let context = sessions.context();
    let mut wanted = Verification::new(context.clock().now(), requirement)
        .with_provers(context.provers().clone())
        .with_policy(context.policy().clone());
    if capability.is_object() {
        let capability = capability_from_js(capability)
            .map_err(|error| make("invalid_option", &crate::error::chain(&error)))?;
        wanted = wanted.with_capability(&capability);
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
