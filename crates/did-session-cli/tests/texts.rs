//! Sign-in texts: inspected, and verified with the signature under them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::common;

use common::{Ended, Home, vectors};
use serde_json::{Value, json};

/// A case of `wild.json`, by name.
fn case(name: &str) -> Value {
    let file = vectors("cacao/tests/vectors/wild.json");
    let cases = file["cases"].as_array().unwrap();
    let found = cases.iter().find(|case| case["name"] == name);
    found.unwrap_or_else(|| panic!("{name}")).clone()
}

fn data(case: &Value) -> &str {
    case["input"]["data"].as_str().unwrap()
}

fn verify(home: &Home, case: &Value, more: &[&str]) -> Ended {
    home.file("sign-in.txt", data(case));
    let signature = case["input"]["signature"].as_str().unwrap();
    let at = case["at"].as_str().unwrap();
    let arguments = [
        "verify",
        "sign-in.txt",
        "--signature",
        signature,
        "--at",
        at,
        "--json",
    ];
    home.run(&[&arguments[..], more].concat())
}

#[test]
fn a_text_is_verified_and_says_what_it_says() {
    let home = Home::new();
    for name in [
        "siwe, scheme",
        "siwe, every field",
        "viem, empty resources",
        "ox, every field but the statement",
        "reown, default with statement, Polygon",
        "reown, default, Solana",
    ] {
        let case = case(name);
        let facts = &case["facts"];
        let domain = facts["domain"].as_str().unwrap();
        let verdict = verify(&home, &case, &["--domain", domain])
            .ends_with(0)
            .json();
        assert_eq!(
            (&verdict["valid"], &verdict["code"]),
            (&json!(true), &json!("ok"))
        );
        let text = &verdict["text"];
        for member in [
            "issuer",
            "scheme",
            "domain",
            "network",
            "audience",
            "nonce",
            "statement",
        ] {
            assert_eq!(text[member], facts[member], "{name}: {member}");
        }
        let resources = text["resources"].as_array().cloned().unwrap_or_default();
        assert_eq!(&json!(resources), &facts["resources"], "{name}");
        // the same by a pipe, with a line end behind it
        let piped = format!("{}\n", data(&case));
        let inspected = home
            .run_with(&["inspect", "-", "--json"], piped)
            .ends_with(0)
            .json();
        assert_eq!(&inspected, text, "{name}");
        assert_eq!(inspected["type"], "text");
    }
}

#[test]
fn people_read_the_same() {
    let home = Home::new();
    let case = case("reown, default with statement, Polygon");
    home.file("sign-in.txt", data(&case));
    let shown = home.run(&["inspect", "sign-in.txt"]).ends_with(0).stdout;
    assert!(shown.starts_with("Sign-in text (not verified)"), "{shown}");
    for part in [
        "Polygon",
        "did:pkh:eip155:137:0xa9D6",
        "whole-chain-id",
        "other-network-name",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn what_is_refused_and_why() {
    let home = Home::new();
    let case = case("siwe, every field");
    let code = |more: &[&str]| verify(&home, &case, more).ends_with(1).json()["code"].clone();
    assert_eq!(code(&["--domain", "other.example"]), "domain_mismatch");
    assert_eq!(code(&["--nonce", "other"]), "nonce_mismatch");
    assert_eq!(code(&["--issuer", common::ACCOUNT]), "issuer_mismatch");
    assert_eq!(
        code(&[
            "--forbid-dialect",
            "two-blank-lines",
            "--audience",
            "did:web:x"
        ]),
        "audience_mismatch"
    );
    let other = self::case("ox, every field but the statement");
    let forbidden = verify(&home, &other, &["--forbid-dialect", "two-blank-lines"]);
    assert_eq!(forbidden.ends_with(1).json()["code"], "forbidden_dialect");
    let mut changed = case.clone();
    changed["input"]["data"] = json!(data(&case).replacen("Nonce: M", "Nonce: N", 1));
    let refused = verify(&home, &changed, &[]).ends_with(1).json();
    assert_eq!(refused["code"], "signature_mismatch");
    assert_eq!(
        refused["text"],
        Value::Null,
        "of what is refused nothing is known"
    );
}

#[test]
fn what_cannot_be_judged() {
    let home = Home::new();
    let case = case("siwe, every field");
    let text = data(&case);
    home.file("sign-in.txt", text);
    let without = home.run(&["verify", "sign-in.txt"]).ends_with(2);
    assert!(without.stderr.contains("--signature"), "{without:?}");
    let elsewhere = home
        .run(&["verify", "did:key:z", "--signature", "0x"])
        .ends_with(2);
    assert!(!elsewhere.stderr.is_empty());
    let unknown = home
        .run(&["verify", "sign-in.txt", "--forbid-dialect", "x"])
        .ends_with(2);
    assert!(unknown.stderr.contains("two-blank-lines"), "{unknown:?}");
    for (spoiled, line) in [
        (text.replace('\n', "\r\n"), "line 1"),
        (text.replacen("Version: 1", "Version: 2", 1), "line 7"),
        (text.replacen("\nNonce", "\nComment: x\nNonce", 1), "line 9"),
        (
            text.replacen("Chain ID: 1\n", "Chain ID: 1\nChain ID: 1\n", 1),
            "line 9",
        ),
        (text.replacen("Ethereum", "Solana", 1), "line 2"),
    ] {
        home.file("spoiled.txt", &spoiled);
        for command in [
            &["inspect", "spoiled.txt"][..],
            &["verify", "spoiled.txt", "--signature", "0x"],
        ] {
            let ended = home.run(command).ends_with(2);
            assert!(ended.stderr.contains(line), "{line}: {ended:?}");
            assert!(ended.stderr.contains("spoiled.txt"), "{ended:?}");
        }
    }
}
