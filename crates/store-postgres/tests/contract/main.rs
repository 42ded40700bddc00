//! Tests against a PostgreSQL server that they start themselves.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test may panic, and measures time"
)]

mod contracts;
mod cost;
mod faults;
mod kills;
mod late;
#[cfg(target_os = "linux")]
mod memory;
mod sealed;
mod server;
mod shared;
#[cfg(feature = "tls")]
mod tls;
mod use_of;
