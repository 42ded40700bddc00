//! Making and verifying JWS, beside the raw operation of the key.

use super::capability::verifier;
use crate::Row;
use crate::fixtures::{NOW, block_on, passkey, runtime, session};
use crate::raw::{ed25519_signer, ed25519_verifier, p256_verifier};
use cacao::{Issuer, Provers, Requirement};
use dag_jws::{Jws, UnsignedJws, Verification};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use std::hint::black_box;

/// What every message says.
#[must_use]
pub(crate) fn payload() -> Value {
    json!({ "hello": "world", "n": 1 })
}

/// Header and payload, and the signature.
fn parts(compact: &str) -> (Vec<u8>, [u8; 64]) {
    let (message, signature) = compact.rsplit_once('.').unwrap();
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
    (message.as_bytes().to_vec(), signature.try_into().unwrap())
}

fn verify(text: &str, verification: &Verification) -> dag_jws::VerifiedJws {
    Jws::parse(black_box(text))
        .unwrap()
        .verify(verification)
        .unwrap()
}

pub(super) fn rows() -> Vec<Row> {
    let session = session();
    let key = session.key_did().clone();
    let compact = block_on(session.create_jws(&payload()))
        .unwrap()
        .to_compact();
    let (message, signature) = parts(&compact);
    let public: [u8; 32] = key.public_key().as_bytes().try_into().unwrap();
    let raw = || {
        let (verify, message) = (ed25519_verifier(public), message.clone());
        move || verify(&message, &signature)
    };
    let requirement = Requirement::any_domain();
    let alone = Verification::new(NOW, requirement.clone());
    let of_key = Verification::new(NOW, requirement.with_issuer(Issuer::Key(key)));
    let provers = Provers::all_compiled_in();
    let requirement = Requirement::for_domain("app.example").with_issuer(session.issuer().clone());
    let with = Verification::new(NOW, requirement)
        .with_provers(provers.clone())
        .with_capability(session.cacao());
    let known = with.clone().with_provers(provers.with_memory(64));
    verify(&compact, &known);

    let text = || compact.clone();
    let mut rows = Vec::new();
    let (ours, verification) = (text(), alone.clone());
    rows.push(Row::new(
        "F9",
        "JWS verified, did:key decoded each time",
        "Ed25519 verify",
        move || verify(&ours, &verification),
        raw(),
    ));
    let ours = text();
    rows.push(Row::new(
        "F10",
        "JWS verified, key known",
        "Ed25519 verify",
        move || verify(&ours, &of_key),
        raw(),
    ));
    rows.push(es256());
    let (ours, parts, verification) = (text(), text(), with.clone());
    let (judge, cacao) = (verifier(), session.cacao().clone());
    rows.push(Row::new(
        "F12",
        "JWS + capability verified, first time",
        "JWS verify + capability verify",
        move || verify(&ours, &verification),
        move || (judge(&cacao).unwrap(), verify(&parts, &alone)),
    ));
    let (ours, verification) = (text(), known.clone());
    rows.push(Row::new(
        "F13",
        "JWS + capability verified, capability known",
        "Ed25519 verify",
        move || verify(&ours, &verification),
        raw(),
    ));
    let (first, then) = (text(), text());
    rows.push(Row::new(
        "F14",
        "JWS + capability verified, first time",
        "the same, capability known",
        move || verify(&first, &with),
        move || verify(&then, &known),
    ));
    let (seed, runtime) = (session.key().to_seed(), runtime());
    let (sign, value) = (ed25519_signer(&seed), payload());
    rows.push(Row::new(
        "F15",
        "JWS with capability created",
        "Ed25519 sign",
        move || {
            runtime
                .block_on(session.create_jws(black_box(&value)))
                .unwrap()
        },
        move || sign(&message),
    ));
    rows
}

fn es256() -> Row {
    let key = passkey();
    let input = UnsignedJws::object(&payload())
        .unwrap()
        .prepare(key.did_key())
        .unwrap();
    let signature = key.sign(input.as_bytes());
    let compact = input.finish(signature.as_ref()).unwrap().to_compact();
    let (message, rs) = parts(&compact);
    let alone = Verification::new(NOW, Requirement::any_domain());
    let raw = p256_verifier(&key);
    Row::new(
        "F11",
        "JWS ES256 verified, did:key decoded",
        "P-256 verify",
        move || verify(&compact, &alone),
        move || raw(&message, &rs),
    )
}
