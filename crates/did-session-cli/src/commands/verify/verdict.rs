//! What `verify` says.

use anstyle::Style;
use serde::Serialize;
use serde_json::Value;
use std::fmt;

use crate::commands::inspect::{Inspection, is_of};
use crate::commands::passkeys::Passkey;
use crate::commands::warned::Warned;
use crate::failure::Failure;
use crate::output::{BAD, GOOD, Lines, Sentence};
use crate::recap::ShownRecap;

/// What is printed. If it is refused, issuer, audience, CID and identity are what the input
/// claims.
#[derive(Debug, Default, Serialize)]
pub(super) struct Verdict {
    pub(super) valid: bool,
    pub(super) code: &'static str,
    pub(super) detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) issuer_proof: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) audience: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cid: Option<String>,
    /// What to count and to revoke by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) identity: Option<String>,
    /// The abilities that it grants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) recap: Option<ShownRecap>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payload: Option<Value>,
    /// How it is spelled, or its text laid out, otherwise than a writer here would have it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) dialect: Vec<&'static str>,
    /// What a sign-in text says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<Box<Inspection>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) passkey: Option<Passkey>,
    /// Where a person may have read something else than what stands there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) warnings: Vec<Warned>,
}

impl Verdict {
    fn sentence<'a>(&'a self, label: &'a str, style: Style, code: Option<&'a str>) -> Sentence<'a> {
        let what = &self.detail;
        Sentence {
            label,
            style,
            code,
            what,
        }
    }

    pub(super) fn accepted() -> Self {
        Self {
            valid: true,
            code: "ok",
            detail: "accepted".to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn refused(failure: &Failure) -> Self {
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
            if self.detail == "accepted" {
                writeln!(f, "{GOOD}accepted{GOOD:#}")?;
            } else {
                writeln!(f, "{}", self.sentence("accepted", GOOD, None))?;
            }
        } else {
            writeln!(f, "{}", self.sentence("refused", BAD, Some(self.code)))?;
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
        let identity = self.identity.as_ref();
        lines.add("identity", identity.filter(|_| self.identity != self.cid));
        if let Some(recap) = &self.recap {
            recap.lines(&mut lines);
        }
        let is_shown = |kid: &&String| {
            is_of(kid, self.audience.as_deref()) || is_of(kid, self.issuer.as_deref())
        };
        lines.add("kid", self.kid.as_ref().filter(|kid| !is_shown(kid)));
        lines.add("link", self.link.as_ref());
        lines.exact("payload", self.payload.as_ref());
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
