//! `Sessions` as a state machine against a model: two processes over one store, two issuers, any
//! number of callers, each of which goes one step when the schedule says so. Clock, wallets and
//! store do as the script says, nothing else runs, so that a failure repeats.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod reference;
mod script;
mod world;

use proptest::prelude::ProptestConfig;
use proptest_state_machine::prop_state_machine;
use world::World;

prop_state_machine! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(192) })]

    #[test]
    fn sessions_do_as_the_model(sequential 20..120 => World);
}
