//! `import`: stores a session string.

use clap::{Args, ValueHint};
use did_session::didkey::Ed25519SigningKey;
use did_session::{DidSession, Error, SessionRecord, SessionStore as _, SlotId};
use serde::Serialize;
use std::fmt;

use super::replaced::Replaced;
use super::session::Shown;
use crate::args::{Globals, ProfileArg};
use crate::document::Document;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::Input;
use crate::output::{Answer, GOOD};
use crate::picked::SignatureArg;
use crate::store;
use crate::value::WORD;

/// Store a session that `export` printed.
///
/// The session string is verified first. What is stored for its account in this profile is
/// replaced. A session that has expired is stored like any other; `status` tells.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  did-session import session.txt
  did-session import --profile work < session.txt")]
pub(crate) struct Import {
    /// A file that holds the session string, or `-` for standard input.
    #[arg(default_value = "-", value_hint = ValueHint::FilePath, value_parser = WORD)]
    file: String,
    #[command(flatten)]
    profile: ProfileArg,
}

#[derive(Serialize)]
struct Report {
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced: Option<Replaced>,
    #[serde(flatten)]
    session: Shown,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{GOOD}imported{GOOD:#}")?;
        if let Some(replaced) = &self.replaced {
            replaced.fmt(f)?;
        }
        self.session.fmt(f)
    }
}

impl Import {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let input = Input::read_secret(&self.file, "session string")?;
        let text = input.require_text()?;
        // anything else is refused, and holds no secret that is known
        if SessionRecord::<Ed25519SigningKey>::from_session_string_unverified(text).is_ok() {
            input.warn_if_exposed();
        }
        let sessions = store::open_profile(globals, &self.profile)?;
        let (session, replaced) = store::run(globals, async {
            let session = DidSession::restore(sessions.context(), text)
                .await
                .map_err(
                    |error| match Document::from_text(text, &SignatureArg::default()) {
                        // a name helps more than the first byte that is wrong
                        Ok(other) if !matches!(other, Document::Session(_)) => {
                            let line = format!("is {}, not a session string", other.name());
                            Failure::input("malformed_session", line)
                        }
                        _ => Failure::from(error),
                    },
                )
                .map_err(|failure| failure.about(input.name()))?;
            let slot = SlotId::from(session.issuer()).with_profile(sessions.profile().clone());
            let before = sessions.store().load(&slot).await.map_err(Error::from)?;
            sessions.put(&session).await?;
            let replaced = Replaced::by(&session, &before);
            Ok((session, replaced))
        })?;
        let report = Report {
            replaced,
            session: Shown::of(&session),
        };
        Ok(Answer::new(Exit::Yes, globals.json, &report))
    }
}
