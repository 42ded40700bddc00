//! Verifying what a session signed.

use crate::host::{option, thrown};
use crate::page;
use crate::records;
use cacao::Requirement;
use dag_jws::{Jws, Verification, VerifiedJws};
use session_core::Error;
use wasm_bindgen::prelude::*;

/// A JWS that was verified.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Verified(VerifiedJws);

#[wasm_bindgen]
impl Verified {
    /// The key id of its header.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn kid(&self) -> String {
        self.0.header().key_id().to_owned()
    }

    /// The DID of the key that signed.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn did(&self) -> String {
        self.0.key().to_string()
    }

    /// On whose behalf, with a capability.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn issuer(&self) -> Option<String> {
        let issuer = self.0.principal().issuer();
        issuer.map(|issuer| issuer.normalized().did())
    }

    /// The payload.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn payload(&self) -> Vec<u8> {
        self.0.payload().to_vec()
    }

    /// Whether it is JSON that every reader reads alike.
    #[wasm_bindgen(getter, js_name = isJson)]
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.0.payload_json().is_some()
    }
}

/// Verifies a JWS, compact or general (as JSON). With a capability (JSON), the key must be its
/// audience; the issuer is who it speaks for. Without a domain, a capability of any will do; at a
/// time in milliseconds, or now.
///
/// # Errors
/// `invalid_signature` and the other codes of `dag-jws`.
#[wasm_bindgen(js_name = verifyJws)]
pub fn verify_jws(
    jws: &str,
    issuer: Option<String>,
    domain: Option<String>,
    capability: Option<String>,
) -> Result<Verified, JsValue> {
    let failed = |error: Error| thrown(&error);
    let mut requirement = match domain {
        Some(domain) => Requirement::for_domain(domain),
        None => Requirement::any_domain(),
    };
    if let Some(issuer) = issuer {
        let issuer = issuer
            .parse()
            .map_err(|error: cacao::Error| failed(option("issuer", error.to_string())))?;
        requirement = requirement.with_issuer(issuer);
    }
    let context = page::context().map_err(failed)?;
    let mut wanted = Verification::new(context.clock().now(), requirement)
        .with_provers(context.provers().clone())
        .with_policy(context.policy().clone());
    if let Some(json) = capability {
        wanted = wanted.with_capability(&records::given_capability(&json)?);
    }
    Jws::parse(jws)
        .and_then(|jws| jws.verify(&wanted))
        .map(Verified)
        .map_err(|error| failed(error.into()))
}
