//! Redis and Valkey keep the contracts, and what breaks them is an error, never a wrong answer.
#![allow(
    clippy::cast_possible_truncation,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod cost;
mod engine;
#[cfg(unix)]
mod kills;
mod late;
#[cfg(target_os = "linux")]
mod memory;
mod sealed;
mod server;
mod server_faults;
mod sessions;
mod sessions_faults;
mod setup;
