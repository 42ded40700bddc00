//! The tests of capabilities: one program, since each one is linked with everything.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may panic, and tells how much it did"
)]

#[path = "common/reference.rs"]
#[allow(dead_code, reason = "which of it is used depends on the features")]
mod reference;

mod dialects;
mod eip191;
mod identity;
mod known;
mod laws;
mod look_alikes;
mod public_caip74;
mod public_texts;
mod recap;
mod recap_vectors;
mod signed_text;
mod solana_offchain;
mod vectors;
mod wild;
mod window;
