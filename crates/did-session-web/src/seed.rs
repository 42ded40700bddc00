//! Ed25519 keys of a seed that the page holds itself: alone, and with a capability.

use crate::host::{option, thrown};
use crate::records::given_capability;
use crate::session::with_protected;
use dag_jws::UnsignedJws;
use didkey::Ed25519SigningKey;
use session_core::SessionRecord;
use wasm_bindgen::prelude::*;

/// A key that signs for itself, under no capability.
#[wasm_bindgen]
#[derive(Debug)]
pub struct SeedKey {
    key: Ed25519SigningKey,
}

#[wasm_bindgen]
impl SeedKey {
    /// The key of a seed of 32 bytes.
    ///
    /// # Errors
    /// `invalid_option` for another length.
    #[wasm_bindgen(js_name = fromSeed)]
    pub fn from_seed(seed: &[u8]) -> Result<SeedKey, JsValue> {
        key_of(seed).map(|key| Self { key })
    }

    /// The key's DID.
    #[wasm_bindgen(getter, js_name = keyDid)]
    #[must_use]
    pub fn key_did(&self) -> String {
        self.key.did_key().to_string()
    }

    /// Signs a payload that is base64url already; a compact JWS. `protected` is the JSON of more
    /// header members.
    ///
    /// # Errors
    /// What `dag-jws` has against payload or header.
    #[wasm_bindgen(js_name = signBase64url)]
    pub fn sign_base64url(&self, payload: &str, protected: &str) -> Result<String, JsValue> {
        self.sign(UnsignedJws::base64url(payload), protected)
    }

    /// As `signBase64url`, for a payload of any text.
    ///
    /// # Errors
    /// As `signBase64url`.
    #[wasm_bindgen(js_name = signText)]
    pub fn sign_text(&self, payload: &str, protected: &str) -> Result<String, JsValue> {
        self.sign(UnsignedJws::bytes(payload.as_bytes()), protected)
    }

    fn sign(
        &self,
        unsigned: Result<UnsignedJws, dag_jws::Error>,
        protected: &str,
    ) -> Result<String, JsValue> {
        let refused = |error: dag_jws::Error| thrown(&error.into());
        let mut unsigned = unsigned.map_err(refused)?;
        unsigned = with_protected(unsigned, protected, |unsigned, name, value| {
            unsigned.with_header_member(name, value)
        })?;
        let input = unsigned.prepare(self.key.did_key()).map_err(refused)?;
        let signature = self.key.sign(input.as_bytes());
        let signed = input.finish(signature.as_bytes()).map_err(refused)?;
        Ok(signed.to_compact())
    }
}

/// The session string of a seed and a capability (JSON), neither of which is judged: `fromSession`
/// does.
///
/// # Errors
/// `invalid_option` for a seed that has not 32 bytes and for what is not a capability.
#[wasm_bindgen(js_name = sessionText)]
pub fn session_text(seed: &[u8], capability: &str) -> Result<String, JsValue> {
    let record = SessionRecord::new(given_capability(capability)?, key_of(seed)?);
    Ok(record.to_session_string().to_string())
}

fn key_of(seed: &[u8]) -> Result<Ed25519SigningKey, JsValue> {
    seed.try_into()
        .map(Ed25519SigningKey::from_seed)
        .map_err(|_| thrown(&option("keySeed", "must be 32 bytes")))
}
