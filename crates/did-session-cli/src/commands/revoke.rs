//! `revoke`: ends a session before its time.

use clap::Args;
use serde::Serialize;
use std::fmt;

use super::session::{Ending, Revoked, failed};
use crate::args::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Answer, GOOD};
use crate::store;
use crate::value::name;
use crate::who::WhoArgs;

/// End a session before its time, here and on servers.
///
/// A statement is printed, and then the session is removed from the store: servers that receive
/// the statement accept the session no longer. The session key signs it, and it ends this session
/// and no other. If it cannot be printed, the session stays in the store, and the command can be
/// run again. Exit code 1 means that there is no session, or that it has expired.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  did-session revoke
  did-session revoke --json | jq -r .statement > revocation.jws
  did-session revoke eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44")]
pub(crate) struct Revoke {
    #[command(flatten)]
    who: WhoArgs,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Report(Revoked);

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{GOOD}revoked{GOOD:#}: servers that get the statement accept the session no longer"
        )?;
        self.0.fmt(f)
    }
}

impl Revoke {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let (sessions, issuer) = self.who.find(globals)?;
        let ending = store::run(globals, async {
            match Ending::prepare(&sessions, &issuer).await {
                Ok(ending) => Ok(ending),
                Err(error @ did_session::Error::NotUsable(_)) => {
                    Err(failed(&sessions, &issuer, error).await)
                }
                Err(error) => Err(Failure::from(error).about(name(&issuer.normalized()))),
            }
        })?;
        let report = Report(ending.words());
        Ok(Answer::new(Exit::Yes, globals.json, &report).then(|| store::block_on(ending.finish())))
    }
}
