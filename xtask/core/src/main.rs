//! What `cargo xtask web size` weighs as the core: the machine of `get`, the judgement of an
//! Ethereum account's capability, and the verification of a JWS, with no store, no futures and no
//! JavaScript around them, and so without wasm-bindgen.
//!
//! All that comes from outside passes through `black_box`, so that nothing of it is worked out, or
//! left out, while the module is built.
#![forbid(unsafe_code)]

use cacao::{Cacao, Issuer, Policy, Provers, Requirement, Signature, UnixTime, eip191::Eip191};
use dag_jws::{Jws, Verification};
use didkey::DidKey;
use session_core::flow::{Flow, Input, Step, Time, View};
use session_core::{AuthError, Pending, RecordTag, Request, SlotId};
use std::error::Error;
use std::hint::black_box;
use std::time::Duration;

/// What a page would hand in.
struct Given {
    account: &'static str,
    key: &'static str,
    stored: &'static [u8],
    signature: [u8; 65],
    jws: &'static str,
    domain: &'static str,
    nonce: &'static str,
    millis: i64,
}

fn run() -> Result<(), Box<dyn Error>> {
    let given = black_box(Given {
        account: "",
        key: "",
        stored: &[],
        signature: [0; 65],
        jws: "",
        domain: "",
        nonce: "",
        millis: 0,
    });
    let provers = Provers::none().with(Eip191)?;
    let capability = session(&given, &provers)?;
    let at = UnixTime::from_millis(given.millis);
    let verification = Verification::new(at, Requirement::for_domain(given.domain))
        .with_provers(provers)
        .with_capability(&capability);
    let verified = Jws::parse(given.jws)?.verify(&verification)?;
    black_box(verified.payload());
    Ok(())
}

/// `get`, from its first step to its last.
fn session(given: &Given, provers: &Provers) -> Result<Cacao, Box<dyn Error>> {
    let slot = SlotId::from(given.account.parse::<Issuer>()?);
    // a page would take a nonce of its own
    let request = Request::new(given.domain, ["ceramic://*"]).with_nonce(given.nonce);
    let mut flow = Flow::get(slot, request, provers, &Policy::default());
    let mut input = Input::Start;
    loop {
        let time = Time {
            wall: UnixTime::from_millis(given.millis),
            monotonic: black_box(Duration::ZERO),
        };
        input = match flow.on(input, time) {
            Step::Load { .. } => Input::Loaded(stored(given)?),
            Step::Join { .. } => Input::Lead,
            Step::Lock { .. } => Input::Locked,
            Step::MakeKey => Input::Key(given.key.parse()?),
            Step::Ask(pending) => Input::Answer(answer(given, &pending)),
            Step::Save { .. } => Input::Saved,
            Step::Done(found) => return Ok(found?.verified.cacao().clone()),
            _ => return Err("nobody else is asked here".into()),
        };
    }
}

fn stored(given: &Given) -> Result<View, Box<dyn Error>> {
    if given.stored.is_empty() {
        return Ok(View::Empty);
    }
    let capability = Cacao::from_dag_cbor(given.stored)?;
    let key: DidKey = given.key.parse()?;
    Ok(View::Record {
        tag: RecordTag::of_record(&capability, &key),
        capability,
        key,
        evidence: None,
    })
}

/// What a wallet shows, and what it answers.
fn answer(given: &Given, pending: &Pending) -> Result<Cacao, AuthError> {
    let issuer: Issuer = given
        .account
        .parse()
        .map_err(|error: cacao::Error| AuthError::failed(error))?;
    black_box(pending.text_for(&issuer).map_err(AuthError::failed)?);
    let payload = pending.payload_for(&issuer).map_err(AuthError::failed)?;
    let signature = Signature::eip191(&given.signature);
    Ok(Cacao::new(
        cacao::HeaderType::Eip4361,
        payload,
        Some(signature),
    ))
}

fn main() {
    std::process::exit(i32::from(run().is_err()));
}
