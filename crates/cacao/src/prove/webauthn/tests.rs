//! Each rule of a passkey's answer, by an answer that breaks this rule only.

use super::*;
use crate::prove::samples::{code, judge, judge_by, of_text, payload, text_of, value};
use crate::{Cacao, IssuerProof, Policy, Provers, Requirement, VerifiedCacao};
use alloc::format;
use alloc::string::String;
use data_encoding::BASE64URL_NOPAD;
use didkey::{DidKey, P256SigningKey};
use sha2::{Digest, Sha256};

const KIND: SignatureKind = SignatureKind::WEBAUTHN_P256;
const ORIGIN: &str = "https://app.example";

fn key() -> P256SigningKey {
    P256SigningKey::from_seed(&[7; 32]).unwrap()
}

fn payload_of_key() -> Payload {
    payload(key().did_key().as_str()).build().unwrap()
}

/// An authenticator and a browser, each part of whose answer a test can change.
struct Passkey {
    rp_id: &'static str,
    flags: u8,
    client_data: String,
}

impl Passkey {
    fn new(payload: &Payload) -> Self {
        let challenge = BASE64URL_NOPAD.encode(&challenge(payload));
        Self {
            rp_id: "app.example",
            flags: 0b0000_0001,
            client_data: format!(
                r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"{ORIGIN}","crossOrigin":false}}"#
            ),
        }
    }

    fn with(mut self, from: &str, to: &str) -> Self {
        assert!(self.client_data.contains(from), "{from}");
        self.client_data = self.client_data.replace(from, to);
        self
    }

    fn authenticator_data(&self) -> Vec<u8> {
        let hash = Sha256::digest(self.rp_id);
        [&hash[..], &[self.flags], &[0, 0, 0, 1]].concat()
    }

    fn signature(&self) -> Signature {
        let data = self.authenticator_data();
        let hash = Sha256::digest(&self.client_data);
        let signed = key().sign(&[&data[..], &hash].concat());
        let der = p256::ecdsa::Signature::from_slice(signed.as_ref()).unwrap();
        signature(&data, self.client_data.as_bytes(), der.to_der().as_bytes()).unwrap()
    }
}

fn judged(passkey: &Passkey, policy: &Policy) -> Result<VerifiedCacao, Error> {
    judge_by(&payload_of_key(), passkey.signature(), policy)
}

fn refusal(passkey: &Passkey, policy: &Policy) -> &'static str {
    judged(passkey, policy).map_or_else(|error| error.code(), |_| "accepted")
}

fn of_default(change: impl FnOnce(Passkey) -> Passkey) -> &'static str {
    let passkey = change(Passkey::new(&payload_of_key()));
    refusal(&passkey, &Policy::default())
}

#[test]
fn a_whole_answer() {
    assert_eq!(of_default(|passkey| passkey), "accepted");
    // what a browser may add
    let more = |p: Passkey| p.with("false}", r#"false,"other_keys_can_be_added_here":"x"}"#);
    assert_eq!(of_default(more), "accepted");
}

#[test]
fn the_relying_party_is_the_domain_or_the_policy_s() {
    let elsewhere = |passkey| Passkey {
        rp_id: "evil.example",
        ..passkey
    };
    assert_eq!(of_default(elsewhere), "rp_id_mismatch");
    let parent = Passkey {
        rp_id: "example",
        ..Passkey::new(&payload_of_key())
    };
    assert_eq!(refusal(&parent, &Policy::default()), "rp_id_mismatch");
    assert_eq!(
        refusal(&parent, &Policy::default().with_rp_id("example")),
        "accepted"
    );
}

#[test]
fn the_origin_is_the_domain_s_or_the_policy_s() {
    let at = |origin: &'static str| Passkey::new(&payload_of_key()).with(ORIGIN, origin);
    let by_default = |origin| refusal(&at(origin), &Policy::default());
    assert_eq!(by_default("https://evil.example"), "origin_mismatch");
    assert_eq!(by_default("http://app.example"), "origin_mismatch");
    assert_eq!(by_default("https://app.example:8443"), "accepted");
    let policy = Policy::default().with_origin("https://login.app.example");
    assert_eq!(
        refusal(&at("https://login.app.example"), &policy),
        "accepted"
    );
    assert_eq!(refusal(&at(ORIGIN), &policy), "origin_mismatch");
}

#[test]
fn frames_of_other_sites_only_where_allowed() {
    let framed = Passkey::new(&payload_of_key()).with("false", "true");
    assert_eq!(refusal(&framed, &Policy::default()), "cross_origin");
    assert_eq!(
        refusal(&framed, &Policy::default().with_cross_origin()),
        "accepted"
    );
}

/// `topOrigin` is held against a list, and must be absent where there is none.
#[test]
fn the_page_around_a_frame_is_one_that_was_named() {
    let top = |cross: &str, top: &str| {
        let to = format!(r#"{cross},"topOrigin":"{top}"}}"#);
        Passkey::new(&payload_of_key()).with("false}", &to)
    };
    let named = Policy::default().with_top_origin("https://top.example");
    let framed = top("true", "https://top.example");
    assert_eq!(refusal(&framed, &Policy::default()), "cross_origin");
    let unnamed = Policy::default().with_cross_origin();
    assert_eq!(refusal(&framed, &unnamed), "cross_origin");
    assert_eq!(refusal(&framed, &named), "accepted");
    let elsewhere = top("true", "https://evil.example");
    assert_eq!(refusal(&elsewhere, &named), "cross_origin");
    // a page that holds no frame of another site has none above it
    let contradiction = top("false", "https://top.example");
    assert_eq!(refusal(&contradiction, &Policy::default()), "cross_origin");
    assert_eq!(refusal(&contradiction, &named), "cross_origin");
    // a list of pages is not met by a browser that names none
    let silent = Passkey::new(&payload_of_key()).with("false", "true");
    assert_eq!(refusal(&silent, &named), "cross_origin");
    assert_eq!(refusal(&silent, &named.with_cross_origin()), "accepted");
}

#[test]
fn a_user_is_present_and_verified_where_required() {
    let flags = |flags| Passkey {
        flags,
        ..Passkey::new(&payload_of_key())
    };
    let strict = Policy::default().with_user_verification();
    assert_eq!(
        refusal(&flags(0b000), &Policy::default()),
        "user_not_present"
    );
    assert_eq!(
        refusal(&flags(0b100), &Policy::default()),
        "user_not_present"
    );
    assert_eq!(refusal(&flags(0b001), &strict), "user_not_verified");
    assert_eq!(refusal(&flags(0b101), &strict), "accepted");
    // the data of a registration
    assert_eq!(
        refusal(&flags(0b0100_0001), &Policy::default()),
        "malformed_signature"
    );
}

#[test]
fn the_challenge_is_the_payload() {
    let other = payload(key().did_key().as_str())
        .with_resources(["more"])
        .build()
        .unwrap();
    let passkey = Passkey::new(&other);
    assert_eq!(refusal(&passkey, &Policy::default()), "challenge_mismatch");
    // other spellings of the same bytes
    let whole = BASE64URL_NOPAD.encode(&challenge(&payload_of_key()));
    let padded = format!("{whole}==");
    assert_eq!(
        of_default(|p| p.with(&whole, &padded)),
        "challenge_mismatch"
    );
    assert_eq!(
        of_default(|p| p.with("webauthn.get", "webauthn.create")),
        "malformed_signature"
    );
}

/// CID version 1, dag-cbor, sha2-256 of 32 bytes; the issuer does not count.
#[test]
fn the_challenge_is_a_cid_without_the_issuer() {
    let bytes = challenge(&payload_of_key());
    assert_eq!(
        (bytes.len(), &bytes[..4]),
        (36, &[0x01, 0x71, 0x12, 0x20][..])
    );
    let other = "did:key:zDnaeQtZGYMpNdZhzoqXYCaj7wmJMqi9USVDmtRhfP6QiWmpY";
    assert_eq!(challenge(&payload(other).build().unwrap()), bytes);
    let another = payload(other).with_statement("x").build().unwrap();
    assert_ne!(challenge(&another), bytes);
}

#[test]
fn a_signature_is_der_or_64_bytes() {
    let payload = payload_of_key();
    let good = Passkey::new(&payload).signature();
    let text = String::from(text_of(&good));
    let der = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
    let compact = p256::ecdsa::Signature::from_der(&der).unwrap();
    let with =
        |value: SignatureValue| Signature::new(KIND, value, good.aad().map(Box::from)).unwrap();
    let encoded = |bytes: &[u8]| with(SignatureValue::Text(BASE64URL_NOPAD.encode(bytes).into()));
    assert_eq!(code(&payload, encoded(&compact.to_bytes())), "accepted");
    // authenticators write either s
    let (r, s) = compact.split_scalars();
    let other = p256::ecdsa::Signature::from_scalars(r, -*s).unwrap();
    assert_eq!(code(&payload, encoded(&other.to_bytes())), "accepted");
    assert_eq!(
        code(&payload, encoded(other.to_der().as_bytes())),
        "accepted"
    );
    for bytes in [&*der, &compact.to_bytes()] {
        for value in [
            SignatureValue::Bytes(bytes.into()),
            SignatureValue::Numbers(bytes.into()),
        ] {
            assert_eq!(code(&payload, with(value)), "accepted");
        }
    }
    let mut padded_integer = der.clone();
    padded_integer.splice(2..4, [0x02, der[3] + 1, 0]);
    padded_integer[1] += 1;
    for bad in [
        with(SignatureValue::Text(format!("{text}==").into())),
        with(SignatureValue::Text("".into())),
        with(SignatureValue::Text(
            data_encoding::BASE64.encode(&der).into(),
        )),
        with(SignatureValue::Text(
            data_encoding::HEXLOWER.encode(&der).into(),
        )),
        with(SignatureValue::Bytes(text.as_bytes().into())),
        encoded(&[&der[..], &[0]].concat()),
        encoded(&der[..der.len() - 1]),
        encoded(&padded_integer),
        encoded(&compact.to_bytes()[..63]),
    ] {
        assert_eq!(
            code(&payload, bad.clone()),
            "malformed_signature",
            "{bad:?}"
        );
    }
    let mut zero = compact.to_bytes();
    zero[..32].fill(0);
    assert_eq!(code(&payload, encoded(&zero)), "signature_mismatch");
}

#[test]
fn metadata_is_there_and_what_was_signed() {
    let payload = payload_of_key();
    let good = Passkey::new(&payload).signature();
    let text = text_of(&good);
    assert_eq!(code(&payload, of_text(KIND, text)), "malformed_signature");
    let with = |aad: &[u8]| {
        let value = SignatureValue::Text(text.into());
        code(
            &payload,
            Signature::new(KIND, value, Some(aad.into())).unwrap(),
        )
    };
    let aad = good.aad().unwrap();
    assert_eq!(with(aad), "accepted");
    assert_eq!(with(&[aad, &[0]].concat()), "malformed_signature");
    // a counter that the passkey did not sign
    let data = Passkey::new(&payload).authenticator_data();
    let at = aad.windows(data.len()).position(|w| w == data).unwrap();
    let mut changed = aad.to_vec();
    changed[at + 36] ^= 1;
    assert_eq!(with(&changed), "signature_mismatch");
    assert_eq!(
        code(&payload, value(KIND, SignatureValue::Text(text.into()))),
        "malformed_signature"
    );
}

#[test]
fn the_issuer_s_key_is_p_256_and_made_the_signature() {
    let signature = Passkey::new(&payload_of_key()).signature();
    for (issuer, expected) in [
        (
            "did:key:zDnaeQtZGYMpNdZhzoqXYCaj7wmJMqi9USVDmtRhfP6QiWmpY",
            "signature_mismatch",
        ),
        (
            "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn",
            "refused",
        ),
    ] {
        let payload = payload(issuer).build().unwrap();
        assert_eq!(code(&payload, signature.clone()), expected);
    }
}

/// One signature fits two keys: who made it is a claim until the caller knows the key.
#[test]
fn the_issuer_is_claimed_until_it_is_expected_or_registered() {
    let payload = payload_of_key();
    let signature = Passkey::new(&payload).signature();
    let proof = |policy: &Policy, expected: &Requirement| {
        Cacao::new(
            HeaderType::Caip122,
            payload.clone(),
            Some(signature.clone()),
        )
        .verify(
            &Provers::all_compiled_in(),
            policy,
            expected,
            payload.issued_at().unix_time(),
        )
        .unwrap()
        .issuer_proof()
    };
    let nobody = Requirement::any_domain();
    let expected = Requirement::any_domain().with_issuer(payload.issuer().clone());
    let other: DidKey = "did:key:zDnaeQtZGYMpNdZhzoqXYCaj7wmJMqi9USVDmtRhfP6QiWmpY"
        .parse()
        .unwrap();
    let default = Policy::default();
    let registered = Policy::default().with_registered_passkey(key().did_key().clone());
    let another = Policy::default().with_registered_passkey(other);
    assert_eq!(proof(&default, &nobody), IssuerProof::Claimed);
    assert_eq!(proof(&another, &nobody), IssuerProof::Claimed);
    assert_eq!(proof(&default, &expected), IssuerProof::Expected);
    assert_eq!(proof(&registered, &nobody), IssuerProof::Expected);
    assert!(
        judge(&payload, signature.clone())
            .unwrap()
            .dialect()
            .is_none()
    );
}

#[test]
fn the_key_is_among_the_possible_ones_and_two_assertions_tell() {
    let assertion = |nonce: &str| {
        let payload = payload(key().did_key().as_str())
            .with_resources([nonce])
            .build();
        let passkey = Passkey::new(&payload.unwrap());
        let data = passkey.authenticator_data();
        let hash = Sha256::digest(&passkey.client_data);
        let signed = key().sign(&[&data[..], &hash].concat());
        let signature = p256::ecdsa::Signature::from_slice(signed.as_ref()).unwrap();
        // authenticators write either s
        [signature, signature.normalize_s()].map(|signature| {
            let der = signature.to_der();
            possible_keys(&data, passkey.client_data.as_bytes(), der.as_bytes()).unwrap()
        })
    };
    let common = |one: &[DidKey], other: &[DidKey]| -> Vec<DidKey> {
        one.iter().filter(|k| other.contains(k)).cloned().collect()
    };
    let [[a, a_low], [b, _]] = [assertion("nonce-a"), assertion("nonce-b")];
    assert_eq!((a.len(), b.len()), (2, 2));
    assert_eq!(common(&a, &a_low).len(), 2, "the other s, the same keys");
    assert_eq!(common(&a, &b), [key().did_key().clone()]);
    for bad in [&b""[..], &[0x30, 0x00], &[1; 64]] {
        let refused = possible_keys(&[0; 37], b"{}", bad).unwrap_err();
        assert_eq!(refused.code(), "malformed_signature");
    }
}

#[cfg(feature = "std")]
#[test]
fn the_policy_judges_a_known_passkey_too() {
    let provers = Provers::all_compiled_in().with_memory(8);
    let known = provers.known().unwrap();
    let payload = payload_of_key();
    let cacao = Cacao::new(
        HeaderType::Caip122,
        payload.clone(),
        Some(Passkey::new(&payload).signature()),
    );
    let at = payload.issued_at().unix_time();
    let judge = |policy: Policy| cacao.verify(&provers, &policy, &Requirement::any_domain(), at);
    let code = |policy: Policy| judge(policy).map_or_else(|error| error.code(), |_| "accepted");
    assert_eq!(code(Policy::default()), "accepted");
    for (policy, refusal) in [
        (Policy::default().with_rp_id("b.example"), "rp_id_mismatch"),
        (
            Policy::default().with_origin("https://b.example"),
            "origin_mismatch",
        ),
        (
            Policy::default().with_user_verification(),
            "user_not_verified",
        ),
    ] {
        assert_eq!(code(policy), refusal);
    }
    let registered = Policy::default().with_registered_passkey(key().did_key().clone());
    let proof = |policy| judge(policy).unwrap().issuer_proof();
    assert_eq!(proof(registered), IssuerProof::Expected);
    assert_eq!(proof(Policy::default()), IssuerProof::Claimed);
    assert_eq!(known.stats().misses, 1);
    assert_eq!(known.stats().hits, 5);
}
