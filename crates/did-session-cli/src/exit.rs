//! Exit codes: how a command ends. The rule in the words of the help is in `cli.rs`.

use std::process::ExitCode;

/// How a command ends: what it says to the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It is done, or the answer is yes.
    Yes = 0,
    /// The answer is no: refused, no session, expired, declined. Nothing went wrong.
    No = 1,
    /// What was given cannot be used: an argument, a file that it names, the answer of a program
    /// that it names. The same command ends in the same way until something else is given.
    Input = 2,
    /// Something else failed: the store, a disk, a node, a program that broke off. The same command
    /// may succeed later.
    Store = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
