//! The Rust examples of the guide (`docs/guide/src`). Its pages include these files, so that what a
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
pub mod renew;
pub mod revoke;
pub mod server;
pub mod verify;
