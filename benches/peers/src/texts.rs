//! Capabilities, verified by libraries for sign-in texts from the text that was signed, and by one
//! for capabilities from its own DAG-CBOR.

use benches::{Row, fixtures, inputs};
use cacao::{Cacao, MemberOrder, Policy, Provers, Requirement, siwx as ours};
use cacaos::siwe_cacao::{Payload, SiweCacao};
use libipld::cbor::DagCborCodec;
use libipld::codec::{Decode, Encode};
use siwx::{AuthOpts, SiwxMessage, Verifier, authenticate};
use siwx_evm::EvmVerifier;
use siwx_svm::Ed25519Verifier;
use std::hint::black_box;
use std::io::Cursor;
use time::OffsetDateTime;

/// Ours, from JSON.
fn verify(cacao: &Cacao) -> impl FnMut() + 'static {
    let json = cacao.to_json(MemberOrder::Session);
    let (provers, policy) = (Provers::all_compiled_in(), Policy::default());
    let requirement = Requirement::any_domain();
    move || {
        let cacao = Cacao::from_json(black_box(&json)).unwrap();
        black_box(
            cacao
                .verify(&provers, &policy, &requirement, fixtures::NOW)
                .unwrap(),
        );
    }
}

fn now() -> OffsetDateTime {
    let seconds = i64::try_from(fixtures::NOW.as_millis() / 1000).unwrap();
    OffsetDateTime::from_unix_timestamp(seconds + 1).unwrap()
}

fn opts(cacao: &Cacao) -> AuthOpts {
    let payload = cacao.payload();
    AuthOpts::new(payload.domain(), payload.nonce()).with_timestamp(now())
}

pub fn rows() -> Vec<Row> {
    let cacao = fixtures::session().cacao().clone();
    let (text, signature) = inputs::siwe();
    let mut rows = Vec::new();
    let signed = text.clone();
    rows.push(Row::new(
        "P1",
        "eip191 capability, bytes → verified",
        "siwe: text parsed and verified, times checked",
        verify(&cacao),
        move || {
            let message: siwe::Message = black_box(&signed).parse().unwrap();
            assert!(message.valid_at(&now()));
            message.verify_eip191(&signature).unwrap()
        },
    ));
    let (signed, opts_of, runtime) = (text.clone(), opts(&cacao), fixtures::runtime());
    rows.push(Row::new(
        "P2",
        "eip191 capability, bytes → verified",
        "siwx-evm: authenticate",
        verify(&cacao),
        move || {
            let verifier = EvmVerifier::new();
            let checked = authenticate(&verifier, black_box(&signed), &signature, &opts_of);
            runtime.block_on(checked).unwrap()
        },
    ));
    let message: cacaos::siwe::Message = text.parse().unwrap();
    let mut block = Vec::new();
    Payload::from(message)
        .sign::<cacaos::siwe_cacao::Eip191>(signature.into())
        .encode(DagCborCodec, &mut block)
        .unwrap();
    let runtime = fixtures::runtime();
    rows.push(Row::new(
        "P3",
        "eip191 capability, bytes → verified",
        "cacaos: its own DAG-CBOR decoded and verified",
        verify(&cacao),
        move || {
            let cacao =
                SiweCacao::decode(DagCborCodec, &mut Cursor::new(black_box(&block))).unwrap();
            runtime.block_on(cacao.verify()).unwrap();
        },
    ));
    rows.push(solana());
    let payload = cacao.payload().clone();
    let message: SiwxMessage = text.parse().unwrap();
    rows.push(Row::new(
        "F21",
        "sign-in text rendered",
        "siwx: the same text formatted",
        move || ours::render(black_box(&payload), ours::Dialect::default()).unwrap(),
        move || EvmVerifier::format_message(black_box(&message)),
    ));
    rows
}

fn solana() -> Row {
    let cacao = fixtures::solana();
    let text = fixtures::text_of(&cacao);
    let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let signature = ed25519_dalek::Signer::sign(&key, text.as_bytes()).to_bytes();
    let (opts, runtime) = (opts(&cacao), fixtures::runtime());
    Row::new(
        "P6",
        "solana capability, JSON → verified",
        "siwx-svm: authenticate",
        verify(&cacao),
        move || {
            let checked = authenticate(&Ed25519Verifier, black_box(&text), &signature, &opts);
            runtime.block_on(checked).unwrap()
        },
    )
}
