//! Stores that are broken on purpose: the sentence that a store breaks must fail, and a store
//! that breaks none must pass.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod lease;
mod lists;
mod pace;
mod store;

use lease::{LeaseFault, LeasingStore, TTL};
use session_core::{Clock, SlotId};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use store::{BrokenStore, Fault};
use store_testkit::{Lost, contract, durability, run};

/// Which of these tests fail, by their names, of those that are asked for.
macro_rules! failing {
    ($is_asked:expr; $($name:literal => $test:expr),+ $(,)?) => {{
        let mut failing = Vec::new();
        $(if $is_asked(&$name) && catch_unwind(AssertUnwindSafe(|| run($test))).is_err() {
            failing.push($name);
        })+
        failing
    }};
}

/// Fails unless these sentences fail for a store with this fault. Of a store without a fault none
/// of all may.
fn assert_fails(fault: Fault, sentences: &[u8]) {
    let open = || BrokenStore::new(fault);
    let corrupt = async |store: &BrokenStore, slot: &SlotId| store.corrupt(slot);
    let lossy = async |store: &BrokenStore, lost: Lost| store.lose(lost);
    let foreign_key = async |_: &BrokenStore| BrokenStore::foreign_key();
    let is_asked = |number: &u8| fault == Fault::None || sentences.contains(number);
    let failing: Vec<u8> = failing!(
        is_asked;
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
        13 => contract::contract_13_a_lock_says_whether_it_is_held(open()),
        14 => contract::contract_14_a_lost_reply_is_unknown(open(), lossy),
        15 => contract::contract_15_tags_are_bytes(open()),
        16 => contract::contract_16_lists_in_pages(open()),
        17 => contract::contract_17_purge_removes_what_has_expired(open()),
        17 => contract::contract_17_purge_leaves_what_is_unreadable(open(), corrupt),
        18 => contract::contract_18_a_key_of_another_custody_is_refused(open(), foreign_key),
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
    profiles_names_the_default_one_only: NamesDefaultOnly fails [11];
    remove_ends_every_profile: RemovesAllProfiles fails [11];
    evidence_is_lost: LosesEvidence fails [12];
    evidence_stays_without_its_record: KeepsOldEvidence fails [12];
    evidence_is_written_anew: RewritesEvidence fails [12];
    an_acquire_that_was_cancelled_keeps_the_lock: KeepsCancelledLock fails [10];
    a_prompt_lock_is_lost_at_once: LosesLock fails [13];
    keeping_a_prompt_lock_ends: KeepEnds fails [13];
    a_lost_reply_is_a_failure_like_any_other: LostIsFailure fails [14];
    a_lost_reply_is_a_conflict: LostIsConflict fails [14];
    a_lost_reply_is_a_success: LostIsSuccess fails [14];
    tags_are_the_stores_own: OwnTags fails [15];
    a_tag_is_compared_in_part: ComparesHalfATag fails [15];
    pages_are_longer_than_their_limit: LongPages fails [16];
    pages_begin_at_a_position: PagesByPosition fails [16];
    pages_begin_at_the_last_entry: PagesOverlap fails [16];
    the_last_page_is_left_out: LosesLastPage fails [16];
    purge_forgets_what_lasts: PurgesAll fails [17];
    purge_forgets_what_expires_now: PurgesTooEarly fails [17];
    purge_forgets_what_is_unreadable: PurgesUnreadable fails [17];
    purge_looks_and_then_removes: PurgesInTwoSteps fails [17];
    purge_does_nothing: PurgesNothing fails [17];
    keys_of_another_custody_are_kept: KeepsForeignKeys fails [18];
}

/// Fails unless some test of sentence 13 fails for a lease with this fault, and none for one
/// without. On a machine that stands still for long, the leases have a slower time than the tests that
/// wait for their end, and a fault may not show: it is looked for again. A store without a fault has
/// one try.
fn assert_lease_fails(fault: LeaseFault) {
    let expected: &[&str] = match fault {
        LeaseFault::None => &[],
        LeaseFault::HeldForEver | LeaseFault::RenewsNothing | LeaseFault::ReleasesAnybodys => {
            &["runs out"]
        }
        LeaseFault::EndsByTheClockOfWhoeverAsks => &["clocks"],
        LeaseFault::NeverEnds => &["runs out", "dead"],
    };
    let is_asked = |name: &&str| fault == LeaseFault::None || expected.contains(name);
    let open = || LeasingStore::new(fault);
    let another = async |store: &LeasingStore, clock: Arc<dyn Clock>| store.another(&*clock);
    let crash = async |store: &LeasingStore, slot: &SlotId| store.crash(slot).await;
    let tries = if fault == LeaseFault::None { 1 } else { 5 };
    for left in (0..tries).rev() {
        let failing: Vec<&str> = failing!(
            is_asked;
            "held" => contract::contract_13_a_lock_says_whether_it_is_held(open()),
            "runs out" => contract::contract_13_a_lease_runs_out_under_its_holder(open(), another, TTL),
            "clocks" => contract::contract_13_clocks_are_apart(open(), another, TTL),
            "dead" => contract::contract_13_a_dead_holder_frees_it(open(), crash),
            "one at a time" => contract::contract_10_one_prompt_lock_at_a_time(open()),
            "apart" => contract::contract_11_profiles_are_apart(open()),
        );
        println!("{fault:?} fails {failing:?}");
        if failing == expected {
            return;
        }
        assert!(left > 0, "{fault:?} fails {failing:?}, not {expected:?}");
    }
}

macro_rules! broken_lease {
    ($($name:ident: $fault:ident;)+) => {$(
        #[test]
        fn $name() {
            assert_lease_fails(LeaseFault::$fault);
        }
    )+};
}

broken_lease! {
    no_lease_is_broken: None;
    a_lease_is_held_for_ever: HeldForEver;
    a_lease_is_not_renewed: RenewsNothing;
    a_lease_is_given_back_by_anybody: ReleasesAnybodys;
    a_lease_ends_by_two_clocks: EndsByTheClockOfWhoeverAsks;
    a_lease_has_no_end: NeverEnds;
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
