//! What `verify` takes.

use clap::{Args, ValueHint};
use clap_complete::engine::ArgValueCompleter;
use did_session::cacao::siwx::Variation;
use did_session::cacao::{self, Issuer, SignatureKind, Timestamp};
use did_session::{Clock as _, SystemClock};
use std::time::Duration;

use crate::commands::passkeys::PasskeyArgs;
use crate::complete;
use crate::duration;
use crate::picked::SignatureArg;
use crate::recap::RecapArg;
use crate::value::{AUDIENCE, ISSUER, Unquoted, WORD};

/// Verify a session, capability, sign-in text or JWS.
///
/// The signature must be that of the issuer (of a JWS: of the session key), and everything that the
/// options require must be true at the time of --at. A session string is accepted if its capability
/// is and delegates to its key. Exit code 0 means accepted, 1 refused, 2 that it cannot be read.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  did-session verify capability.json --domain localhost
  did-session verify message.jws --capability capability.json \\
      --issuer eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44
  did-session verify signed-by-two.json --signature-of 2
  did-session verify sign-in.txt --signature \"$(cat signature.txt)\" \\
      --domain app.example --nonce k3Vq8ZpL
  did-session verify --many requests.txt --json > verdicts.jsonl
  did-session verify capability.json --rpc eip155:1=http://127.0.0.1:8545
  did-session verify --at 2030-01-01T00:00:00Z --json < session.txt")]
pub(crate) struct Verify {
    /// A file, or `-` for standard input; or the text itself, if no file has that name. Other users
    /// of the machine can see arguments, so give a session string in a file.
    #[arg(default_value = "-", value_parser = WORD, value_hint = ValueHint::FilePath)]
    pub(super) file: String,
    /// Verify each line of this file (`-`: of standard input) by itself: a session string, a
    /// capability or a JWS. Lines that are not accepted are printed, with --json one document for
    /// every line. The exit code is that of the worst line.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "file",
        value_parser = WORD,
        value_hint = ValueHint::FilePath
    )]
    pub(super) many: Option<String>,
    /// Verify as of this time, such as 2030-01-01T00:00:00Z [default: now].
    #[arg(long, value_name = "TIME")]
    pub(super) at: Option<Timestamp>,
    /// How far the clocks of writer and reader may differ, such as 30s, at most 24h [default: 5m].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse_skew)]
    pub(super) skew: Option<Duration>,
    /// Accept for this much longer after the expiry, such as 1h [default: 0s].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub(super) phase_out: Option<Duration>,
    /// Accept it even if it has expired.
    #[arg(long)]
    pub(super) ignore_expiry: bool,
    /// Refuse it unless this account (CAIP-10) or DID issued it; a JWS must be signed by it or on
    /// its behalf.
    #[arg(long, value_parser = ISSUER, add = ArgValueCompleter::new(complete::issuers))]
    pub(super) issuer: Option<Issuer>,
    /// Refuse it unless it delegates to this DID; a JWS must be signed by this key, and a sign-in
    /// text have this URI.
    #[arg(long, value_name = "DID", value_parser = AUDIENCE)]
    pub(super) audience: Option<String>,
    /// Refuse it unless it grants this resource, in exactly these letters; repeat the option for
    /// more.
    #[arg(
        long,
        value_name = "RESOURCE",
        value_parser = WORD,
        add = ArgValueCompleter::new(complete::resources)
    )]
    pub(super) resource: Vec<String>,
    #[command(flatten)]
    pub(super) recap: RecapArg,
    /// Accept a ReCap (a urn:recap: resource) that the statement does not say in words. It grants
    /// no ability then.
    #[arg(long)]
    pub(super) opaque_recaps: bool,
    /// Refuse it unless it was signed for this domain [default: accept any].
    #[arg(long, value_parser = WORD, add = ArgValueCompleter::new(complete::domains))]
    pub(super) domain: Option<String>,
    /// Refuse it unless it has this nonce, such as a challenge of yours.
    #[arg(long, value_parser = WORD)]
    pub(super) nonce: Option<String>,
    /// Refuse it unless it has this request id.
    #[arg(long, value_name = "ID", value_parser = WORD)]
    pub(super) request_id: Option<String>,
    /// Refuse a text that people may have misread, such as one with invisible characters or
    /// letters of two scripts in the domain, and a domain that is not a host in ASCII
    /// [default: accept and warn].
    #[arg(long)]
    pub(super) strict: bool,
    /// Refuse it if it lasts longer than this, such as 30d, or never expires.
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub(super) max_lifetime: Option<Duration>,
    /// Refuse signatures of this kind, such as eip1271; repeat the option for more.
    #[arg(
        long,
        value_name = "KIND",
        value_parser = KIND,
        add = ArgValueCompleter::new(complete::kinds)
    )]
    pub(super) forbid_kind: Vec<String>,
    /// The capability under which a JWS was signed, as DAG-JSON, DAG-CBOR or CAR: a file, or `-`
    /// for standard input.
    #[arg(long, value_name = "FILE", value_parser = WORD, value_hint = ValueHint::FilePath)]
    pub(super) capability: Option<String>,
    #[command(flatten)]
    pub(super) signature_of: SignatureArg,
    /// The signature under a sign-in text, as the wallet printed it: 0x and hex; for Solana base58;
    /// for Tezos the signature, directly followed by the public key.
    #[arg(long, value_name = "TEXT", value_parser = WORD, conflicts_with = "many")]
    pub(super) signature: Option<String>,
    /// Refuse it if it is spelled or laid out in this way, such as legacy-order; repeat the option
    /// for more. `inspect` names the ways of what it shows.
    #[arg(
        long,
        value_name = "NAME",
        value_parser = DIALECT,
        add = ArgValueCompleter::new(complete::dialects)
    )]
    pub(super) forbid_dialect: Vec<Variation>,
    #[command(flatten)]
    pub(super) passkeys: PasskeyArgs,
}

/// Reads the name of a dialect.
const DIALECT: Unquoted<Variation> = Unquoted(|name| {
    name.parse().map_err(|_: cacao::Error| {
        let names = Variation::ALL.map(Variation::name).join(", ");
        format!("is not the name of a dialect: {names}")
    })
});

/// Reads the name of a kind that could be met: any other word would forbid nothing.
const KIND: Unquoted<String> = Unquoted(|name| {
    if SignatureKind::KNOWN
        .iter()
        .any(|kind| kind.as_str() == name)
    {
        return Ok(name.to_owned());
    }
    let names = SignatureKind::KNOWN.map(|kind| kind.to_string()).join(", ");
    Err(format!("is not the name of a kind of signature: {names}"))
});

impl Verify {
    pub(super) fn time(&self) -> cacao::UnixTime {
        self.at
            .as_ref()
            .map_or_else(|| SystemClock.now(), Timestamp::unix_time)
    }
}
