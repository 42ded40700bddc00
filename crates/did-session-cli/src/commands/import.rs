//! `import`: stores a session string.

use clap::Args;
use did_session::DidSession;
use serde::Serialize;
use std::fmt;

use super::session::Shown;
use crate::args::{Globals, ProfileArg};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::Input;
use crate::output::{Answer, GOOD};
use crate::store;

/// Verify a session string and store it, in place of what is stored for its issuer.
///
/// A session that has expired is stored like any other; `status` tells.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  did-session import session.txt
  did-session import - < session.txt")]
pub(crate) struct Import {
    /// A file that holds the session string, or `-` for standard input.
    #[arg(default_value = "-")]
    file: String,
    #[command(flatten)]
    profile: ProfileArg,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Report(Shown);

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{GOOD}imported{GOOD:#}")?;
        self.0.fmt(f)
    }
}

impl Import {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let input = Input::read(&self.file)?;
        input.warn_if_exposed();
        let text = input.require_text()?;
        let sessions = store::open_profile(globals, &self.profile)?;
        let session = store::block_on(async {
            let session = DidSession::restore(sessions.context(), text)
                .await
                .map_err(|error| Failure::from(error).about(input.name()))?;
            sessions.put(&session).await?;
            Ok(session)
        })?;
        let report = Report(Shown::of(&session));
        Ok(Answer::new(Exit::Yes, globals.json, &report))
    }
}
