//! The commands, one module each, and what happens around them.

pub(crate) mod completions;
pub(crate) mod did;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod inspect;
pub(crate) mod list;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod renew;
pub(crate) mod revoke;
mod session;
pub(crate) mod sign;
pub(crate) mod status;
pub(crate) mod store;
pub(crate) mod verify;
mod warned;

use clap::Parser as _;
use serde::Serialize;
use std::process::ExitCode;
use tracing::Level;

use crate::args::{Cli, Command, Globals};
use crate::failure::{Exit, Failure};
use crate::output::{self, Answer};

/// Reads the arguments, runs the command, prints its answer.
pub(crate) fn main() -> ExitCode {
    let ended = match Cli::try_parse() {
        Ok(cli) => run(&cli),
        Err(error) => usage(&error),
    };
    ended.into()
}

fn run(cli: &Cli) -> Exit {
    start_logs(cli.globals.verbose);
    let answered = cli.command.run(&cli.globals);
    match answered.and_then(|answer| answer.print()) {
        Ok(exit) => exit,
        Err(failure) => {
            if cli.globals.json {
                report(&failure, matches!(cli.command, Command::Verify(_)));
            }
            output::complain(&failure);
            failure.exit()
        }
    }
}

impl Command {
    fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        match self {
            Self::Login(command) => command.run(globals),
            Self::Renew(command) => command.run(globals),
            Self::Status(command) => command.run(globals),
            Self::List(command) => command.run(globals),
            Self::Logout(command) => command.run(globals),
            Self::Revoke(command) => command.run(globals),
            Self::Export(command) => command.run(globals),
            Self::Import(command) => command.run(globals),
            Self::Sign(command) => command.run(globals),
            Self::Inspect(command) => command.run(globals),
            Self::Verify(command) => command.run(globals),
            Self::Store(command) => command.run(globals),
            Self::Did(command) => command.run(globals),
            Self::Completions(command) => command.run(globals),
        }
    }
}

/// Logs of the libraries go to standard error, and only when they are asked for.
fn start_logs(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => Level::DEBUG,
        _ => Level::TRACE,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(output::colours_on_stderr())
        .without_time()
        .init();
}

/// What `--json` prints when there is no answer.
#[derive(Serialize)]
#[serde(untagged)]
enum Report<'a> {
    /// `verify` always says whether it is valid.
    Verdict {
        valid: bool,
        code: &'a str,
        detail: &'a str,
    },
    Error {
        error: &'a str,
        code: &'a str,
    },
}

fn report(failure: &Failure, of_verify: bool) {
    let (code, line) = (failure.code(), failure.to_string());
    let report = if of_verify {
        Report::Verdict {
            valid: false,
            code,
            detail: &line,
        }
    } else {
        Report::Error { error: &line, code }
    };
    // when standard output is what failed, standard error and the exit code still tell
    let _ = output::print(&output::json_line(&report));
}

/// Help and version are answers; everything else that clap says is about wrong usage.
fn usage(error: &clap::Error) -> Exit {
    let rendered = error.render().ansi().to_string();
    if !error.use_stderr() {
        return match output::print(&rendered) {
            Ok(()) => Exit::Yes,
            Err(failure) => {
                output::complain(&failure);
                failure.exit()
            }
        };
    }
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--json") {
        let plain = error.render().to_string();
        let line = plain.lines().next().unwrap_or_default();
        let line = line.strip_prefix("error: ").unwrap_or(line);
        let of_verify = arguments.iter().any(|argument| argument == "verify");
        report(&Failure::usage(line), of_verify);
    }
    output::print_to_stderr(&rendered);
    Exit::Input
}
