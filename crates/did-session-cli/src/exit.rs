//! Exit codes: how a command ends.

use std::process::ExitCode;

/// How a command ends: what it says to the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or: the answer is yes.
    Yes = 0,
    /// The answer is no: refused, no session, expired, not authorized, declined.
    No = 1,
    /// The input or the usage cannot be worked with.
    Input = 2,
    /// The store failed, or input and output did.
    Store = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
