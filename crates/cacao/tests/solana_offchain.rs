//! Sign-in texts in Solana's off-chain messages, as others write them: verified as texts, and as the
//! capabilities that stand for them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
#![cfg(feature = "solana")]

use cacao::siwx::{self, Envelope};
use cacao::{
    Cacao, Error, HeaderType, Payload, Policy, Provers, Requirement, Signature, SignedText,
    VerifiedCacao, solana,
};
use data_encoding::HEXLOWER;
use test_support::{Failures, text, vectors};

struct Case<'a> {
    name: &'a str,
    text: &'a str,
    payload: Payload,
    signature: Signature,
    /// The envelope in which it is to be accepted.
    accept: Option<Envelope>,
}

fn cases(file: &serde_json::Value) -> impl Iterator<Item = Case<'_>> {
    file["cases"].as_array().unwrap().iter().map(|case| {
        let (payload, _) = siwx::parse(text(case, "text")).unwrap();
        let signature = HEXLOWER.decode(text(case, "signature_hex").as_bytes());
        let envelope = match (text(case, "layout"), is_by_hardware(case)) {
            ("legacy", _) => Envelope::SolanaOffchainLegacy,
            (_, true) => Envelope::SolanaOffchainAscii,
            _ => Envelope::SolanaOffchain,
        };
        Case {
            name: text(case, "name"),
            text: text(case, "text"),
            payload,
            signature: solana::signature(&signature.unwrap().try_into().unwrap()),
            accept: (text(case, "verdict") == "accept").then_some(envelope),
        }
    })
}

fn check(
    case: &Case<'_>,
    wanted: Option<Envelope>,
    verdict: Result<VerifiedCacao, Error>,
    failures: &mut Failures,
) {
    match verdict {
        Ok(verified) => {
            let found = verified.dialect().unwrap().envelope;
            failures.check(case.name, wanted == Some(found), format!("{found:?}"));
        }
        Err(error) => {
            let expected = wanted.is_none() && error.code() == "signature_mismatch";
            failures.check(case.name, expected, error);
        }
    }
}

#[test]
fn what_wallets_sign_is_proven_under_its_name() {
    let file = vectors("solana-offchain.json");
    let (provers, policy) = (Provers::all_compiled_in(), Policy::default());
    let requirement = Requirement::for_domain("app.example");
    let (mut ran, mut failures) = ([0, 0], Failures::default());
    for case in cases(&file) {
        let signed = SignedText::parse(case.text).unwrap();
        let signed = signed.with_signature(case.signature.clone());
        let at = case.payload.issued_at().unix_time();
        ran[usize::from(case.accept.is_some())] += 1;
        let verdict = signed.verify(&provers, &policy, &requirement, at);
        check(&case, case.accept, verdict, &mut failures);
    }
    assert_eq!(ran, [23, 43]);
    failures.finish(66);
}

/// A capability tells neither its text nor the envelope. Twelve messages for one payload without a
/// statement are more than the eight that a refusal may cost: the text with two blank lines is tried
/// as it stands, and in no envelope.
#[test]
fn a_capability_stands_for_the_likeliest_of_them() {
    let file = vectors("solana-offchain.json");
    let (provers, policy) = (Provers::all_compiled_in(), Policy::default());
    let requirement = Requirement::for_domain("app.example");
    let (mut rare, mut failures) = (0, Failures::default());
    for case in cases(&file) {
        let is_rare = case.accept.is_some() && case.text.contains("\n\n\n");
        rare += usize::from(is_rare);
        let wanted = case.accept.filter(|_| !is_rare);
        let (payload, signature) = (case.payload.clone(), case.signature.clone());
        let at = payload.issued_at().unix_time();
        let capability = Cacao::new(HeaderType::Caip122, payload, Some(signature));
        let verdict = capability.verify(&provers, &policy, &requirement, at);
        check(&case, wanted, verdict, &mut failures);
    }
    assert_eq!(rare, 5);
    failures.finish(66);
}

/// The kit of a hardware wallet, which writes format 0 over line breaks where the specification and
/// the packages that follow it would have format 1 or 2.
fn is_by_hardware(case: &serde_json::Value) -> bool {
    text(case, "by").starts_with("@ledgerhq/")
}

/// What we would write for the same text is what the others wrote, to the byte.
#[test]
fn the_layouts_are_those_of_others() {
    let file = vectors("solana-offchain.json");
    let mut ran = 0;
    for case in file["cases"].as_array().unwrap() {
        if text(case, "verdict") != "accept" {
            continue;
        }
        let recorded = HEXLOWER.decode(text(case, "message_hex").as_bytes());
        let recorded = recorded.unwrap();
        let written = match text(case, "layout") {
            "legacy" => solana::legacy_offchain_message(text(case, "text")),
            _ => {
                let application = recorded[17..49].try_into().unwrap();
                let signer = recorded[51..83].try_into().unwrap();
                if is_by_hardware(case) {
                    assert_eq!(recorded[49], 0);
                    solana::ascii_offchain_message(application, signer, text(case, "text"))
                } else {
                    assert_ne!(recorded[49], 0, "no writer but that of hardware wallets");
                    solana::offchain_message(application, signer, text(case, "text"))
                }
            }
        };
        assert_eq!(written.unwrap(), recorded, "{}", text(case, "name"));
        ran += 1;
    }
    assert_eq!(ran, 43);
}
