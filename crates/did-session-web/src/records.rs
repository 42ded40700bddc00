//! What lies in a browser's databases: capabilities as JSON, the keys of slots, revocations.

use crate::host::{self, chain, make, option, thrown};
use crate::ipld::IpldWriter;
use crate::key::did_of;
use crate::page;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use cacao::car::cid_text;
use cacao::recap::is_recap;
use cacao::{Cacao, EthCall, MAX_ENCODED_LEN, MemberOrder, Signature, SignatureValue};
use didkey::DidKey;
use ethereum_rpc::json_rpc;
use serde::Serialize;
use serde_json::json;
use session_core::revoke::RevocationLedger;
use session_core::{Pending, RecordTag, SlotId, StoreError};
use wasm_bindgen::prelude::*;

/// What a slot is: `{key, issuer, slot, profile}` as JSON, of an account and a profile.
///
/// # Errors
/// `invalid_option`.
#[wasm_bindgen(js_name = slotAt)]
pub fn slot_at(account: &str, profile: Option<String>) -> Result<String, JsValue> {
    let slot = || {
        let issuer = page::issuer(account)?;
        let profile = page::profile(profile.as_deref())?;
        Ok(SlotId::new(issuer).with_profile(profile))
    };
    let slot = slot().map_err(|error| thrown(&error))?;
    Ok(host::json(&Told::of(&slot)))
}

/// A slot, as the page is told of it.
#[derive(Serialize)]
struct Told {
    key: String,
    issuer: String,
    slot: String,
    profile: Option<String>,
}

impl Told {
    fn of(slot: &SlotId) -> Self {
        Self {
            key: slot.to_key(),
            issuer: slot.issuer().did(),
            slot: slot.to_string(),
            profile: slot.profile().name().map(str::to_owned),
        }
    }
}

/// What each of these keys is the slot of, or `null`: a list in JSON.
#[wasm_bindgen(js_name = slotsAt)]
#[must_use]
pub fn slots_at(keys: Vec<String>) -> String {
    let slots = keys
        .iter()
        .map(|key| SlotId::from_key(key).as_ref().map(Told::of));
    host::json(&slots.collect::<Vec<_>>())
}

/// Reads a capability that JavaScript holds as an object: told value by value, and as JSON, bytes as
/// DAG-JSON has them. What is spelled as all are written here has one block, which says all that the
/// JSON does, and is read in less code. Everything else is read from the JSON, which knows more
/// spellings, and the reason of a refusal.
pub(crate) fn read(json: &str, told: IpldWriter) -> Result<Cacao, cacao::Error> {
    let usual = told
        .into_block()
        .filter(|_| json.len() <= MAX_ENCODED_LEN)
        .and_then(|block| Cacao::from_dag_cbor(&block).ok())
        .filter(|capability| capability.variations().next().is_none());
    usual.map_or_else(|| capability(json), Ok)
}

/// Reads a capability from JSON, bytes as DAG-JSON has them. It stands in the last part.
#[inline(never)]
pub(crate) fn capability(json: &str) -> Result<Cacao, cacao::Error> {
    if json.len() > MAX_ENCODED_LEN {
        return Err(cacao::Error::TooLarge {
            what: "JSON",
            limit: MAX_ENCODED_LEN,
        });
    }
    Cacao::from_json(json)
}

/// Whether a capability can be read and needs every part to be judged and used.
#[wasm_bindgen(js_name = needsAll)]
#[must_use]
pub fn needs_all(json: &str, told: IpldWriter) -> bool {
    read(json, told).is_ok_and(|capability| is_peculiar(&capability))
}

/// Whether there is something in it that the last part is for: a `ReCap`, or bytes in its
/// signature.
fn is_peculiar(capability: &Cacao) -> bool {
    capability.payload().resources().any(is_recap) || capability.signature().is_some_and(has_bytes)
}

/// As an option of a call: the error says that the capability is not usable.
pub(crate) fn given_capability(json: &str) -> Result<Cacao, JsValue> {
    given(capability(json))
}

/// As `given_capability`, of what [`read`] has read.
pub(crate) fn given(read: Result<Cacao, cacao::Error>) -> Result<Cacao, JsValue> {
    read.map_err(|error| {
        let problem = format!("is not a valid capability: {}", chain(&error));
        thrown(&option("capability", problem))
    })
}

/// The JSON of a capability, bytes as DAG-JSON has them.
pub(crate) fn to_json(capability: &Cacao) -> String {
    let json = capability.to_json(MemberOrder::Session);
    let Some(signature) = capability.signature() else {
        return json;
    };
    if has_bytes(signature) {
        return with_bytes(json, signature);
    }
    json
}

fn has_bytes(signature: &Signature) -> bool {
    matches!(signature.value(), SignatureValue::Bytes(_)) || signature.aad().is_some()
}

/// The JSON of a capability with the bytes of its signature as DAG-JSON has them. It stands in the
/// last part.
#[inline(never)]
fn with_bytes(json: String, signature: &Signature) -> String {
    // what was written just now can be read
    let Ok(mut value) = serde_json::from_str::<serde_json::Value>(&json) else {
        return json;
    };
    let dag_json = |bytes: &[u8]| json!({ "/": { "bytes": STANDARD_NO_PAD.encode(bytes) } });
    if let SignatureValue::Bytes(bytes) = signature.value() {
        value["s"]["s"] = dag_json(bytes);
    }
    if let Some(aad) = signature.aad() {
        value["s"]["m"] = json!({ "aad": dag_json(aad) });
    }
    value.to_string()
}

/// A stored record that could be read: its capability, and the key beside it.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Candidate {
    capability: Cacao,
    key: DidKey,
}

#[wasm_bindgen]
impl Candidate {
    /// From a capability, as JSON and told value by value, and the public key as WebCrypto exports it
    /// raw.
    ///
    /// # Errors
    /// Why it cannot be read.
    #[wasm_bindgen(constructor)]
    pub fn new(
        json: &str,
        told: IpldWriter,
        raw: &[u8],
        is_ed25519: bool,
    ) -> Result<Self, JsValue> {
        let capability = read(json, told).map_err(|error| {
            let message = format!("cacao is not a valid capability: {}", chain(&error));
            make(error.code(), &message)
        })?;
        let key = did_of(raw, is_ed25519).map_err(|error| {
            let message = format!("keypair.publicKey is not a usable key: {}", chain(&error));
            make("malformed_key", &message)
        })?;
        Ok(Self { capability, key })
    }

    /// Which of several records in a slot counts: larger is better. One that can never be used,
    /// since it is another issuer's or its key is not its audience, counts only where there is no
    /// better one; else the one that was issued last.
    #[must_use]
    pub fn rank(&self, slot_key: &str) -> f64 {
        let payload = self.capability.payload();
        let slot = SlotId::from_key(slot_key);
        let fits = slot.is_some_and(|slot| slot.issuer() == payload.issuer())
            && payload.audience() == self.key.as_str();
        let issued = payload.issued_at().unix_time().as_nanos() as f64 / 1e6;
        // no date is 1e15 milliseconds away
        issued + if fits { 1e16 } else { 0.0 }
    }

    /// The capability, as JSON.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn json(&self) -> String {
        to_json(&self.capability)
    }

    /// The kind of its signature; nothing where it has none.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn kind(&self) -> String {
        let signature = self.capability.signature();
        signature.map_or_else(String::new, |signature| {
            signature.kind().as_str().to_owned()
        })
    }

    /// Whether it needs every part to be judged and used.
    #[wasm_bindgen(getter, js_name = needsAll)]
    #[must_use]
    pub fn needs_all(&self) -> bool {
        is_peculiar(&self.capability)
    }

    /// The identity of the capability: one for all its spellings.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn identity(&self) -> String {
        cid_text(&self.capability.identity())
    }

    /// Tells this content from any other.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn tag(&self) -> String {
        base16ct::lower::encode_string(self.record_tag().as_bytes())
    }
}

impl Candidate {
    pub(crate) const fn key(&self) -> &DidKey {
        &self.key
    }

    pub(crate) const fn capability(&self) -> &Cacao {
        &self.capability
    }

    pub(crate) fn record_tag(&self) -> RecordTag {
        RecordTag::of_record(&self.capability, &self.key)
    }
}

pub(crate) fn ledger(text: &str) -> Result<RevocationLedger, JsValue> {
    RevocationLedger::from_text(text).map_err(|error| {
        let error = StoreError::medium("cannot read what was revoked", error);
        thrown(&error.into())
    })
}

/// Whether one of these ledgers says so. It stands in the part that signs.
#[inline(never)]
pub(crate) fn is_revoked(ledgers: &[String], capability: &Cacao) -> Result<bool, JsValue> {
    for text in ledgers {
        if ledger(text)?.is_revoked(capability) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What an account is asked for, by the names that auth methods know.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    uri: &'a str,
    domain: &'a str,
    nonce: &'a str,
    issued_at: &'a str,
    expiration_time: &'a str,
    resources: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

/// What must stand in a wallet's answer.
pub(crate) fn asked(pending: &Pending) -> String {
    let request = pending.request();
    host::json(&Asked {
        uri: pending.audience().as_str(),
        domain: request.domain(),
        nonce: pending.nonce(),
        issued_at: pending.issued_at().as_str(),
        expiration_time: pending.expires_at().as_str(),
        resources: pending.resources(),
        statement: pending.statement(),
        request_id: request.request_id(),
    })
}

/// Calls for a chain, as JSON. It stands in the last part.
#[inline(never)]
pub(crate) fn calls(calls: &[EthCall]) -> String {
    let calls = calls
        .iter()
        .map(|call| json!({ "chain": call.chain, "params": json_rpc::params(call) }));
    json!(calls.collect::<Vec<_>>()).to_string()
}
