//! The command line `did-session`: the code that its binary runs. The libraries are in the crate
//! `did-session`; other crates should not call this one.
#![forbid(unsafe_code)]

mod args;
mod bash;
mod cli;
mod commands;
mod complete;
mod document;
mod duration;
mod envelope;
mod escape;
mod exit;
mod failure;
mod input;
mod limits;
mod nodes;
mod output;
mod picked;
mod place;
mod program;
mod program_error;
mod recap;
mod runtime;
mod seal;
mod store;
mod terminal;
mod value;
mod waiting;
mod wallet;
mod who;

use std::process::ExitCode;

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    cli::main()
}
