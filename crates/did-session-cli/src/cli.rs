//! The command line as a whole: what `--help` says of it, which commands there are, and what
//! happens around each.

use clap::builder::Styles;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use serde::Serialize;
use std::ffi::OsString;
use std::process::ExitCode;
use tracing::Level;

use crate::args::Globals;
use crate::commands;
use crate::complete;
use crate::escape::{Visible, printable};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::limits;
use crate::output::{self, Answer, BAD, GOOD};
use crate::place;
use crate::terminal::{columns_on_stderr, wrap_lines};

/// Sign in once with a wallet, then sign with a session key that the wallet delegated to; inspect
/// and verify what others signed.
#[derive(Debug, Parser)]
#[command(
    name = "did-session",
    version,
    max_term_width = 100,
    // yellow, which is usual, is not seen on a light background
    styles = Styles::styled().valid(GOOD).invalid(BAD),
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
Exit codes:
  0  it is done, or the answer is yes
  1  the answer is no: refused, no session, expired, declined
  2  what was given cannot be used: an argument, a file, a program's answer
  3  something else failed: the store, a disk, a node, a program's crash

Examples:
  did-session login --wallet wallet.hex --resource 'ceramic://*'
  did-session list
  echo '{\"hello\":\"world\"}' | did-session sign > message.jws
  did-session export --capability > capability.json
  did-session verify message.jws --capability capability.json"
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
    Man(commands::man::Man),
}

/// Reads the arguments, runs the command, prints its answer.
pub(crate) fn main() -> ExitCode {
    if let Some(ended) = complete::answer(Cli::command) {
        return ended.into();
    }
    limits::report();
    let ended = match parse() {
        Ok(cli) => run(&cli),
        Err(error) => usage(&error),
    };
    ended.into()
}

fn parse() -> Result<Cli, clap::Error> {
    let mut command = with_headings(Cli::command());
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// The sections behind the options get headings like those of clap's own.
fn with_headings(command: clap::Command) -> clap::Command {
    let heading = *command.get_styles().get_header();
    let help = command.get_after_help().map(|help| {
        let styled = |line: &str| {
            if line.ends_with(':') && !line.starts_with(' ') {
                format!("{heading}{line}{heading:#}\n")
            } else {
                format!("{line}\n")
            }
        };
        help.to_string().lines().map(styled).collect::<String>()
    });
    let command = match help {
        Some(help) => command.after_help(help.trim_end().to_owned()),
        None => command,
    };
    command.mut_subcommands(with_headings)
}

fn run(cli: &Cli) -> Exit {
    start_logs(cli.globals.verbose);
    let answered = cli.command.run(&cli.globals);
    let answered = answered.map_err(|failure| place::told(failure, cli.globals.store.as_deref()));
    match answered.and_then(Answer::print) {
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
            Self::Man(command) => command.run(Cli::command(), globals),
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
        .with_writer(|| Visible(std::io::stderr()))
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
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let steers = |argument: &OsString| argument.to_string_lossy().chars().any(char::is_control);
    let rendered = if arguments.iter().any(steers) {
        // without colours, which are control characters, the others can be told apart
        visible_lines(&error.render().to_string())
    } else {
        error.render().ansi().to_string()
    };
    if !error.use_stderr() {
        return match output::print(&rendered) {
            Ok(()) => Exit::Yes,
            Err(failure) => {
                output::complain(&failure);
                failure.exit()
            }
        };
    }
    if arguments.iter().any(|argument| argument == "--json") {
        let plain = error.render().to_string();
        // what is missing, or possible, stands on lines of its own
        let lines: Vec<&str> = plain.lines().map(str::trim).collect();
        let told = lines.iter().take_while(|line| !line.starts_with("Usage:"));
        let line = told
            .filter(|line| !line.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join(" ");
        let line = line.strip_prefix("error: ").unwrap_or(&line);
        let of_verify = arguments.iter().any(|argument| argument == "verify");
        report(&Failure::usage(line), of_verify);
    }
    output::print_to_stderr(&wrap_lines(&rendered, columns_on_stderr()));
    Exit::Input
}

/// Lines in which only the line ends are control characters.
fn visible_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(printable).collect();
    format!("{}\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueHint;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    /// Wherever a file or a directory is to be named, a shell offers those that there are.
    #[test]
    fn files_are_completed_wherever_one_is_named() {
        let mut all = 0;
        let mut commands = vec![Cli::command()];
        while let Some(mut command) = commands.pop() {
            command.build();
            commands.extend(command.get_subcommands().cloned());
            for argument in command.get_arguments() {
                let names = argument.get_value_names().unwrap_or_default();
                let mut kinds = names.iter().flat_map(|name| name.split('|'));
                if kinds.any(|kind| matches!(kind, "FILE" | "DIR")) {
                    let hint = argument.get_value_hint();
                    let name = argument.get_id();
                    assert_ne!(hint, ValueHint::Unknown, "{} {name}", command.get_name());
                    all += 1;
                }
            }
        }
        assert!(all > 15, "{all} arguments");
    }

    /// Every example is a line of a shell that the command line understands; what others see of
    /// this program fits 80 columns.
    #[test]
    fn examples_can_be_copied() {
        let mut all = 0;
        let mut commands = vec![Cli::command()];
        while let Some(command) = commands.pop() {
            commands.extend(command.get_subcommands().cloned());
            let help = command.get_after_help().map(ToString::to_string);
            let help = help.unwrap_or_default();
            let Some((_, examples)) = help.split_once("Examples:\n") else {
                continue;
            };
            for line in help.lines() {
                assert!(line.chars().count() <= 75, "{line}");
                assert!(!line.contains('…'), "{line}");
            }
            // lines that go on, and pipelines, apart
            let examples = examples.replace("\\\n", " ");
            for part in examples
                .lines()
                .flat_map(|line| line.split(['|', '(', ';', '&']))
            {
                let part = part.split(['>', '<', ')']).next().unwrap_or_default();
                // what is quoted is another program's
                let words = shlex::split(part).unwrap_or_default();
                if words.first().is_some_and(|word| word == "did-session") {
                    Cli::try_parse_from(&words).unwrap_or_else(|error| panic!("{part}: {error}"));
                    all += 1;
                }
            }
        }
        assert!(all > 30, "{all} examples");
    }
}
