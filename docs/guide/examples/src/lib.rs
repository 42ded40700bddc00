//! The Rust examples of the guide (`docs/guide/src`). Its pages include these files, so that what a
//! reader copies is compiled, and run by the tests beside it.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "an example says what it did")]

pub mod auth_method;
pub mod chain;
pub mod client;
pub mod javascript;
pub mod keep;
pub mod renew;
pub mod revoke;
pub mod server;
pub mod verify;
