//! `renew`: a new session in place of one that is about to end.

use clap::Args;
use did_session::cacao::Issuer;
use serde::Serialize;
use std::fmt;
use std::time::Duration;

use super::session::{Shown, load};
use crate::args::{Globals, ProfileArg};
use crate::duration;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Answer, BAD, GOOD};
use crate::recap::same_request;
use crate::store;
use crate::value::ISSUER;
use crate::wallet::Wallet;

/// Ask the wallet for a new session with the domain and the resources of the stored one.
///
/// The stored one is kept until the wallet has signed, and stays valid until it expires wherever
/// it was exported. Exit code 1 when the wallet declined; the stored session is still there then.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  did-session renew eip155:1:0x974e…dc44 --wallet wallet.hex
  did-session renew eip155:1:0x974e…dc44 --wallet wallet.hex --within 2d")]
pub(crate) struct Renew {
    /// Who delegated: an account (CAIP-10) or a DID.
    #[arg(value_parser = ISSUER)]
    issuer: Issuer,
    /// Who signs, as for `login`.
    #[arg(long, value_name = "FILE|exec:PROGRAM")]
    wallet: String,
    /// Ask only when less than this is left, such as 2d or 12h [default: ask now].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    within: Option<Duration>,
    /// How long the new session lasts, such as 7d or 12h [default: 7d].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    expires_in: Option<Duration>,
    /// What the wallet's user reads, as for `login` [default: what it was].
    #[arg(long, value_name = "TEXT")]
    statement: Option<String>,
    /// Refuse a domain that is not a host, and resources that are not URIs, as for `login`
    /// [default: warn].
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    profile: ProfileArg,
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
                "{GOOD}renewed{GOOD:#}: new session, signed by the wallet"
            )?,
            (false, true) => writeln!(
                f,
                "{BAD}not renewed{BAD:#}: the wallet did not sign; the stored session is kept"
            )?,
            (false, false) => writeln!(
                f,
                "{GOOD}not due{GOOD:#}: the stored session lasts longer, the wallet was not asked"
            )?,
        }
        self.session.fmt(f)
    }
}

impl Renew {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let sessions = store::open_profile(globals, &self.profile)?;
        let account = self.issuer.account().ok_or_else(|| {
            Failure::usage("a passkey is not asked from here: the issuer must be an account")
        })?;
        let wallet = Wallet::open(&self.wallet, None, Some(account), &globals.nodes)?;
        let (session, renewed) = store::block_on(async {
            let stored = load(&sessions, &self.issuer).await?;
            let mut request = same_request(stored.verified(), self.statement.as_deref());
            if let Some(lifetime) = self.expires_in {
                request = request.with_lifetime(lifetime);
            }
            if self.strict {
                request = request.with_strict_grammar();
            }
            request.check(None)?;
            request.warnings().iter().for_each(output::warn);
            let renew_before = self.within.unwrap_or(Duration::MAX);
            let session = sessions.renew(&wallet, &request, renew_before).await?;
            let renewed = session.cacao().cid() != stored.cacao().cid();
            Ok((session, renewed))
        })?;
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
