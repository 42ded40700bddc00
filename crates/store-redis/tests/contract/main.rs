//! Redis and Valkey keep the contracts, and what breaks them is an error, never a wrong answer.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod engine;
mod server;
mod server_faults;
