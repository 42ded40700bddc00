//! `login`: the stored session, or a new one that the wallet is asked for.

use clap::Args;
use did_session::Request;
use did_session::cacao::recap::Recap;
use did_session::cacao::{AccountId, ChainId, Issuer};
use serde::Serialize;
use std::fmt;
use std::time::Duration;

use super::session::Shown;
use crate::args::{Globals, ProfileArg};
use crate::duration;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Answer, GOOD};
use crate::recap::RECAP;
use crate::store;
use crate::wallet::Wallet;

/// Get a session: the stored one when it serves, else a new one that the wallet is asked for.
///
/// What the wallet signs is verified before it is stored. Processes that log the same account in
/// at the same time ask its wallet once.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  did-session login --wallet wallet.hex --resource 'ceramic://*'
  did-session login --wallet wallet.hex --chain eip155:137 --domain app.example --expires-in 12h \\
      --resource 'ceramic://*?model=kjzl6…' --resource 'ceramic://*?model=kjzl7…'
  did-session login --wallet exec:my-signer --account eip155:1:0x974e…dc44 --resource 'ceramic://*'")]
pub(crate) struct Login {
    /// Who signs: a file with the wallet's secret, `-` for standard input, or exec:PROGRAM. The
    /// secret is that of the chain: Ethereum, 64 hex digits, 0x in front or not; Solana, the file
    /// of `solana-keygen`; Tezos, an unencrypted edsk; Stacks, 64 or 66 hex digits. The program
    /// gets the text on standard input and answers on standard output with the signature of
    /// `personal_sign`, 0x and 130 hex digits; another exit code than 0 declines. Arguments may
    /// follow its name.
    #[arg(long, value_name = "FILE|exec:PROGRAM")]
    wallet: String,
    /// The account, CAIP-10; required for exec:PROGRAM.
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    account: Option<AccountId>,
    /// The chain, CAIP-2 [default: that of --account, else the main one of the key's kind].
    #[arg(long)]
    chain: Option<ChainId>,
    /// What the session may do; repeat it for more.
    #[arg(long, value_name = "RESOURCE", required_unless_present = "recap")]
    resource: Vec<String>,
    /// Abilities that the session may use, too (ERC-5573), which the statement then says in words:
    /// a file, or the text itself; the JSON {"att":{TARGET:{"NAMESPACE/ABILITY":[{}]}}}, or a
    /// urn:recap: resource.
    #[arg(long, value_name = "FILE", value_parser = RECAP)]
    recap: Option<Recap>,
    /// Who asks: the host that the wallet shows. A stored session of another domain is not used.
    #[arg(long, default_value = "localhost")]
    domain: String,
    /// What the wallet's user reads: letters, digits, spaces and -._~:/?#[]@!$&'()*+,;= (the
    /// grammar of EIP-4361); for Solana and Stacks letters beyond ASCII, too.
    #[arg(long, value_name = "TEXT")]
    statement: Option<String>,
    /// How long the session lasts, such as 7d or 12h; a stored one that lasts longer is not
    /// reused [default: 7d, and any stored one is reused].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    expires_in: Option<Duration>,
    /// Reuse a stored session only when it grants exactly these resources and no more.
    #[arg(long)]
    exact: bool,
    /// A challenge to be signed, at least eight letters and digits [default: random, and any stored one is used].
    #[arg(long)]
    nonce: Option<String>,
    /// An identifier of the request, to be signed: letters, digits, -._~:@!$&'()*+,;= and %XX.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    /// How long to wait for another process that asks the same wallet [default: 120s].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    max_wait: Option<Duration>,
    /// Refuse a domain that is not a host, and resources that are not URIs, as wallets may do that
    /// hold to the grammar of EIP-4361 [default: warn].
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    profile: ProfileArg,
}

/// An account by its CAIP-10 id or its DID.
fn account(text: &str) -> Result<AccountId, String> {
    let issuer: Issuer = text
        .parse()
        .map_err(|error: did_session::cacao::Error| error.to_string())?;
    let account = issuer.account().cloned();
    account.ok_or_else(|| "is not an account".to_owned())
}

#[derive(Serialize)]
struct LoggedIn {
    /// Whether the wallet was asked; otherwise the stored session is reused.
    prompted: bool,
    #[serde(flatten)]
    session: Shown,
}

impl fmt::Display for LoggedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.prompted {
            "new session, signed by the wallet"
        } else {
            "stored session reused, the wallet was not asked"
        };
        writeln!(f, "{GOOD}logged in{GOOD:#}: {how}")?;
        self.session.fmt(f)
    }
}

impl Login {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let sessions = store::open_profile(globals, &self.profile)?;
        let wallet = Wallet::open(
            &self.wallet,
            self.chain.as_ref(),
            self.account.as_ref(),
            &globals.nodes,
        )?;
        let request = self.request();
        request.check(None)?;
        request.warnings().iter().for_each(output::warn);
        let session = store::block_on(async { Ok(sessions.get(&wallet, &request).await?) })?;
        let report = LoggedIn {
            prompted: wallet.was_asked(),
            session: Shown::of(&session),
        };
        Ok(Answer::new(Exit::Yes, globals.json, &report))
    }

    fn request(&self) -> Request {
        let mut request = Request::new(&self.domain, &self.resource);
        if let Some(recap) = &self.recap {
            request = request.with_recap(recap.clone());
        }
        if let Some(statement) = &self.statement {
            request = request.with_statement(statement);
        }
        if let Some(lifetime) = self.expires_in {
            request = request.with_lifetime(lifetime);
        }
        if self.exact {
            request = request.with_exact_resources();
        }
        if let Some(nonce) = &self.nonce {
            request = request.with_nonce(nonce);
        }
        if let Some(request_id) = &self.request_id {
            request = request.with_request_id(request_id);
        }
        if self.strict {
            request = request.with_strict_grammar();
        }
        if let Some(max_wait) = self.max_wait {
            request = request.with_max_wait(max_wait);
        }
        request
    }
}
