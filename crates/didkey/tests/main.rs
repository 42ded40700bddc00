//! The tests of did:key: one program, since each one is linked with everything.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may panic, and tells how much it did"
)]

mod backends;
#[cfg(all(feature = "document", feature = "p384", feature = "p521"))]
mod document;
#[cfg(all(feature = "p384", feature = "p521"))]
mod keys;
mod public_did_key;
mod public_wycheproof;
#[cfg(feature = "signing")]
mod signing;
#[cfg(all(
    feature = "document",
    feature = "p384",
    feature = "p521",
    feature = "signing"
))]
mod vectors;
#[cfg(all(feature = "p384", feature = "p521"))]
mod verify;
