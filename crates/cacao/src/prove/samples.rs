//! What the tests of the provers judge.
#![allow(dead_code)] // not every build has every prover

use crate::{
    Cacao, Error, HeaderType, Payload, PayloadBuilder, Policy, Provers, Requirement, Signature,
    SignatureKind, SignatureValue, VerifiedCacao, siwx,
};
use alloc::string::String;

const AT: &str = "2023-04-06T16:15:19.058Z";

/// A payload of this issuer, without a statement.
pub(super) fn payload(issuer: &str) -> PayloadBuilder {
    Payload::builder(
        "app.example",
        issuer.parse().unwrap(),
        "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn",
        "HPiCXGTXHI",
        AT.parse().unwrap(),
    )
    .with_resources(["ceramic://*"])
}

/// Its text, with one blank line where a statement is missing, or with two.
pub(super) fn text(payload: &Payload, gap: siwx::Gap) -> String {
    let dialect = siwx::Dialect {
        gap,
        ..siwx::Dialect::default()
    };
    siwx::render(payload, dialect).unwrap()
}

/// A signature with another value.
pub(super) fn value(kind: SignatureKind, value: SignatureValue) -> Signature {
    Signature::new(kind, value, None).unwrap()
}

/// A signature of text.
pub(super) fn of_text(kind: SignatureKind, text: &str) -> Signature {
    value(kind, SignatureValue::Text(text.into()))
}

/// The text of a signature.
pub(super) fn text_of(signature: &Signature) -> &str {
    match signature.value() {
        SignatureValue::Text(text) => text,
        other => panic!("{other:?} is not a text"),
    }
}

/// Judged at the time of issue, by the built-in provers.
pub(super) fn judge(payload: &Payload, signature: Signature) -> Result<VerifiedCacao, Error> {
    judge_by(payload, signature, &Policy::default())
}

/// As [`judge`], by this policy.
pub(super) fn judge_by(
    payload: &Payload,
    signature: Signature,
    policy: &Policy,
) -> Result<VerifiedCacao, Error> {
    let at = AT.parse::<crate::Timestamp>().unwrap().unix_time();
    Cacao::new(HeaderType::Caip122, payload.clone(), Some(signature)).verify(
        &Provers::all_compiled_in(),
        policy,
        &Requirement::any_domain(),
        at,
    )
}

/// The code of the refusal.
pub(super) fn code(payload: &Payload, signature: Signature) -> &'static str {
    match judge(payload, signature) {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}
