//! The rules for passkeys: one argument each.

use clap::Args;
use did_session::cacao::{PasskeyFacts, Policy};
use did_session::didkey::DidKey;
use serde::Serialize;

use crate::output::Lines;
use crate::value::ORIGIN;

/// Above the arguments that are for passkeys.
const PASSKEYS: &str = "Passkeys";

/// What a passkey's answer must meet.
#[derive(Args, Debug)]
#[command(next_help_heading = PASSKEYS)]
pub(crate) struct PasskeyArgs {
    /// Refuse a passkey that was used for another relying party: its RP id, a host without a port.
    /// The page must then be of this host, or of the signed domain if that is below it [default:
    /// the host of the signed domain].
    #[arg(long, value_name = "HOST", value_parser = host)]
    rp_id: Option<String>,
    /// Refuse a passkey that was used on a page of another origin; repeat the option for more
    /// [default: https:// and the signed domain, at any port; http:// for localhost and other names
    /// of this machine].
    #[arg(long, value_name = "ORIGIN", value_parser = ORIGIN)]
    origin: Vec<String>,
    /// Accept a passkey that was used in a frame of a page of this origin; repeat the option for
    /// more [default: refuse frames].
    #[arg(long, value_name = "ORIGIN", value_parser = ORIGIN)]
    top_origin: Vec<String>,
    /// Accept a passkey that was used in a frame of another site which the browser did not name.
    #[arg(long)]
    allow_cross_origin: bool,
    /// Refuse a passkey that did not verify its user, by a PIN or a fingerprint.
    #[arg(long)]
    require_user_verification: bool,
    /// A passkey that is known from its registration, and so counts as the expected one; repeat the
    /// option for more.
    #[arg(long, value_name = "DID")]
    registered_passkey: Vec<DidKey>,
}

/// Reads a host: with a port or a scheme it would be the id of no relying party.
fn host(text: &str) -> Result<String, String> {
    if text.is_empty() || text.contains([':', '/', '@', ' ']) {
        return Err("it is not a host: an RP id has no scheme, no port and no path".to_owned());
    }
    Ok(text.to_owned())
}

impl PasskeyArgs {
    /// Whether one of them is given.
    pub(crate) const fn are_given(&self) -> bool {
        self.rp_id.is_some()
            || !self.origin.is_empty()
            || !self.top_origin.is_empty()
            || self.allow_cross_origin
            || self.require_user_verification
            || !self.registered_passkey.is_empty()
    }

    pub(crate) fn apply(&self, mut policy: Policy) -> Policy {
        if let Some(rp_id) = &self.rp_id {
            policy = policy.with_rp_id(rp_id);
        }
        for origin in &self.origin {
            policy = policy.with_origin(origin);
        }
        for origin in &self.top_origin {
            policy = policy.with_top_origin(origin);
        }
        if self.allow_cross_origin {
            policy = policy.with_cross_origin();
        }
        if self.require_user_verification {
            policy = policy.with_user_verification();
        }
        for key in &self.registered_passkey {
            policy = policy.with_registered_passkey(key.clone());
        }
        policy
    }
}

/// What a passkey and its browser said.
#[derive(Debug, Serialize)]
pub(crate) struct Passkey {
    origin: String,
    cross_origin: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_origin: Option<String>,
    /// SHA-256 of the RP id, in hex.
    rp_id_hash: String,
    user_present: bool,
    user_verified: bool,
}

impl Passkey {
    pub(crate) fn of(facts: &PasskeyFacts) -> Self {
        Self {
            origin: facts.origin.clone(),
            cross_origin: facts.cross_origin,
            top_origin: facts.top_origin.clone(),
            rp_id_hash: data_encoding::HEXLOWER.encode(&facts.rp_id_hash),
            user_present: facts.user_present,
            user_verified: facts.user_verified,
        }
    }

    /// Adds what people want to see of it.
    pub(crate) fn show(&self, lines: &mut Lines) {
        lines.add("origin", Some(&self.origin));
        lines.add("in a frame", self.cross_origin.then_some("of another site"));
        lines.add("top origin", self.top_origin.as_ref());
        let user = match (self.user_present, self.user_verified) {
            (_, true) => "verified",
            (true, false) => "present, not verified",
            (false, false) => "not present",
        };
        lines.add("user", Some(user));
    }
}
