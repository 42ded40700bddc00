//! The contract of [`SessionStore`](session_core::SessionStore) as tests, one for each of its
//! numbered sentences. A store of your own can be tested just like the stores of this project.
//!
//! Put one line into a test file of your crate (and `store-testkit` among its dev-dependencies):
//!
//! ```
//! # use store_memory::MemoryStore as MyStore;
//! store_testkit::store_contract!(MyStore::default());
//! # fn main() {
//! #     use store_testkit::{contract::contract_03_what_was_saved_is_loaded_and_signs, run};
//! #     run(contract_03_what_was_saved_is_loaded_and_signs(MyStore::default()));
//! # }
//! ```
//!
//! That makes a test for each sentence, `contract_01_generate_key_keeps_nothing` and so on, which
//! run under tokio natively, and as `wasm_bindgen_test`s on wasm. The expression makes a new, empty store
//! and is evaluated once for each test; it may `.await`. Put something that must live as long as
//! the store, such as a temporary directory, into a [`Kept`] with it.
//!
//! Some sentences need help that only you can give: a function that spoils a record, loses a reply,
//! or kills the holder of a lock. [`store_contract!`] lists these options. Without one, its tests
//! are reported as skipped, and never counted as passed. With a function that spoils a record,
//! sentence 5 is tested in full:
//!
//! ```
//! # use session_core::SlotId;
//! # use store_memory::MemoryStore as MyStore;
//! # async fn overwrite_with_garbage(_: &MyStore, _: &SlotId) {}
//! store_testkit::store_contract!(
//!     MyStore::default(),
//!     corrupt = async |store: &MyStore, slot: &SlotId| overwrite_with_garbage(store, slot).await
//! );
//! # fn main() {}
//! ```
//!
//! There are also macros for what a server keeps: [`replay_window_contract!`],
//! [`challenges_contract!`], [`capabilities_contract!`], [`devices_contract!`] and
//! [`revocations_contract!`].
//!
//! Test a store that outlives its process also by [`store_durability!`], and one that keeps sealed
//! records by [`sealable_contract!`]. The tests are plain functions in [`contract`] and
//! [`durability`]; the capabilities that they store are in [`fixtures`].
//!
//! The store must be [`Clone`] (sentence 7 speaks of clones); wrap it in an
//! [`Arc`](std::sync::Arc) if it is not.
#![forbid(unsafe_code)]
// Whatever is called here is called by a test, and a test fails by a panic.
#![allow(clippy::expect_used, clippy::panic)]

#[cfg(not(target_family = "wasm"))]
mod clock;
pub mod contract;
pub mod durability;
pub mod fixtures;
mod kept;
mod macros;
pub mod revocations;
mod runtime;
mod secrets;
pub mod server;
mod witness;

pub use contract::Lost;
pub use kept::Kept;
pub use runtime::skip;
#[cfg(not(target_family = "wasm"))]
pub use runtime::{end_skipped, run};
pub use secrets::{secrets_in, secrets_of};

/// What the macros name; not for anybody else.
#[doc(hidden)]
pub mod __private {
    #[cfg(not(target_family = "wasm"))]
    pub use crate::runtime::run_or_skip;
    #[cfg(target_family = "wasm")]
    pub use wasm_bindgen_test;
}
