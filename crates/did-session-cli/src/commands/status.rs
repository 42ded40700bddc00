//! `status`: is there a session that serves?

use clap::Args;
use clap_complete::engine::ArgValueCompleter;
use did_session::cacao::{Issuer, Requirement};
use did_session::{Error, NotUsable, Request, Sessions};
use serde::Serialize;
use std::fmt;

use super::session::{Shown, required, unusable};
use crate::args::Globals;
use crate::complete;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Answer, BAD, GOOD, Sentence};
use crate::place;
use crate::recap::RecapArg;
use crate::store::{self, Store};
use crate::value::{WORD, name};
use crate::who::WhoArgs;

/// Tell whether there is a session, until when and for what.
///
/// For a named account this is the session of the profile `default`, unless --profile names
/// another; `list` shows those of all profiles. The wallet is not asked. Exit code 0 means that
/// there is one that can be used, 1 that there is none, that it has expired or that it does not
/// grant what is asked for, 3 that what is stored cannot be read.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  did-session status
  did-session status --profile work
  did-session status --resource 'ceramic://*' && echo no prompt needed
  did-session status eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44")]
pub(crate) struct Status {
    #[command(flatten)]
    who: WhoArgs,
    /// A resource that the session must grant, in exactly these letters; repeat the option for
    /// more.
    #[arg(
        long,
        value_name = "RESOURCE",
        value_parser = WORD,
        add = ArgValueCompleter::new(complete::resources)
    )]
    resource: Vec<String>,
    #[command(flatten)]
    recap: RecapArg,
    /// The domain for which it must have been signed [default: any].
    #[arg(long, value_parser = WORD, add = ArgValueCompleter::new(complete::domains))]
    domain: Option<String>,
    /// The challenge that it must answer [default: any].
    #[arg(long, value_parser = WORD)]
    nonce: Option<String>,
    /// The identifier of the request that it must answer [default: any].
    #[arg(long, value_name = "ID", value_parser = WORD)]
    request_id: Option<String>,
}

#[derive(Serialize)]
struct Report {
    authorized: bool,
    code: &'static str,
    detail: String,
    /// The session has it, too, if there is one.
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
            let sentence = Sentence {
                label: "not authorized",
                style: BAD,
                code: Some(self.code),
                what: &self.detail,
            };
            writeln!(f, "{sentence}")?;
        }
        match &self.session {
            Some(session) => session.fmt(f),
            None => Ok(()),
        }
    }
}

impl Status {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let (sessions, issuer) = self.who.find(globals)?;
        let report = store::run(globals, self.report(&sessions, &issuer, globals))?;
        let exit = if report.authorized {
            Exit::Yes
        } else {
            Exit::No
        };
        Ok(Answer::new(exit, globals.json, &report))
    }

    async fn report(
        &self,
        sessions: &Sessions<Store>,
        issuer: &Issuer,
        globals: &Globals,
    ) -> Result<Report, Failure> {
        let (session, reason) = match sessions.load(issuer).await {
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
                    Some(requirement) => match sessions.find_meeting(issuer, requirement).await {
                        Ok(_) => None,
                        Err(Error::NotUsable(reason)) => Some(*reason),
                        Err(error) => return Err(error.into()),
                    },
                };
                (Some(Shown::of(&session)), reason)
            }
        };
        let issuer = issuer.normalized();
        if let Some(unreadable @ NotUsable::Unreadable(_)) = reason {
            return Err(Failure::from(unreadable).about(name(&issuer)));
        }
        let failure = match reason {
            None => None,
            Some(reason) => Some(place::told(
                unusable(sessions, &issuer, reason).await,
                globals.store.as_deref(),
            )),
        };
        Ok(Report {
            authorized: failure.is_none(),
            code: failure.as_ref().map_or("ok", Failure::code),
            detail: failure.map_or_else(|| "authorized".to_owned(), |failure| failure.to_string()),
            issuer: session.is_none().then(|| issuer.did()),
            session,
        })
    }

    /// What the session must meet, if anything is named.
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
