//! Each kind of bad input ends with its exit code, says what and where, and prints one JSON
//! document when it was asked for one.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::common;

use common::{ACCOUNT, Home, both, vectors};
use serde_json::{Value, json};

#[test]
fn usage() {
    let home = Home::new();
    for arguments in [
        &["--bogus"][..],
        &["verify", "--bogus"],
        &["bogus"],
        &["login"],
        &["login", "--wallet", "wallet.hex"],
        &["login", "--wallet", "exec:true", "--resource", "x"],
        &[
            "login",
            "--wallet",
            "exec: ",
            "--account",
            ACCOUNT,
            "--resource",
            "x",
        ],
        &[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "x",
            "--chain",
            "bip122:1",
        ],
        &[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "x",
            "--chain",
            "eip155:01",
        ],
        &[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "x",
            "--expires-in",
            "7 days",
        ],
        &[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "x",
            "--expires-in",
            "0s",
        ],
        // less than what the text can say
        &[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "x",
            "--expires-in",
            "0.0001s",
        ],
        &[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "x",
            "--expires-in",
            "7",
        ],
        &[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "x",
            "--expires-in=-5",
        ],
        &[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "x",
            "--domain",
            "a\nb",
        ],
        &[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "x",
            "--statement",
            "é",
        ],
        &["login", "--wallet", "wallet.hex", "--resource", ""],
        &[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "x",
            "--account",
            "eip155:1:0x0000000000000000000000000000000000000000",
        ],
        &[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "x",
            "--account",
            ACCOUNT,
            "--chain",
            "eip155:5",
        ],
        &["status", "nobody"],
        &["verify", "--at", "2023-04-06"],
        &["verify", "--at", "2023-02-30T00:00:00Z"],
        &["verify", "--skew", "-1s"],
        &["verify", "--skew", "30"],
        &[
            "verify",
            "--issuer",
            "0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44",
        ],
        &["man"],
        &["verify", "--issuer", "nobody"],
        &["sign", ACCOUNT, "--raw", "--dag"],
        &["did", "resolve"],
        &["did", "resolve", "did:key:z6Mk", "--profile", "none"],
        &["completions", "csh"],
    ] {
        both(&home, arguments, "", 2);
    }
    assert!(!home.run(&[]).ends_with(2).stderr.is_empty());
    let same = ["verify", "-", "--capability", "-"];
    both(&home, &same, "", 2);
}

#[test]
fn unusable_inputs() {
    let home = Home::new();
    let file = vectors("session-core/tests/vectors/sessions.json");
    let session = file["cases"][0]["session"].as_str().unwrap();
    let truncated = &session[..session.len() - 9];
    let file = vectors("cacao/tests/vectors/cacaos.json");
    let cacao = &file["cases"][0]["cacao"];
    let mut bad_date = cacao.clone();
    bad_date["p"]["exp"] = json!("tomorrow");
    let car = file["cases"][0]["car_base64url"].as_str().unwrap();
    let bad_car = format!("{}AA", &car[..car.len() - 2]);
    let jws = vectors("dag-jws/tests/vectors/jws.json");
    let jws = jws["create"][0]["compact"].as_str().unwrap();
    for (what, input, names) in [
        ("nothing", "", "standard input is empty"),
        ("prose", "what is this?", "session string"),
        ("a secret key", common::SECRET, "is not a session string"),
        ("a truncated session string", truncated, "session string"),
        (
            "white space in front",
            &format!(" {session}"),
            "standard input",
        ),
        (
            "two line feeds behind",
            &format!("{session}\n\n"),
            "standard input",
        ),
        ("a date that is none", &bad_date.to_string(), "p.exp"),
        (
            "an unknown member",
            &json!({ "h": {}, "p": {}, "x": 1 }).to_string(),
            "standard input",
        ),
        ("JSON of something else", "{\"a\":1}", "standard input"),
        ("JSON cut off", "{\"h\":{\"t\":", "JSON"),
        ("a CAR with another hash", &bad_car, "standard input"),
        (
            "a JWS of two parts",
            &jws[..jws.rfind('.').unwrap()],
            "three parts",
        ),
        ("a JWS with padding", &format!("{jws}=="), "standard input"),
    ] {
        for command in ["inspect", "verify"] {
            let stdin = input.to_owned();
            let ended = both(&home, &[command, "-"], &stdin, 2);
            assert!(ended.stderr.contains(names), "{what}: {ended:?}");
            assert_eq!(ended.stdout, "", "{what}");
        }
    }
    for did in [
        "did:web:example.com",
        "did:key:z6MkfMangled0",
        "did:",
        "did:pkh:eip155:1:0x00",
    ] {
        both(&home, &["inspect", "-"], did, 2);
        both(&home, &["verify", did], "", 2);
    }
    for command in ["inspect", "verify", "import"] {
        let missing = both(&home, &[command, "no-such-file"], "", 2);
        assert!(missing.stderr.contains("no-such-file"), "{missing:?}");
        both(&home, &[command, "."], "", 2);
    }
    both(
        &home,
        &[
            "verify",
            "did:key:z6MksFbF9EwLtgULXutkTTihLF2kSbWpQQzJziffm2bJKYc3",
        ],
        "",
        2,
    );
    both(&home, &["did", "resolve", "did:web:example.com"], "", 2);
    both(&home, &["did", "resolve", "z6Mk"], "", 2);
    both(&home, &["import"], truncated, 2);
    // what another command should have filled
    let empty = home.file("empty", "");
    for arguments in [
        &["import", &empty][..],
        &["inspect", &empty],
        &["login", "--resource", "x", "--wallet", &empty],
    ] {
        let ended = both(&home, arguments, "", 2);
        assert!(ended.stderr.contains("empty is empty; a "), "{ended:?}");
    }
}

#[test]
fn unusable_wallets() {
    let home = Home::new();
    let secret = common::SECRET;
    for text in [
        "",
        "0x",
        &secret[1..],
        &format!("{secret}00"),
        &format!("{secret}\n\n"),
        &format!(" {secret}"),
        &"0".repeat(64),
        &"f".repeat(64),
        &"z".repeat(64),
    ] {
        home.file("bad.hex", text);
        let ended = both(
            &home,
            &["login", "--wallet", "bad.hex", "--resource", "x"],
            "",
            2,
        );
        assert!(ended.stderr.contains("bad.hex"), "{ended:?}");
        assert!(
            text.len() < 8 || !ended.stderr.contains(text.trim()),
            "{ended:?}"
        );
    }
    both(
        &home,
        &["login", "--wallet", "no-such-file", "--resource", "x"],
        "",
        2,
    );
    let program = |wallet: &str, code| {
        let arguments = [
            "login",
            "--wallet",
            wallet,
            "--account",
            ACCOUNT,
            "--resource",
            "x",
        ];
        both(&home, &arguments, "", code)
    };
    assert!(
        program("exec:/no/such/program", 2)
            .stderr
            .contains("/no/such/program")
    );
    program("exec:false", 1);
    program("exec:true", 2);
    program("exec:echo 0x1234", 2);
}

/// What is wrong is named as its reader knows it, and not by the first byte that is.
#[test]
fn what_was_given_instead_is_named() {
    let home = Home::new();
    home.run(&["login", "--wallet", "wallet.hex", "--resource", "x:y"])
        .ends_with(0);
    for command in [&["sign"][..], &["sign", "--dag"]] {
        let said = both(&home, command, "", 2).stderr;
        assert!(said.contains("standard input is empty; a "), "{said}");
    }
    let jws = home.run_with(&["sign"], "{}").ends_with(0).stdout;
    let capability = home.run(&["export", "--capability"]).ends_with(0).stdout;
    for (text, name) in [(jws, "a JWS"), (capability, "a capability")] {
        let said = both(&home, &["import"], text.trim(), 2).stderr;
        assert!(
            said.contains(&format!("is {name}, not a session string")),
            "{said}"
        );
    }
}

#[test]
fn refusals() {
    let home = Home::new();
    let file = vectors("cacao/tests/vectors/cacaos.json");
    let cacao = &file["cases"][0]["cacao"];
    let at = cacao["p"]["iat"].as_str().unwrap();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut cacao = cacao.clone();
        change(&mut cacao);
        cacao.to_string()
    };
    let whole = cacao.to_string();
    let unsigned = changed(&|cacao| drop(cacao.as_object_mut().unwrap().remove("s")));
    let domain = changed(&|cacao| cacao["p"]["domain"] = json!("other.example"));
    let kind = changed(&|cacao| cacao["s"]["t"] = json!("eip999"));
    for (input, arguments, code) in [
        (&whole, &["--at", "2094-01-01T00:00:00Z"][..], "expired"),
        (&whole, &["--at", "2000-01-01T00:00:00Z"], "not_yet_valid"),
        (
            &whole,
            &["--at", at, "--resource", "x"],
            "resource_not_granted",
        ),
        (&whole, &["--at", at, "--domain", "x"], "domain_mismatch"),
        (&whole, &["--at", at, "--nonce", "x"], "nonce_mismatch"),
        (
            &whole,
            &["--at", at, "--audience", "did:web:x"],
            "audience_mismatch",
        ),
        (
            &whole,
            &[
                "--at",
                at,
                "--issuer",
                "eip155:5:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44",
            ],
            "issuer_mismatch",
        ),
        (&domain, &["--at", at], "signature_mismatch"),
        (&unsigned, &["--at", at], "unsigned"),
        (&kind, &["--at", at], "unsupported_kind"),
    ] {
        let mut all = vec!["verify", "-", "--json"];
        all.extend(arguments);
        let verdict = home.run_with(&all, input).ends_with(1).json();
        assert_eq!(verdict["code"], code, "{verdict}");
        assert_eq!(verdict["valid"], false);
    }
    let ignoring = [
        "verify",
        "-",
        "--at",
        "2094-01-01T00:00:00Z",
        "--ignore-expiry",
    ];
    home.run_with(&ignoring, &whole).ends_with(0);
    let exp = cacao["p"]["exp"].as_str().unwrap();
    let late = exp.replace(".058Z", ".558Z");
    let at_end = |more: &[&str]| {
        let mut all = vec!["verify", "-", "--at", &late, "--skew", "0s"];
        all.extend(more);
        home.run_with(&all, &whole).code
    };
    assert_eq!(at_end(&[]), 1);
    assert_eq!(at_end(&["--phase-out", "0.499s"]), 1);
    assert_eq!(at_end(&["--phase-out", "0.5s"]), 0);
    assert_eq!(at_end(&["--phase-out", "5m"]), 0);

    // options that would check nothing
    let passkey = ["verify", "-", "--at", at, "--rp-id", "x"];
    home.run_with(&passkey, &whole).ends_with(2);
    let path = home.file("capability.json", &whole);
    home.run_with(&["verify", "-", "--capability", &path], &whole)
        .ends_with(2);
}

/// A session string under a capability for another key.
#[test]
fn a_foreign_key_is_refused() {
    let home = Home::new();
    let file = vectors("session-core/tests/vectors/sessions.json");
    let decode = |case: &Value| -> Value {
        let session = case["session"].as_str().unwrap();
        let json = data_encoding::BASE64URL_NOPAD
            .decode(session.as_bytes())
            .unwrap();
        serde_json::from_slice(&json).unwrap()
    };
    let cases = file["cases"].as_array().unwrap();
    let (mut mixed, other) = (decode(&cases[0]), decode(&cases[1]));
    assert_ne!(mixed["sessionKeySeed"], other["sessionKeySeed"]);
    mixed["sessionKeySeed"] = other["sessionKeySeed"].clone();
    let mixed = data_encoding::BASE64URL_NOPAD.encode(mixed.to_string().as_bytes());
    let verdict = home
        .run_with(&["verify", "--json"], &mixed)
        .ends_with(1)
        .json();
    assert_eq!(verdict["code"], "key_mismatch");
    let refused = home
        .run_with(&["import", "--json"], &mixed)
        .ends_with(1)
        .json();
    assert_eq!(refused["code"], "key_mismatch");
    assert_eq!(
        home.run(&["list", "--json"]).ends_with(0).json()["sessions"],
        json!([])
    );
}

#[test]
fn unusable_payloads() {
    let home = Home::new();
    home.login();
    for (arguments, payload) in [
        (&[][..], ""),
        (&[], "no json"),
        (&[], "\"text\""),
        (&[], "{\"a\":1}}"),
        (&[], "{\"a\":9007199254740993}"),
        (&[], "{\"a\":1,\"a\":1000}"),
        (&[], "{\"a\":[{\"b\":1,\"\\u0062\":1}]}"),
        (&[], "{\"a\":0.1000000000000000055}"),
        (&[], "{\"a\":1e400}"),
        (&[], "{\"a\":\"\\ud83d\"}"),
        (&["--raw"], ""),
        (&["--dag"], "{\"/\":1}"),
        (&["--dag"], "{\"a\":1,\"a\":2}"),
        (&["--dag"], "{\"a\":0.1000000000000000055}"),
        (&["--dag"], "{\"a\":9007199254740993.0}"),
        (&["--dag"], "{\"a\":1e400}"),
        (&["no-such-file"], ""),
    ] {
        let mut all = vec!["sign", ACCOUNT];
        all.extend(arguments);
        both(&home, &all, payload, 2);
    }
}
