//! Verifying what a session signed, and the documents of the keys that sign.

use crate::error::{chain, make, option, set, thrown};
use crate::page;
use crate::texts::texts;
use cacao::car::Car;
use cacao::{Cacao, Judgement, Policy, Requirement, UnixTime};
use dag_jws::{Cid, DagJws, Jws, Verification};
use didkey::{DidDocument, Profile, Representation};
use js_sys::{Array, Object, Uint8Array};
use session_core::Error;
use std::time::Duration;
use store_indexeddb::capability_from_js;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// How a JWS is to be judged, as `js/verify.js` wrote it down: every member has its type, or
    /// is not there.
    #[wasm_bindgen(extends = Object)]
    pub type Wish;

    #[wasm_bindgen(method, getter)]
    fn issuer(this: &Wish) -> Option<String>;

    #[wasm_bindgen(method, getter)]
    fn domain(this: &Wish) -> Option<String>;

    #[wasm_bindgen(method, getter)]
    fn capability(this: &Wish) -> JsValue;

    #[wasm_bindgen(method, getter)]
    fn link(this: &Wish) -> Option<String>;

    #[wasm_bindgen(method, getter, js_name = atMillis)]
    fn at_millis(this: &Wish) -> Option<f64>;

    #[wasm_bindgen(method, getter, js_name = ignoresExpiry)]
    fn ignores_expiry(this: &Wish) -> Option<bool>;

    #[wasm_bindgen(method, getter, js_name = phaseOutSecs)]
    fn phase_out_secs(this: &Wish) -> Option<f64>;

    #[wasm_bindgen(method, getter)]
    fn kinds(this: &Wish) -> JsValue;
}

/// Judges a JWS, compact or general (as JSON): `{kid, did, issuer, payload, isJson}`, the payload
/// as bytes, and whether it is JSON that every reader reads alike.
///
/// With a capability, the key must be its audience; the issuer is who it speaks for. Without a
/// domain, a capability of any will do. The capability is judged at `atMillis` (milliseconds since
/// 1970; now, when left out), its expiry ignored when `ignoresExpiry`, or put off by
/// `phaseOutSecs`; its signature must be of one of the `kinds`, where they are given. A `link` must
/// be the CID that is signed.
///
/// # Errors
/// `invalid_option`, `invalid_signature` and the other codes of `dag-jws`.
#[wasm_bindgen(js_name = judgeJws)]
pub fn judge_jws(jws: &str, wish: &Wish) -> Result<Object, JsValue> {
    let judged = |error: dag_jws::Error| thrown(&error.into(), None);
    let wanted = verification(wish)?;
    let jws = Jws::parse(jws).map_err(judged)?;
    if let Some(link) = wish.link() {
        check_link(&jws, &link).map_err(judged)?;
    }
    let verified = jws.verify(&wanted).map_err(judged)?;
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

fn verification(wish: &Wish) -> Result<Verification, JsValue> {
    let failed = |error: Error| thrown(&error, None);
    let mut requirement = match wish.domain() {
        Some(domain) => Requirement::for_domain(domain),
        None => Requirement::any_domain(),
    };
    if let Some(issuer) = wish.issuer() {
        let issuer = issuer
            .parse()
            .map_err(|error: cacao::Error| failed(option("issuer", &error.to_string())))?;
        requirement = requirement.with_issuer(issuer);
    }
    let sessions = page::sessions().map_err(failed)?;
    let context = sessions.context();
    let at = match wish.at_millis() {
        Some(millis) => time(millis).map_err(failed)?,
        None => context.clock().now(),
    };
    let policy = policy(wish, context.policy()).map_err(failed)?;
    let mut wanted = Verification::new(at, requirement)
        .with_provers(context.provers().clone())
        .with_policy(policy);
    let capability = wish.capability();
    if !capability.is_undefined() {
        let capability = read(&capability)?;
        check_kind(&capability, &wish.kinds())?;
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
    if wish.ignores_expiry() == Some(true) {
        policy = policy.dangerously_ignoring_expiry();
    }
    if let Some(secs) = wish.phase_out_secs() {
        let bad = |_| option("revocationPhaseOutSecs", "must be a number of seconds");
        policy = policy.with_phase_out(Duration::try_from_secs_f64(secs).map_err(bad)?);
    }
    Ok(policy)
}

/// Whoever names verifiers takes signatures of their kinds and of no other.
fn check_kind(capability: &Cacao, kinds: &JsValue) -> Result<(), JsValue> {
    let Some(kinds) = texts(kinds) else {
        return Ok(());
    };
    let kind = capability
        .signature()
        .map(|signature| signature.kind().as_str());
    match kind {
        Some(kind) if !kinds.iter().any(|wanted| wanted == kind) => Err(make(
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
        payload: signed.to_string(),
    })
}

/// Judges a capability that a key of the caller's is to sign under: everything but the end of its
/// window, as for a session string. What stands in it: `{id, cacaoCid, car, authorizations,
/// expiresAt}`, the issuer's DID, the capability as a CAR with one root, and milliseconds since
/// 1970, where it expires.
///
/// # Errors
/// `audience_mismatch` when it delegates to another key, and the other codes of `cacao`.
#[wasm_bindgen(js_name = judgeDelegation)]
pub fn judge_delegation(capability: &JsValue, key: &str) -> Result<Object, JsValue> {
    let capability = read(capability)?;
    let sessions = page::sessions().map_err(|error| thrown(&error, None))?;
    let context = sessions.context();
    let policy = context.policy().clone().dangerously_ignoring_expiry();
    let (provers, now) = (context.provers(), context.clock().now());
    let requirement = Requirement::any_domain().with_audience(key);
    let refused = |error: cacao::Error| thrown(&error.into(), None);
    match capability.begin(provers, &policy, &requirement, now, None) {
        Ok(Judgement::Accepted(_)) => {}
        Ok(Judgement::Ask(inquiry)) => return Err(refused(inquiry.unasked())),
        Err(error) => return Err(refused(error)),
    }
    let payload = capability.payload();
    let cid = capability.cid();
    let object = Object::new();
    let text = |name: &str, text: String| set(&object, name, &text.into());
    text("id", payload.issuer().normalized().did());
    text("cacaoCid", cid.to_string());
    let car = Car::new(cid, vec![(cid, capability.to_dag_cbor())]).to_bytes();
    set(&object, "car", &Uint8Array::from(car.as_slice()));
    let resources: Array = payload.resources().map(JsValue::from).collect();
    set(&object, "authorizations", &resources);
    if let Some(end) = payload.expires_at() {
        let millis = end.unix_time().as_nanos() as f64 / 1e6;
        set(&object, "expiresAt", &millis.into());
    }
    Ok(object)
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

fn read(capability: &JsValue) -> Result<Cacao, JsValue> {
    capability_from_js(capability).map_err(|error| make("invalid_option", &chain(&error)))
}
