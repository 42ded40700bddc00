//! A session as JavaScript holds it.

use crate::error::{make, option, set, thrown};
use crate::{ipld, proof};
use cacao::car::Car;
use dag_jws::{StrictJson, UnsignedDagJws, UnsignedJws};
use didkey::Ed25519SigningKey;
use js_sys::{Object, Uint8Array};
use serde_json::{Map, Value};
use session_core::{DidSession, Error, SessionKey};
use store_indexeddb::{WebCryptoKey, capability_to_js};
use wasm_bindgen::prelude::*;

/// A session: verified, with its key.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Session {
    session: DidSession<dyn SessionKey>,
    exportable: Option<DidSession<Ed25519SigningKey>>,
}

impl From<DidSession<WebCryptoKey>> for Session {
    fn from(session: DidSession<WebCryptoKey>) -> Self {
        Self {
            session: session.erase(),
            exportable: None,
        }
    }
}

impl From<DidSession<Ed25519SigningKey>> for Session {
    fn from(session: DidSession<Ed25519SigningKey>) -> Self {
        Self {
            session: session.clone().erase(),
            exportable: Some(session),
        }
    }
}

#[wasm_bindgen]
impl Session {
    /// The issuer's DID.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn id(&self) -> String {
        self.session.id()
    }

    /// The session key's DID.
    #[wasm_bindgen(getter, js_name = keyDid)]
    #[must_use]
    pub fn key_did(&self) -> String {
        self.session.key_did().to_string()
    }

    /// The capability as a plain object.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn cacao(&self) -> JsValue {
        capability_to_js(self.session.cacao())
    }

    /// The CID of the capability.
    #[wasm_bindgen(getter, js_name = cacaoCid)]
    #[must_use]
    pub fn cacao_cid(&self) -> String {
        self.session.cacao().cid().to_string()
    }

    /// The capability as a CAR with one root, as servers register it.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn car(&self) -> Vec<u8> {
        let capability = self.session.cacao();
        let cid = capability.cid();
        Car::new(cid, vec![(cid, capability.to_dag_cbor())]).to_bytes()
    }

    /// The resources that it grants.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn authorizations(&self) -> Vec<String> {
        self.session.authorizations().map(str::to_owned).collect()
    }

    /// Whether `exp` is past.
    #[wasm_bindgen(getter, js_name = isExpired)]
    #[must_use]
    pub fn is_expired(&self) -> bool {
        self.session.is_expired()
    }

    /// Seconds until it expires, 0 when it has, nothing when it never does.
    #[wasm_bindgen(getter, js_name = expiresInSecs)]
    #[must_use]
    pub fn expires_in_secs(&self) -> Option<f64> {
        self.session.expires_in().map(|left| left.as_secs_f64())
    }

    /// The session string, for keys that may leave.
    ///
    /// # Errors
    /// `secure_session` for the others.
    pub fn serialize(&self) -> Result<String, JsValue> {
        match &self.exportable {
            Some(session) => Ok(session.serialize().to_string()),
            None => Err(make(
                "secure_session",
                "Secure sessions cannot be serialized",
            )),
        }
    }

    /// Signs a payload, already in base64url, with the capability in the header, or as the key
    /// alone; a compact JWS.
    ///
    /// # Errors
    /// `expired`, and what `dag-jws` has against payload or header.
    #[wasm_bindgen(js_name = signBase64url)]
    pub async fn sign_base64url(
        &self,
        payload: String,
        protected: Option<String>,
        as_key: bool,
    ) -> Result<String, JsValue> {
        let unsigned = UnsignedJws::base64url(&payload).map_err(jws)?;
        self.sign(unsigned, protected.as_deref(), as_key).await
    }

    /// As `signBase64url`, for a payload of any text.
    ///
    /// # Errors
    /// As `signBase64url`.
    #[wasm_bindgen(js_name = signText)]
    pub async fn sign_text(
        &self,
        payload: String,
        protected: Option<String>,
        as_key: bool,
    ) -> Result<String, JsValue> {
        let unsigned = UnsignedJws::bytes(payload.as_bytes()).map_err(jws)?;
        self.sign(unsigned, protected.as_deref(), as_key).await
    }

    /// Signs an IPLD value: `{jws, link, linkedBlock, cacaoBlock}`, the link as bytes.
    ///
    /// # Errors
    /// `invalid_payload` for values that DAG-CBOR does not know; as `signBase64url`.
    #[wasm_bindgen(js_name = signDag)]
    pub async fn sign_dag(
        &self,
        payload: JsValue,
        protected: Option<String>,
    ) -> Result<Object, JsValue> {
        let mut unsigned = UnsignedDagJws::new(&ipld::from_js(&payload)?).map_err(jws)?;
        for (name, value) in members(protected.as_deref())? {
            unsigned = unsigned.with_header_member(name, value);
        }
        let signed = self
            .session
            .create_dag_jws(unsigned)
            .await
            .map_err(|error| thrown(&error, None))?;
        let (signed, linked_block, cacao_block) = signed.into_parts();
        let object = Object::new();
        let bytes = |name: &str, bytes: &[u8]| set(&object, name, &Uint8Array::from(bytes));
        bytes("link", &signed.link().to_bytes());
        bytes("linkedBlock", &linked_block);
        bytes("cacaoBlock", &cacao_block.unwrap_or_default());
        set(&object, "jws", &signed.jws().as_compact().into());
        Ok(object)
    }

    /// The proof of the request with this digest (`docs/http.md`, section 2).
    ///
    /// # Errors
    /// `expired`; `invalid_option` for what is not a digest or a nonce; what the key says.
    pub async fn prove(&self, htd: String, nonce: Option<String>) -> Result<String, JsValue> {
        if self.session.is_expired() {
            return Err(make("expired", "the session has expired"));
        }
        let input = proof::signing_input(&self.session, &htd, nonce.as_deref())
            .map_err(|error| thrown(&error, None))?;
        let key = self.session.key();
        let signature = key
            .sign(input.as_bytes())
            .await
            .map_err(|error| thrown(&error.into(), None))?;
        Ok(proof::finish(input, signature.as_bytes()))
    }

    async fn sign(
        &self,
        mut unsigned: UnsignedJws,
        protected: Option<&str>,
        as_key: bool,
    ) -> Result<String, JsValue> {
        for (name, value) in members(protected)? {
            unsigned = unsigned.with_header_member(name, value);
        }
        if !as_key {
            let signed = self.session.sign(unsigned).await;
            return Ok(signed.map_err(|error| thrown(&error, None))?.to_compact());
        }
        if self.session.is_expired() {
            return Err(make("expired", "the session has expired"));
        }
        let key = self.session.key();
        let input = unsigned.prepare(key.did()).map_err(jws)?;
        let signature = key
            .sign(input.as_bytes())
            .await
            .map_err(|error| thrown(&error.into(), None))?;
        Ok(input
            .finish(signature.as_bytes())
            .map_err(jws)?
            .to_compact())
    }
}

fn jws(error: dag_jws::Error) -> JsValue {
    thrown(&error.into(), None)
}

pub(crate) fn members(protected: Option<&str>) -> Result<Map<String, Value>, JsValue> {
    let Some(json) = protected else {
        return Ok(Map::new());
    };
    match StrictJson::parse(json).map(StrictJson::into_value) {
        Ok(Value::Object(members)) => Ok(members),
        _ => {
            let error: Error = option("protected", "must be an object of JSON values");
            Err(thrown(&error, None))
        }
    }
}
