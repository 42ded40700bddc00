//! A durable save of the file store, beside the same bytes written durably by hand.
#![allow(clippy::unwrap_used, reason = "a benchmark may panic")]
#![allow(missing_docs, reason = "made by criterion's macros")]

use benches::session;
use criterion::{Criterion, criterion_group, criterion_main};
use session_core::{ExpectedSlot, SessionRecord, SessionStore};
use std::fs::{self, File};
use std::io::Write;
use store_fs::FsStore;

fn durable_put(c: &mut Criterion) {
    let session = session();
    let string = session.serialize();
    let record = SessionRecord::from_session_string_unverified(&string).unwrap();
    let issuer = session.issuer().clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let directory = tempfile::tempdir().unwrap();
    let store = FsStore::open(directory.path().join("store"));

    let mut group = c.benchmark_group("file store, durable save");
    group.sample_size(30);
    group.bench_function("ours", |b| {
        b.iter(|| {
            runtime
                .block_on(store.save(&issuer, &record, ExpectedSlot::Anything))
                .unwrap()
        });
    });
    let plain = directory.path().join("plain");
    fs::create_dir(&plain).unwrap();
    let (staged, target) = (plain.join("staged"), plain.join("record"));
    group.bench_function("floor", |b| {
        b.iter(|| {
            let mut file = File::create(&staged).unwrap();
            file.write_all(string.as_bytes()).unwrap();
            file.sync_all().unwrap();
            fs::rename(&staged, &target).unwrap();
            File::open(&plain).unwrap().sync_all().unwrap();
        });
    });
    group.finish();
}

criterion_group!(benches, durable_put);
criterion_main!(benches);
