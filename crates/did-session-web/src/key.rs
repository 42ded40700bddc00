//! Session keys, whose private half is the page's.

use crate::host::make;
use async_trait::async_trait;
use didkey::{DidKey, Ed25519SigningKey, KeyType, PublicKey, Signature};
use session_core::{SessionKey, SigningError};
use std::fmt;
use wasm_bindgen::prelude::*;

/// A key whose private half WebCrypto holds: the page signs with it.
#[derive(Clone)]
pub(crate) struct PageKey(DidKey);

impl PageKey {
    pub(crate) const fn new(did: DidKey) -> Self {
        Self(did)
    }
}

#[async_trait(?Send)]
impl SessionKey for PageKey {
    fn did(&self) -> &DidKey {
        &self.0
    }

    async fn sign(&self, _: &[u8]) -> Result<Signature, SigningError> {
        Err(SigningError::custodian(&self.0, "the page signs"))
    }
}

impl fmt::Debug for PageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

/// A new key that its session string carries.
pub(crate) fn generate() -> Result<Ed25519SigningKey, session_core::Error> {
    Ed25519SigningKey::generate().map_err(|error| session_core::Error::Randomness {
        reason: error.to_string(),
    })
}

/// The DID of a public key as WebCrypto exports it raw: for P-256 0x04 ‖ x ‖ y (SEC 1).
pub(crate) fn did_of(raw: &[u8], is_ed25519: bool) -> Result<DidKey, didkey::Error> {
    let key = match is_ed25519 {
        true => PublicKey::from_bytes(KeyType::Ed25519, raw),
        false => PublicKey::from_uncompressed(KeyType::P256, raw),
    };
    key.map(DidKey::from)
}

/// The DID of a public key as WebCrypto exports it.
///
/// # Errors
/// `invalid_option` for what is not a point of its curve.
#[wasm_bindgen(js_name = publicKeyDid)]
pub fn public_key_did(raw: &[u8], is_ed25519: bool) -> Result<String, JsValue> {
    did_of(raw, is_ed25519)
        .map(|did| did.to_string())
        .map_err(|error| make("invalid_option", &error.to_string()))
}
