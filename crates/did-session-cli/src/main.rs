//! The binary `did-session`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    did_session_cli::main()
}
