//! Verifying what a session signed, and the documents of the keys that sign.

use crate::host::{chain, make, option, thrown};
use crate::page;
use crate::records;
use cacao::car::{Car, cid_text};
use cacao::{Cacao, Judgement, Policy, Requirement, UnixTime};
use dag_jws::{Cid, DagJws, Jws, Verification, VerifiedJws};
use didkey::{DidDocument, Profile, Representation};
use session_core::Error;
use std::time::Duration;
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

/// How a JWS is to be judged.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Wish {
    issuer: Option<String>,
    domain: Option<String>,
    capability: Option<String>,
    kinds: Option<Vec<String>>,
    link: Option<String>,
    at_millis: Option<f64>,
    ignores_expiry: bool,
    phase_out_secs: Option<f64>,
}

#[wasm_bindgen]
impl Wish {
    /// By itself, now.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// On whose behalf it must be signed.
    pub fn issuer(&mut self, issuer: String) {
        self.issuer = Some(issuer);
    }

    /// For which site the capability must be; any site's will do when left out.
    pub fn domain(&mut self, domain: String) {
        self.domain = Some(domain);
    }

    /// The capability, as JSON: the key must be its audience.
    pub fn capability(&mut self, json: String) {
        self.capability = Some(json);
    }

    /// The capability's signature must be of one of these kinds, a list in JSON.
    pub fn kinds(&mut self, kinds: &str) {
        self.kinds = serde_json::from_str(kinds).ok();
    }

    /// The CID that must be what is signed.
    pub fn link(&mut self, link: String) {
        self.link = Some(link);
    }

    /// When it is judged, in milliseconds since 1970.
    pub fn at(&mut self, millis: f64) {
        self.at_millis = Some(millis);
    }

    /// An expired capability counts.
    #[wasm_bindgen(js_name = ignoreExpiry)]
    pub fn ignore_expiry(&mut self) {
        self.ignores_expiry = true;
    }

    /// For how many seconds it counts after its end.
    #[wasm_bindgen(js_name = phaseOut)]
    pub fn phase_out(&mut self, secs: f64) {
        self.phase_out_secs = Some(secs);
    }
}

/// Judges a JWS, compact or general (as JSON).
///
/// # Errors
/// `invalid_option`, `invalid_signature` and the other codes of `dag-jws`.
#[wasm_bindgen(js_name = judgeJws)]
pub fn judge_jws(jws: &str, wish: &Wish) -> Result<Verified, JsValue> {
    let judged = |error: dag_jws::Error| thrown(&error.into());
    let wanted = verification(wish)?;
    let jws = Jws::parse(jws).map_err(judged)?;
    if let Some(link) = &wish.link {
        check_link(&jws, link).map_err(judged)?;
    }
    jws.verify(&wanted).map(Verified).map_err(judged)
}

fn verification(wish: &Wish) -> Result<Verification, JsValue> {
    let failed = |error: Error| thrown(&error);
    let mut requirement = match &wish.domain {
        Some(domain) => Requirement::for_domain(domain),
        None => Requirement::any_domain(),
    };
    if let Some(issuer) = &wish.issuer {
        let issuer = issuer
            .parse()
            .map_err(|error: cacao::Error| failed(option("issuer", error.to_string())))?;
        requirement = requirement.with_issuer(issuer);
    }
    let context = page::context().map_err(failed)?;
    let at = match wish.at_millis {
        Some(millis) => time(millis).map_err(failed)?,
        None => context.clock().now(),
    };
    let policy = policy(wish, context.policy()).map_err(failed)?;
    let mut wanted = Verification::new(at, requirement)
        .with_provers(context.provers().clone())
        .with_policy(policy);
    if let Some(json) = &wish.capability {
        let capability = records::given_capability(json)?;
        check_kind(&capability, wish.kinds.as_deref())?;
        wanted = wanted.with_capability(&capability);
    }
    Ok(wanted)
}

fn time(millis: f64) -> Result<UnixTime, Error> {
    let bad = |_| option("atTime", "must be a time from 1970 on");
    let since = Duration::try_from_secs_f64(millis / 1000.0).map_err(bad)?;
    Ok(UnixTime::EPOCH + since)
}

fn policy(wish: &Wish, policy: &Policy) -> Result<Policy, Error> {
    let mut policy = policy.clone();
    if wish.ignores_expiry {
        policy = policy.dangerously_ignoring_expiry();
    }
    if let Some(secs) = wish.phase_out_secs {
        let bad = |_| option("revocationPhaseOutSecs", "must be a number of seconds");
        policy = policy.with_phase_out(Duration::try_from_secs_f64(secs).map_err(bad)?);
    }
    Ok(policy)
}

/// Whoever names verifiers takes signatures of their kinds and of no other.
fn check_kind(capability: &Cacao, kinds: Option<&[String]>) -> Result<(), JsValue> {
    let kind = capability
        .signature()
        .map(|signature| signature.kind().as_str());
    match (kind, kinds) {
        (Some(kind), Some(kinds)) if !kinds.iter().any(|wanted| wanted == kind) => Err(make(
            "unsupported_kind",
            &format!("the verifiers that were given have none for signatures of the kind {kind:?}"),
        )),
        _ => Ok(()),
    }
}

fn check_link(jws: &Jws, link: &str) -> Result<(), dag_jws::Error> {
    let signed = *DagJws::from_jws(jws.clone())?.link();
    if link.parse::<Cid>().is_ok_and(|link| link == signed) {
        return Ok(());
    }
    Err(dag_jws::Error::LinkMismatch {
        link: link.to_owned(),
        payload: cid_text(&signed),
    })
}

/// A capability that a key of the caller's is to sign under.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Delegation(Cacao);

#[wasm_bindgen]
impl Delegation {
    /// `{id, cacaoCid, authorizations, expiresAt}` as JSON: the issuer's DID, and milliseconds
    /// since 1970, where it expires.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn facts(&self) -> String {
        let payload = self.0.payload();
        let mut facts = serde_json::json!({
            "id": payload.issuer().normalized().did(),
            "cacaoCid": cid_text(&self.0.cid()),
            "authorizations": payload.resources().collect::<Vec<_>>(),
        });
        if let Some(end) = payload.expires_at() {
            facts["expiresAt"] = (end.unix_time().as_nanos() as f64 / 1e6).into();
        }
        facts.to_string()
    }

    /// The capability as a CAR with one root.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn car(&self) -> Vec<u8> {
        let cid = self.0.cid();
        Car::new(cid, vec![(cid, self.0.to_dag_cbor())]).to_bytes()
    }
}

/// Judges a capability (JSON) that a key of the caller's is to sign under: everything but the end of
/// its window, as for a session string.
///
/// # Errors
/// `audience_mismatch` when it delegates to another key, and the other codes of `cacao`.
#[wasm_bindgen(js_name = judgeDelegation)]
pub fn judge_delegation(json: &str, key: &str) -> Result<Delegation, JsValue> {
    let capability = records::given_capability(json)?;
    let context = page::context().map_err(|error| thrown(&error))?;
    let policy = context.policy().clone().dangerously_ignoring_expiry();
    let (provers, now) = (context.provers(), context.clock().now());
    let requirement = Requirement::any_domain().with_audience(key);
    let refused = |error: cacao::Error| thrown(&error.into());
    match capability.begin(provers, &policy, &requirement, now, None) {
        Ok(Judgement::Accepted(_)) => Ok(Delegation(capability)),
        Ok(Judgement::Ask(inquiry)) => Err(refused(inquiry.unasked())),
        Err(error) => Err(refused(error)),
    }
}

/// The DID document of a did:key, or of a DID URL of one, as JSON, in the form of the npm package
/// `key-did-resolver`; `accept` is the media type.
///
/// # Errors
/// The codes of `didkey`: `unsupported_representation`, `not_did_key`, …
#[wasm_bindgen(js_name = didDocument)]
pub fn did_document(did_url: &str, accept: &str) -> Result<String, JsValue> {
    let document = Representation::from_media_type(accept).and_then(|representation| {
        let document = DidDocument::resolve(did_url, Profile::Peer)?;
        Ok(document.with_representation(representation))
    });
    let document = document.map_err(|error| make(error.code(), &chain(&error)))?;
    serde_json::to_string(&document).map_err(|error| make("invalid_option", &error.to_string()))
}
