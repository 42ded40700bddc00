//! What every command takes, and what several do.

use clap::{ArgAction, Args, ValueHint};
use clap_complete::engine::ArgValueCompleter;
use did_session::Profile;
use std::path::PathBuf;

use crate::complete::{self, STORE_VARIABLE};
use crate::nodes::NodeArgs;
use crate::seal::SealArgs;
use crate::value::COMMON;

/// What every command takes.
#[derive(Args, Debug, Default)]
pub(crate) struct Globals {
    /// Print one JSON document instead of text, for failures too.
    #[arg(long, global = true, help_heading = COMMON)]
    pub(crate) json: bool,
    /// The directory of the stored sessions [default: did-session in the user's data directory].
    #[arg(
        long,
        global = true,
        help_heading = COMMON,
        value_name = "DIR",
        value_hint = ValueHint::DirPath,
        env = STORE_VARIABLE,
        hide_env_values = true
    )]
    pub(crate) store: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) seal: SealArgs,
    #[command(flatten)]
    pub(crate) nodes: NodeArgs,
    /// Print on standard error what happens; -vv prints more.
    #[arg(short, long, global = true, help_heading = COMMON, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// Which of an account's sessions is meant.
#[derive(Args, Debug, Default)]
pub(crate) struct ProfileArg {
    /// Which of the account's sessions: an account can have several side by side, each in a
    /// profile of its own [default: default].
    #[arg(long, value_name = "NAME", add = ArgValueCompleter::new(complete::profiles))]
    pub(crate) profile: Option<Profile>,
}
