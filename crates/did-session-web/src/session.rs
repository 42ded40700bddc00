//! A session as JavaScript holds it.

use crate::host::{make, thrown};
use crate::key::{PageKey, generate};
use crate::page;
use crate::records;
use crate::request::Request;
use crate::signing::{DagSigning, Signing};
use cacao::Judgement;
use cacao::car::Car;
use dag_jws::{StrictJson, UnsignedDagJws, UnsignedJws};
use didkey::Ed25519SigningKey;
use ethereum_rpc::json_rpc;
use serde_json::{Map, Value};
use session_core::flow::{Found, Origin};
use session_core::{DidSession, Error, Pending, Profile, SessionKey};
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
        self.session.cacao().cid().to_string()
    }

    /// The identity of the capability: one for all its spellings.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn identity(&self) -> String {
        self.session.cacao().identity().to_string()
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

    /// Whether it has not expired, and grants these resources, a list in JSON.
    #[wasm_bindgen(js_name = isAuthorized)]
    #[must_use]
    pub fn is_authorized(&self, resources: &str) -> bool {
        let resources: Vec<String> = serde_json::from_str(resources).unwrap_or_default();
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
        let value = payload.finish()?;
        let mut unsigned = UnsignedDagJws::new(&value).map_err(|error| failed(error.into()))?;
        for (name, value) in members(protected.as_deref())? {
            unsigned = unsigned.with_header_member(name, value);
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
        if self.session.is_expired() {
            return Err(make("expired", "the session has expired"));
        }
        crate::proof::signing_input(&self.session, htd, nonce.as_deref())
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

    fn prepare(
        &self,
        mut unsigned: UnsignedJws,
        protected: Option<&str>,
        as_key: bool,
    ) -> Result<Signing, JsValue> {
        for (name, value) in members(protected)? {
            unsigned = unsigned.with_header_member(name, value);
        }
        if !as_key {
            let input = self.session.prepare(unsigned);
            return input
                .map(Signing::under_capability)
                .map_err(|error| thrown(&error));
        }
        if self.session.is_expired() {
            return Err(make("expired", "the session has expired"));
        }
        unsigned
            .prepare(self.session.key_did())
            .map(Signing::as_key)
            .map_err(|error| thrown(&error.into()))
    }
}

pub(crate) fn members(protected: Option<&str>) -> Result<Map<String, Value>, JsValue> {
    let Some(json) = protected else {
        return Ok(Map::new());
    };
    match StrictJson::parse(json).map(StrictJson::into_value) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(thrown(&crate::host::option(
            "protected",
            "must be an object of JSON values",
        ))),
    }
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

/// A session that is kept nowhere, on its way: under a key that its string carries. Who signs is
/// known only by the answer.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Authorization {
    key: Ed25519SigningKey,
    pending: Pending,
    judgement: Option<Judgement>,
    outcomes: Vec<cacao::CallOutcome>,
}

#[wasm_bindgen]
impl Authorization {
    /// Begins.
    ///
    /// # Errors
    /// `invalid_option`, `no_randomness`.
    #[wasm_bindgen(constructor)]
    pub fn new(request: &Request) -> Result<Self, JsValue> {
        let begun = || {
            let key = generate()?;
            let now = page::context()?.clock().now();
            let pending = request.inner().pending(None, key.did_key(), now)?;
            Ok(Self {
                key,
                pending,
                judgement: None,
                outcomes: Vec::new(),
            })
        };
        begun().map_err(|error: Error| thrown(&error))
    }

    /// What must stand in the wallet's answer, as JSON.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn asked(&self) -> String {
        records::asked(&self.pending)
    }

    /// Takes the wallet's answer, a capability as JSON; whether a chain must be asked first.
    ///
    /// # Errors
    /// Why it is not what was asked for.
    pub fn answer(&mut self, capability: &str) -> Result<bool, JsValue> {
        let judged = || {
            let answer = records::capability(capability).map_err(|error| {
                let why = crate::host::chain(&error);
                session_core::AuthError::failed(format!("its answer is not usable: {why}"))
            })?;
            let context = page::context()?;
            let (provers, policy) = (context.provers(), context.policy());
            let now = context.clock().now();
            Ok(self.pending.accept(&answer, provers, policy, now)?)
        };
        let judgement = judged().map_err(|error: Error| thrown(&error))?;
        let asks = matches!(judgement, Judgement::Ask(_));
        self.judgement = Some(judgement);
        Ok(asks)
    }

    /// The calls that are to be put to a chain, as `Flow` has them.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn calls(&self) -> Option<String> {
        match &self.judgement {
            Some(Judgement::Ask(inquiry)) => Some(records::calls(inquiry.calls())),
            _ => None,
        }
    }

    /// As `Flow` has it.
    pub fn outcome(&mut self, json: &str, is_error: bool) -> Option<String> {
        let read = match serde_json::from_str(json) {
            Ok(value) if is_error => json_rpc::outcome_of_error(&value),
            Ok(value) => json_rpc::outcome_of_result(&value),
            Err(error) => return Some(error.to_string()),
        };
        match read {
            Ok(outcome) => {
                self.outcomes.push(outcome);
                None
            }
            Err(why) => Some(crate::host::chain(&why)),
        }
    }

    /// The chain was asked; whether it must be asked more.
    ///
    /// # Errors
    /// Its verdict, where it is a no; `chain_unavailable` where it did not answer.
    pub fn answered(&mut self, outage: Option<String>) -> Result<bool, JsValue> {
        let Some(Judgement::Ask(inquiry)) = self.judgement.take() else {
            return Ok(false);
        };
        let outcomes = std::mem::take(&mut self.outcomes);
        let chain = inquiry.calls().first().map(|call| call.chain.clone());
        let answered = match outage {
            None => session_core::flow::Answered::By(outcomes, None),
            Some(why) => {
                let outage = session_core::Outage::new(chain.unwrap_or_default(), why);
                session_core::flow::Answered::By(outcomes, Some(outage))
            }
        };
        let now = page::context().map_err(|error| thrown(&error))?.clock().now();
        let judgement = answered
            .conclude(*inquiry, now)
            .map_err(|error| thrown(&error.into()))?;
        let asks = matches!(judgement, Judgement::Ask(_));
        self.judgement = Some(judgement);
        Ok(asks)
    }

    /// The session.
    ///
    /// # Errors
    /// `chain_unavailable` where a chain was not asked; `answer_expired`.
    pub fn finish(self) -> Result<Session, JsValue> {
        let finished = || {
            let verified = match self.judgement {
                Some(Judgement::Accepted(verified)) => verified,
                Some(Judgement::Ask(inquiry)) => return Err(inquiry.unasked().into()),
                _ => {
                    let detail = "the wallet has not answered".to_owned();
                    return Err(Error::OutOfStep { detail });
                }
            };
            let context = page::context()?;
            // a chain may have taken its time
            self.pending
                .check_not_ended(verified.payload(), context.clock().now())?;
            let origin = Origin::Asked;
            let found = Found { verified, origin };
            found.into_session(self.key, Profile::default(), &context)
        };
        finished()
            .map(Session::exportable)
            .map_err(|error| thrown(&error))
    }
}
