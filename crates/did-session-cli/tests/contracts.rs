//! `verify --rpc`: contract wallets, before a node that says what it is told to.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::chain::{YES, node};
use crate::common::{Ended, Home, vectors};
use did_session::cacao::Cacao;
use did_session::didkey::Ed25519SigningKey;
use did_session::jws::UnsignedJws;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

/// The capability of a recorded session as if its issuer were a contract, and the key it is for.
fn contract_session() -> (Value, Ed25519SigningKey) {
    let sessions = vectors("session-core/tests/vectors/sessions.json");
    let case = &sessions["cases"][0];
    let text = case["session"].as_str().unwrap();
    let json = data_encoding::BASE64URL_NOPAD
        .decode(text.as_bytes())
        .unwrap();
    let session: Value = serde_json::from_slice(&json).unwrap();
    let seed = session["sessionKeySeed"].as_str().unwrap();
    let seed = data_encoding::BASE64.decode(seed.as_bytes()).unwrap();
    let mut capability = session["cacao"].clone();
    capability["s"] = json!({ "t": "eip1271", "s": "0xc0ffee" });
    (
        capability,
        Ed25519SigningKey::from_seed(&seed.try_into().unwrap()),
    )
}

fn at(capability: &Value) -> String {
    capability["p"]["iat"].as_str().unwrap().to_owned()
}

#[test]
fn a_contract_is_asked_through_its_node() {
    let home = Home::new();
    let (capability, _) = contract_session();
    home.file("capability.json", capability.to_string());
    let at = at(&capability);
    let verify = |more: &[&str]| {
        let mut arguments = vec!["verify", "capability.json", "--at", &at, "--json"];
        arguments.extend(more);
        home.run(&arguments)
    };
    let code = |ended: Ended| ended.json()["code"].as_str().unwrap().to_owned();

    // nobody can be asked
    let unasked = verify(&[]).ends_with(1).json();
    assert_eq!(unasked["code"], "unsupported_kind");
    assert!(
        unasked["detail"].as_str().unwrap().contains("--rpc"),
        "it says what to do: {unasked}"
    );

    let (url, calls) = node(YES);
    let rpc = format!("eip155:1={url}");
    assert_eq!(code(verify(&["--rpc", &rpc]).ends_with(0)), "ok");
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    let block = ["--rpc", &rpc, "--block", "21000000"];
    assert_eq!(code(verify(&block).ends_with(0)), "ok");
    // the rest is judged as ever, and before the node is asked
    let wanted = ["--rpc", &rpc, "--resource", "ceramic://other"];
    assert_eq!(code(verify(&wanted).ends_with(1)), "resource_not_granted");
    assert_eq!(calls.load(Ordering::SeqCst), 2);

    for (answer, expected) in [
        (
            "0xffffffff00000000000000000000000000000000000000000000000000000000",
            "signature_mismatch",
        ),
        ("0x", "not_a_contract"),
        ("0x01", "malformed_contract_answer"),
    ] {
        let rpc = format!("eip155:1={}", node(answer).0);
        assert_eq!(code(verify(&["--rpc", &rpc]).ends_with(1)), expected);
    }

    // another chain's node is not asked; a node that is away is no verdict
    let rpc = format!("eip155:5={url}");
    let ended = verify(&["--rpc", &rpc]).ends_with(3);
    assert!(
        ended
            .stderr
            .contains("eip155:1 did not answer: there is no node"),
        "{ended:?}"
    );
    let ended = verify(&["--rpc", "eip155:1=http://127.0.0.1:9/its-key"]).ends_with(3);
    assert!(!ended.printed().contains("its-key"), "{ended:?}");
}

/// The label is not signed: what the account is decides, and the verdict says it.
#[test]
fn the_label_says_nothing() {
    let home = Home::new();
    let (contract_s, _) = contract_session();
    let sessions = vectors("session-core/tests/vectors/sessions.json");
    let key_s = sessions["cases"][0]["cacao"].clone();
    assert_eq!(key_s["s"]["t"], "eip191");
    let at = at(&contract_s);
    let (url, calls) = node(YES);
    let rpc = format!("eip155:1={url}");
    for label in ["eip191", "eip1271", "eip6492"] {
        let verify = |capability: &Value, more: &[&str]| {
            let mut capability = capability.clone();
            capability["s"]["t"] = label.into();
            home.file("capability.json", capability.to_string());
            let mut arguments = vec!["verify", "capability.json", "--at", &at, "--json"];
            arguments.extend(more);
            home.run(&arguments)
        };
        // a key's signature needs no node, and asks none that is away
        let away = "eip155:1=http://127.0.0.1:9";
        for more in [&[][..], &["--rpc", away]] {
            let verdict = verify(&key_s, more).ends_with(0).json();
            assert_eq!(verdict["account"], "externally_owned", "{label}");
        }
        // a contract's is asked about where there is a node, and refused where there is none
        let before = calls.load(Ordering::SeqCst);
        let verdict = verify(&contract_s, &["--rpc", &rpc]).ends_with(0).json();
        assert_eq!(verdict["account"], "contract", "{label}");
        assert_eq!(calls.load(Ordering::SeqCst), before + 1);
        let refused = verify(&contract_s, &[]).ends_with(1).json();
        let code = match label {
            "eip191" => "malformed_signature",
            _ => "unsupported_kind",
        };
        assert_eq!(refused["code"], code, "{label}");
        assert_eq!(refused.get("account"), None);
    }
}

#[test]
fn what_is_signed_under_a_contract_s_capability() {
    let home = Home::new();
    let (capability, key) = contract_session();
    home.file("capability.json", capability.to_string());
    let cacao = Cacao::from_json(&capability.to_string()).unwrap();
    let lines: Vec<String> = (0..5)
        .map(|number| {
            let unsigned = UnsignedJws::object(&json!({ "number": number })).unwrap();
            let input = unsigned
                .with_capability(&cacao.cid())
                .prepare(key.did_key())
                .unwrap();
            let signature = key.sign(input.as_bytes()).to_bytes();
            input.finish(&signature).unwrap().to_compact()
        })
        .collect();
    home.file("lines.txt", lines.join("\n"));
    home.file("one.jws", &lines[0]);

    let (url, calls) = node(YES);
    let (rpc, at) = (format!("eip155:1={url}"), at(&capability));
    let common = ["--capability", "capability.json", "--at", &at, "--json"];
    let run = |first: &[&str], last: &[&str]| {
        let mut arguments = vec!["verify"];
        arguments.extend(first);
        arguments.extend(common);
        arguments.extend(last);
        home.run(&arguments)
    };
    let verdict = run(&["one.jws"], &["--rpc", &rpc]).ends_with(0).json();
    let issuer = capability["p"]["iss"].as_str().unwrap();
    assert_eq!(verdict["issuer"], issuer, "{verdict}");
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    let refused = run(&["one.jws"], &[]).ends_with(1).json();
    assert_eq!(refused["code"], "unsupported_kind");

    // one call for one capability, or two where two threads came at once
    let ended = run(&["--many", "lines.txt"], &["--rpc", &rpc]).ends_with(0);
    assert_eq!(ended.stdout.lines().count(), 5);
    assert!(calls.load(Ordering::SeqCst) <= 1 + 5);
}

#[test]
fn what_is_no_node_is_usage_and_not_repeated() {
    let home = Home::new();
    for bad in [
        "http://127.0.0.1/its-key",
        "eip155:1",
        "eip155:1=https://node.example/its-key",
        "solana:1=http://127.0.0.1/its-key",
        "eip155=http://127.0.0.1/its-key",
    ] {
        let ended = home.run(&["verify", "x", "--rpc", bad]).ends_with(2);
        assert!(!ended.printed().contains("its-key"), "{ended:?}");
    }
    home.run(&["verify", "x", "--block", "1"]).ends_with(2);
    let block = [
        "verify",
        "x",
        "--rpc",
        "eip155:1=http://127.0.0.1",
        "--block",
        "latest",
    ];
    home.run(&block).ends_with(2);
}
