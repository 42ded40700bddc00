//! `renew`: a new session in place of one that is about to end.

use clap::{Args, ValueHint};
use serde::Serialize;
use std::fmt;
use std::time::Duration;

use super::session::{Shown, load, warn_of_text};
use crate::args::Globals;
use crate::duration;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Answer, BAD, GOOD};
use crate::recap::same_request;
use crate::store;
use crate::value::WORD;
use crate::wallet::Wallet;
use crate::who::WhoArgs;

/// Replace a session before it ends: the wallet signs a new one.
///
/// The new session has the domain and the resources of the stored one, which is kept until the
/// wallet has signed. The new session has a new nonce and no request id. Exported copies of the old
/// session stay valid until they expire. Exit code 1 means that the wallet declined; the stored
/// session is kept then.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  did-session renew --wallet wallet.hex
  did-session renew --wallet wallet.hex --within 2d
  did-session renew eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44 \\
      --wallet wallet.hex --expires-in 30d")]
pub(crate) struct Renew {
    #[command(flatten)]
    who: WhoArgs,
    /// The wallet that signs, as for `login`.
    #[arg(
        long,
        value_name = "FILE|exec:PROGRAM",
        value_parser = WORD,
        value_hint = ValueHint::FilePath
    )]
    wallet: String,
    /// Ask the wallet only if less than this is left, such as 12h or 2d [default: ask now].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    within: Option<Duration>,
    /// How long the new session lasts, such as 12h or 7d [default: 7d].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    expires_in: Option<Duration>,
    /// A sentence that the wallet shows, as for `login` [default: that of the stored session].
    #[arg(long, value_name = "TEXT")]
    statement: Option<String>,
    /// Refuse a domain that is not a host, and resources that are not URIs, as for `login`
    /// [default: warn].
    #[arg(long)]
    strict: bool,
}

#[derive(Serialize)]
struct Report {
    /// Whether the wallet was asked; otherwise there was enough left.
    prompted: bool,
    /// Whether the session is a new one.
    renewed: bool,
    #[serde(flatten)]
    session: Shown,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.renewed, self.prompted) {
            (true, _) => writeln!(
                f,
                "{GOOD}renewed{GOOD:#}: a new session, signed by the wallet, replaced the stored one"
            )?,
            (false, true) => writeln!(
                f,
                "{BAD}not renewed{BAD:#}: the wallet did not sign; the stored session is kept"
            )?,
            (false, false) => writeln!(
                f,
                "{GOOD}not due{GOOD:#}: the stored session lasts longer, so the wallet was not asked"
            )?,
        }
        self.session.fmt(f)
    }
}

impl Renew {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let (sessions, issuer) = self.who.find(globals)?;
        let account = issuer.account().ok_or_else(|| {
            Failure::usage(
                "the session was signed by a passkey, which only a browser can ask: renew it there",
            )
        })?;
        let wallet = Wallet::open(&self.wallet, None, Some(account), &globals.nodes)?;
        let renewal = async {
            let stored = load(&sessions, &issuer).await?;
            let mut request = same_request(stored.verified(), self.statement.as_deref());
            if let Some(lifetime) = self.expires_in {
                request = request.with_lifetime(lifetime);
            }
            if self.strict {
                request = request.with_strict_grammar();
            }
            request.check(None)?;
            request.warnings().iter().for_each(warn_of_text);
            let renew_before = self.within.unwrap_or(Duration::MAX);
            let is_due = stored.expires_in().is_some_and(|left| left < renew_before);
            if is_due {
                wallet.check_node(&sessions).await?;
            }
            let session = sessions.renew(&wallet, &request, renew_before).await?;
            let renewed = session.cacao().cid() != stored.cacao().cid();
            Ok::<_, Failure>((session, renewed))
        };
        let done = wallet.after_waiting(globals.nodes.wait_of_login(), || store::block_on(renewal));
        let (session, renewed) = done.map_err(|failure| wallet.explain(failure))?;
        let report = Report {
            prompted: wallet.was_asked(),
            renewed,
            session: Shown::of(&session),
        };
        let declined = report.prompted && !renewed;
        let exit = if declined { Exit::No } else { Exit::Yes };
        Ok(Answer::new(exit, globals.json, &report))
    }
}
