//! What `verify` takes.

use clap::Args;
use did_session::cacao::siwx::Variation;
use did_session::cacao::{self, Issuer, Timestamp};
use did_session::{Clock as _, SystemClock};
use std::time::Duration;

use crate::commands::passkeys::PasskeyArgs;
use crate::duration;
use crate::recap::RecapArg;
use crate::value::{ISSUER, Unquoted};

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
    pub(super) file: String,
    /// Verify every line of this file (`-`: of standard input), each a session string, a
    /// capability or a JWS, on all cores. Prints the lines that are not accepted, with --json one
    /// document for each line, as it goes. Ends as the worst line does.
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    pub(super) many: Option<String>,
    /// Judge at this time, RFC 3339 with an offset [default: now].
    #[arg(long, value_name = "TIME")]
    pub(super) at: Option<Timestamp>,
    /// How far clocks may differ: seconds, or such as 5m [default: 5m].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub(super) skew: Option<Duration>,
    /// Go on accepting for this long after the expiry, on top of the skew [default: 0].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub(super) phase_out: Option<Duration>,
    /// Accept what has expired.
    #[arg(long)]
    pub(super) ignore_expiry: bool,
    /// Issued by this account (CAIP-10) or DID; a JWS: signed by it, or on its behalf.
    #[arg(long, value_parser = ISSUER)]
    pub(super) issuer: Option<Issuer>,
    /// Delegating to this DID; a JWS: signed by this key.
    #[arg(long, value_name = "DID")]
    pub(super) audience: Option<String>,
    /// Granting this resource, to the letter; repeat it for more.
    #[arg(long, value_name = "RESOURCE")]
    pub(super) resource: Vec<String>,
    #[command(flatten)]
    pub(super) recap: RecapArg,
    /// Accept ReCaps (urn:recap: resources) that the statement does not say in words: they grant
    /// no ability then.
    #[arg(long)]
    pub(super) opaque_recaps: bool,
    /// Signed for this domain [default: any].
    #[arg(long)]
    pub(super) domain: Option<String>,
    /// Answering this challenge.
    #[arg(long)]
    pub(super) nonce: Option<String>,
    /// Answering the request of this id.
    #[arg(long, value_name = "ID")]
    pub(super) request_id: Option<String>,
    /// Refuse texts in which a person may have read something else than what stands there (such as
    /// characters that are not seen, or letters of two scripts in the domain), and domains that are
    /// not a host in ASCII [default: report them].
    #[arg(long)]
    pub(super) strict: bool,
    /// Refuse what lasts longer than this, or for ever, such as 30d.
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub(super) max_lifetime: Option<Duration>,
    /// Refuse signatures of this kind, such as eip1271; repeat it for more.
    #[arg(long, value_name = "KIND")]
    pub(super) forbid_kind: Vec<String>,
    /// The capability under which a JWS was signed: DAG-JSON, DAG-CBOR or CAR; a file, or `-`.
    #[arg(long, value_name = "FILE")]
    pub(super) capability: Option<String>,
    /// The signature under a sign-in text, as the wallet printed it: hex after 0x, for Solana
    /// base58, for Tezos the signature and the public key one after the other.
    #[arg(long, value_name = "TEXT", conflicts_with = "many")]
    pub(super) signature: Option<String>,
    /// Refuse what is spelled or laid out like this, legacy-order for example; repeat it for more
    /// (inspect and --json name them).
    #[arg(long, value_name = "NAME", value_parser = DIALECT)]
    pub(super) forbid_dialect: Vec<Variation>,
    #[command(flatten)]
    pub(super) passkeys: PasskeyArgs,
}

/// Reads the name of a dialect.
const DIALECT: Unquoted<Variation> = Unquoted(|name| {
    name.parse().map_err(|_: cacao::Error| {
        let names = Variation::ALL.map(Variation::name).join(", ");
        format!("it is none of {names}")
    })
});

impl Verify {
    pub(super) fn time(&self) -> cacao::UnixTime {
        self.at
            .as_ref()
            .map_or_else(|| SystemClock.now(), Timestamp::unix_time)
    }
}
