//! A session as JavaScript holds it.

use crate::host::{make, thrown};
use crate::key::PageKey;
use crate::page;
use crate::proof;
use crate::records;
use crate::signing::{DagSigning, Input, Signing};
use cacao::car::{Car, cid_text};
use dag_jws::{StrictJson, UnsignedJws};
use didkey::Ed25519SigningKey;
use serde_json::Value;
use session_core::revoke::{AcceptedRevocation, RevocationLedger};
use session_core::{DidSession, Error, SessionKey};
use wasm_bindgen::prelude::*;

/// A session: verified, with its key or the name of it.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Session {
    session: DidSession<dyn SessionKey>,
    exportable: Option<DidSession<Ed25519SigningKey>>,
}

impl Session {
    /// A session whose key the page holds.
    pub(crate) fn of_page(session: DidSession<PageKey>) -> Self {
        Self {
            session: session.erase(),
            exportable: None,
        }
    }

    /// A session whose string carries the key.
    pub(crate) fn exportable(session: DidSession<Ed25519SigningKey>) -> Self {
        Self {
            session: session.clone().erase(),
            exportable: Some(session),
        }
    }

    pub(crate) const fn inner(&self) -> &DidSession<dyn SessionKey> {
        &self.session
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

    /// The capability as JSON.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn cacao(&self) -> String {
        records::to_json(self.session.cacao())
    }

    /// The CID of the capability.
    #[wasm_bindgen(getter, js_name = cacaoCid)]
    #[must_use]
    pub fn cacao_cid(&self) -> String {
        cid_text(&self.session.cacao().cid())
    }

    /// The identity of the capability: one for all its spellings.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn identity(&self) -> String {
        cid_text(&self.session.cacao().identity())
    }

    /// The capability as a CAR with one root, as servers register it.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn car(&self) -> Vec<u8> {
        let capability = self.session.cacao();
        let cid = capability.cid();
        Car::new(cid, vec![(cid, capability.to_dag_cbor())]).to_bytes()
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

    /// Whether it has not expired, and grants these resources.
    #[wasm_bindgen(js_name = isAuthorized)]
    #[must_use]
    pub fn is_authorized(&self, resources: Vec<String>) -> bool {
        self.session
            .is_authorized(resources.iter().map(String::as_str))
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

    /// The signature of the key that the session string carries; nothing where the page has the
    /// key.
    #[must_use]
    pub fn signature(&self, message: &[u8]) -> Option<Vec<u8>> {
        let session = self.exportable.as_ref()?;
        let signature = Ed25519SigningKey::sign(session.key(), message);
        Some(signature.as_bytes().to_vec())
    }

    /// Prepares a JWS over a payload that is base64url already.
    ///
    /// # Errors
    /// `expired`, and what `dag-jws` has against payload or header.
    #[wasm_bindgen(js_name = prepareBase64url)]
    pub fn prepare_base64url(
        &self,
        payload: &str,
        protected: Option<String>,
        as_key: bool,
    ) -> Result<Signing, JsValue> {
        let unsigned = UnsignedJws::base64url(payload).map_err(|error| thrown(&error.into()))?;
        self.prepare(unsigned, protected.as_deref(), as_key)
    }

    /// As `prepareBase64url`, for a payload of any text.
    ///
    /// # Errors
    /// As `prepareBase64url`.
    #[wasm_bindgen(js_name = prepareText)]
    pub fn prepare_text(
        &self,
        payload: &str,
        protected: Option<String>,
        as_key: bool,
    ) -> Result<Signing, JsValue> {
        let unsigned =
            UnsignedJws::bytes(payload.as_bytes()).map_err(|error| thrown(&error.into()))?;
        self.prepare(unsigned, protected.as_deref(), as_key)
    }

    /// Prepares a DagJWS over an IPLD value.
    ///
    /// # Errors
    /// `invalid_payload` for values that DAG-CBOR does not know; as `prepareBase64url`.
    #[wasm_bindgen(js_name = prepareDag)]
    pub fn prepare_dag(
        &self,
        payload: crate::ipld::IpldWriter,
        protected: Option<String>,
    ) -> Result<DagSigning, JsValue> {
        let failed = |error: Error| thrown(&error);
        let mut unsigned = payload.finish()?;
        if let Some(json) = protected {
            unsigned = with_protected(unsigned, &json, |unsigned, name, value| {
                unsigned.with_header_member(name, value)
            })?;
        }
        let input = self.session.prepare_dag(unsigned).map_err(failed)?;
        Ok(DagSigning::new(input))
    }

    /// Prepares the proof of the request with this digest (`docs/http.md`, section 2).
    ///
    /// # Errors
    /// `expired`; `invalid_option` for what is not a digest or a nonce.
    #[wasm_bindgen(js_name = prepareProof)]
    pub fn prepare_proof(&self, htd: &str, nonce: Option<String>) -> Result<Signing, JsValue> {
        self.check_expiry()?;
        proof::signing_input(&self.session, htd, nonce.as_deref())
            .map(Signing::proof)
            .map_err(|error| thrown(&error))
    }

    /// Prepares the statement that revokes the session.
    ///
    /// # Errors
    /// `expired`.
    #[wasm_bindgen(js_name = prepareRevocation)]
    pub fn prepare_revocation(&self) -> Result<Signing, JsValue> {
        self.session
            .prepare_revocation_of_itself()
            .map(Signing::under_capability)
            .map_err(|error| thrown(&error))
    }

    /// The compact JWS of what was prepared.
    ///
    /// # Errors
    /// `expired` where the session ended meanwhile.
    pub fn finish(&self, signing: Signing, signature: &[u8]) -> Result<String, JsValue> {
        match signing.0 {
            Input::UnderCapability(input) => {
                let signed = self.session.finish(input, signature);
                signed
                    .map(|jws| jws.to_compact())
                    .map_err(|error| thrown(&error))
            }
            Input::AsKey(input) => {
                self.check_expiry()?;
                let signed = input.finish(signature);
                signed
                    .map(|jws| jws.to_compact())
                    .map_err(|error| thrown(&error.into()))
            }
            Input::Proof(input) => {
                self.check_expiry()?;
                Ok(proof::finish(input, signature))
            }
        }
    }

    /// As `finish`, of a DagJWS; the blocks can be had from it now.
    ///
    /// # Errors
    /// As `finish`.
    #[wasm_bindgen(js_name = finishDag)]
    pub fn finish_dag(
        &self,
        signing: &mut DagSigning,
        signature: &[u8],
    ) -> Result<String, JsValue> {
        let Some(input) = signing.take() else {
            return Ok(String::new());
        };
        let signed = self
            .session
            .finish_dag(input, signature)
            .map_err(|error| thrown(&error))?;
        Ok(signing.signed(signed))
    }

    fn check_expiry(&self) -> Result<(), JsValue> {
        self.session.check_expiry().map_err(|error| thrown(&error))
    }

    fn prepare(
        &self,
        mut unsigned: UnsignedJws,
        protected: Option<&str>,
        as_key: bool,
    ) -> Result<Signing, JsValue> {
        if let Some(json) = protected {
            unsigned = with_protected(unsigned, json, |unsigned, name, value| {
                unsigned.with_header_member(name, value)
            })?;
        }
        if !as_key {
            let input = self.session.prepare(unsigned);
            return input
                .map(Signing::under_capability)
                .map_err(|error| thrown(&error));
        }
        self.check_expiry()?;
        unsigned
            .prepare(self.session.key_did())
            .map(Signing::as_key)
            .map_err(|error| thrown(&error.into()))
    }
}

/// What waits for a key, with the members of a protected header (JSON). It stands in the last part, as
/// all does that reads and writes any JSON.
#[inline(never)]
pub(crate) fn with_protected<U>(
    mut unsigned: U,
    json: &str,
    add: impl Fn(U, String, Value) -> U,
) -> Result<U, JsValue> {
    let Ok(Value::Object(members)) = StrictJson::parse(json).map(StrictJson::into_value) else {
        return Err(thrown(&crate::host::option(
            "protected",
            "must be an object of JSON values",
        )));
    };
    for (name, value) in members {
        unsigned = add(unsigned, name, value);
    }
    Ok(unsigned)
}

/// Restores a session from its string.
///
/// # Errors
/// As `DidSession::from_session`.
#[wasm_bindgen(js_name = fromSession)]
pub fn from_session(text: &str) -> Result<Session, JsValue> {
    page::context()
        .and_then(|context| DidSession::from_session(&context, text))
        .map(Session::exportable)
        .map_err(|error| thrown(&error))
}

/// A ledger with the revocation of a session in it; nothing where it says so already.
///
/// # Errors
/// `store_failed` for a text that is not a ledger.
#[wasm_bindgen(js_name = revocationIn)]
pub fn revocation_in(text: Option<String>, session: &Session) -> Result<Option<String>, JsValue> {
    let mut ledger = match text {
        Some(text) => records::ledger(&text)?,
        None => RevocationLedger::default(),
    };
    let context = page::context().map_err(|error| thrown(&error))?;
    let end = AcceptedRevocation::of_itself(session.inner().verified(), context.policy());
    let changed = ledger.record(&end);
    Ok(changed.then(|| ledger.to_text()))
}
