//! The command line `did-session`: what its binary runs. The libraries are in the crate
//! `did-session`; nothing here is meant to be called by others.
#![forbid(unsafe_code)]

mod args;
mod commands;
mod document;
mod duration;
mod envelope;
mod failure;
mod input;
mod nodes;
mod output;
mod recap;
mod seal;
mod store;
mod wallet;

use std::process::ExitCode;

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    commands::main()
}
