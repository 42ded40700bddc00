//! The window of a capability against an oracle in whole milliseconds, and its edges by name.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use cacao::{
    Cacao, Claim, Error, Facts, HeaderType, Kind, Payload, Policy, Prover, Provers, Requirement,
    Signature, SignatureKind, SignatureValue, Timestamp, UnixTime,
};
use proptest::prelude::*;
use std::time::Duration;

/// Accepts every signature of its kind: here only times are judged.
struct Any;

impl Prover for Any {
    fn kinds(&self) -> &[Kind] {
        const { &[Kind::new(HeaderType::Caip122, "any", "any")] }
    }

    fn prove(&self, _: &Claim<'_>) -> Result<Facts, Error> {
        Ok(Facts::of_bytes())
    }
}

fn time(millis: i64) -> Timestamp {
    Timestamp::from_unix_time(UnixTime::from_millis(millis)).unwrap()
}

fn cacao(iat: i64, nbf: Option<i64>, exp: Option<i64>) -> Cacao {
    let issuer = "any:1:x".parse().unwrap();
    let mut builder = Payload::builder("a.example", issuer, "did:example:b", "nonce", time(iat));
    if let Some(nbf) = nbf {
        builder = builder.with_not_before(time(nbf));
    }
    if let Some(exp) = exp {
        builder = builder.with_expires_at(time(exp));
    }
    let kind = SignatureKind::new("any").unwrap();
    let signature = Signature::new(kind, SignatureValue::Text("s".into()), None).unwrap();
    Cacao::new(
        HeaderType::Caip122,
        builder.with_resources(["r"]).build().unwrap(),
        Some(signature),
    )
}

fn code(cacao: &Cacao, policy: &Policy, at: i64) -> &'static str {
    let provers = Provers::none().with(Any).unwrap();
    let at = UnixTime::from_millis(at);
    match cacao.verify(&provers, policy, &Requirement::any_domain(), at) {
        Ok(_) => "ok",
        Err(error) => error.code(),
    }
}

proptest! {
    #[test]
    fn oracle(
        iat in 0..10_000_i64,
        nbf in proptest::option::of(0..10_000_i64),
        exp in proptest::option::of(0..10_000_i64),
        at in 0..12_000_i64,
        skew in 0..2_000_i64,
        phase_out in 0..2_000_i64,
        check_expiry: bool,
    ) {
        let mut policy = Policy::default()
            .with_skew(Duration::from_millis(skew.unsigned_abs()))
            .with_phase_out(Duration::from_millis(phase_out.unsigned_abs()));
        if !check_expiry {
            policy = policy.dangerously_ignoring_expiry();
        }
        let begun = iat - skew <= at && nbf.is_none_or(|nbf| nbf - skew <= at);
        let over = check_expiry && exp.is_some_and(|exp| at > exp + phase_out + skew);
        let expected = if !begun { "not_yet_valid" } else if over { "expired" } else { "ok" };
        prop_assert_eq!(code(&cacao(iat, nbf, exp), &policy, at), expected);
    }
}

#[test]
fn both_ends_are_inside() {
    let policy = Policy::default().with_skew(Duration::ZERO);
    let c = cacao(1_000, Some(2_000), Some(3_000));
    assert_eq!(code(&c, &policy, 1_999), "not_yet_valid");
    assert_eq!(code(&c, &policy, 2_000), "ok");
    assert_eq!(code(&c, &policy, 3_000), "ok");
    assert_eq!(code(&c, &policy, 3_001), "expired");
}

#[test]
fn the_lifetime_can_be_bounded() {
    let policy = Policy::default().with_max_lifetime(Duration::from_secs(2));
    assert_eq!(code(&cacao(1_000, None, Some(3_000)), &policy, 2_000), "ok");
    assert_eq!(
        code(&cacao(1_000, None, Some(3_001)), &policy, 2_000),
        "lifetime_too_long"
    );
    assert_eq!(
        code(&cacao(1_000, None, None), &policy, 2_000),
        "lifetime_too_long"
    );
}

#[test]
fn every_expectation_is_asked() {
    let provers = Provers::none().with(Any).unwrap();
    let c = cacao(0, None, None);
    let at = UnixTime::EPOCH;
    let code = |expected: Requirement| match c.verify(&provers, &Policy::default(), &expected, at) {
        Ok(_) => "ok",
        Err(error) => error.code(),
    };
    let any = Requirement::any_domain;
    assert_eq!(code(any()), "ok");
    assert_eq!(code(any().with_issuer("any:1:x".parse().unwrap())), "ok");
    assert_eq!(
        code(any().with_issuer("any:1:X".parse().unwrap())),
        "issuer_mismatch"
    );
    assert_eq!(
        code(any().with_audience("did:example:B")),
        "audience_mismatch"
    );
    assert_eq!(
        code(Requirement::for_domain("A.example")),
        "domain_mismatch"
    );
    let none: [&str; 0] = [];
    assert_eq!(code(Requirement::for_domains(none)), "domain_mismatch");
    assert_eq!(
        code(Requirement::for_domains([
            "b.example",
            c.payload().domain()
        ])),
        "ok"
    );
    assert_eq!(code(any().with_nonce("Nonce")), "nonce_mismatch");
    assert_eq!(code(any().with_request_id("1")), "request_id_mismatch");
    assert_eq!(code(any().with_resources(["r"])), "ok");
    assert_eq!(
        code(any().with_resources(["r", "s"])),
        "resource_not_granted"
    );
    assert_eq!(
        code(any().with_resources(["r"]).with_exact_resources()),
        "ok"
    );
    let more = Policy::default().with_resource_matcher(|_: &str, _: &str| true);
    let exact = any().with_resources(["R"]).with_exact_resources();
    let judged = c.verify(&provers, &more, &exact, at);
    assert_eq!(judged.unwrap_err().code(), "not_exact");
    let forbidden = Policy::default().with_forbidden_kind("any");
    let judged = c.verify(&provers, &forbidden, &any(), at);
    assert_eq!(judged.unwrap_err().code(), "forbidden_kind");
}

/// How long it must still hold is counted without the skew, to the nanosecond.
#[test]
fn remaining_life() {
    let provers = Provers::none().with(Any).unwrap();
    let c = cacao(0, None, Some(1_000_000));
    let code = |requirement: Requirement, secs: i64| {
        let at = UnixTime::from_secs(secs);
        match c.verify(&provers, &Policy::default(), &requirement, at) {
            Ok(_) => "ok",
            Err(error) => error.code(),
        }
    };
    let secs = Duration::from_secs;
    let any = Requirement::any_domain;
    assert_eq!(code(any().with_margin(secs(60)), 940), "ok");
    assert_eq!(code(any().with_margin(secs(60)), 941), "expired");
    assert_eq!(code(any().with_margin(secs(600)), 900), "ok");
    assert_eq!(code(any().with_margin(secs(600)), 901), "expired");
    assert_eq!(code(any(), 1_300), "ok");
    assert_eq!(code(any().with_min_remaining(secs(100)), 900), "ok");
    assert_eq!(
        code(any().with_min_remaining(secs(100)), 901),
        "ends_too_soon"
    );
    assert_eq!(code(any().with_max_remaining(secs(100)), 900), "ok");
    assert_eq!(
        code(any().with_max_remaining(secs(100)), 899),
        "lasts_too_long"
    );
    let end = UnixTime::from_secs;
    assert_eq!(code(any().with_latest_end(end(1_000)), 0), "ok");
    assert_eq!(code(any().with_latest_end(end(999)), 0), "lasts_too_long");
    let for_ever = cacao(0, None, None);
    for bounded in [
        any().with_max_remaining(secs(100)),
        any().with_latest_end(end(100)),
    ] {
        let judged = for_ever.verify(
            &provers,
            &Policy::default(),
            &bounded,
            UnixTime::from_secs(0),
        );
        assert_eq!(judged.unwrap_err().code(), "lasts_too_long");
    }
}

#[test]
fn resources_are_matched_to_the_letter_unless_the_policy_says_otherwise() {
    let granted = ["ceramic://*"];
    let wanted = "ceramic://*?model=a";
    assert!(!Policy::default().covers(granted, wanted));
    let prefix = |granted: &str, wanted: &str| wanted.starts_with(granted);
    assert!(
        Policy::default()
            .with_resource_matcher(prefix)
            .covers(granted, wanted)
    );
}

#[test]
fn unsigned_and_unclaimed_are_refused() {
    let signed = cacao(0, None, None);
    let none = Provers::none();
    let judge = |c: &Cacao| {
        c.verify(
            &none,
            &Policy::default(),
            &Requirement::any_domain(),
            UnixTime::EPOCH,
        )
        .unwrap_err()
        .code()
    };
    assert_eq!(judge(&signed), "unsupported_kind");
    let unsigned = Cacao::new(signed.header(), signed.payload().clone(), None);
    assert_eq!(judge(&unsigned), "unsigned");
}

#[test]
fn a_policy_shows_what_it_checks() {
    let shown = format!("{:?}", Policy::default().dangerously_ignoring_expiry());
    for part in ["skew: 300s", "check_expiry: false", "max_lifetime: None"] {
        assert!(shown.contains(part), "{shown}");
    }
}
