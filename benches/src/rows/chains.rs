//! The capabilities of the other chains, each beside the verification that it contains.

use super::capability::verifier;
use crate::Row;
use crate::fixtures::{self, signature_of};
use crate::raw::{p256_verifier, recover_address};
use cacao::{Cacao, MemberOrder, siwx};
use data_encoding::HEXLOWER;
use didkey::{KeyType, PublicKey};
use std::hint::black_box;

pub(super) fn rows() -> Vec<Row> {
    vec![solana(), tezos(), stacks(), webauthn()]
}

fn row(
    id: &'static str,
    what: &'static str,
    against: &'static str,
    cacao: &Cacao,
    floor: impl FnMut() + 'static,
) -> Row {
    let (json, verify) = (cacao.to_json(MemberOrder::Session), verifier());
    let ours = move || verify(&Cacao::from_json(black_box(&json)).unwrap()).unwrap();
    Row::new(id, what, against, ours, floor)
}

/// The key of a Solana account is its address.
fn solana() -> Row {
    let cacao = fixtures::solana();
    let text = fixtures::text_of(&cacao);
    let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let signature: [u8; 64] = ed25519_dalek::Signer::sign(&key, text.as_bytes()).to_bytes();
    assert_eq!(
        cacao.signature().unwrap().value(),
        cacao::solana::signature(&signature).value(),
        "the row measures another signature"
    );
    let public = key.verifying_key().to_bytes();
    row(
        "F7",
        "solana capability, JSON → verified",
        "key decode + Ed25519 verify",
        &cacao,
        move || {
            let key = PublicKey::from_bytes(KeyType::Ed25519, black_box(&public)).unwrap();
            key.verify(
                didkey::Algorithm::EdDsa,
                black_box(text.as_bytes()),
                &signature,
            )
            .unwrap();
        },
    )
}

fn tezos() -> Row {
    let cacao = fixtures::tezos();
    let payload = cacao::tezos::payload_of(&fixtures::text_of(&cacao)).unwrap();
    let digest = cacao::tezos::digest(&payload);
    let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let signature = ed25519_dalek::Signer::sign(&key, &digest).to_bytes();
    let public = key.verifying_key().to_bytes();
    row(
        "tezos",
        "tezos capability, JSON → verified",
        "key decode + Ed25519 verify",
        &cacao,
        move || {
            let key = PublicKey::from_bytes(KeyType::Ed25519, black_box(&public)).unwrap();
            key.verify(didkey::Algorithm::EdDsa, black_box(&digest), &signature)
                .unwrap();
        },
    )
}

fn stacks() -> Row {
    let cacao = fixtures::stacks();
    let text = siwx::render(cacao.payload(), siwx::Dialect::default()).unwrap();
    let digest = cacao::stacks::digest(&text);
    let bytes = HEXLOWER.decode(signature_of(&cacao).as_bytes()).unwrap();
    let rs: [u8; 64] = bytes[..64].try_into().unwrap();
    let odd = bytes[64] % 2 == 1;
    let floor = move || {
        black_box(recover_address(black_box(&digest), &rs, odd));
    };
    row(
        "stacks",
        "stacks capability, JSON → verified",
        "recover + address",
        &cacao,
        floor,
    )
}

fn webauthn() -> Row {
    let (cacao, signed, rs) = fixtures::webauthn();
    let verify = p256_verifier(&fixtures::passkey());
    let (json, judge) = (cacao.to_json(MemberOrder::Session), passkey_verifier());
    Row::new(
        "webauthn",
        "passkey capability, JSON → verified",
        "P-256 verify",
        move || judge(&Cacao::from_json(black_box(&json)).unwrap()).unwrap(),
        move || verify(black_box(&signed), &rs),
    )
}

/// As a site that knows its passkeys.
fn passkey_verifier() -> impl Fn(&Cacao) -> Result<cacao::VerifiedCacao, cacao::Error> {
    let policy =
        cacao::Policy::default().with_registered_passkey(fixtures::passkey().did_key().clone());
    let (provers, requirement) = (
        cacao::Provers::all_compiled_in(),
        cacao::Requirement::any_domain(),
    );
    move |cacao| cacao.verify(&provers, &policy, &requirement, fixtures::NOW)
}
