//! Commands that work on the store: login, status, list, logout, export, import.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::common;

use common::{ACCOUNT, Home, SECRET, vectors};
use serde_json::json;

const ISSUER: &str = "did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44";

#[test]
fn login_asks_once_and_reuses() {
    let home = Home::new();
    let first = home.login().json();
    assert_eq!(first["prompted"], true);
    assert_eq!(first["issuer"], ISSUER);
    assert_eq!(first["account"], ACCOUNT);
    assert_eq!(first["resources"], json!(["ceramic://*"]));
    assert_eq!(first["expired"], false);
    let again = home.login().json();
    assert_eq!(again["prompted"], false);
    assert_eq!(again["key"], first["key"]);

    let plain = home.run(&[
        "login",
        "--wallet",
        "wallet.hex",
        "--resource",
        "ceramic://*",
    ]);
    assert!(plain.ends_with(0).stdout.contains("is used"));
}

#[test]
fn login_signs_what_was_asked() {
    let home = Home::new();
    let arguments = [
        "login",
        "--wallet",
        "wallet.hex",
        "--chain",
        "eip155:137",
        "--resource",
        "a://1",
        "--resource",
        "a://2",
        "--domain",
        "app.example",
        "--statement",
        "Let me in",
        "--nonce",
        "challenge1",
        "--request-id",
        "r-1",
        "--expires-in",
        "12h",
        "--json",
    ];
    let made = home.run(&arguments).ends_with(0).json();
    let issuer = made["issuer"].as_str().unwrap();
    assert_eq!(issuer, ISSUER.replace(":1:", ":137:"));
    let session = home.run(&["export", issuer]).ends_with(0).stdout;
    let shown = home
        .run_with(&["inspect", "--json"], session)
        .ends_with(0)
        .json();
    assert_eq!(shown["type"], "session");
    assert_eq!(shown["domain"], "app.example");
    assert_eq!(shown["statement"], "Let me in");
    assert_eq!(shown["nonce"], "challenge1");
    assert_eq!(shown["request_id"], "r-1");
    assert_eq!(shown["resources"], json!(["a://1", "a://2"]));
    let secs = made["expires_in_secs"].as_u64().unwrap();
    assert!((12 * 3600 - 60..=12 * 3600).contains(&secs), "{secs}");
}

#[test]
fn login_by_a_program() {
    let home = Home::new();
    let wallet = home.exec("--log log");
    let arguments = [
        "login",
        "--wallet",
        &wallet,
        "--account",
        ACCOUNT,
        "--resource",
        "x",
    ];
    home.run(&arguments).ends_with(0);
    home.run(&arguments).ends_with(0);
    assert_eq!(home.asked(), 1);

    let other = home.exec("--decline");
    let declined = home
        .run(&[
            "login",
            "--wallet",
            &other,
            "--account",
            ACCOUNT,
            "--resource",
            "y",
            "--json",
        ])
        .ends_with(1);
    assert_eq!(declined.json()["code"], "declined");
    // what was stored is still there
    home.run(&["status", ACCOUNT, "--resource", "x"])
        .ends_with(0);
}

#[test]
fn what_a_wallet_of_another_account_signs_is_refused() {
    let home = Home::new();
    let other = format!("{}45", ACCOUNT.strip_suffix("44").unwrap());
    let wallet = home.exec("");
    let refused = home
        .run(&[
            "login",
            "--wallet",
            &wallet,
            "--account",
            &other,
            "--resource",
            "x",
            "--json",
        ])
        .ends_with(1);
    assert_eq!(refused.json()["code"], "signature_mismatch");
    home.run(&["status", &other]).ends_with(1);
}

#[test]
fn exact_and_shorter_wishes_ask_again() {
    let home = Home::new();
    let login = |more: &[&str]| {
        let mut arguments = vec!["login", "--wallet", "wallet.hex", "--json"];
        arguments.extend(more);
        home.run(&arguments).ends_with(0).json()["prompted"] == true
    };
    assert!(login(&["--resource", "a", "--resource", "b"]));
    assert!(!login(&["--resource", "a"]));
    assert!(login(&["--resource", "a", "--exact"]));
    assert!(login(&["--resource", "a", "--expires-in", "1h"]));
    assert!(!login(&["--resource", "a", "--expires-in", "1h"]));
}

#[test]
fn status_answers_by_its_exit_code() {
    let home = Home::new();
    let none = home.run(&["status", ACCOUNT, "--json"]).ends_with(1).json();
    let detail = format!(
        "there is no stored session; the store is {}, which does not exist",
        home.store().display()
    );
    assert_eq!(
        none,
        json!({
            "authorized": false, "code": "no_session", "detail": detail,
            "issuer": ISSUER,
        })
    );
    home.login();
    for issuer in [
        ACCOUNT,
        ISSUER,
        &ISSUER
            .to_uppercase()
            .replace("DID:PKH:EIP155", "did:pkh:eip155")
            .replace("0X", "0x"),
    ] {
        let yes = home.run(&["status", issuer, "--json"]).ends_with(0).json();
        assert_eq!(yes["authorized"], true);
        assert_eq!(yes["issuer"], ISSUER);
    }
    home.run(&["status", ACCOUNT, "--resource", "ceramic://*"])
        .ends_with(0);
    let no = home
        .run(&["status", ACCOUNT, "--resource", "other", "--json"])
        .ends_with(1)
        .json();
    assert_eq!(no["code"], "resource_not_granted");
}

#[test]
fn list_shows_every_session() {
    let home = Home::new();
    assert!(
        home.run(&["list"])
            .ends_with(0)
            .stdout
            .contains("no stored sessions")
    );
    home.login();
    home.run(&[
        "login",
        "--wallet",
        "wallet.hex",
        "--chain",
        "eip155:5",
        "--resource",
        "x",
    ])
    .ends_with(0);
    let listed = home.run(&["list", "--json"]).ends_with(0).json();
    let issuers: Vec<_> = listed["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| &s["issuer"])
        .collect();
    assert_eq!(issuers, [ISSUER, &ISSUER.replace(":1:", ":5:")]);
    assert_eq!(listed["sessions"][0]["state"], "valid");
    assert_eq!(listed["foreign"], json!([]));
    let table = home.run(&["list"]).ends_with(0).stdout;
    assert!(table.starts_with("ISSUER"), "{table}");
    assert!(!table.contains('\u{1b}'), "colours where no terminal is");
    assert_eq!(table.lines().count(), 3, "{table}");
}

#[test]
fn logout_forgets() {
    let home = Home::new();
    home.login();
    let gone = home.run(&["logout", ACCOUNT, "--json"]).ends_with(0).json();
    let expected = json!({ "removed": true, "issuer": ISSUER, "profiles": ["default"] });
    assert_eq!(gone, expected);
    home.run(&["status", ACCOUNT]).ends_with(1);
    home.run(&["logout", ACCOUNT]).ends_with(1);
    for command in ["export", "sign"] {
        let none = home
            .run_with(&[command, ACCOUNT, "--json"], "{}")
            .ends_with(1)
            .json();
        assert_eq!(none["code"], "no_session", "{command}");
    }
}

#[test]
fn what_is_exported_is_imported_elsewhere() {
    let (home, elsewhere) = (Home::new(), Home::new());
    let made = home.login().json();
    let session = home.run(&["export", ACCOUNT]).ends_with(0).stdout;
    let as_json = home.run(&["export", ACCOUNT, "--json"]).ends_with(0).json();
    assert_eq!(as_json["session"], session.trim_end());
    home.run_with(&["verify", "-"], &session).ends_with(0);

    let imported = elsewhere
        .run_with(&["import", "-", "--json"], &session)
        .ends_with(0)
        .json();
    assert_eq!(imported["key"], made["key"]);
    assert_eq!(
        elsewhere.run(&["export", ACCOUNT]).ends_with(0).stdout,
        session
    );
    elsewhere
        .run(&["status", ACCOUNT, "--resource", "ceramic://*"])
        .ends_with(0);
    let path = elsewhere.file("session.txt", &session);
    elsewhere.run(&["import", &path]).ends_with(0);
}

#[test]
fn an_expired_session_is_imported_and_says_so() {
    let home = Home::new();
    let file = vectors("session-core/tests/vectors/sessions.json");
    let case = &file["cases"][0];
    let issuer = case["issuer"].as_str().unwrap_or(ISSUER);
    home.run_with(&["import"], case["session"].as_str().unwrap())
        .ends_with(0);
    let status = home.run(&["status", issuer, "--json"]).ends_with(1).json();
    assert_eq!(
        (&status["code"], &status["expired"]),
        (&json!("expired"), &json!(true))
    );
    let refused = home
        .run_with(&["sign", issuer, "--json"], "{}")
        .ends_with(1)
        .json();
    assert_eq!(refused["code"], "expired");
    let listed = home.run(&["list", "--json"]).ends_with(0).json();
    assert_eq!(listed["sessions"][0]["state"], "expired");
    assert_eq!(
        home.run(&["export", issuer]).ends_with(0).stdout.trim_end(),
        case["session"]
    );
}

#[test]
fn a_wallet_file_takes_one_line_in_three_spellings() {
    for text in [
        SECRET.to_owned(),
        format!("0x{SECRET}\n"),
        format!("{}\r\n", SECRET.to_uppercase()),
    ] {
        let home = Home::new();
        home.file("wallet.hex", &text);
        assert_eq!(home.login().json()["account"], ACCOUNT, "{text:?}");
    }
    let home = Home::new();
    let arguments = ["login", "--wallet", "-", "--resource", "x"];
    home.run_with(&arguments, SECRET).ends_with(0);
}

/// The key file of each chain, as that chain's tools write it, makes a session that holds.
#[test]
fn a_wallet_file_of_each_chain() {
    use did_session::{cacao::base58check, didkey::Ed25519SigningKey};
    let seed = [7; 32];
    let key = Ed25519SigningKey::from_seed(&seed);
    let keypair = [&seed[..], key.did_key().public_key().as_bytes()].concat();
    let solana = json!(keypair).to_string();
    let edsk = base58check::encode(&[13, 15, 58, 7], &seed);
    for (secret, chain, namespace, kind) in [
        (&*solana, None, "solana", "solana:ed25519"),
        (&edsk, None, "tezos", "tezos:ed25519"),
        (SECRET, Some("stacks:1"), "stacks", "stacks:secp256k1"),
        (SECRET, Some("eip155:137"), "eip155", "eip191"),
    ] {
        let home = Home::new();
        home.file("key", format!("{secret}\n"));
        let mut login = vec!["login", "--wallet", "key", "--resource", "r", "--json"];
        login.extend(chain.iter().flat_map(|chain| ["--chain", chain]));
        let made = home.run(&login).ends_with(0).json();
        assert_eq!(made["prompted"], true, "{kind}");
        let account = made["account"].as_str().unwrap();
        assert!(account.starts_with(namespace), "{account}");
        assert_eq!(home.run(&login).ends_with(0).json()["prompted"], false);
        let exported = home.run(&["export", account]).ends_with(0).stdout;
        let seen = home.run_with(&["inspect", "-", "--json"], &exported);
        assert_eq!(seen.ends_with(0).json()["kind"], kind);
        home.run_with(&["verify", "-"], &exported).ends_with(0);
    }
    let home = Home::new();
    for (secret, chain) in [
        ("[1,2]", "solana:x"),
        ("edsk", "tezos:x"),
        (SECRET, "other:1"),
    ] {
        home.file("key", secret);
        let login = [
            "login",
            "--wallet",
            "key",
            "--resource",
            "r",
            "--chain",
            chain,
        ];
        assert!(!home.run(&login).ends_with(2).printed().contains(SECRET));
    }
}

/// Without --store and variable it is the user's data directory.
#[test]
fn the_store_is_found() {
    let home = Home::new();
    let run = |arguments: &[&str], data: &str| {
        let mut command = home.command(arguments);
        command
            .env_remove("DID_SESSION_STORE")
            .env("XDG_DATA_HOME", home.path(data));
        common::finish(command.spawn().unwrap())
    };
    let login = ["login", "--wallet", "wallet.hex", "--resource", "x"];
    run(&login, "data").ends_with(0);
    assert!(home.path("data/did-session").is_dir());
    run(&["status", ACCOUNT], "data").ends_with(0);
    run(&["status", ACCOUNT], "other").ends_with(1);
    let named = home.name("data/did-session");
    run(&["status", ACCOUNT, "--store", &named], "other").ends_with(0);
}
