//! What is peculiar about the texts of a capability, for people and machines.

use did_session::cacao::siwx::{self, TextWarning};
use did_session::cacao::{Field, Payload, VerifiedCacao};
use serde::Serialize;

use crate::output::Lines;

/// A text in which a person may read something else than what stands there.
#[derive(Debug, Serialize)]
pub(crate) struct Warned {
    member: &'static str,
    kind: &'static str,
    code_point: String,
    /// Counted in characters from 1.
    place: usize,
    text: String,
    #[serde(skip)]
    line: String,
}

impl Warned {
    /// Of a payload that nobody has signed yet, or whose text is not at hand.
    pub(crate) fn all(payload: &Payload) -> Vec<Self> {
        let warnings = payload.text_warnings();
        warnings.iter().map(|w| Self::of(payload, "", w)).collect()
    }

    /// Of what was signed, and shown by a wallet.
    pub(crate) fn verified(verified: &VerifiedCacao) -> Vec<Self> {
        let (payload, network) = (verified.payload(), verified.network());
        let warnings = verified.warnings();
        warnings
            .iter()
            .map(|w| Self::of(payload, network, w))
            .collect()
    }

    fn of(payload: &Payload, network: &str, warning: &TextWarning) -> Self {
        let text = match warning.field() {
            Field::Network => Some(network),
            Field::Domain => Some(payload.domain()),
            Field::Audience => Some(payload.audience()),
            Field::Nonce => Some(payload.nonce()),
            Field::Statement => payload.statement(),
            Field::RequestId => payload.request_id(),
            _ => payload
                .resources()
                .find(|text| siwx::peculiar(warning.field(), text).contains(warning)),
        };
        let text = text.unwrap_or_default();
        Self {
            member: warning.field().path(),
            kind: warning.kind().code(),
            code_point: format!("U+{:04X}", u32::from(warning.character())),
            place: warning.place(),
            text: text.to_owned(),
            line: format!("{warning}: {text}"),
        }
    }

    pub(crate) fn show(all: &[Self], lines: &mut Lines) {
        lines.list("warning", all.iter().map(|warned| &warned.line));
    }
}
