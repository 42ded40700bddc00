//! What a judgement takes of the heap: a server pays it with every request.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

#[path = "common/making.rs"]
#[allow(dead_code, reason = "other tests need the rest")]
mod making;

use cacao::{Issuer, Requirement};
use dag_jws::{Jws, Verification};
use making::{NOW, delegation, key, plain, under};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// The text, the key's name and the payload: the three that outlive the judgement.
#[test]
fn a_jws_by_a_known_key_takes_three_blocks() {
    let own = Issuer::Key(key().did_key().clone());
    let requirement = Requirement::any_domain().with_issuer(own);
    let verification = Verification::new(NOW, requirement);
    let texts = [plain(), under(&delegation().cacao())].map(|jws| jws.to_compact());
    let judge = |text: &str| Jws::parse(text).unwrap().verify(&verification).unwrap();
    let _profiler = dhat::Profiler::builder().testing().build();
    for text in &texts {
        // once before, for what is computed at first use
        drop(judge(text));
        let before = dhat::HeapStats::get().total_blocks;
        let verified = judge(text);
        let after = dhat::HeapStats::get().total_blocks;
        assert!(verified.key() == key().did_key());
        assert!(after - before <= 3, "{} blocks", after - before);
    }
}
