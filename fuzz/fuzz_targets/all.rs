//! Every target in one program, which is built in a fraction of the time: `FUZZ_TARGET` names one,
//! whose seeds are replayed before anything is searched.
#![no_main]

use std::sync::OnceLock;

use fuzz::replay::{Laws, laws_of, replay};

static LAWS: OnceLock<Laws> = OnceLock::new();

libfuzzer_sys::fuzz_target!(
    init: {
        let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names a target");
        let laws = laws_of(&name).expect("FUZZ_TARGET names a target that exists");
        replay(&name, laws);
        LAWS.get_or_init(|| laws);
    },
    |data: &[u8]| {
        let laws = LAWS.get().expect("the target was looked up at the start");
        laws(data);
    }
);
