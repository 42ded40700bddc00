//! Signing and verifying a JWS with a capability, beside the raw Ed25519 operation.
#![allow(clippy::unwrap_used, reason = "a benchmark may panic")]
#![allow(missing_docs, reason = "made by criterion's macros")]

use benches::{NOW, block_on, session};
use criterion::{Criterion, criterion_group, criterion_main};
use dag_jws::{Jws, Verification};
use ed25519_dalek::{Signature, Signer, SigningKey};
use serde_json::json;
use std::hint::black_box;

fn sign(c: &mut Criterion) {
    let session = session();
    let payload = json!({ "hello": "world", "n": 1 });
    let jws = block_on(session.create_jws(&payload)).unwrap();
    let compact = jws.to_compact();
    let (message, _) = compact.rsplit_once('.').unwrap();
    let raw = SigningKey::from_bytes(&session.key().to_seed());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();

    let mut group = c.benchmark_group("JWS with capability, signed");
    group.bench_function("ours", |b| {
        b.iter(|| {
            runtime
                .block_on(session.create_jws(black_box(&payload)))
                .unwrap()
        });
    });
    // the expanded key, as our signing key keeps it
    let expanded = ed25519_dalek::hazmat::ExpandedSecretKey::from(raw.as_bytes());
    let verifying = raw.verifying_key();
    group.bench_function("floor", |b| {
        b.iter(|| {
            ed25519_dalek::hazmat::raw_sign::<sha2::Sha512>(
                &expanded,
                black_box(message.as_bytes()),
                &verifying,
            )
        });
    });
    group.finish();
}

fn verify(c: &mut Criterion) {
    let session = session();
    let jws = block_on(session.create_jws(&json!({ "hello": "world", "n": 1 }))).unwrap();
    let compact = jws.to_compact();
    let (message, _) = compact.rsplit_once('.').unwrap();
    let raw = SigningKey::from_bytes(&session.key().to_seed());
    let key = raw.verifying_key();
    let signature: Signature = raw.sign(message.as_bytes());
    let alone = Verification::new(NOW);

    let mut group = c.benchmark_group("JWS text to verified, key decoded");
    group.bench_function("ours", |b| {
        b.iter(|| {
            Jws::parse(black_box(&compact))
                .unwrap()
                .verify(&alone)
                .unwrap()
        });
    });
    group.bench_function("floor", |b| {
        b.iter(|| {
            key.verify_strict(black_box(message.as_bytes()), &signature)
                .unwrap();
        });
    });
    group.finish();

    let with = Verification::new(NOW)
        .issuer(session.issuer().clone())
        .capability(session.cacao());
    let mut group = c.benchmark_group("JWS text with capability to verified");
    group.bench_function("ours", |b| {
        b.iter(|| {
            Jws::parse(black_box(&compact))
                .unwrap()
                .verify(&with)
                .unwrap()
        });
    });
    // the sum of its parts, each as ours
    let (verifiers, policy) = (cacao::Verifiers::default(), cacao::Policy::default());
    let expected = cacao::Expected::anything();
    group.bench_function("floor", |b| {
        b.iter(|| {
            session
                .cacao()
                .verify(&verifiers, &policy, &expected, NOW)
                .unwrap();
            Jws::parse(black_box(&compact))
                .unwrap()
                .verify(&alone)
                .unwrap()
        });
    });
    group.finish();
}

criterion_group!(benches, sign, verify);
criterion_main!(benches);
