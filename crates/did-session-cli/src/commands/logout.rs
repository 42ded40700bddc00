//! `logout`: forgets a session.

use clap::Args;
use did_session::cacao::Issuer;
use serde::Serialize;
use std::fmt;

use crate::args::{Globals, ISSUER};
use crate::failure::{Exit, Failure};
use crate::output::Answer;
use crate::store;

/// Forget the session of an issuer, whatever state it is in.
///
/// Exit code 1 when there is none. A session string that was exported goes on until it expires.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  did-session logout eip155:1:0x974e…dc44")]
pub(crate) struct Logout {
    /// Who delegated: an account (CAIP-10) or a DID.
    #[arg(value_parser = ISSUER)]
    issuer: Issuer,
}

#[derive(Serialize)]
struct Report {
    removed: bool,
    issuer: String,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.removed {
            "logged out"
        } else {
            "there is no session of"
        };
        writeln!(f, "{what} {}", self.issuer)
    }
}

impl Logout {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let sessions = store::open(globals)?;
        let removed = store::block_on(async { Ok(sessions.remove(&self.issuer).await?) })?;
        let report = Report {
            removed,
            issuer: self.issuer.normalized().did(),
        };
        let exit = if removed { Exit::Yes } else { Exit::No };
        Ok(Answer::new(exit, globals.json, &report))
    }
}
