//! What is accepted and what is refused; each test fails without its rule.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::making;

use cacao::contract::Contracts;
use cacao::{
    CallOutcome, Issuer, IssuerProof, Judgement, Policy, Proven, Provers, Requirement, UnixTime,
};
use dag_jws::{Error, Jws, Principal, UnsignedJws, Verification};
use data_encoding::BASE64URL_NOPAD;
use didkey::{P256SigningKey, Secp256k1SigningKey};
use making::{
    ACCOUNT, Delegation, Marker, NOW, OTHER_ACCOUNT, Requiring as _, account, code, delegation,
    key, now, other_key, plain, provers, raw, under,
};
use serde_json::json;
use std::time::Duration;

#[test]
fn every_kind_of_key() {
    let p256 = P256SigningKey::from_seed(&[3; 32]).unwrap();
    let secp256k1 = Secp256k1SigningKey::from_seed(&[3; 32]).unwrap();
    for (did, sign) in [
        (
            p256.did_key(),
            &(|m: &[u8]| p256.sign(m)) as &dyn Fn(&[u8]) -> _,
        ),
        (secp256k1.did_key(), &|m: &[u8]| secp256k1.sign(m)),
        (key().did_key(), &|m: &[u8]| key().sign(m)),
    ] {
        let input = UnsignedJws::bytes(b"x").unwrap().prepare(did).unwrap();
        let signature = sign(input.as_bytes());
        let jws = input.finish(signature.as_ref()).unwrap();
        let verified = jws.verify(&now()).unwrap();
        assert_eq!(verified.key(), did);
        assert_eq!(verified.payload(), b"x");
        assert_eq!(verified.principal().did(), did.as_str());
        assert!(verified.capability().is_none() && !verified.is_capability_bound());
    }
}

#[test]
fn the_algorithm_is_the_keys() {
    let kid = key().did_key().key_id();
    for alg in ["ES256", "ES256K"] {
        let header = json!({ "alg": alg, "kid": kid }).to_string();
        let jws = Jws::parse(&raw(&header, b"x", &key())).unwrap();
        assert_eq!(code(jws.verify(&now())), "algorithm_mismatch");
    }
}

/// RFC 9864: the name is of EdDSA with Ed25519, and of nothing else.
#[test]
fn ed25519_is_the_algorithm_of_one_kind_of_key() {
    let header = |kid: String| json!({ "alg": "Ed25519", "kid": kid }).to_string();
    let own = raw(&header(key().did_key().key_id()), b"x", &key());
    let verified = Jws::parse(&own).unwrap().verify(&now()).unwrap();
    assert_eq!(verified.key(), key().did_key());
    let p256 = P256SigningKey::from_seed(&[3; 32]).unwrap();
    let other = raw(&header(p256.did_key().key_id()), b"x", &key());
    let jws = Jws::parse(&other).unwrap();
    assert_eq!(code(jws.verify(&now())), "algorithm_mismatch");
}

/// The signature holds, and says nothing about how the payload is read.
#[test]
fn a_payload_that_two_readers_read_differently_is_not_read_as_json() {
    let header = json!({ "alg": "EdDSA", "kid": key().did_key().key_id() }).to_string();
    for (payload, is_read) in [
        (r#"{"amount":1}"#, true),
        (r#" {"amount":0.1} "#, true),
        (r#"{"amount":1,"amount":1000}"#, false),
        (r#"{"a":{"amount":1,"amount":1}}"#, false),
        (r#"{"amount":9007199254740993}"#, false),
        (r#"{"amount":0.1000000000000000055}"#, false),
        (r#"{"amount":"\ud83d"}"#, false),
        ("text", false),
    ] {
        let jws = Jws::parse(&raw(&header, payload.as_bytes(), &key())).unwrap();
        let verified = jws.verify(&now()).unwrap();
        assert_eq!(verified.payload_json().is_some(), is_read, "{payload}");
    }
}

#[test]
fn the_signature_is_over_header_and_payload() {
    let kid = key().did_key().key_id();
    let header = json!({ "alg": "EdDSA", "kid": kid }).to_string();
    let good = raw(&header, b"one", &key());
    assert!(Jws::parse(&good).unwrap().verify(&now()).is_ok());
    let parts: Vec<_> = good.split('.').collect();
    let payload = BASE64URL_NOPAD.encode(b"two");
    let typ = json!({ "alg": "EdDSA", "kid": kid, "typ": "x" }).to_string();
    let typ = BASE64URL_NOPAD.encode(typ.as_bytes());
    for text in [
        format!("{}.{payload}.{}", parts[0], parts[2]),
        format!("{typ}.{}.{}", parts[1], parts[2]),
        raw(&header, b"one", &other_key()),
    ] {
        let jws = Jws::parse(&text).unwrap();
        assert_eq!(code(jws.verify(&now())), "invalid_signature");
    }
}

/// A rule about capabilities, set by the caller, cannot hold for what has none.
#[test]
fn a_policy_about_capabilities_refuses_a_jws_without_one() {
    let default = Policy::default;
    for policy in [
        default().with_max_lifetime(Duration::from_secs(1)),
        default().with_forbidden_kind("eip1271"),
        default().with_forbidden_dialect(cacao::siwx::Variation::LegacyOrder),
        default().with_strict_text(),
    ] {
        let verdict = plain().verify(&now().with_policy(policy.clone()));
        assert_eq!(code(verdict), "capability_missing", "{policy:?}");
    }
    for policy in [
        default(),
        default().with_skew(Duration::from_secs(1)),
        default().with_phase_out(Duration::from_secs(1)),
        default().with_rp_id("app.example"),
        default().with_max_contract_age(Duration::from_secs(1)),
        default().dangerously_ignoring_expiry(),
    ] {
        assert!(plain().verify(&now().with_policy(policy.clone())).is_ok());
    }
}

#[test]
fn the_issuer_asked_for_is_the_key() {
    let jws = plain();
    let own = Issuer::Key(key().did_key().clone());
    let verified = jws.verify(&now().issuer(own)).unwrap();
    assert!(matches!(verified.principal(), Principal::Key(_)));
    let other = Issuer::Key(other_key().did_key().clone());
    assert_eq!(code(jws.verify(&now().issuer(other))), "issuer_mismatch");
    assert_eq!(
        code(jws.verify(&now().issuer(account()))),
        "issuer_mismatch"
    );
}

#[test]
fn the_key_signs_on_behalf_of_the_issuer() {
    let cacao = delegation().cacao();
    let verification = now().with_capability(&cacao);
    for verification in [verification.clone(), verification.issuer(account())] {
        let verified = under(&cacao).verify(&verification).unwrap();
        assert!(verified.is_capability_bound());
        assert_eq!(verified.principal().issuer(), Some(&account()));
        assert_eq!(verified.principal().did(), ACCOUNT);
        assert_eq!(verified.key(), key().did_key());
        assert_eq!(verified.capability().unwrap().cacao(), &cacao);
        assert_eq!(verified.judged_at(), NOW);
    }
}

#[test]
fn who_asks_for_the_key_is_told_the_key() {
    let cacao = delegation().cacao();
    let own = Issuer::Key(key().did_key().clone());
    let verification = now().with_capability(&cacao).issuer(own);
    let verified = under(&cacao).verify(&verification).unwrap();
    assert!(matches!(verified.principal(), Principal::Key(_)));
    assert!(verified.capability().is_some());
}

#[test]
fn an_account_needs_a_capability() {
    let jws = under(&delegation().cacao());
    assert_eq!(
        code(jws.verify(&now().issuer(account()))),
        "capability_missing"
    );
    // whoever asks for nobody gets the key only
    let verified = jws.verify(&now()).unwrap();
    assert!(matches!(verified.principal(), Principal::Key(_)));
    assert!(!verified.is_capability_bound());
}

#[test]
fn a_passkey_issuer_is_not_the_session_key() {
    let passkey = Issuer::Key(other_key().did_key().clone());
    let jws = under(&delegation().cacao());
    assert_eq!(
        code(jws.verify(&now().issuer(passkey))),
        "capability_missing"
    );
}

#[test]
fn the_issuer_asked_for_issued_the_capability() {
    let cacao = delegation().cacao();
    let other: Issuer = OTHER_ACCOUNT.parse().unwrap();
    let verification = now().with_capability(&cacao).issuer(other);
    assert_eq!(code(under(&cacao).verify(&verification)), "issuer_mismatch");
}

#[test]
fn the_audience_is_the_key_to_the_letter() {
    let did = key().did_key().to_string();
    let fingerprint = key().did_key().fingerprint().to_string();
    for audience in [
        other_key().did_key().to_string(),
        format!("{did}#{fingerprint}"),
        format!("{did}?a=b"),
        format!("{did} "),
        did.to_uppercase(),
        fingerprint,
    ] {
        let cacao = Delegation {
            audience,
            ..delegation()
        }
        .cacao();
        let verification = now().with_capability(&cacao);
        assert_eq!(
            code(under(&cacao).verify(&verification)),
            "audience_mismatch"
        );
    }
}

#[test]
fn the_capability_is_the_one_named() {
    let cacao = delegation().cacao();
    let other = Delegation {
        issuer: OTHER_ACCOUNT,
        ..delegation()
    }
    .cacao();
    let verification = now().with_capability(&other);
    assert_eq!(
        code(under(&cacao).verify(&verification)),
        "capability_mismatch"
    );
}

#[test]
fn a_capability_that_is_not_named_is_judged_and_reported() {
    let cacao = delegation().cacao();
    let verified = plain().verify(&now().with_capability(&cacao)).unwrap();
    assert!(!verified.is_capability_bound());
    assert_eq!(verified.principal().did(), ACCOUNT);

    let strict = now().with_capability(&cacao).with_bound_capability();
    assert_eq!(code(plain().verify(&strict)), "capability_unbound");
    assert_eq!(code(under(&cacao).verify(&strict)), "accepted");
    assert_eq!(
        code(plain().verify(&now().with_bound_capability())),
        "capability_missing"
    );

    let forged = Delegation {
        signature: "another",
        ..delegation()
    }
    .cacao();
    assert_eq!(
        code(plain().verify(&now().with_capability(&forged))),
        "signature_mismatch"
    );
}

/// Whether an issuer is asked for, and whichever it is.
#[test]
fn a_supplied_capability_is_always_judged() {
    let own = Issuer::Key(key().did_key().clone());
    let forged = Delegation {
        signature: "another",
        ..delegation()
    }
    .cacao();
    let cacao = delegation().cacao();
    let late = UnixTime::from_secs(1_700_000_000);
    for (at, cacao, expected) in [
        (NOW, &forged, "signature_mismatch"),
        (late, &cacao, "expired"),
        (UnixTime::EPOCH, &cacao, "not_yet_valid"),
    ] {
        for issuer in [None, Some(own.clone()), Some(account())] {
            let mut verification = Verification::new(at, Requirement::any_domain())
                .with_provers(provers())
                .with_capability(cacao);
            if let Some(issuer) = issuer {
                verification = verification.issuer(issuer);
            }
            let error = under(cacao).verify(&verification).unwrap_err();
            assert_eq!(error.code(), expected);
            assert!(error.is_refusal());
        }
    }
}

#[test]
fn only_the_callers_verifiers_count() {
    let cacao = delegation().cacao();
    let verification = now().with_provers(Provers::none()).with_capability(&cacao);
    assert_eq!(
        code(under(&cacao).verify(&verification)),
        "unsupported_kind"
    );
}

#[test]
fn the_policy_is_the_callers() {
    let cacao = delegation().cacao();
    let day_late = UnixTime::from_secs(1_681_500_000);
    let verification = Verification::new(day_late, Requirement::any_domain())
        .with_provers(provers())
        .with_capability(&cacao);
    assert_eq!(code(under(&cacao).verify(&verification)), "expired");
    let patient = Policy::default().with_phase_out(Duration::from_secs(172_800));
    assert_eq!(
        code(under(&cacao).verify(&verification.with_policy(patient))),
        "accepted"
    );
}

#[test]
fn what_the_capability_must_say() {
    let cacao = delegation().cacao();
    let jws = under(&cacao);
    let with = now().with_capability(&cacao);
    assert_eq!(
        code(
            jws.verify(
                &with
                    .clone()
                    .requiring(|r| r.with_resources(["ceramic://*"]))
            )
        ),
        "accepted"
    );
    assert_eq!(
        code(
            jws.verify(
                &with
                    .clone()
                    .requiring(|r| r.with_resources(["ceramic://x"]))
            )
        ),
        "resource_not_granted"
    );
    assert_eq!(
        code(
            jws.verify(
                &with
                    .clone()
                    .with_requirement(Requirement::for_domain("app.example"))
            )
        ),
        "accepted"
    );
    assert_eq!(
        code(
            jws.verify(
                &with
                    .clone()
                    .with_requirement(Requirement::for_domain("other"))
            )
        ),
        "domain_mismatch"
    );
    assert_eq!(
        code(jws.verify(&with.clone().requiring(|r| r.with_nonce("HPiCXGTXHI")))),
        "accepted"
    );
    assert_eq!(
        code(jws.verify(&with.requiring(|r| r.with_nonce("other")))),
        "nonce_mismatch"
    );
    // and it must be there
    for verification in [
        now().requiring(|r| r.with_resources(["ceramic://*"])),
        now().with_requirement(Requirement::for_domain("app.example")),
        now().requiring(|r| r.with_nonce("x")),
    ] {
        assert_eq!(code(plain().verify(&verification)), "capability_missing");
        let own = Issuer::Key(key().did_key().clone());
        assert_eq!(
            code(plain().verify(&verification.issuer(own))),
            "capability_missing"
        );
    }
}

mod proofs_of_before {
    use super::*;

    fn verdict(delegation: &Delegation, names_issuer: bool) -> Proven {
        let marker = Marker {
            signature: delegation.kind,
            names_issuer,
        };
        let provers = Provers::none().with(marker).unwrap();
        let expected = Requirement::any_domain();
        delegation
            .cacao()
            .verify(&provers, &Policy::default(), &expected, NOW)
            .unwrap()
            .proven()
            .clone()
    }

    /// The signature is not looked at again, be its prover at hand or not.
    #[test]
    fn spare_the_signature() {
        let contract = Delegation {
            kind: "eip1271",
            ..delegation()
        };
        let verified = verdict(&contract, true);
        for provers in [Provers::none(), provers(), Provers::all_compiled_in()] {
            let verification = Verification::new(NOW, Requirement::any_domain())
                .with_provers(provers)
                .issuer(account())
                .with_proven(&verified);
            let verified = under(&contract.cacao()).verify(&verification).unwrap();
            assert_eq!(verified.principal().did(), ACCOUNT);
        }
    }

    #[test]
    fn spare_nothing_else() {
        let verified = verdict(&delegation(), true);
        let jws = under(&delegation().cacao());
        let with = |at| {
            Verification::new(at, Requirement::any_domain())
                .with_provers(provers())
                .with_proven(&verified)
        };
        let late = UnixTime::from_secs(1_700_000_000);
        assert_eq!(code(jws.verify(&with(late))), "expired");
        assert_eq!(code(jws.verify(&with(UnixTime::EPOCH))), "not_yet_valid");
        let other: Issuer = OTHER_ACCOUNT.parse().unwrap();
        assert_eq!(
            code(jws.verify(&with(NOW).issuer(other))),
            "issuer_mismatch"
        );
        let resources = with(NOW).requiring(|r| r.with_resources(["ceramic://x"]));
        assert_eq!(code(jws.verify(&resources)), "resource_not_granted");

        let foreign = Delegation {
            audience: other_key().did_key().to_string(),
            ..delegation()
        };
        let verified = verdict(&foreign, true);
        let verification = now().with_proven(&verified);
        assert_eq!(code(jws.verify(&verification)), "capability_mismatch");
        let jws = under(&foreign.cacao());
        assert_eq!(code(jws.verify(&verification)), "audience_mismatch");
    }

    #[test]
    fn keep_how_firmly_the_issuer_is_known() {
        let verified = verdict(&delegation(), false);
        let verification = now().with_proven(&verified);
        let proof = |verification: &Verification| {
            let verified = under(&delegation().cacao()).verify(verification).unwrap();
            verified.capability().unwrap().issuer_proof()
        };
        assert_eq!(proof(&verification), IssuerProof::Claimed);
        assert_eq!(
            proof(&verification.issuer(account())),
            IssuerProof::Expected
        );
    }
}

/// All else is judged before a chain is asked, and its answer is enough for the rest.
#[test]
fn the_contract_of_an_issuer_is_asked_last() {
    let contract = Delegation {
        kind: "eip1271",
        signature: "0xab",
        ..delegation()
    };
    let cacao = contract.cacao();
    let provers = Provers::none().with_contracts(Contracts::new()).unwrap();
    let verification = now().with_provers(provers).with_capability(&cacao);
    let other = verification.clone().issuer(OTHER_ACCOUNT.parse().unwrap());
    assert_eq!(code(under(&cacao).verify(&other)), "issuer_mismatch");
    let error = under(&cacao).verify(&verification).unwrap_err();
    assert_eq!(
        (error.code(), error.is_refusal()),
        ("chain_unavailable", false)
    );
    let Error::MustAsk(inquiry) = error else {
        panic!("{error}");
    };
    let mut yes = vec![0; 32];
    yes[..4].copy_from_slice(&[0x16, 0x26, 0xba, 0x7e]);
    let answer = inquiry.answer(&[CallOutcome::Returned(yes)], NOW).unwrap();
    let Judgement::Accepted(verified) = answer else {
        panic!("the contract said yes");
    };
    let verification = verification.with_proven(verified.proven());
    let verified = under(&cacao).verify(&verification).unwrap();
    assert_eq!(verified.principal().issuer(), Some(&account()));
    assert!(verified.capability().unwrap().facts().contract.is_some());
}
