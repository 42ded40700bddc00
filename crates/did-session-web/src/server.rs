//! Capabilities as servers in JavaScript judge them: read by the block, judged by domain and time.

use crate::host::{make, option, refused, thrown};
use crate::page;
use cacao::car::{Car, cid_text};
use cacao::{Cacao, Judgement, Policy, Provers, Requirement, Timestamp, UnixTime};
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
    let policy = page::context()?.policy().clone();
    let rules = (page::provers(MAX_KNOWN)?, policy);
    SERVER.set(Some(rules.clone()));
    Ok(rules)
}

/// What stands in a capability, of which nothing is verified.
#[wasm_bindgen]
#[derive(Debug)]
pub struct ReadCapability(Cacao);

#[wasm_bindgen]
impl ReadCapability {
    /// `{cid, audience, issuer, identity, domain, nonce, resources, issuedAt, expiresAt}` as JSON,
    /// times in seconds.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn facts(&self) -> String {
        let payload = self.0.payload();
        let mut facts = serde_json::json!({
            "cid": cid_text(&self.0.cid()),
            "identity": cid_text(&self.0.identity()),
            "issuer": payload.issuer().normalized().did(),
            "domain": payload.domain(),
            "nonce": payload.nonce(),
            "resources": payload.resources().collect::<Vec<_>>(),
            "issuedAt": seconds(payload.issued_at()),
        });
        if let Some(key) = self.0.audience_key() {
            facts["audience"] = key.as_str().into();
        }
        if let Some(end) = payload.expires_at() {
            facts["expiresAt"] = seconds(end).into();
        }
        facts.to_string()
    }

    /// The block.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn block(&self) -> Vec<u8> {
        self.0.to_dag_cbor()
    }
}

/// Reads a CAR with one root, or a block.
///
/// # Errors
/// Why it cannot be read.
#[wasm_bindgen(js_name = readCapability)]
pub fn read_capability(bytes: &[u8], is_car: bool) -> Result<ReadCapability, JsValue> {
    let read = match is_car {
        true => Car::from_bytes(bytes).and_then(|car| Cacao::from_car(&car)),
        false => Cacao::from_dag_cbor(bytes),
    };
    read.map(ReadCapability).map_err(|error| refused(&error))
}

/// Judges a capability for a domain and a time, in seconds: whether the issuer signed it, and
/// whether it holds.
///
/// # Errors
/// The reason, as a code of `cacao`; `chain_unavailable` where a chain would have to be asked.
#[wasm_bindgen(js_name = judgeCapability)]
pub fn judge_capability(block: &[u8], domain: &str, now: f64) -> Result<(), JsValue> {
    let (provers, policy) = rules().map_err(|error| thrown(&error))?;
    let requirement = Requirement::for_domain(domain);
    let since = Duration::try_from_secs_f64(now)
        .map_err(|_| thrown(&option("time", "must be seconds since 1970")))?;
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
        Err(error) => Err(refused(&error)),
    }
}

fn seconds(time: &Timestamp) -> f64 {
    time.unix_time().as_nanos() as f64 / 1e9
}
