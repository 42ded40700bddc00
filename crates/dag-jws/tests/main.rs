//! The tests of JWS: one program, since each one is linked with everything.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may panic, and tells how much it did"
)]

#[path = "common/making.rs"]
#[allow(dead_code, reason = "which of it is used depends on the features")]
mod making;

mod dag;
mod forms;
mod judging;
mod known;
mod parallel;
mod properties;
mod public_dag_cbor;
mod reading;
mod vectors;
