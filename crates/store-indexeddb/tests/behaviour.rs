//! What the store does beyond the contract, in a window: keys, damaged records, spellings, the
//! database, the flight, changes.
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
    mod flight;
    mod keys;
    mod layout;
    mod spellings;
    mod unstorable;
}

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
