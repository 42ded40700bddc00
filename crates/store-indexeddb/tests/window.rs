//! The contract in a window.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may panic"
)]
#![cfg(all(target_family = "wasm", target_os = "unknown"))]

mod common;
mod contract;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
