//! The tests of sessions: one program, since each one is linked with everything.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may panic, and tells how much it did"
)]

#[path = "common/wallet.rs"]
#[allow(dead_code, reason = "which of it is used depends on the features")]
mod wallet;
#[path = "common/wallets.rs"]
#[allow(dead_code, reason = "which of it is used depends on the features")]
mod wallets;

mod contract;
mod events;
mod get;
mod grammar;
mod known;
mod lost;
mod prompts;
mod recap;
mod rules;
mod r#use;
mod vectors;
mod window;
