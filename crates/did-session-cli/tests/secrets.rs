//! No command but `export` prints a secret, whatever it is given.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::common;

use common::{ACCOUNT, Home, SECRET};
use serde_json::Value;

/// Every spelling of a secret that could be printed.
fn spellings(secret: &[u8]) -> Vec<String> {
    vec![
        data_encoding::HEXLOWER.encode(secret),
        data_encoding::HEXUPPER.encode(secret),
        data_encoding::BASE64_NOPAD.encode(secret),
        data_encoding::BASE64URL_NOPAD.encode(secret),
        format!("{secret:?}"),
    ]
}

#[test]
fn secrets_are_printed_by_export_only() {
    let home = Home::new();
    home.login();
    let session = home.run(&["export", ACCOUNT]).ends_with(0).stdout;
    let json = data_encoding::BASE64URL_NOPAD
        .decode(session.trim_end().as_bytes())
        .unwrap();
    let json: Value = serde_json::from_slice(&json).unwrap();
    let seed = json["sessionKeySeed"].as_str().unwrap();
    let seed = data_encoding::BASE64.decode(seed.as_bytes()).unwrap();
    let mut secrets = spellings(&seed);
    secrets.extend(spellings(
        &data_encoding::HEXLOWER.decode(SECRET.as_bytes()).unwrap(),
    ));
    secrets.push(session.trim_end().to_owned());

    // session strings that are spoiled in every place, and wallets that are
    let spoil = |from: &str, to: &str| {
        let text = String::from_utf8(
            data_encoding::BASE64URL_NOPAD
                .decode(session.trim_end().as_bytes())
                .unwrap(),
        );
        data_encoding::BASE64URL_NOPAD.encode(text.unwrap().replacen(from, to, 1).as_bytes())
    };
    let spoiled = [
        session.clone(),
        session[..session.len() / 2].to_owned(),
        format!("{session}x"),
        format!("{session}\n"),
        spoil("sessionKeySeed", "seed"),
        spoil("\"cacao\"", "\"cacau\""),
        spoil("=\"", "\""),
        spoil("\"sessionKeySeed\":\"", "\"sessionKeySeed\":[\""),
        spoil("\"aud\":\"did:key:z6Mk", "\"aud\":\"did:key:z6Ml"),
        spoil("{", "{{"),
    ];
    home.file("bad-wallet.hex", format!("{SECRET}0"));
    let file = home.file("session.txt", &session);
    let mut runs: Vec<(Vec<&str>, String)> = Vec::new();
    for input in &spoiled {
        for command in ["inspect", "verify", "import"] {
            runs.push((vec![command, "-"], input.clone()));
        }
    }
    for arguments in [
        vec!["list"],
        vec!["status", ACCOUNT],
        vec!["inspect", &file],
        vec!["verify", &file],
        vec!["import", &file],
        vec!["export", ACCOUNT, "--capability"],
        vec![
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "ceramic://*",
        ],
        vec!["login", "--wallet", "wallet.hex", "--resource", "more"],
        vec!["login", "--wallet", "bad-wallet.hex", "--resource", "x"],
        vec![
            "login",
            "--wallet",
            "exec:cat wallet.hex",
            "--account",
            ACCOUNT,
            "--resource",
            "z",
        ],
        vec!["verify", &file, "--capability", &file],
        vec!["verify", "did:key:z6Mk", "--capability", &file],
        // in the place of something else
        vec!["did", "resolve", session.trim_end()],
        vec!["import", session.trim_end()],
        vec!["inspect", session.trim_end()],
        vec!["verify", session.trim_end()],
        vec!["verify", &file, "--issuer", session.trim_end()],
        vec!["status", session.trim_end()],
        vec!["logout", session.trim_end()],
        vec!["export", session.trim_end()],
        vec!["sign", session.trim_end()],
    ] {
        runs.push((arguments, String::new()));
    }
    runs.push((vec!["sign", ACCOUNT], "{}".to_owned()));
    runs.push((vec!["sign", ACCOUNT, "--dag"], "{}".to_owned()));
    runs.push((vec!["logout", ACCOUNT], String::new()));
    for (arguments, stdin) in runs {
        for more in [&["-vv"][..], &["-vv", "--json"]] {
            let mut all = arguments.clone();
            all.extend(more);
            let ended = home.run_with(&all, &stdin);
            let printed = ended.printed();
            assert!(!printed.contains("panicked"), "{all:?}: {printed}");
            for secret in &secrets {
                assert!(!printed.contains(secret), "{all:?} prints a secret");
            }
        }
    }
}

/// Two ways to be told that others can read a secret.
#[cfg(unix)]
#[test]
fn files_that_others_can_read_are_warned_about() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let login = ["login", "--wallet", "wallet.hex", "--resource", "app://x"];
    assert_eq!(home.run(&login).ends_with(0).stderr, "");
    let open = |name: &str| {
        std::fs::set_permissions(home.path(name), PermissionsExt::from_mode(0o640)).unwrap();
    };
    open("wallet.hex");
    assert!(home.run(&login).ends_with(0).stderr.contains("wallet.hex"));
    let session = home.run(&["export", ACCOUNT]).ends_with(0).stdout;
    home.file("session.txt", session);
    assert_eq!(home.run(&["import", "session.txt"]).ends_with(0).stderr, "");
    open("session.txt");
    assert!(
        home.run(&["import", "session.txt"])
            .ends_with(0)
            .stderr
            .contains("session.txt")
    );
}
