//! The same rows by criterion.
#![allow(missing_docs, reason = "made by criterion's macros")]

use benches::rows;
use criterion::{Criterion, criterion_group, criterion_main};
use std::time::Duration;

fn all(c: &mut Criterion) {
    for mut row in rows::all() {
        let mut group = c.benchmark_group(row.id);
        if row.waits {
            group.sample_size(30);
        }
        group.warm_up_time(Duration::from_millis(500));
        group.measurement_time(Duration::from_secs(2));
        group.bench_function("ours", |b| b.iter(&mut row.ours));
        group.bench_function("floor", |b| b.iter(&mut row.floor));
        group.finish();
    }
}

criterion_group!(benches, all);
criterion_main!(benches);
