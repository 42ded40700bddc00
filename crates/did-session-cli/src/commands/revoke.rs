//! `revoke`: ends a session before its time.

use clap::Args;
use serde::Serialize;
use std::fmt;

use super::session::{Revoked, revoke};
use crate::args::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Answer, GOOD};
use crate::store;
use crate::value::name;
use crate::who::WhoArgs;

/// End a session before its time, here and on servers.
///
/// It is removed from the store, and a statement is printed: servers that receive it accept the
/// session no longer. The session key signs the statement, which ends this session and no other.
/// Exit code 1 means that there is no session, that it has expired or that it was revoked before.
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
            "{GOOD}revoked{GOOD:#}: the session was removed here; send servers the statement"
        )?;
        self.0.fmt(f)
    }
}

impl Revoke {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let (sessions, issuer) = self.who.find(globals)?;
        let ended = store::run(globals, async { Ok(revoke(&sessions, &issuer).await?) });
        let revoked = ended.map_err(|failure| failure.about(name(&issuer.normalized())))?;
        Ok(Answer::new(Exit::Yes, globals.json, &Report(revoked)))
    }
}
