//! Restoring a session from its string, capability verified, beside the one recovery in it.
#![allow(clippy::unwrap_used, reason = "a benchmark may panic")]
#![allow(missing_docs, reason = "made by criterion's macros")]

use benches::{context, raw_parts, session};
use criterion::{Criterion, criterion_group, criterion_main};
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use session_core::DidSession;
use std::hint::black_box;

fn restore(c: &mut Criterion) {
    let session = session();
    let (string, context) = (session.serialize(), context());
    let (digest, rs, odd) = raw_parts(session.cacao());

    let mut group = c.benchmark_group("session string to verified session");
    group.bench_function("ours", |b| {
        b.iter(|| DidSession::from_session_in(&context, black_box(&string)).unwrap());
    });
    group.bench_function("floor", |b| {
        b.iter(|| {
            let signature = Signature::from_slice(black_box(&rs)).unwrap();
            let id = RecoveryId::new(odd, false);
            VerifyingKey::recover_from_prehash(black_box(&digest), &signature, id).unwrap()
        });
    });
    group.finish();
}

criterion_group!(benches, restore);
criterion_main!(benches);
