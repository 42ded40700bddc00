//! The contract's sentences, one function each; [`store_contract!`](crate::store_contract) calls
//! them. Each takes a new, empty store and panics when the store breaks its sentence.
//!
//! Natively they run inside a tokio runtime, see [`run`](crate::run).

mod concurrent;
mod corruption;
mod evidence;
mod leases;
mod lists;
mod network;
mod profiles;
mod records;
mod sealable;

pub use concurrent::{
    contract_08_concurrent_saves_leave_one_whole_record, contract_09_conditional_changes_conflict,
    contract_10_one_prompt_lock_at_a_time,
};
pub use corruption::contract_05_unreadable_is_never_empty;
pub use evidence::contract_12_evidence_comes_back;
pub use leases::{contract_13_a_dead_holder_frees_it, contract_13_a_lock_says_whether_it_is_held};
#[cfg(not(target_family = "wasm"))]
pub use leases::{contract_13_a_lease_runs_out_under_its_holder, contract_13_clocks_are_apart};
pub use lists::{
    contract_15_tags_are_bytes, contract_16_lists_in_pages,
    contract_17_purge_leaves_what_is_unreadable, contract_17_purge_removes_what_has_expired,
};
pub use network::{
    Lost, contract_14_a_lost_reply_is_unknown, contract_18_a_key_of_another_custody_is_refused,
};
pub use profiles::contract_11_profiles_are_apart;
pub use records::{
    contract_01_generate_key_keeps_nothing, contract_02_save_replaces_whole_or_not_at_all,
    contract_03_what_was_saved_is_loaded_and_signs, contract_04_remove_leaves_no_trace,
    contract_06_expired_records_are_returned, contract_07_clones_share_contents,
};
pub use sealable::sealable_03_no_record_in_place_of_a_sealed_one;
