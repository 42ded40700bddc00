//! Sign-in texts in Solana's off-chain messages, as others write them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
#![cfg(feature = "solana")]

mod common;

use cacao::siwx::{self, Envelope};
use cacao::{Cacao, HeaderType, Policy, Provers, Requirement, solana};
use common::{Failures, text, vectors};
use data_encoding::HEXLOWER;

#[test]
fn what_wallets_sign_is_proven_under_its_name() {
    let file = vectors("solana-offchain.json");
    let (mut ran, mut failures) = ([0, 0], Failures::default());
    for case in file["cases"].as_array().unwrap() {
        let name = text(case, "name");
        let (payload, _) = siwx::parse(text(case, "text")).unwrap();
        let signature = HEXLOWER.decode(text(case, "signature_hex").as_bytes());
        let signature = solana::signature(&signature.unwrap().try_into().unwrap());
        let at = payload.issued_at().unix_time();
        let capability = Cacao::new(HeaderType::Caip122, payload, Some(signature));
        let verdict = capability.verify(
            &Provers::all_compiled_in(),
            &Policy::default(),
            &Requirement::for_domain("app.example"),
            at,
        );
        let accept = text(case, "verdict") == "accept";
        ran[usize::from(accept)] += 1;
        match verdict {
            Ok(verified) => {
                let wanted = match (text(case, "layout"), is_by_hardware(case)) {
                    ("legacy", _) => Envelope::SolanaOffchainLegacy,
                    (_, true) => Envelope::SolanaOffchainAscii,
                    _ => Envelope::SolanaOffchain,
                };
                let found = verified.dialect().unwrap().envelope;
                failures.check(name, accept && found == wanted, format!("{found:?}"));
            }
            Err(error) => {
                let expected = !accept && error.code() == "signature_mismatch";
                failures.check(name, expected, error);
            }
        }
    }
    assert_eq!(ran, [23, 43]);
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
