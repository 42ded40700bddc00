//! Capabilities as servers in JavaScript judge them: read by the block, judged by domain and time.

use crate::error::{make, option, set, thrown};
use crate::page;
use cacao::car::Car;
use cacao::{Cacao, Judgement, Policy, Provers, Requirement, Timestamp, UnixTime};
use js_sys::{Array, Object, Uint8Array};
use session_core::Error;
use std::cell::RefCell;
use std::time::Duration;
use wasm_bindgen::prelude::*;

/// Most capabilities whose signature a server remembers.
const MAX_KNOWN: usize = 10_000;

thread_local! {
    static SERVER: RefCell<Option<(Provers, Policy)>> = const { RefCell::new(None) };
}

/// Whom a server trusts, and by which rules: as pages do, by what `configure` said before.
fn rules() -> Result<(Provers, Policy), Error> {
    if let Some(rules) = SERVER.with_borrow(Clone::clone) {
        return Ok(rules);
    }
    let policy = page::sessions()?.context().policy().clone();
    let rules = (page::provers(MAX_KNOWN)?, policy);
    SERVER.set(Some(rules.clone()));
    Ok(rules)
}

/// What stands in a capability, of which nothing is verified: `{cid, block, audience, issuer,
/// identity, domain, nonce, resources, issuedAt, expiresAt}`, times in seconds. The bytes are a CAR
/// with one root, or the block itself.
///
/// # Errors
/// `invalid_capability`, or why the block is not read.
#[wasm_bindgen(js_name = readCapability)]
pub fn read_capability(bytes: &[u8], is_car: bool) -> Result<Object, JsValue> {
    let capability = read(bytes, is_car).map_err(|error| make(error.code(), &error.to_string()))?;
    let payload = capability.payload();
    let object = Object::new();
    let text = |name: &str, text: &str| set(&object, name, &text.into());
    text("cid", &capability.cid().to_string());
    text("identity", &capability.identity().to_string());
    text("issuer", &payload.issuer().normalized().did());
    text("domain", payload.domain());
    text("nonce", payload.nonce());
    if let Some(key) = capability.audience_key() {
        text("audience", key.as_str());
    }
    let resources: Array = payload.resources().map(JsValue::from).collect();
    set(&object, "resources", &resources);
    let time = |name: &str, time: &Timestamp| set(&object, name, &seconds(time).into());
    time("issuedAt", payload.issued_at());
    if let Some(end) = payload.expires_at() {
        time("expiresAt", end);
    }
    let block = capability.to_dag_cbor();
    set(&object, "block", &Uint8Array::from(block.as_slice()));
    Ok(object)
}

fn read(bytes: &[u8], is_car: bool) -> Result<Cacao, cacao::Error> {
    match is_car {
        true => Cacao::from_car(&Car::from_bytes(bytes)?),
        false => Cacao::from_dag_cbor(bytes),
    }
}

/// Judges a capability for a domain and a time, in seconds: whether the issuer signed it, and
/// whether it holds.
///
/// # Errors
/// The reason, as a code of `cacao`; `chain_unavailable` where a chain would have to be asked.
#[wasm_bindgen(js_name = judgeCapability)]
pub fn judge_capability(block: &[u8], domain: &str, now: f64) -> Result<(), JsValue> {
    let (provers, policy) = rules().map_err(|error| thrown(&error, None))?;
    let requirement = Requirement::for_domain(domain);
    let since = Duration::try_from_secs_f64(now)
        .map_err(|_| thrown(&option("time", "must be seconds since 1970"), None))?;
    let now = UnixTime::EPOCH + since;
    let judged = provers
        .read_dag_cbor(block)
        .and_then(|capability| capability.begin(&provers, &policy, &requirement, now, None));
    match judged {
        Ok(Judgement::Accepted(_)) => Ok(()),
        Ok(_) => Err(make(
            "chain_unavailable",
            "the issuer is a contract, whose chain is not asked here",
        )),
        Err(error) => Err(make(error.code(), &error.to_string())),
    }
}

fn seconds(time: &Timestamp) -> f64 {
    time.unix_time().as_nanos() as f64 / 1e9
}
