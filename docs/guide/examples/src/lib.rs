//! The Rust code of the guide's pages (`docs/guide/src`), which `build.rs` takes out of them: what a
//! reader copies is compiled, and run by the tests beside it.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "an example says what it did")]
#![allow(
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    missing_debug_implementations,
    reason = "the pages say what is needed"
)]

pub mod auth_method;
pub mod chain;
pub mod client;
pub mod javascript;
pub mod keep;
#[cfg(test)]
mod pages;
pub mod renew;
pub mod revoke;
pub mod server;
pub mod verify;
