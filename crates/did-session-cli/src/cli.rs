//! The command line as a whole: what `--help` says of it, which commands there are, and what
//! happens around each.

use clap::{CommandFactory as _, Parser, Subcommand};
use serde::Serialize;
use std::process::ExitCode;
use tracing::Level;

use crate::args::Globals;
use crate::commands;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Answer};

/// DID sessions: let a wallet delegate to a session key, then sign with that key, and inspect and
/// verify what others signed.
#[derive(Debug, Parser)]
#[command(
    name = "did-session",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
Exit codes: 0 done, or yes; 1 the answer is no (refused, no session, expired, declined);
2 the input or the usage cannot be worked with; 3 the store failed, or input and output did.

Examples:
  did-session login --wallet wallet.hex --resource 'ceramic://*'
  did-session list
  echo '{\"hello\":\"world\"}' | did-session sign eip155:1:0x974e…dc44
  did-session verify signed.jws --capability capability.json --issuer eip155:1:0x974e…dc44"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Login(commands::login::Login),
    Renew(commands::renew::Renew),
    Status(commands::status::Status),
    List(commands::list::List),
    Logout(commands::logout::Logout),
    Revoke(commands::revoke::Revoke),
    Export(commands::export::Export),
    Import(commands::import::Import),
    Sign(commands::sign::Sign),
    Inspect(commands::inspect::Inspect),
    Verify(Box<commands::verify::Verify>),
    #[command(subcommand)]
    Store(commands::store::StoreCommand),
    #[command(subcommand)]
    Did(commands::did::Did),
    Completions(commands::completions::Completions),
}

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
            Self::Completions(command) => command.run(Cli::command(), globals),
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
