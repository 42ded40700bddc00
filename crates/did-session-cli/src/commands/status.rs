//! `status`: is there a session that serves?

use clap::Args;
use did_session::cacao::{Issuer, Requirement};
use did_session::{Error, NotUsable, Request, Sessions};
use serde::Serialize;
use std::fmt;

use super::session::{Shown, required};
use crate::args::{Globals, ProfileArg};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Answer, BAD, GOOD};
use crate::recap::RecapArg;
use crate::store::{self, Store};
use crate::value::ISSUER;

/// Tell whether there is a session that serves, without asking the wallet.
///
/// Exit code 0 there is, 1 there is none (or it has expired, or does not grant what is asked),
/// 3 what is stored cannot be read.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  did-session status eip155:1:0x974e…dc44
  did-session status eip155:1:0x974e…dc44 --resource 'ceramic://*' && echo no prompt needed")]
pub(crate) struct Status {
    /// Who delegated: an account (CAIP-10) or a DID.
    #[arg(value_parser = ISSUER)]
    issuer: Issuer,
    /// What the session must grant, to the letter; repeat it for more.
    #[arg(long, value_name = "RESOURCE")]
    resource: Vec<String>,
    #[command(flatten)]
    recap: RecapArg,
    /// For which domain it must have been signed [default: any].
    #[arg(long)]
    domain: Option<String>,
    /// The challenge that it must answer [default: any].
    #[arg(long)]
    nonce: Option<String>,
    /// The request that it must answer [default: any].
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    profile: ProfileArg,
}

#[derive(Serialize)]
struct Report {
    authorized: bool,
    code: &'static str,
    detail: String,
    /// Stands in the session, too, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(flatten)]
    session: Option<Shown>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.authorized {
            writeln!(f, "{GOOD}authorized{GOOD:#}")?;
        } else {
            writeln!(
                f,
                "{BAD}not authorized{BAD:#} ({}): {}",
                self.code, self.detail
            )?;
        }
        match &self.session {
            Some(session) => session.fmt(f),
            None => Ok(()),
        }
    }
}

impl Status {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let sessions = store::open_profile(globals, &self.profile)?;
        let report = store::block_on(self.report(&sessions))?;
        let exit = if report.authorized {
            Exit::Yes
        } else {
            Exit::No
        };
        Ok(Answer::new(exit, globals.json, &report))
    }

    async fn report(&self, sessions: &Sessions<Store>) -> Result<Report, Failure> {
        let (session, reason) = match sessions.load(&self.issuer).await {
            Err(Error::NotUsable(reason)) => (None, Some(*reason)),
            Err(error) => return Err(error.into()),
            Ok(session) => {
                let reason = match self.requirement() {
                    None => {
                        let exp = session.expires_at().filter(|_| session.is_expired());
                        exp.map(|exp| NotUsable::Expired {
                            at: exp.to_string(),
                        })
                    }
                    Some(requirement) => {
                        match sessions.find_meeting(&self.issuer, requirement).await {
                            Ok(_) => None,
                            Err(Error::NotUsable(reason)) => Some(*reason),
                            Err(error) => return Err(error.into()),
                        }
                    }
                };
                (Some(Shown::of(&session)), reason)
            }
        };
        let issuer = self.issuer.normalized();
        if let Some(unreadable @ NotUsable::Unreadable(_)) = reason {
            return Err(Failure::from(unreadable).about(issuer));
        }
        let failure = reason.map(Failure::from);
        Ok(Report {
            authorized: failure.is_none(),
            code: failure.as_ref().map_or("ok", Failure::code),
            detail: failure.map_or_else(|| "authorized".to_owned(), |failure| failure.to_string()),
            issuer: session.is_none().then(|| issuer.did()),
            session,
        })
    }

    /// What the session must meet, where anything is named.
    fn requirement(&self) -> Option<Requirement> {
        let requirement = required(
            self.domain.as_deref(),
            &self.resource,
            self.nonce.as_deref(),
            self.request_id.as_deref(),
        );
        let requirement = self.recap.require(requirement);
        requirement
            .needs_a_capability()
            .then(|| requirement.with_margin(Request::REUSE_MARGIN))
    }
}
