//! What people mistype or forget: each is told with what was given, what was expected, and what to
//! do, and ends with the exit code of its kind.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::common;

use common::{ACCOUNT, Home, both};

const LOGIN: [&str; 5] = ["login", "--resource", "x:y", "--wallet", "wallet.hex"];

/// A mistyped directory is not an empty store: it is named.
#[test]
fn the_directory_without_a_session_is_named() {
    let home = Home::new();
    home.login();
    let nowhere = home.name("nowhere");
    let missing = format!("{nowhere}, which does not exist");
    for command in [
        &["status"][..],
        &["status", ACCOUNT],
        &["export"],
        &["revoke", ACCOUNT],
        &["renew", "--wallet", "wallet.hex"],
        &["logout"],
        &["logout", ACCOUNT],
        &["sign"],
    ] {
        let ended = home.run_with(&[command, &["--store", &nowhere]].concat(), "{}");
        let said = ended.ends_with(1).printed();
        assert!(said.contains(&missing), "{command:?}: {said}");
        let ended = home.run_with(&[command, &["--json", "--store", &nowhere]].concat(), "{}");
        ended.ends_with(1).json();
    }
    for command in ["list", "logout --all", "store info"] {
        let words: Vec<&str> = command.split(' ').chain(["--store", &nowhere]).collect();
        let said = home.run(&words).printed();
        assert!(said.contains(&missing), "{command}: {said}");
    }
    assert!(!home.path("nowhere").exists());
    // one that exists is named, too
    let store = home.store().display().to_string();
    home.run(&["logout"]).ends_with(0);
    for command in ["list", "status", "export"] {
        let said = home.run(&[command]).printed();
        assert!(said.contains(&store), "{command}: {said}");
        assert!(!said.contains("does not exist"), "{command}: {said}");
    }
}

/// A file in the place of the directory is one mistake, told once.
#[test]
fn a_file_is_not_a_store() {
    let home = Home::new();
    for command in [
        &["list"][..],
        &["status"],
        &["store", "info"],
        &["store", "seal"],
        &["logout", "--all"],
        &LOGIN,
    ] {
        let ended = both(
            &home,
            &[command, &["--store", "wallet.hex"]].concat(),
            "",
            2,
        );
        let said = &ended.stderr;
        assert!(said.contains("wallet.hex is not a directory"), "{said}");
        assert_eq!(said.matches("error: ").count(), 1, "{command:?}: {said}");
    }
    let ended = home.run(&["list", "--store", "wallet.hex/store"]);
    assert_eq!(ended.stderr.matches("error: ").count(), 1, "{ended:?}");
}

/// An empty value is nearly always a variable of the shell that is not set.
#[test]
fn an_empty_value_is_named_by_its_option() {
    let home = Home::new();
    home.login();
    for (arguments, option) in [
        (
            &["login", "--resource", "x:y", "--wallet", ""][..],
            "--wallet",
        ),
        (&["renew", "--wallet", ""], "--wallet"),
        (&["verify", ""], "[FILE]"),
        (&["verify", "--many", ""], "--many"),
        (&["verify", "x", "--capability", ""], "--capability"),
        (&["verify", "--domain", ""], "--domain"),
        (&["verify", "--nonce", ""], "--nonce"),
        (&["verify", "--request-id", ""], "--request-id"),
        (&["verify", "--resource", ""], "--resource"),
        (&["verify", "--recap", ""], "--recap"),
        (&["verify", "--signature", ""], "--signature"),
        (&["verify", "--audience", ""], "--audience"),
        (&["verify", "--origin", ""], "--origin"),
        (&["status", "--domain", ""], "--domain"),
        (&["status", "--nonce", ""], "--nonce"),
        (&["status", "--request-id", ""], "--request-id"),
        (&["status", "--resource", ""], "--resource"),
        (&["inspect", ""], "[FILE]"),
        (&["import", ""], "[FILE]"),
        (&["sign", ACCOUNT, ""], "[FILE]"),
        (&["did", "resolve", ""], "<DID>"),
    ] {
        let ended = both(&home, arguments, "", 2);
        assert!(ended.stderr.contains(option), "{arguments:?}: {ended:?}");
        assert!(!ended.stderr.contains("cannot read"), "{ended:?}");
    }
}

#[test]
fn a_file_that_is_missing_is_said_to_be() {
    let home = Home::new();
    home.login();
    let login = |more: &[&str]| {
        let all = ["login", "--resource", "x:y", "--wallet", "missing.hex"];
        both(&home, &[&all[..], more].concat(), "", 2).stderr
    };
    // a new wallet would have another account than the one that is named
    let hint = "did-session did new --type secp256k1 --out";
    assert!(login(&[]).contains(hint), "{}", login(&[]));
    assert!(!login(&["--account", ACCOUNT]).contains(hint));
    assert!(!login(&["--chain", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"]).contains(hint));
    for name in ["nofile", "notes/missing.json"] {
        let said = both(&home, &["sign", name], "", 2).stderr;
        assert!(said.contains("there is no file"), "{said}");
    }
}

/// Nothing is overwritten; what to do instead is said.
#[test]
fn a_file_that_exists_is_not_written_to() {
    let home = Home::new();
    let before = std::fs::read(home.path("wallet.hex")).unwrap();
    let said = both(&home, &["did", "new", "--out", "wallet.hex"], "", 2).stderr;
    assert!(said.contains("wallet.hex exists already"), "{said}");
    assert!(said.contains("name another"), "{said}");
    assert_eq!(std::fs::read(home.path("wallet.hex")).unwrap(), before);
    let said = both(&home, &["man", "wallet.hex"], "", 2).stderr;
    assert!(said.contains("is not a directory"), "{said}");
    let said = both(&home, &["did", "new", "--out", "missing/key"], "", 2).stderr;
    assert!(said.contains("does not exist"), "{said}");
}

/// Values that could never be met, or that stand for no time that anybody means.
#[test]
fn values_that_mean_nothing_are_refused() {
    let home = Home::new();
    let verify = |option: &str, value: &str| {
        let ended = both(&home, &["verify", option, value], "", 2);
        assert!(ended.stderr.contains(option), "{ended:?}");
        ended.stderr
    };
    let long = "99999999999d";
    for audience in ["foo", "did:key:z6Mk", "did:", "app.example"] {
        verify("--audience", audience);
    }
    for origin in [
        "foo",
        "app.example",
        "https://app.example/",
        "https://app.example/path",
    ] {
        verify("--origin", origin);
        verify("--top-origin", origin);
    }
    for option in ["--skew", "--phase-out", "--max-lifetime"] {
        let said = verify(option, long);
        assert!(said.contains("at most"), "{said}");
    }
    // clocks that differ by more are wrong, and whoever accepts them accepts what has expired
    let said = verify("--skew", "25h");
    assert!(said.contains("at most 24h"), "{said}");
    for (command, option) in [
        ("login", "--expires-in"),
        ("login", "--max-wait"),
        ("renew", "--within"),
        ("renew", "--expires-in"),
    ] {
        let mut all = vec![command, "--wallet", "wallet.hex", option, long];
        if command == "login" {
            all.extend(["--resource", "x:y"]);
        }
        let said = both(&home, &all, "", 2).stderr;
        assert!(said.contains(option) && said.contains("at most"), "{said}");
    }
}

/// Exit code 1 is an answer: somebody declined. What a program cannot be used for is an input (2),
/// and a program that breaks off is a failure (3).
#[test]
fn programs_end_by_the_rule_of_the_exit_codes() {
    let home = Home::new();
    for (wallet, code, reason) in [
        ("exec:false", 1, "declined"),
        ("exec:nosuch", 2, "wallet_failed"),
        ("exec:echo rubbish", 2, "wallet_failed"),
        ("exec:true", 2, "wallet_failed"),
        ("exec:./killed", 3, "wallet_failed"),
    ] {
        let killed = home.file("killed", "#!/bin/sh\nkill -9 $$\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(killed, PermissionsExt::from_mode(0o700)).unwrap();
        }
        let all = [
            "login",
            "--resource",
            "x:y",
            "--wallet",
            wallet,
            "--account",
        ];
        let ended = home.run(&[&all[..], &[ACCOUNT, "--json"]].concat());
        assert_eq!(ended.code, code, "{wallet}: {ended:?}");
        assert_eq!(ended.json()["code"], reason, "{wallet}");
    }
}

/// A passphrase is called one, and a short one is warned of where it is chosen.
#[test]
fn passphrases_are_called_by_their_name() {
    let home = Home::new();
    home.login();
    home.file("short", "abc\n");
    home.file("long", "correct horse battery staple\n");
    let seal = |file: &str| {
        home.run(&["store", "seal", "--passphrase-file", file])
            .ends_with(0)
    };
    assert!(seal("short").stderr.contains("fewer than 12 characters"));
    let opened = home
        .run(&["list", "--passphrase-file", "short"])
        .ends_with(0);
    assert_eq!(opened.stderr, "");
    let wrong = both(&home, &["list", "--passphrase-file", "long"], "", 2).stderr;
    assert!(wrong.contains("the passphrase is wrong"), "{wrong}");
    assert!(!wrong.contains("key"), "{wrong}");
    let rekey = [
        "store",
        "rekey",
        "--passphrase-file",
        "short",
        "--new-passphrase-file",
    ];
    let rekeyed = home.run(&[&rekey[..], &["long"]].concat()).ends_with(0);
    assert_eq!(rekeyed.stderr, "");
    home.file("other", "abcdefghijk");
    let back = [
        "store",
        "rekey",
        "--passphrase-file",
        "long",
        "--new-passphrase-file",
    ];
    let back = home.run(&[&back[..], &["other"]].concat()).ends_with(0);
    assert!(back.stderr.contains("fewer than 12 characters"), "{back:?}");
}

/// What was made for seven days a moment ago lasts seven days.
#[test]
fn a_new_session_lasts_as_long_as_it_was_made_for() {
    let home = Home::new();
    let shown = home.run(&LOGIN).ends_with(0).stdout;
    assert!(shown.contains("expires in  7d\n"), "{shown}");
    let listed = home.run(&["list"]).ends_with(0).stdout;
    assert!(listed.contains(" 7d "), "{listed}");
}

/// The exit codes are one rule, said in the same words wherever they are.
#[test]
fn the_exit_codes_are_told_alike_everywhere() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let help = Home::new().run(&["--help"]).ends_with(0).stdout;
    for page in ["README.md", "../../docs/guide/src/command-line.md"] {
        let text = std::fs::read_to_string(root.join(page)).unwrap();
        for line in help
            .lines()
            .skip_while(|line| *line != "Exit codes:")
            .skip(1)
            .take(4)
        {
            let (code, meaning) = line.trim().split_once("  ").unwrap();
            assert!(
                text.contains(&format!("| {code} | {meaning} |")),
                "{page}: {line}"
            );
        }
    }
}

/// Places are counted from 1, and it is said in what.
#[test]
fn places_are_counted_from_1() {
    let home = Home::new();
    home.login();
    let jws = home.run_with(&["sign", "--dag"], "{}").ends_with(0).json();
    for (block, why) in [
        ("AA+A", "character 3 is not one of its characters"),
        ("AAAAA", "character 5 is one too many"),
        ("AB", "character 2 has bits that are not used"),
    ] {
        let mut signed = jws.clone();
        signed["linkedBlock"] = block.into();
        let said = both(&home, &["verify", "-"], &signed.to_string(), 2).stderr;
        assert!(said.contains(why), "{said}");
    }
    let profile = both(&home, &["status", "--profile", "a b"], "", 2).stderr;
    assert!(profile.contains("' ' as character 2;"), "{profile}");
    let said = both(&home, &["import", "-"], "eyJ=", 2).stderr;
    assert!(said.contains("character 4 is not one"), "{said}");
    let said = both(&home, &["inspect", "did:x:?"], "", 2).stderr;
    assert!(said.contains("identifier at character 7"), "{said}");
    let did = "did:key:z6MkO";
    let said = both(&home, &["did", "resolve", did], "", 2).stderr;
    assert!(said.contains("character 4 of the base58btc text"), "{said}");
}

/// What is too long says by what, and a port that does not exist is said to be none.
#[test]
fn limits_have_units_and_ports_exist() {
    let home = Home::new();
    let login = |more: &[&str]| home.run(&[&LOGIN[..], more].concat());
    let long = login(&["--resource", &"a".repeat(70_000)]).ends_with(2);
    assert!(long.stderr.contains("65536 bytes"), "{long:?}");
    let many: Vec<String> = (0..4_097).map(|n| format!("--resource=x:{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let many = login(&many).ends_with(2);
    assert!(many.stderr.contains("4096 entries"), "{many:?}");
    for domain in ["a:99999999", "[::1]:65536"] {
        let warned = login(&["--domain", domain]).ends_with(0);
        assert!(warned.stderr.contains("a port above 65535"), "{warned:?}");
        login(&["--domain", domain, "--strict"]).ends_with(2);
    }
    assert_eq!(login(&["--domain", "a:65535"]).ends_with(0).stderr, "");
}
