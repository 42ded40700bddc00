//! What every command takes, and what several do.

use clap::{ArgAction, Args};
use did_session::Profile;
use std::path::PathBuf;

use crate::nodes::NodeArgs;
use crate::seal::SealArgs;
use crate::value::COMMON;

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
