//! `revoke`: ends a session before its time.

use clap::Args;
use did_session::cacao::Issuer;
use serde::Serialize;
use std::fmt;

use super::session::{Revoked, revoke};
use crate::args::{Globals, ProfileArg};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Answer, GOOD};
use crate::store;
use crate::value::ISSUER;

/// End the session of an issuer: forget it here, and print what to send to servers so that they
/// end it, too.
///
/// The statement is signed by the session key, which ends itself and nothing else. Exit code 1
/// when there is no session, or one that has expired or was revoked before.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  did-session revoke eip155:1:0x974e…dc44
  did-session revoke eip155:1:0x974e…dc44 --json | jq -r .statement > revocation.jws")]
pub(crate) struct Revoke {
    /// Who delegated: an account (CAIP-10) or a DID.
    #[arg(value_parser = ISSUER)]
    issuer: Issuer,
    #[command(flatten)]
    profile: ProfileArg,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Report(Revoked);

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{GOOD}revoked{GOOD:#}: the session was removed here; send the statement to servers"
        )?;
        self.0.fmt(f)
    }
}

impl Revoke {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let sessions = store::open_profile(globals, &self.profile)?;
        let ended = store::block_on(async { Ok(revoke(&sessions, &self.issuer).await?) });
        let revoked = ended.map_err(|failure: Failure| failure.about(self.issuer.normalized()))?;
        Ok(Answer::new(Exit::Yes, globals.json, &Report(revoked)))
    }
}
