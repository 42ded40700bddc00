//! The arguments, and what `--help` says.

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Args, Parser, Subcommand};
use did_session::Profile;
use did_session::cacao::{self, Issuer};
use std::ffi::OsStr;
use std::path::PathBuf;

use crate::commands;
use crate::nodes::NodeArgs;
use crate::seal::SealArgs;

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

/// Above the arguments that every command takes.
pub(crate) const COMMON: &str = "Common options";

/// What every command takes.
#[derive(Args, Debug, Default)]
pub(crate) struct Globals {
    /// Print one JSON document instead of text; failures, too.
    #[arg(long, global = true, help_heading = COMMON)]
    pub(crate) json: bool,
    /// Where sessions are kept [default: did-session in the user's data directory].
    #[arg(
        long,
        global = true,
        help_heading = COMMON,
        value_name = "DIR",
        env = "DID_SESSION_STORE",
        hide_env_values = true
    )]
    pub(crate) store: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) seal: SealArgs,
    #[command(flatten)]
    pub(crate) nodes: NodeArgs,
    /// Say on standard error what happens; twice says more.
    #[arg(short, long, global = true, help_heading = COMMON, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// Which of an account's sessions is meant.
#[derive(Args, Debug, Default)]
pub(crate) struct ProfileArg {
    /// The profile whose session is meant: an account can have several sessions side by side, one
    /// in each [default: default].
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<Profile>,
}

/// Reads an issuer. What is none may be a session string, a secret, that was given by mistake.
pub(crate) const ISSUER: Unquoted<Issuer> = Unquoted(|text| {
    text.parse()
        .map_err(|error: cacao::Error| error.to_string())
});

/// Reads a value by a function that says what is wrong with it. What is refused is not repeated,
/// as the usual messages do: it may be a secret, or hold one.
#[derive(Debug)]
pub(crate) struct Unquoted<T>(pub(crate) fn(&str) -> Result<T, String>);

impl<T> Clone for Unquoted<T> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Unquoted<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        (self.0)(&value.to_string_lossy()).map_err(|why| {
            let argument = argument.map_or_else(|| "<VALUE>".to_owned(), ToString::to_string);
            let line = format!("invalid value for '{argument}': {why}");
            command.clone().error(ErrorKind::ValueValidation, line)
        })
    }
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
