//! ReCaps at the command line: asked for, shown in words and as JSON, required.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::common;

use common::{ACCOUNT, Home};
use serde_json::{Value, json};

const DETAILS: &str = r#"{"att":{"mailto:me@a.example":{"msg/send":[{"to":"you@a.example"}]},
    "https://a.example/photos/":{"crud/update":[{}],"crud/delete":[{}]}}}"#;
const LESS: &str = r#"{"att":{"https://a.example/photos/":{"crud/delete":[{}]}}}"#;
const MORE: &str = r#"{"att":{"https://a.example/photos/":{"crud/create":[{}]}}}"#;
const SAYS: &str = "I further authorize the stated URI to perform the following actions on my \
                    behalf: (1) 'crud': 'delete', 'update' for 'https://a.example/photos/'. (2) \
                    'msg': 'send' for 'mailto:me@a.example'.";
/// As a wallet connector writes it.
const CONNECTOR: &str =
    "urn:recap:eyJhdHQiOnsiZWlwMTU1Ijp7InJlcXVlc3QvcGVyc29uYWxfc2lnbiI6W3t9XX19fQ==";

fn login(home: &Home) -> Value {
    let file = home.file("recap.json", DETAILS);
    let arguments = [
        "login",
        "--wallet",
        "wallet.hex",
        "--recap",
        &file,
        "--statement",
        "Sign in.",
        "--json",
    ];
    home.run(&arguments).ends_with(0).json()
}

#[test]
fn what_is_asked_for_is_shown_and_required() {
    let home = Home::new();
    assert_eq!(login(&home)["prompted"], true);
    assert_eq!(login(&home)["prompted"], false);
    let session = home.run(&["export", ACCOUNT]).ends_with(0).stdout;

    let shown = home
        .run_with(&["inspect", "-", "--json"], &session)
        .ends_with(0)
        .json();
    assert_eq!(shown["statement"], format!("Sign in. {SAYS}"));
    assert_eq!(shown["recap"]["in_statement"], true);
    assert_eq!(shown["recap"]["translation"], SAYS);
    let sent = json!({
        "target": "mailto:me@a.example",
        "ability": "msg/send",
        "restrictions": [{"to": "you@a.example"}],
    });
    assert_eq!(shown["recap"]["abilities"][2], sent);
    let words = home
        .run_with(&["inspect", "-"], &session)
        .ends_with(0)
        .stdout;
    assert!(
        words.contains("grants      crud/delete on https://a.example/photos/\n"),
        "{words}"
    );
    let restricted = "msg/send on mailto:me@a.example, restricted to {\"to\":\"you@a.example\"}\n";
    assert!(words.contains(restricted), "{words}");

    let verify = |more: &[&str], code| {
        let mut arguments = vec!["verify", "-", "--json"];
        arguments.extend(more);
        home.run_with(&arguments, &session).ends_with(code).json()
    };
    let verdict = verify(&[], 0);
    assert_eq!(verdict["recap"], shown["recap"]);
    verify(&["--recap", DETAILS], 0);
    verify(&["--recap", LESS], 0);
    assert_eq!(
        verify(&["--recap", MORE], 1)["code"],
        "resource_not_granted"
    );
    home.run(&["status", ACCOUNT, "--recap", LESS]).ends_with(0);
    home.run(&["status", ACCOUNT, "--recap", MORE]).ends_with(1);
}

#[test]
fn renewal_keeps_it_and_says_it_with_other_words_in_front() {
    let home = Home::new();
    login(&home);
    let arguments = [
        "renew",
        ACCOUNT,
        "--wallet",
        "wallet.hex",
        "--statement",
        "Again.",
    ];
    home.run(&arguments).ends_with(0);
    let session = home.run(&["export", ACCOUNT]).ends_with(0).stdout;
    let shown = home
        .run_with(&["inspect", "-", "--json"], &session)
        .ends_with(0)
        .json();
    assert_eq!(shown["statement"], format!("Again. {SAYS}"));
    home.run(&["status", ACCOUNT, "--recap", DETAILS])
        .ends_with(0);
}

#[test]
fn a_recap_that_the_statement_does_not_say_is_refused() {
    let home = Home::new();
    // the wallet signs it, since nobody asked for a ReCap by that name
    let arguments = [
        "login",
        "--wallet",
        "wallet.hex",
        "--resource",
        CONNECTOR,
        "--json",
    ];
    let refused = home.run(&arguments).ends_with(1);
    assert!(
        refused.printed().contains("recap_not_in_statement"),
        "{refused:?}"
    );
}

#[test]
fn one_alone_is_inspected() {
    let home = Home::new();
    let shown = home
        .run(&["inspect", CONNECTOR, "--json"])
        .ends_with(0)
        .json();
    assert_eq!(shown["type"], "recap");
    assert_eq!(shown["recap"]["abilities"][0]["target"], "eip155");
    assert_eq!(shown["recap"]["notes"].as_array().unwrap().len(), 2);
    let words = home.run(&["inspect", CONNECTOR]).ends_with(0).stdout;
    assert!(
        words.contains("request/personal_sign on eip155\n"),
        "{words}"
    );
    assert!(words.contains("is not a URI"), "{words}");
    home.run(&["verify", CONNECTOR]).ends_with(2);
    home.run(&["inspect", "urn:recap:AAAA"]).ends_with(1);
    for bad in [
        CONNECTOR,
        r#"{"att":{}}"#,
        r#"{"att":{"https://x.example/":{"a/b":[{"n":0.1000000000000000055}]}}}"#,
        r#"{"att":{"https://x.example/":{"a/b":[{"n":1e-400}]}}}"#,
        "urn:recap:!",
        "missing.json",
    ] {
        let arguments = ["login", "--wallet", "wallet.hex", "--recap", bad];
        let refused = home.run(&arguments).ends_with(2);
        assert!(refused.stderr.contains("--recap"), "{refused:?}");
    }
}
