//! Many capabilities at once, on two threads and on one.

use super::capability::verifier;
use crate::Row;
use crate::fixtures::{NOW, session};
use cacao::{Cacao, Policy, Provers, Requirement, parallel};
use rayon::ThreadPool;
use std::hint::black_box;
use std::sync::Arc;

const MANY: usize = 512;

fn pool(threads: usize) -> ThreadPool {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    pool.build().unwrap()
}

pub(super) fn rows() -> Vec<Row> {
    let many: Arc<[Cacao]> = vec![session().cacao().clone(); MANY].into();
    assert!(verifier()(&many[0]).is_ok(), "the row measures refusals");
    let on = |threads| {
        let (pool, many) = (pool(threads), Arc::clone(&many));
        let (provers, policy) = (Provers::all_compiled_in(), Policy::default());
        let requirement = Requirement::any_domain();
        move || {
            pool.install(|| {
                parallel::verify(black_box(&many), &provers, &policy, &requirement, NOW)
            })
        }
    };
    let what = "512 capabilities verified on two threads";
    vec![Row::new("F24", what, "the same on one thread", on(2), on(1)).waiting()]
}
