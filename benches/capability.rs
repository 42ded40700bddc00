//! Verifying an `eip191` capability, beside the one public-key recovery that it contains.
#![allow(clippy::unwrap_used, reason = "a benchmark may panic")]
#![allow(missing_docs, reason = "made by criterion's macros")]

use benches::{NOW, raw_parts, session};
use cacao::{Cacao, Expected, MemberOrder, Policy, Verifiers};
use criterion::{Criterion, criterion_group, criterion_main};
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use std::hint::black_box;

fn eip191(c: &mut Criterion) {
    let cacao = session().cacao().clone();
    let (verifiers, policy, expected) = (
        Verifiers::default(),
        Policy::default(),
        Expected::anything(),
    );
    let (digest, rs, odd) = raw_parts(&cacao);
    let floor = || {
        let signature = Signature::from_slice(black_box(&rs)).unwrap();
        let id = RecoveryId::new(odd, false);
        let key = VerifyingKey::recover_from_prehash(black_box(&digest), &signature, id).unwrap();
        cacao::eip191::address_of(&key)
    };
    let verify = |cacao: &Cacao| cacao.verify(&verifiers, &policy, &expected, NOW).unwrap();

    let mut group = c.benchmark_group("eip191 decoded to verified");
    group.bench_function("ours", |b| b.iter(|| verify(black_box(&cacao))));
    group.bench_function("floor", |b| b.iter(floor));
    group.finish();

    let block = cacao.to_dag_cbor();
    let mut group = c.benchmark_group("eip191 DAG-CBOR to verified");
    group.bench_function("ours", |b| {
        b.iter(|| verify(&Cacao::from_dag_cbor(black_box(&block)).unwrap()));
    });
    group.bench_function("floor", |b| b.iter(floor));
    group.finish();

    let json = cacao.to_json(MemberOrder::Session);
    let mut group = c.benchmark_group("eip191 JSON to verified");
    group.bench_function("ours", |b| {
        b.iter(|| verify(&Cacao::from_json(black_box(&json)).unwrap()));
    });
    group.bench_function("floor", |b| b.iter(floor));
    group.finish();
}

criterion_group!(benches, eip191);
criterion_main!(benches);
