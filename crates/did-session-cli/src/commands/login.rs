//! `login`: the stored session, or a new one that the wallet is asked for.

use clap::{ArgGroup, Args, ValueHint};
use clap_complete::engine::ArgValueCompleter;
use did_session::cacao::recap::Recap;
use did_session::cacao::{AccountId, ChainId, Issuer};
use did_session::{AuthMethod, Error, Request};
use serde::Serialize;
use std::fmt;
use std::time::Duration;

use super::replaced::{Replaced, Seen};
use super::session::{Shown, warn_of_text};
use crate::args::{Globals, ProfileArg};
use crate::complete;
use crate::duration;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Answer, GOOD};
use crate::recap::RECAP;
use crate::store;
use crate::value::{Unquoted, WORD, is_address};
use crate::wallet::Wallet;

/// Get a session: a stored one, or a new one that the wallet signs.
///
/// A stored session is used if it was signed for the same domain, grants the resources and lasts
/// for at least another minute; the wallet is not asked then. What the wallet signs is verified
/// before it is stored. When several processes log in with the same account at the same time, its
/// wallet is asked once.
#[derive(Args, Debug)]
// what is granted, one way or both, is needed: in two lines, so that it fits
#[command(
    group(ArgGroup::new("grants").args(["resource", "recap"]).required(true).multiple(true)),
    override_usage = "did-session login [OPTIONS] --wallet <FILE|exec:PROGRAM> \\\n           \
                      <--resource <RESOURCE>|--recap <FILE>>"
)]
#[command(after_help = "\
Examples:
  did-session login --wallet wallet.hex --resource 'ceramic://*'
  did-session login --wallet wallet.hex --chain eip155:137 \\
      --domain app.example --expires-in 12h \\
      --resource 'ceramic://*' --resource app:notes
  did-session login --wallet 'exec:my-signer --key 1' \\
      --account eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44 \\
      --resource 'ceramic://*'
  did-session login --wallet - --resource app:notes")]
pub(crate) struct Login {
    /// The wallet that signs: a file with its secret key, `-` to type or pipe the key, or
    /// exec:PROGRAM.
    ///
    /// The key has the form that its chain uses. Ethereum: 64 hex digits, with or without 0x in
    /// front. Solana: the file that solana-keygen writes. Tezos: an edsk that is not encrypted.
    /// Stacks: 64 or 66 hex digits.
    ///
    /// A program reads the text on standard input and answers on standard output with the signature
    /// of `personal_sign`: 0x and 130 hex digits. Any exit code except 0 means that the user
    /// declined. Its arguments may follow its name.
    #[arg(
        long,
        value_name = "FILE|exec:PROGRAM",
        value_parser = WORD,
        value_hint = ValueHint::FilePath
    )]
    wallet: String,
    /// The account (CAIP-10) or its address; needed for exec:PROGRAM.
    #[arg(
        long,
        value_name = "ACCOUNT",
        value_parser = ACCOUNT,
        add = ArgValueCompleter::new(complete::issuers)
    )]
    account: Option<Account>,
    /// The chain (CAIP-2) [default: that of --account, else the main chain of this kind of key].
    #[arg(long, add = ArgValueCompleter::new(complete::chains))]
    chain: Option<ChainId>,
    /// Something that the session may use, as a URI; repeat the option for more.
    #[arg(
        long,
        value_name = "RESOURCE",
        add = ArgValueCompleter::new(complete::resources)
    )]
    resource: Vec<String>,
    /// Abilities (ERC-5573) that the session has besides, which the statement also says in words: a
    /// file, or the text itself, as JSON {"att":{TARGET:{"NAMESPACE/ABILITY":[{}]}}} or as a
    /// urn:recap: resource.
    #[arg(long, value_name = "FILE", value_parser = RECAP, value_hint = ValueHint::FilePath)]
    recap: Option<Recap>,
    /// The site that asks, which the wallet shows: a host. A stored session that was signed for
    /// another domain is not used.
    #[arg(long, default_value = "localhost", add = ArgValueCompleter::new(complete::domains))]
    domain: String,
    /// A sentence that the wallet shows: letters, digits, spaces and -._~:/?#[]@!$&'()*+,;= (the
    /// grammar of EIP-4361), for Solana and Stacks also letters beyond ASCII.
    #[arg(long, value_name = "TEXT")]
    statement: Option<String>,
    /// How long a new session lasts, such as 12h or 7d. A stored session that lasts longer is not
    /// used [default: 7d, and any stored session is used].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    expires_in: Option<Duration>,
    /// Use a stored session only if it grants exactly these resources and no more.
    #[arg(long)]
    exact: bool,
    /// A challenge that is signed, at least eight letters and digits. A stored session with another
    /// nonce is not used [default: random, and any stored session is used].
    #[arg(long)]
    nonce: Option<String>,
    /// An identifier of the request, which is signed: letters, digits, -._~:@!$&'()*+,;= and %XX.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    /// How long to wait for another process that is asking the same wallet [default: 120s].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    max_wait: Option<Duration>,
    /// Refuse a domain that is not a host, and resources that are not URIs, which wallets may
    /// refuse by the grammar of EIP-4361 [default: warn].
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    profile: ProfileArg,
}

/// An account, or the address of one on the chain that is named beside it.
#[derive(Clone, Debug)]
enum Account {
    Whole(AccountId),
    Address(String),
}

/// Reads an account by its CAIP-10 id, its DID or its address.
const ACCOUNT: Unquoted<Account> = Unquoted(|text| {
    let issuer = match text.parse::<Issuer>() {
        Ok(issuer) => issuer,
        Err(_) if is_address(text) => return Ok(Account::Address(text.to_owned())),
        Err(error) => return Err(error.to_string()),
    };
    let account = issuer.account().cloned();
    let account = account.ok_or_else(|| "is the DID of a key, and not an account".to_owned())?;
    Ok(Account::Whole(account))
});

impl Account {
    /// On this chain; an address that begins with 0x is of Ethereum's main chain otherwise.
    fn on(&self, chain: Option<&ChainId>) -> Result<AccountId, Failure> {
        let address = match self {
            Self::Whole(account) => return Ok(account.clone()),
            Self::Address(address) => address,
        };
        let chain = match chain {
            Some(chain) => chain.to_string(),
            None if address.starts_with("0x") => "eip155:1".to_owned(),
            None => {
                let line = "--account is an address without its chain: name the chain by --chain";
                return Err(Failure::usage(line));
            }
        };
        let account = format!("{chain}:{address}").parse();
        account.map_err(|error: did_session::cacao::Error| {
            Failure::usage("--account").caused_by(&error)
        })
    }
}

#[derive(Serialize)]
struct LoggedIn {
    /// Whether the wallet was asked; otherwise the stored session is used.
    prompted: bool,
    /// What was stored before and is not any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced: Option<Replaced>,
    #[serde(flatten)]
    session: Shown,
}

impl fmt::Display for LoggedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.prompted {
            "a new session, signed by the wallet"
        } else {
            "the stored session is used, the wallet was not asked"
        };
        writeln!(f, "{GOOD}logged in{GOOD:#}: {how}")?;
        if let Some(replaced) = &self.replaced {
            replaced.fmt(f)?;
        }
        self.session.fmt(f)
    }
}

impl Login {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let seen = Seen::default();
        let sessions = store::open_observed(globals, &self.profile, |context| {
            context.with_observer(seen.observer())
        })?;
        let chain = self.chain.as_ref();
        let account = self.account.as_ref();
        let account = account.map(|account| account.on(chain)).transpose()?;
        let wallet = Wallet::open(&self.wallet, chain, account.as_ref(), &globals.nodes)?;
        let request = self.request();
        request.check(None)?;
        request.warnings().iter().for_each(warn_of_text);
        let session = wallet.after_waiting(globals.nodes.wait_of_login(), || {
            store::block_on(async {
                if let Err(Error::NotUsable(_)) = sessions.find(wallet.issuer(), &request).await {
                    wallet.check_node(&sessions).await?;
                }
                Ok(sessions.get(&wallet, &request).await?)
            })
        });
        let session = session.map_err(|failure| wallet.explain(failure))?;
        let report = LoggedIn {
            prompted: wallet.was_asked(),
            replaced: seen.replaced(),
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
