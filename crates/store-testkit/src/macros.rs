//! The macros that make tests. They only give them names: the tests themselves are functions.

/// Holds a store to the contract of [`SessionStore`](session_core::SessionStore): makes one test
/// for each numbered sentence.
///
/// The first argument is an expression that makes a new, empty store; it is evaluated once for
/// each test, inside an async function. Some sentences need means that only the store's own tests
/// have; each is an async closure or function, and they are given in this order:
///
/// | option | what it does | sentences |
/// |---|---|---|
/// | `corrupt = …` | from the store and a slot: leaves something unreadable in that slot | 5, 17 |
/// | `foreign_key = …` | from the store: a key that it cannot keep | 18 |
/// | `lossy = …` | from the store and what is [`Lost`](crate::Lost): makes that of the store's next request be lost | 14 |
/// | `another = …, ttl = …` | from the store and an `Arc<dyn Clock>`: another store on the same medium, as another process opens it, by that clock; and how long its leases last (not an async closure), a second or so | 13, natively |
/// | `crash = …` | from the store and a slot: takes the prompt lock of the slot as another process does, and dies without giving it back | 13 |
///
/// A sentence whose means were not given is **skipped**: its test says so on the standard error
/// output and in what `cargo xtask` counts. An option that cannot exist for a store is named
/// by `never = […]` behind the other options; its sentences have no test then:
/// `never = [corrupt, foreign_key, lossy, another, crash]` are those of a store in memory.
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
    ($open:expr
        $(, corrupt = $corrupt:expr)?
        $(, foreign_key = $foreign_key:expr)?
        $(, lossy = $lossy:expr)?
        $(, another = $another:expr, ttl = $ttl:expr)?
        $(, crash = $crash:expr)?
        $(, never = [$($never:ident),* $(,)?])?
        $(,)?
    ) => {
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
            contract_13_a_lock_says_whether_it_is_held
            contract_15_tags_are_bytes
            contract_16_lists_in_pages
            contract_17_purge_removes_what_has_expired
        }
        $crate::__store_option! { corrupt [$($($never)*)?] [$($open, $corrupt)?] ($open)
            contract_05_unreadable_is_never_empty
            contract_17_purge_leaves_what_is_unreadable
        }
        $crate::__store_option! { foreign_key [$($($never)*)?] [$($open, $foreign_key)?] ($open)
            contract_18_a_key_of_another_custody_is_refused
        }
        $crate::__store_option! { lossy [$($($never)*)?] [$($open, $lossy)?] ($open)
            contract_14_a_lost_reply_is_unknown
        }
        #[cfg(not(target_family = "wasm"))]
        $crate::__store_option! { another [$($($never)*)?] [$($open, $another, $ttl)?] ($open)
            contract_13_a_lease_runs_out_under_its_holder
            contract_13_clocks_are_apart
        }
        $crate::__store_option! { crash [$($($never)*)?] [$($open, $crash)?] ($open)
            contract_13_a_dead_holder_frees_it
        }
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

/// Holds a store that keeps sealed records to what [`SealableStore`](session_core::SealableStore)
/// promises of them, whether or not there is a seal. The argument makes a new, empty store.
///
/// ```
/// # use store_memory::MemoryStore;
/// store_testkit::sealable_contract!(MemoryStore::default());
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! sealable_contract {
    ($open:expr $(,)?) => {
        $crate::__store_tests! { contract ($open)
            sealable_03_no_record_in_place_of_a_sealed_one
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

/// The tests of sentences that need an option: a test that has it, a test that is skipped without
/// it, or no test if the store says that it cannot exist.
#[doc(hidden)]
#[macro_export]
macro_rules! __store_option {
    ($option:ident $never:tt [$($argument:expr),+] ($open:expr) $($name:ident)+) => {
        $crate::__store_tests! { contract ($($argument),+) $($name)+ }
    };
    ($option:ident [] [] ($open:expr) $($name:ident)+) => {
        $($crate::__store_test! {
            $name,
            async {
                let reason = concat!("no `", stringify!($option), " = …` was given");
                $crate::skip(concat!(module_path!(), "::", stringify!($name)), reason);
            }
        })+
    };
    (corrupt [corrupt $($never:ident)*] [] $open:tt $($name:ident)+) => {};
    (foreign_key [foreign_key $($never:ident)*] [] $open:tt $($name:ident)+) => {};
    (lossy [lossy $($never:ident)*] [] $open:tt $($name:ident)+) => {};
    (another [another $($never:ident)*] [] $open:tt $($name:ident)+) => {};
    (crash [crash $($never:ident)*] [] $open:tt $($name:ident)+) => {};
    ($option:ident [$other:ident $($never:ident)*] [] $open:tt $($name:ident)+) => {
        $crate::__store_option! { $option [$($never)*] [] $open $($name)+ }
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
            $crate::__private::run_or_skip(async { $future.await });
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
/// makes one test for each numbered sentence except the sixth, which is about a damaged medium.
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
            revocations_7_entries_are_counted
        }
    };
}

/// Holds an implementation of [`ReplayWindow`](session_core::server::ReplayWindow) to its contract.
///
/// The first argument makes a new, empty one and is evaluated for each test; `small = …` makes one
/// with room for fewer than 2,000 proofs, if the implementation has such a limit; then a full one is
/// tested, too.
///
/// ```
/// # use store_memory::MemoryReplayWindow;
/// # use cacao::UnixTime;
/// const BEGAN: UnixTime = UnixTime::from_secs(1_699_000_000);
/// store_testkit::replay_window_contract!(
///     MemoryReplayWindow::new(BEGAN).unwrap(),
///     small = MemoryReplayWindow::with_capacity(BEGAN, 1_000).unwrap(),
/// );
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! replay_window_contract {
    ($open:expr $(, small = $small:expr)? $(,)?) => {
        $crate::__store_tests! { server ($open)
            replay_1_of_many_uses_one_is_first
            replay_2_nothing_is_forgotten_before_its_end
            replay_3_what_may_be_forgotten_is_never_first
            replay_4_two_clocks_agree
        }
        $($crate::__store_tests! { server ($small) replay_5_a_full_window_refuses })?
        $crate::__store_tests! { server ($open, $open) replay_6_a_beginning_is_named_once }
    };
}

/// Holds an implementation of [`Challenges`](session_core::server::Challenges) to its contract.
///
/// The first argument makes a new, empty one and is evaluated for each test; `small = …` makes one
/// with room for fewer than 2,000 challenges.
///
/// ```
/// # use store_memory::MemoryChallenges;
/// store_testkit::challenges_contract!(
///     MemoryChallenges::new(),
///     small = MemoryChallenges::with_capacity(100),
/// );
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! challenges_contract {
    ($open:expr $(, small = $small:expr)? $(,)?) => {
        $crate::__store_tests! { server ($open)
            challenges_1_one_capability_gets_it
            challenges_2_each_byte_counts
            challenges_3_nothing_is_forgotten_before_its_end
            challenges_4_no_clock_brings_one_back
        }
        $($crate::__store_tests! { server ($small) challenges_5_what_is_full_refuses })?
    };
}

/// Holds an implementation of [`Capabilities`](session_core::server::Capabilities) to its contract.
///
/// The argument makes a new, empty one and is evaluated for each test.
///
/// ```
/// # use store_memory::MemoryCapabilities;
/// store_testkit::capabilities_contract!(MemoryCapabilities::new());
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! capabilities_contract {
    ($open:expr $(,)?) => {
        $crate::__store_tests! { server ($open)
            capabilities_1_what_was_kept_comes_back
            capabilities_2_nothing_is_mixed_up
            capabilities_3_a_flood_refuses_nobody
        }
    };
}

/// Holds an implementation of [`Devices`](session_core::server::Devices) to its contract.
///
/// The first argument makes a new, empty one and is evaluated for each test; `small = …` makes one
/// with room for fewer than 2,000 issuers.
///
/// ```
/// # use store_memory::MemoryDevices;
/// store_testkit::devices_contract!(
///     MemoryDevices::new(),
///     small = MemoryDevices::with_capacity(100),
/// );
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! devices_contract {
    ($open:expr $(, small = $small:expr)? $(,)?) => {
        $crate::__store_tests! { server ($open)
            devices_1_they_are_listed_until_they_expire
            devices_2_what_is_removed_is_gone
            devices_3_nobody_is_lost
            devices_4_a_flood_takes_its_own_room
        }
        $($crate::__store_tests! { server ($small) devices_5_what_is_full_refuses })?
    };
}
