//! Session keys that WebCrypto holds and does not give away.

use crate::algorithm::WebCryptoAlgorithm;
use crate::describe::usages;
use crate::error::{IndexedDbError, RecordError};
use crate::js::{self, KeyPair};
use async_trait::async_trait;
use didkey::{DidKey, KeyType, PublicKey, Signature};
use js_sys::{Array, Uint8Array};
use session_core::{SessionKey, SigningError, StoreError};
use std::fmt;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto};

/// A key pair of WebCrypto whose private half cannot be exported: it signs, and that is all.
#[derive(Clone)]
pub struct WebCryptoKey {
    private: CryptoKey,
    public: CryptoKey,
    algorithm: WebCryptoAlgorithm,
    did: DidKey,
}

impl WebCryptoKey {
    /// Makes a fresh, non-extractable key pair.
    ///
    /// # Errors
    /// [`StoreError::Key`] where there is no WebCrypto (outside secure contexts), or no such
    /// algorithm.
    pub async fn generate(algorithm: WebCryptoAlgorithm) -> Result<Self, StoreError> {
        let no_key = |reason: String| StoreError::Key { reason };
        let thrown = |value: &JsValue| no_key(IndexedDbError::thrown(value).to_string());
        let subtle = js::subtle().ok_or_else(|| {
            no_key("there is no WebCrypto here; it needs a secure context (https)".to_owned())
        })?;
        let usages = Array::of1(&JsValue::from_str("sign"));
        let making = subtle
            .generate_key_with_object(&algorithm.for_key(), false, &usages)
            .map_err(|value| thrown(&value))?;
        let pair = JsFuture::from(making)
            .await
            .map_err(|value| thrown(&value))?;
        Self::from_halves(&pair, algorithm)
            .await
            .map(|(key, _)| key)
            .map_err(|problem| no_key(problem.to_string()))
    }

    /// The algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> WebCryptoAlgorithm {
        self.algorithm
    }

    /// The pair as a record holds it.
    pub(crate) fn to_pair(&self) -> KeyPair {
        let pair: KeyPair = js::dictionary();
        pair.set_private_key(&self.private);
        pair.set_public_key(&self.public);
        pair
    }

    /// Takes a stored pair whose halves are what this store would have made, and belong together.
    pub(crate) async fn from_pair(
        pair: &JsValue,
        algorithm: WebCryptoAlgorithm,
    ) -> Result<Self, RecordError> {
        let (key, public) = Self::from_halves(pair, algorithm).await?;
        crate::pair::check(&key.private, &public, algorithm).await?;
        Ok(key)
    }

    /// The pair, and the bytes of its public key.
    async fn from_halves(
        pair: &JsValue,
        algorithm: WebCryptoAlgorithm,
    ) -> Result<(Self, Vec<u8>), RecordError> {
        let pair: &KeyPair = pair.unchecked_ref();
        let private = half(pair.private_key(), PRIVATE, "private", algorithm)?;
        let public = half(pair.public_key(), PUBLIC, "public", algorithm)?;
        if private.extractable() {
            return Err(RecordError::ExtractablePrivateKey);
        }
        if !public.extractable() {
            return Err(RecordError::HiddenPublicKey);
        }
        let usages = usages(&private);
        if !usages.iter().any(|usage| usage == "sign") {
            return Err(RecordError::WrongUsages { found: usages });
        }
        let raw = export(&public).await?;
        let did = did_of(&raw, algorithm)?;
        let key = Self {
            private,
            public,
            algorithm,
            did,
        };
        Ok((key, raw))
    }
}

const PRIVATE: &str = "keypair.privateKey";
const PUBLIC: &str = "keypair.publicKey";

fn half(
    value: JsValue,
    member: &'static str,
    kind: &str,
    algorithm: WebCryptoAlgorithm,
) -> Result<CryptoKey, RecordError> {
    if value.is_undefined() || value.is_null() {
        return Err(RecordError::Missing { member });
    }
    let key = value
        .dyn_into::<CryptoKey>()
        .map_err(|value| RecordError::WrongType {
            member,
            expected: "CryptoKey",
            found: crate::describe::kind_of(&value),
        })?;
    if key.type_() != kind {
        return Err(RecordError::WrongType {
            member,
            expected: if kind == "private" {
                "private key"
            } else {
                "public key"
            },
            found: format!("a {} key", key.type_()),
        });
    }
    if !algorithm.is_of(&key) {
        return Err(RecordError::WrongAlgorithm {
            member,
            expected: algorithm,
            found: crate::describe::algorithm_of(&key),
        });
    }
    Ok(key)
}

async fn export(public: &CryptoKey) -> Result<Vec<u8>, RecordError> {
    let browser = |value: JsValue| RecordError::Browser(IndexedDbError::thrown(&value));
    let subtle = js::subtle().ok_or_else(RecordError::no_web_crypto)?;
    let exporting = subtle.export_key("raw", public).map_err(browser)?;
    let raw = JsFuture::from(exporting).await.map_err(browser)?;
    Ok(Uint8Array::new(&raw).to_vec())
}

fn did_of(raw: &[u8], algorithm: WebCryptoAlgorithm) -> Result<DidKey, RecordError> {
    let key = match (algorithm, raw) {
        // SEC 1, uncompressed: 0x04 ‖ x ‖ y
        (WebCryptoAlgorithm::P256, [0x04, xy @ ..]) if xy.len() == 64 => {
            let (x, y) = xy.split_at(32);
            let odd = y.last().is_some_and(|byte| byte & 1 == 1);
            let compressed = [&[if odd { 3 } else { 2 }], x].concat();
            PublicKey::from_bytes(KeyType::P256, &compressed)
        }
        (WebCryptoAlgorithm::P256, other) => PublicKey::from_bytes(KeyType::P256, other),
        (WebCryptoAlgorithm::Ed25519, bytes) => PublicKey::from_bytes(KeyType::Ed25519, bytes),
    };
    key.map(DidKey::from).map_err(RecordError::PublicKey)
}

#[async_trait(?Send)]
impl SessionKey for WebCryptoKey {
    fn did(&self) -> &DidKey {
        &self.did
    }

    async fn sign(&self, message: &[u8]) -> Result<Signature, SigningError> {
        let thrown =
            |value: &JsValue| SigningError::custodian(&self.did, IndexedDbError::thrown(value));
        let subtle: SubtleCrypto = js::subtle()
            .ok_or_else(|| SigningError::custodian(&self.did, "there is no WebCrypto here"))?;
        // a copy: the promise outlives any view into our memory
        let message = Uint8Array::from(message);
        let signing = subtle
            .sign_with_object_and_buffer_source(
                &self.algorithm.for_signature(),
                &self.private,
                &message,
            )
            .map_err(|value| thrown(&value))?;
        let signature = JsFuture::from(signing)
            .await
            .map_err(|value| thrown(&value))?;
        let signature = Uint8Array::new(&signature).to_vec();
        let len = signature.len();
        <[u8; 64]>::try_from(signature)
            .map(Signature::from)
            .map_err(|_| {
                let reason = format!("the signature has {len} bytes, not 64");
                SigningError::custodian(&self.did, reason)
            })
    }
}

/// It shows nothing secret: the browser keeps the private half to itself.
impl fmt::Debug for WebCryptoKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebCryptoKey")
            .field("did", &self.did.as_str())
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}
