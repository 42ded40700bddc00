//! What is remembered is a signature and nothing else: a capability that is known is judged as
//! strictly as one that is met for the first time.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
#![cfg(all(feature = "std", feature = "ethereum"))]

use cacao::{
    Cacao, Claim, Error, Facts, HeaderType, Kind, Payload, Policy, Prover, Provers, Requirement,
    ResourceMatcher, Signature, SignatureKind, SignatureValue, Timestamp, UnixTime, siwx,
};
use k256::ecdsa::SigningKey;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use test_support::{Failures, text, vectors};

const AT: &str = "2023-04-06T16:15:19.058Z";
const KEY: &str = "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn";

fn at(text: &str) -> UnixTime {
    text.parse::<Timestamp>().unwrap().unix_time()
}

/// A capability that an Ethereum wallet signed.
fn capability(nonce: &str) -> Cacao {
    capability_for(nonce, "ceramic://*")
}

fn capability_for(nonce: &str, resource: &str) -> Cacao {
    let key = SigningKey::from_slice(&[7; 32]).unwrap();
    let address = data_encoding::HEXLOWER.encode(&cacao::eip191::address_of(key.verifying_key()));
    let payload = Payload::builder(
        "a.example",
        format!("did:pkh:eip155:1:0x{address}").parse().unwrap(),
        KEY,
        nonce,
        AT.parse().unwrap(),
    )
    .with_expires_at("2023-04-07T00:00:00Z".parse().unwrap())
    .with_resources([resource])
    .build()
    .unwrap();
    let text = siwx::render(&payload, siwx::Dialect::default()).unwrap();
    let (signature, id) = key.sign_prehash_recoverable(&cacao::eip191::digest(text.as_bytes()));
    let bytes = [&signature.to_bytes()[..], &[id.to_byte()]].concat();
    let hex = format!("0x{}", data_encoding::HEXLOWER.encode(&bytes));
    let value = SignatureValue::Text(hex.into());
    let signature = Signature::new(SignatureKind::EIP191, value, None).unwrap();
    Cacao::new(HeaderType::Eip4361, payload, Some(signature))
}

fn judge(
    cacao: &Cacao,
    provers: &Provers,
    policy: &Policy,
    expected: &Requirement,
    when: &str,
) -> Result<(), Error> {
    cacao.verify(provers, policy, expected, at(when)).map(drop)
}

fn code(judged: Result<(), Error>) -> &'static str {
    judged.map_or_else(|error| error.code(), |()| "accepted")
}

/// The built-in verifier of Ethereum accounts, counting how often it looks at a signature.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicUsize>);

impl Prover for Counting {
    fn kinds(&self) -> &[Kind] {
        cacao::eip191::Eip191.kinds()
    }

    fn prove(&self, claim: &Claim<'_>) -> Result<Facts, Error> {
        self.0.fetch_add(1, Ordering::Relaxed);
        cacao::eip191::Eip191.prove(claim)
    }
}

#[test]
fn a_signature_is_checked_once() {
    let counting = Counting::default();
    let provers = Provers::none().with(counting.clone()).unwrap();
    let provers = provers.with_memory(8);
    let known = provers.known().unwrap();
    let block = capability("first").to_dag_cbor();
    for _ in 0..10 {
        let cacao = provers.read_dag_cbor(&block).unwrap();
        let verified = cacao.verify(
            &provers,
            &Policy::default(),
            &Requirement::any_domain().with_audience(KEY),
            at(AT),
        );
        assert_eq!(verified.unwrap().dialect(), Some(siwx::Dialect::default()));
    }
    assert_eq!(counting.0.load(Ordering::Relaxed), 1);
    let stats = known.stats();
    assert_eq!((stats.hits, stats.misses), (9, 1));
    assert_eq!((stats.evictions, stats.len), (0, 1));
}

#[test]
fn everything_but_the_signature_is_judged_each_time() {
    let provers = Provers::all_compiled_in().with_memory(8);
    let cacao = capability("known");
    let (policy, any) = (Policy::default(), Requirement::any_domain());
    judge(&cacao, &provers, &policy, &any, AT).unwrap();
    let nobody = "eip155:1:0x0000000000000000000000000000000000000001";
    let none = |_: &str, _: &str| false;
    fn matcher(f: impl ResourceMatcher) -> impl ResourceMatcher {
        f
    }
    for (refusal, policy, expected, when) in [
        (
            "expired",
            policy.clone(),
            any.clone(),
            "2023-04-08T00:00:00Z",
        ),
        (
            "not_yet_valid",
            policy.clone(),
            any.clone(),
            "2023-04-05T00:00:00Z",
        ),
        (
            "lifetime_too_long",
            policy.clone().with_max_lifetime(Duration::from_secs(60)),
            any.clone(),
            AT,
        ),
        (
            "audience_mismatch",
            policy.clone(),
            any.clone()
                .with_audience("did:key:z6Mkupwg9k3DjUftw7VSZELA6XFVNY75KCj6Y1QiHyekZZRr"),
            AT,
        ),
        (
            "issuer_mismatch",
            policy.clone(),
            any.clone().with_issuer(nobody.parse().unwrap()),
            AT,
        ),
        (
            "domain_mismatch",
            policy.clone(),
            Requirement::for_domain("b.example"),
            AT,
        ),
        (
            "nonce_mismatch",
            policy.clone(),
            any.clone().with_nonce("other"),
            AT,
        ),
        (
            "resource_not_granted",
            policy.clone(),
            any.clone().with_resources(["ceramic://other"]),
            AT,
        ),
        (
            "resource_not_granted",
            policy.clone().with_resource_matcher(matcher(none)),
            any.clone().with_resources(["ceramic://*"]),
            AT,
        ),
    ] {
        let judged = judge(&cacao, &provers, &policy, &expected, when);
        assert_eq!(code(judged), refusal);
    }
}

/// Whatever is changed, the block has another CID, and nothing is known of it.
#[test]
fn an_altered_capability_is_not_known() {
    let provers = Provers::all_compiled_in().with_memory(8);
    let known = provers.known().unwrap();
    let cacao = capability("known");
    let (policy, any) = (Policy::default(), Requirement::any_domain());
    judge(&cacao, &provers, &policy, &any, AT).unwrap();
    let json: Value = serde_json::from_str(&cacao.to_json(cacao::MemberOrder::DagJson)).unwrap();
    for (member, value) in [
        (
            "aud",
            "did:key:z6Mkupwg9k3DjUftw7VSZELA6XFVNY75KCj6Y1QiHyekZZRr",
        ),
        ("domain", "b.example"),
        ("exp", "2024-04-07T00:00:00Z"),
        ("nonce", "another1"),
        (
            "iss",
            "did:pkh:eip155:1:0x0000000000000000000000000000000000000001",
        ),
    ] {
        let mut altered = json.clone();
        altered["p"][member] = value.into();
        let altered = Cacao::from_json(&altered.to_string()).unwrap();
        let judged = judge(&altered, &provers, &policy, &any, AT);
        assert_eq!(code(judged), "signature_mismatch", "{member}");
    }
    let mut unsigned = json.clone();
    unsigned.as_object_mut().unwrap().remove("s");
    let unsigned = Cacao::from_json(&unsigned.to_string()).unwrap();
    assert_eq!(
        code(judge(&unsigned, &provers, &policy, &any, AT)),
        "unsigned"
    );
    // the other spelling of an address is an equal account, yet other bytes
    let mut respelled = json;
    let issuer = respelled["p"]["iss"].as_str().unwrap().to_uppercase();
    let address = issuer.split("0X").nth(1).unwrap().to_owned();
    respelled["p"]["iss"] = format!("did:pkh:eip155:1:0x{address}").into();
    let respelled = Cacao::from_json(&respelled.to_string()).unwrap();
    assert_eq!(known.stats().len, 1);
    judge(&respelled, &provers, &policy, &any, AT).unwrap();
    assert_eq!((known.stats().hits, known.stats().len), (0, 2));
}

/// Accepts whatever it is shown.
struct Gullible;

impl Prover for Gullible {
    fn kinds(&self) -> &[Kind] {
        cacao::eip191::Eip191.kinds()
    }

    fn prove(&self, _: &Claim<'_>) -> Result<Facts, Error> {
        Ok(Facts::of_bytes())
    }
}

#[test]
fn a_proof_counts_for_the_set_that_reached_it() {
    let gullible = || Provers::none().with(Gullible).unwrap().with_memory(8);
    let (policy, any) = (Policy::default(), Requirement::any_domain());
    let forged = {
        let other = capability("other");
        let signature = other.signature().cloned();
        let payload = capability("mine").payload().clone();
        Cacao::new(HeaderType::Eip4361, payload, signature)
    };
    let (one, another) = (gullible(), gullible());
    let stats = |provers: &Provers| provers.known().unwrap().stats();
    judge(&forged, &one, &policy, &any, AT).unwrap();
    judge(&forged, &one.clone(), &policy, &any, AT).unwrap();
    assert_eq!(stats(&one).hits, 1, "clones of a set share its memory");
    assert!(one.known().unwrap().get(&forged.cid()).is_some());
    assert!(another.known().unwrap().get(&forged.cid()).is_none());
    // another set has a memory of its own, an empty one
    struct Own;
    impl Prover for Own {
        fn kinds(&self) -> &[Kind] {
            const { &[Kind::new(HeaderType::Caip122, "own", "own")] }
        }
        fn prove(&self, _: &Claim<'_>) -> Result<Facts, Error> {
            Err(Error::SignatureMismatch)
        }
    }
    let more = one.clone().with(Own).unwrap();
    assert_eq!((stats(&more).len, stats(&one).len), (0, 1));
    let strict = Provers::all_compiled_in().with_memory(8);
    let judged = judge(&forged, &strict, &policy, &any, AT);
    assert_eq!(code(judged), "signature_mismatch");
    // refusals are not remembered
    assert_eq!(stats(&strict).len, 0);
}

#[test]
fn the_memory_is_bounded_and_can_be_cleared() {
    let provers = Provers::all_compiled_in().with_memory(4);
    let known = provers.known().unwrap();
    let (policy, any) = (Policy::default(), Requirement::any_domain());
    for i in 0..12 {
        let cacao = capability(&format!("nonce{i}"));
        judge(&cacao, &provers, &policy, &any, AT).unwrap();
        assert!(known.stats().len <= 4);
    }
    let stats = known.stats();
    assert_eq!(stats.misses, 12);
    assert_eq!(stats.evictions, 12 - stats.len as u64);
    known.clear();
    assert_eq!(known.stats().len, 0);
    judge(&capability("nonce0"), &provers, &policy, &any, AT).unwrap();
    assert_eq!(known.stats().misses, 13);
}

/// What is kept has a longest size, which is the documented one.
#[test]
fn a_block_of_sixteen_kibibytes_is_kept_and_no_longer_one() {
    const LONGEST: usize = 16_384;
    let provers = Provers::all_compiled_in().with_memory(4);
    let (policy, any) = (Policy::default(), Requirement::any_domain());
    let short = capability_for("nonce0", "x").to_dag_cbor().len();
    // a text of more than 255 bytes has a head of two bytes more than a short one
    for (resource, kept) in [(LONGEST - short - 1, 1), (LONGEST - short, 0)] {
        let cacao = capability_for("nonce0", &"x".repeat(resource));
        let over = if kept == 1 { 0 } else { 1 };
        assert_eq!(cacao.to_dag_cbor().len(), LONGEST + over);
        let known = provers.known().unwrap();
        known.clear();
        judge(&cacao, &provers, &policy, &any, AT).unwrap();
        assert_eq!(known.stats().len, kept);
    }
}

#[test]
fn many_threads_share_it() {
    let provers = Provers::all_compiled_in().with_memory(2);
    let known = provers.known().unwrap();
    let capabilities: Vec<Cacao> = (0..4).map(|i| capability(&format!("thread{i}"))).collect();
    let forged = {
        let signature = capabilities[0].signature().cloned();
        Cacao::new(
            HeaderType::Eip4361,
            capabilities[1].payload().clone(),
            signature,
        )
    };
    let (policy, any) = (Policy::default(), Requirement::any_domain());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..8 {
                    for cacao in &capabilities {
                        judge(cacao, &provers, &policy, &any, AT).unwrap();
                    }
                    let judged = judge(&forged, &provers, &policy, &any, AT);
                    assert_eq!(code(judged), "signature_mismatch");
                }
            });
        }
    });
    let stats = known.stats();
    assert!(stats.len <= 2);
    assert_eq!(stats.hits + stats.misses, 4 * 8 * 5);
}

fn policy(case: &Value, opts: &Value) -> Policy {
    let secs = |member: &str| opts[member].as_f64().map(Duration::from_secs_f64);
    let mut policy = Policy::default();
    if let Some(skew) = secs("clock_skew_secs") {
        policy = policy.with_skew(skew);
    }
    if let Some(phase_out) = secs("revocation_phase_out_secs") {
        policy = policy.with_phase_out(phase_out);
    }
    if opts["disable_expiration_check"] == true {
        policy = policy.dangerously_ignoring_expiry();
    }
    if let Some(rp_id) = case["rp_id"].as_str() {
        policy = policy.with_rp_id(rp_id);
    }
    if let Some(origin) = case["origin"].as_str() {
        policy = policy.with_origin(origin);
    }
    policy
}

/// Every vector, three times through one memory: nothing is judged otherwise than without it.
#[test]
fn every_vector_is_judged_as_without_a_memory() {
    let file = vectors("cacaos.json");
    let remembering = Provers::all_compiled_in().with_memory(1000);
    let known = remembering.known().unwrap();
    let (mut ran, mut failures) = (0, Failures::default());
    for round in 0..3 {
        for case in file["cases"].as_array().unwrap() {
            let Ok(cacao) = Cacao::from_json(&case["cacao"].to_string()) else {
                continue;
            };
            for check in case["checks"].as_array().unwrap() {
                let opts = &check["opts"];
                let (policy, any) = (policy(case, opts), Requirement::any_domain());
                let when = text(opts, "at_time");
                let without = code(judge(
                    &cacao,
                    &Provers::all_compiled_in(),
                    &policy,
                    &any,
                    when,
                ));
                let with = code(judge(&cacao, &remembering, &policy, &any, when));
                let name = format!("{} / {}, {round}", text(case, "name"), text(check, "label"));
                failures.check(&name, with == without, format!("{with}, not {without}"));
                ran += 1;
            }
        }
    }
    assert!(known.stats().hits > 0);
    failures.finish(ran);
}
