//! The tests of the command line: one program, since each one is linked with everything.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may panic"
)]

#[path = "common/chain.rs"]
#[allow(dead_code, reason = "which of it is used depends on the features")]
mod chain;
#[allow(dead_code, reason = "which of it is used depends on the features")]
mod common;

mod bad_input;
mod broken_stores;
mod concurrent;
mod contracts;
mod convenience;
mod documents;
mod ending;
mod guide;
mod help;
mod life;
mod look_alikes;
mod many;
mod mistakes;
mod passkeys;
mod recap;
mod sealed;
mod secrets;
mod sessions;
mod terminal;
mod texts;
mod vectors;
