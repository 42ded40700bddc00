//! Stores that are broken on purpose: the sentence that a store breaks must fail, and a store
//! that breaks none must pass.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod store;

use session_core::SlotId;
use std::panic::{AssertUnwindSafe, catch_unwind};
use store::{BrokenStore, Fault};
use store_testkit::{contract, durability, run};

/// Fails unless these sentences fail for a store with this fault. More may fail with them, where
/// the fault shows by chance or in passing; of a store without a fault none may.
fn assert_fails(fault: Fault, sentences: &[u8]) {
    let open = || BrokenStore::new(fault);
    let corrupt = async |store: &BrokenStore, slot: &SlotId| store.corrupt(slot);
    macro_rules! failing {
        ($($number:literal => $test:expr),+ $(,)?) => {{
            let mut failing = Vec::new();
            $(if catch_unwind(AssertUnwindSafe(|| run($test))).is_err() {
                failing.push($number);
            })+
            failing
        }};
    }
    let failing: Vec<u8> = failing!(
        1 => contract::contract_01_generate_key_keeps_nothing(open()),
        2 => contract::contract_02_save_replaces_whole_or_not_at_all(open()),
        3 => contract::contract_03_what_was_saved_is_loaded_and_signs(open()),
        4 => contract::contract_04_remove_leaves_no_trace(open()),
        5 => contract::contract_05_unreadable_is_never_empty(open(), corrupt),
        6 => contract::contract_06_expired_records_are_returned(open()),
        7 => contract::contract_07_clones_share_contents(open()),
        8 => contract::contract_08_concurrent_saves_leave_one_whole_record(open()),
        9 => contract::contract_09_conditional_changes_conflict(open()),
        10 => contract::contract_10_one_prompt_lock_at_a_time(open()),
        11 => contract::contract_11_profiles_are_apart(open()),
        12 => contract::contract_12_evidence_comes_back(open()),
    );
    println!("{fault:?} fails {failing:?}");
    for sentence in sentences {
        assert!(
            failing.contains(sentence),
            "{fault:?} passes sentence {sentence}"
        );
    }
    assert!(fault != Fault::None || failing.is_empty(), "{failing:?}");
}

macro_rules! broken {
    ($($name:ident: $fault:ident fails $sentences:expr;)+) => {$(
        #[test]
        fn $name() {
            assert_fails(Fault::$fault, &$sentences);
        }
    )+};
}

broken! {
    nothing_is_broken: None fails [];
    generate_key_keeps_the_key: KeepsGeneratedKeys fails [1];
    save_keeps_the_old_key: KeepsOldKey fails [2];
    save_appends_to_longer_records: KeepsRemainder fails [2];
    save_empties_the_slot_before_it_is_refused: ClearsFirst fails [2, 9];
    load_makes_a_new_key: NewKeyOnLoad fails [3];
    capabilities_are_stored_in_another_encoding: Reencodes fails [3];
    slots_are_told_by_the_capability: SpellingsDiffer fails [3];
    remove_of_an_absent_record_fails: RemoveNeedsARecord fails [4];
    a_save_that_was_given_up_happens_later: SavesAfterAll fails [4];
    remove_leaves_a_tombstone: LeavesTombstone fails [4];
    unreadable_is_empty: UnreadableIsEmpty fails [5];
    unreadable_is_deleted: DeletesUnreadable fails [5];
    unreadable_stops_list: UnreadableStopsList fails [5];
    expired_records_are_hidden: HidesExpired fails [6];
    clones_are_copies: ClonesAreCopies fails [7];
    save_takes_two_steps: SavesInTwoSteps fails [8];
    save_does_not_compare: NeverConflicts fails [9];
    save_compares_and_then_writes: ComparesThenWrites fails [9];
    remove_does_not_compare: RemovesAnything fails [9];
    remove_compares_and_then_removes: RemovesInTwoSteps fails [9];
    a_prompt_lock_is_never_exclusive: LocksNothing fails [10];
    a_prompt_lock_is_not_waited_for: NeverWaits fails [10];
    a_prompt_lock_is_not_freed_on_drop: KeepsPromptLock fails [10];
    a_waiter_that_gave_up_takes_the_prompt_lock: HauntedPromptLock fails [10];
    save_waits_for_the_prompt_lock: SaveWaitsForPrompt fails [10];
    profiles_share_a_slot: NoProfiles fails [11];
    profiles_share_a_prompt_lock: LocksIssuers fails [11];
    remove_issuer_ends_the_default_profile_only: RemovesDefaultOnly fails [11];
    remove_ends_every_profile: RemovesAllProfiles fails [11];
    evidence_is_lost: LosesEvidence fails [12];
    evidence_stays_without_its_record: KeepsOldEvidence fails [12];
    evidence_is_written_anew: RewritesEvidence fails [12];
}

/// A store that forgets everything when it is opened again, or that forgets removals.
#[test]
fn durability_fails_without_a_medium() {
    let forget = async |_: BrokenStore| BrokenStore::new(Fault::None);
    let open = || BrokenStore::new(Fault::None);
    let failed = |test: &mut dyn FnMut()| catch_unwind(AssertUnwindSafe(test)).is_err();
    assert!(failed(&mut || run(
        durability::durability_what_was_saved_is_there(open(), forget)
    )));

    let resurrect = async |store: BrokenStore| {
        store.resurrect();
        store
    };
    assert!(failed(&mut || run(
        durability::durability_what_was_removed_stays_away(open(), resurrect)
    )));

    let keep_lock = async |store: BrokenStore| {
        let reopened = BrokenStore::new(Fault::NeverWaits);
        reopened.leak_prompt_locks();
        drop(store);
        reopened
    };
    assert!(failed(&mut || run(
        durability::durability_a_prompt_lock_does_not_survive(open(), keep_lock)
    )));

    let honest = async |store: BrokenStore| store;
    run(durability::durability_what_was_saved_is_there(
        open(),
        honest,
    ));
    run(durability::durability_what_was_removed_stays_away(
        open(),
        honest,
    ));
    run(durability::durability_a_prompt_lock_does_not_survive(
        open(),
        honest,
    ));
}
