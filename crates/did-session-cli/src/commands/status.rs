//! `status`: is there a session that serves?

use clap::Args;
use did_session::cacao::Issuer;
use did_session::{NotUsable, SessionOptions, Sessions};
use serde::Serialize;
use std::fmt;

use super::session::Shown;
use crate::args::{Globals, ISSUER};
use crate::failure::{Exit, Failure};
use crate::output::{Answer, BAD, GOOD};
use crate::store::{self, Store};

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
        let sessions = store::open(globals)?;
        let report = store::block_on(self.report(&sessions))?;
        let exit = if report.authorized {
            Exit::Yes
        } else {
            Exit::No
        };
        Ok(Answer::new(exit, globals.json, &report))
    }

    async fn report(&self, sessions: &Sessions<Store>) -> Result<Report, Failure> {
        let (session, reason) = match sessions.load(&self.issuer).await? {
            Err(reason) => (None, Some(reason)),
            Ok(session) => {
                let reason = if self.resource.is_empty() {
                    let exp = session.expires_at().filter(|_| session.is_expired());
                    exp.map(|exp| NotUsable::Expired {
                        at: exp.to_string(),
                    })
                } else {
                    // nothing but the resources matters to a stored session
                    let options = SessionOptions::new("", &self.resource);
                    sessions.find(&self.issuer, &options).await?.err()
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
}
