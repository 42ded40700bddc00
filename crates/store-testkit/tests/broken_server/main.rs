//! What a server keeps, broken on purpose: the sentence that is broken must fail, and what breaks
//! none must pass.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod kept;

use kept::{Fault, Kept};
use std::panic::{AssertUnwindSafe, catch_unwind};
use store_testkit::{run, server};

/// Fails unless these tests fail with this fault; without a fault none of all may.
fn assert_fails(fault: Fault, expected: &[&str]) {
    let open = || Kept::new(fault);
    let small = || Kept::with_room(fault, 500);
    macro_rules! failing {
        ($($name:ident($($argument:expr),+);)+) => {{
            let mut failing = Vec::new();
            let is_asked = |name: &str| {
                fault == Fault::None || expected.iter().any(|start| name.starts_with(start))
            };
            $(if is_asked(stringify!($name)) && catch_unwind(AssertUnwindSafe(|| run(server::$name($($argument),+)))).is_err() {
                failing.push(stringify!($name));
            })+
            failing
        }};
    }
    let failing = failing! {
        replay_1_of_many_uses_one_is_first(open());
        replay_2_nothing_is_forgotten_before_its_end(open());
        replay_3_what_may_be_forgotten_is_never_first(open());
        replay_4_two_clocks_agree(open());
        replay_5_a_full_window_refuses(small());
        replay_6_a_beginning_is_named_once(open(), open());
        challenges_1_one_capability_gets_it(open());
        challenges_2_each_byte_counts(open());
        challenges_3_nothing_is_forgotten_before_its_end(open());
        challenges_4_no_clock_brings_one_back(open());
        challenges_5_what_is_full_refuses(small());
        capabilities_1_what_was_kept_comes_back(open());
        capabilities_2_nothing_is_mixed_up(open());
        capabilities_3_a_flood_refuses_nobody(open());
        devices_1_they_are_listed_until_they_expire(open());
        devices_2_what_is_removed_is_gone(open());
        devices_3_nobody_is_lost(open());
        devices_4_a_flood_takes_its_own_room(open());
        devices_5_what_is_full_refuses(small());
    };
    println!("{fault:?} fails {failing:?}");
    for start in expected {
        let fails = failing.iter().any(|name| name.starts_with(start));
        assert!(fails, "{fault:?} passes {start}");
    }
    assert!(fault != Fault::None || failing.is_empty(), "{failing:?}");
}

macro_rules! broken {
    ($($name:ident: $fault:ident fails $tests:expr;)+) => {$(
        #[test]
        fn $name() {
            assert_fails(Fault::$fault, &$tests);
        }
    )+};
}

broken! {
    nothing_is_broken: None fails [];
    it_looks_and_then_writes: TwoSteps fails ["replay_1", "challenges_1", "devices_3"];
    clones_are_copies: ClonesAreCopies
        fails ["replay_4", "challenges_4", "capabilities_1", "devices_2"];
    it_forgets_when_it_is_full: ForgetsWhenFull fails ["replay_5", "challenges_5", "devices_5"];
    it_is_never_full: NeverFull fails ["replay_5", "challenges_5", "devices_4", "devices_5"];
    it_stays_full: StaysFull fails ["replay_5", "challenges_5", "devices_5"];
    it_forgets_a_little_early: ForgetsEarly fails ["replay_2", "challenges_3", "devices_1"];
    a_clock_that_is_set_back_brings_back: BringsBack fails ["replay_3", "challenges_4"];
    proofs_are_told_by_their_id_alone: HalfOfTheName fails ["replay_1", "challenges_2"];
    every_beginning_has_one_name: OneBeginning fails ["replay_6"];
    whoever_asks_again_is_another: ForgetsWho fails ["challenges_1", "challenges_3"];
    blocks_are_cut: CutsBlocks fails ["capabilities_1"];
    a_flood_is_refused: RefusesAFlood fails ["capabilities_3"];
    a_device_is_listed_twice: ListsTwice fails ["devices_1"];
    the_oldest_device_comes_first: OldestFirst fails ["devices_1"];
    devices_of_every_domain_are_listed: EveryDomain fails ["devices_1"];
    anybody_removes_a_device: AnybodyRemoves fails ["devices_2"];
    a_flood_drives_others_out: DrivesOthersOut fails ["devices_4"];
    what_ends_last_gives_way: LastGivesWay fails ["devices_4"];
}
