//! `verify`: does a session string, a capability, a sign-in text or a JWS hold?

mod judge;
mod many;
pub(crate) mod passkeys;
#[cfg(test)]
mod vectors;

use clap::Args;
use did_session::cacao::siwx::Variation;
use did_session::cacao::{self, Issuer, Timestamp};
use did_session::{Clock as _, SystemClock};
use serde::Serialize;
use serde_json::Value;
use std::fmt;
use std::time::Duration;

use crate::args::{Globals, ISSUER, Unquoted};
use crate::commands::inspect::Inspection;
use crate::commands::warned::Warned;
use crate::document::Document;
use crate::duration;
use crate::failure::{Exit, Failure};
use crate::output::{Answer, BAD, GOOD, Lines};
use crate::recap::{RecapArg, ShownRecap};
use passkeys::{Passkey, PasskeyArgs};

/// Verify a session string, a capability, a sign-in text or a JWS.
///
/// The signature must be the issuer's (or the key's), and every expectation must be met at the
/// time asked. A session string holds when its key is the audience of its capability, and the
/// capability holds. Exit code 0 accepted, 1 refused, 2 unreadable.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  did-session verify capability.json --resource 'ceramic://*' --domain app.example
  did-session verify signed.jws --capability capability.car --issuer eip155:1:0x974e…dc44
  did-session verify sign-in.txt --signature 0x5d2f…1c --domain app.example --nonce k3Vq8ZpL
  did-session verify --many requests.txt --json > verdicts.jsonl
  did-session verify wallet.json --rpc eip155:1=http://127.0.0.1:8545
  did-session verify - --at 2023-04-06T17:00:00Z --json < session.txt")]
pub(crate) struct Verify {
    /// A file, or `-` for standard input; or the text itself, where it is not the name of a file
    /// (other users of the machine can see arguments: give session strings by a file).
    #[arg(default_value = "-")]
    file: String,
    /// Verify every line of this file (`-`: of standard input), each a session string, a
    /// capability or a JWS, on all cores. Prints the lines that are not accepted, with --json one
    /// document for each line, as it goes. Ends as the worst line does.
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    many: Option<String>,
    /// Judge at this time, RFC 3339 with an offset [default: now].
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// How far clocks may differ: seconds, or such as 5m [default: 5m].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    skew: Option<Duration>,
    /// Go on accepting for this long after the expiry, on top of the skew [default: 0].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    phase_out: Option<Duration>,
    /// Accept what has expired.
    #[arg(long)]
    ignore_expiry: bool,
    /// Issued by this account (CAIP-10) or DID; a JWS: signed by it, or on its behalf.
    #[arg(long, value_parser = ISSUER)]
    issuer: Option<Issuer>,
    /// Delegating to this DID; a JWS: signed by this key.
    #[arg(long, value_name = "DID")]
    audience: Option<String>,
    /// Granting this resource, to the letter; repeat it for more.
    #[arg(long, value_name = "RESOURCE")]
    resource: Vec<String>,
    #[command(flatten)]
    recap: RecapArg,
    /// Accept ReCaps (urn:recap: resources) that the statement does not say in words: they grant
    /// no ability then.
    #[arg(long)]
    opaque_recaps: bool,
    /// Signed for this domain [default: any].
    #[arg(long)]
    domain: Option<String>,
    /// Answering this challenge.
    #[arg(long)]
    nonce: Option<String>,
    /// Answering the request of this id.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    /// Refuse texts in which a person may have read something else than what stands there (such as
    /// characters that are not seen, or letters of two scripts in the domain), and domains that are
    /// not a host in ASCII [default: report them].
    #[arg(long)]
    strict: bool,
    /// Refuse what lasts longer than this, or for ever, such as 30d.
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    max_lifetime: Option<Duration>,
    /// Refuse signatures of this kind, such as eip1271; repeat it for more.
    #[arg(long, value_name = "KIND")]
    forbid_kind: Vec<String>,
    /// The capability under which a JWS was signed: DAG-JSON, DAG-CBOR or CAR; a file, or `-`.
    #[arg(long, value_name = "FILE")]
    capability: Option<String>,
    /// The signature under a sign-in text, as the wallet printed it: hex after 0x, for Solana
    /// base58, for Tezos the signature and the public key one after the other.
    #[arg(long, value_name = "TEXT", conflicts_with = "many")]
    signature: Option<String>,
    /// Refuse what is spelled or laid out like this, legacy-order for example; repeat it for more
    /// (inspect and --json name them).
    #[arg(long, value_name = "NAME", value_parser = DIALECT)]
    forbid_dialect: Vec<Variation>,
    #[command(flatten)]
    passkeys: PasskeyArgs,
}

/// Reads the name of a dialect.
const DIALECT: Unquoted<Variation> = Unquoted(|name| {
    name.parse().map_err(|_: cacao::Error| {
        let names = Variation::ALL.map(Variation::name).join(", ");
        format!("it is none of {names}")
    })
});

impl Verify {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        if let Some(many) = &self.many {
            return self.run_many(many, globals);
        }
        if self.file == "-" && self.capability.as_deref() == Some("-") {
            let line = "standard input cannot be both the JWS and its capability";
            return Err(Failure::usage(line));
        }
        let document = match Document::read(&self.file) {
            Ok(document) => document,
            // read, and refused for what it says: an algorithm that is not known, for example
            Err(failure) if failure.exit() == Exit::No => {
                return Ok(Answer::new(
                    Exit::No,
                    globals.json,
                    &Verdict::refused(&failure),
                ));
            }
            Err(failure) => return Err(failure),
        };
        let capability = match &self.capability {
            Some(argument) => Some(Document::read_capability(argument)?),
            None => None,
        };
        let verdict = self.judge(globals, &document, capability.as_ref())?;
        let exit = if verdict.valid { Exit::Yes } else { Exit::No };
        Ok(Answer::new(exit, globals.json, &verdict))
    }

    /// The lines are printed when they were judged; nothing is left to say.
    fn run_many(&self, many: &str, globals: &Globals) -> Result<Answer, Failure> {
        if many == "-" && self.capability.as_deref() == Some("-") {
            let line = "standard input cannot be both the lines and their capability";
            return Err(Failure::usage(line));
        }
        let capability = match &self.capability {
            Some(argument) => Some(Document::read_capability(argument)?),
            None => None,
        };
        let exit = many::run(self, many, capability.as_ref(), globals)?;
        Ok(Answer::silent(exit))
    }

    fn time(&self) -> cacao::UnixTime {
        self.at
            .as_ref()
            .map_or_else(|| SystemClock.now(), Timestamp::unix_time)
    }
}

/// What is printed. Where it is refused, issuer, audience and CID are what the input claims.
#[derive(Debug, Default, Serialize)]
struct Verdict {
    valid: bool,
    code: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer_proof: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cid: Option<String>,
    /// The abilities that it grants.
    #[serde(skip_serializing_if = "Option::is_none")]
    recap: Option<ShownRecap>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Value>,
    /// How it is spelled, or its text laid out, otherwise than a writer here would have it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dialect: Vec<&'static str>,
    /// What a sign-in text says.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Box<Inspection>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    passkey: Option<Passkey>,
    /// Where a person may have read something else than what stands there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Warned>,
}

impl Verdict {
    fn accepted() -> Self {
        Self {
            valid: true,
            code: "ok",
            detail: "accepted".to_owned(),
            ..Self::default()
        }
    }

    fn refused(failure: &Failure) -> Self {
        Self {
            code: failure.code(),
            detail: failure.to_string(),
            ..Self::default()
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.valid {
            write!(f, "{GOOD}accepted{GOOD:#}")?;
            if self.detail == "accepted" {
                writeln!(f)?;
            } else {
                writeln!(f, ": {}", self.detail)?;
            }
        } else {
            writeln!(f, "{BAD}refused{BAD:#} ({}): {}", self.code, self.detail)?;
        }
        // of what is refused nothing is known
        if !self.valid {
            return Ok(());
        }
        let mut lines = Lines::default();
        lines.add("issuer", self.issuer.as_ref());
        lines.add(
            "known by",
            self.issuer_proof.filter(|proof| *proof != "signed"),
        );
        lines.add(
            "account",
            self.account
                .filter(|account| *account != "externally_owned"),
        );
        lines.add("audience", self.audience.as_ref());
        lines.add("cid", self.cid.as_ref());
        if let Some(recap) = &self.recap {
            recap.lines(&mut lines);
        }
        lines.add("kid", self.kid.as_ref());
        lines.add("link", self.link.as_ref());
        lines.add("payload", self.payload.as_ref());
        lines.list("dialect", &self.dialect);
        if let Some(text) = &self.text {
            text.add_to(&mut lines);
        }
        if let Some(passkey) = &self.passkey {
            passkey.show(&mut lines);
        }
        Warned::show(&self.warnings, &mut lines);
        lines.fmt(f)
    }
}
