//! The contract's sentences, one function each; [`store_contract!`](crate::store_contract) calls
//! them. Each takes a new, empty store and panics when the store breaks its sentence.
//!
//! Natively they run inside a tokio runtime, see [`run`](crate::run).

mod concurrent;
mod corruption;
mod evidence;
mod profiles;
mod records;

pub use concurrent::{
    contract_08_concurrent_saves_leave_one_whole_record, contract_09_conditional_changes_conflict,
    contract_10_one_prompt_lock_at_a_time,
};
pub use corruption::{contract_05_skipped, contract_05_unreadable_is_never_empty};
pub use evidence::contract_12_evidence_comes_back;
pub use profiles::contract_11_profiles_are_apart;
pub use records::{
    contract_01_generate_key_keeps_nothing, contract_02_save_replaces_whole_or_not_at_all,
    contract_03_what_was_saved_is_loaded_and_signs, contract_04_remove_leaves_no_trace,
    contract_06_expired_records_are_returned, contract_07_clones_share_contents,
};
