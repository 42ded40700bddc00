//! The macros that make tests: names and nothing else, the tests themselves are functions.

/// Holds a store to the contract of [`SessionStore`](session_core::SessionStore): makes one test
/// for each numbered sentence.
///
/// The first argument is an expression that makes a new, empty store; it is evaluated once for
/// each test, inside an async function. `corrupt = …` is an async closure from the store and a
/// slot that leaves something unreadable in that slot; without it, sentence 5 is reported as
/// skipped.
///
/// Use it once for each module. In a browser, the test crate says where wasm tests run, as
/// always: `wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);`.
///
/// ```
/// # use store_memory::MemoryStore;
/// store_testkit::store_contract!(MemoryStore::default());
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! store_contract {
    ($open:expr $(, corrupt = $corrupt:expr)? $(,)?) => {
        $crate::__store_tests! { contract ($open)
            contract_01_generate_key_keeps_nothing
            contract_02_save_replaces_whole_or_not_at_all
            contract_03_what_was_saved_is_loaded_and_signs
            contract_04_remove_leaves_no_trace
            contract_06_expired_records_are_returned
            contract_07_clones_share_contents
            contract_08_concurrent_saves_leave_one_whole_record
            contract_09_conditional_changes_conflict
            contract_10_one_prompt_lock_at_a_time
            contract_11_profiles_are_apart
            contract_12_evidence_comes_back
        }
        $crate::__store_corruption_test! { ($open) $(($corrupt))? }
    };
}

/// Holds a store that outlives its process to that: what was saved is there when it is opened
/// again, what was removed stays away, and a prompt lock does not survive.
///
/// The first argument makes a new, empty store. `reopen = …` is an async closure that takes the
/// store, closes it, and opens another on the same medium.
///
/// ```
/// # use store_memory::MemoryStore;
/// store_testkit::store_durability!(
///     MemoryStore::default(),
///     // a store of files would drop it and open the directory once more
///     reopen = async |store: MemoryStore| store
/// );
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! store_durability {
    ($open:expr, reopen = $reopen:expr $(,)?) => {
        $crate::__store_tests! { durability ($open, $reopen)
            durability_what_was_saved_is_there
            durability_what_was_removed_stays_away
            durability_a_prompt_lock_does_not_survive
        }
    };
}

/// One test for each name: calls the function of that name in that module.
#[doc(hidden)]
#[macro_export]
macro_rules! __store_tests {
    ($module:ident $arguments:tt $($name:ident)+) => {
        $($crate::__store_test! { $name, $crate::$module::$name $arguments })+
    };
}

/// Sentence 5, with what makes a record unreadable or without.
#[doc(hidden)]
#[macro_export]
macro_rules! __store_corruption_test {
    (($open:expr)) => {
        $crate::__store_test! {
            contract_05_unreadable_is_never_empty,
            $crate::contract::contract_05_skipped($open)
        }
    };
    (($open:expr) ($corrupt:expr)) => {
        $crate::__store_test! {
            contract_05_unreadable_is_never_empty,
            $crate::contract::contract_05_unreadable_is_never_empty($open, $corrupt)
        }
    };
}

/// A test of this name, from an expression whose value is a future.
#[doc(hidden)]
#[macro_export]
macro_rules! __store_test {
    ($name:ident, $future:expr) => {
        #[cfg(not(target_family = "wasm"))]
        #[test]
        fn $name() {
            $crate::run(async { $future.await });
        }

        #[cfg(target_family = "wasm")]
        #[$crate::__private::wasm_bindgen_test::wasm_bindgen_test(
                                                    crate = $crate::__private::wasm_bindgen_test
                                                )]
        async fn $name() {
            $future.await;
        }
    };
}

/// Holds an implementation of [`Revocations`](session_core::revoke::Revocations) to its contract:
/// makes one test for each numbered sentence but the last, which is about a medium that was
/// spoiled.
///
/// The argument is an expression that makes a new, empty one, and is evaluated once for each test.
///
/// ```
/// # use store_memory::MemoryRevocations;
/// store_testkit::revocations_contract!(MemoryRevocations::new());
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! revocations_contract {
    ($open:expr $(,)?) => {
        $crate::__store_tests! { revocations ($open)
            revocations_1_what_was_not_recorded_is_not_revoked
            revocations_2_exactly_what_was_recorded_is_revoked
            revocations_3_nothing_un_revokes
            revocations_4_purge_forgets_what_is_over
            revocations_5_no_record_is_lost
        }
    };
}
