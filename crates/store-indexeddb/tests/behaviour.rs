//! What the store does beyond the contract, in a window: keys, damaged records, spellings, the
//! database, the prompt lock, changes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may panic"
)]
#![cfg(all(target_family = "wasm", target_os = "unknown"))]

mod common;

mod behaviour {
    mod changes;
    mod damaged;
    mod database;
    mod keys;
    mod layout;
    mod profiles;
    mod prompt_lock;
    mod spellings;
    mod unstorable;
}

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
