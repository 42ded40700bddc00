//! Sealed stores on the command line: sealing what is there, the key from a file or a terminal,
//! another key, and what a store without its key does.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::common;

use common::{ACCOUNT, Home};
use std::fs;

const PASSPHRASE: &str = "correct horse battery staple";

/// A store with a session, sealed with the passphrase in `passphrase`.
fn sealed() -> Home {
    let home = Home::new();
    home.file("passphrase", format!("{PASSPHRASE}\n"));
    home.login().ends_with(0);
    let seal = ["store", "seal", "--passphrase-file", "passphrase", "--json"];
    let done = home.run(&seal).ends_with(0).json();
    assert_eq!(done["sealed"], 1);
    home
}

fn names(home: &Home) -> Vec<String> {
    let entries = fs::read_dir(home.store()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[test]
fn what_is_stored_is_sealed_and_opens_with_the_passphrase() {
    let home = sealed();
    let names = names(&home);
    assert!(
        names.iter().any(|name| name.ends_with(".sealed")),
        "{names:?}"
    );
    assert!(
        !names.iter().any(|name| name.ends_with(".session")),
        "{names:?}"
    );
    let key = ["--passphrase-file", "passphrase"];
    let listed = home
        .run(&["list", "--json", key[0], key[1]])
        .ends_with(0)
        .json();
    assert_eq!(listed["sessions"][0]["state"], "valid");
    let signed = home.run_with(&["sign", ACCOUNT, key[0], key[1]], r#"{"a":1}"#);
    signed.ends_with(0);
    // sealing once more has nothing to do
    let again = home.run(&["store", "seal", "--json", key[0], key[1]]);
    assert_eq!(again.ends_with(0).json()["sealed"], 0);
    home.run(&["logout", ACCOUNT, key[0], key[1]]).ends_with(0);
}

#[test]
fn without_its_key_nothing_is_read_or_written() {
    let home = sealed();
    let before = names(&home);
    home.file("wrong", "Tr0ub4dor&3\n");
    home.file("key", [7; 32]);
    let login = [
        "login",
        "--wallet",
        "wallet.hex",
        "--resource",
        "ceramic://*",
    ];
    for (arguments, code) in [
        (&["list"][..], "seal_key_needed"),
        (&login, "seal_key_needed"),
        (&["logout", "--all"], "seal_key_needed"),
        (&["list", "--passphrase-file", "wrong"], "wrong_seal_key"),
        (
            &["export", ACCOUNT, "--passphrase-file", "wrong"],
            "wrong_seal_key",
        ),
        (&["list", "--key-file", "key"], "other_kind_of_seal_key"),
        (
            &["list", "--passphrase-file", "nowhere"],
            "key_file_unreadable",
        ),
    ] {
        let ended = home.run(&[arguments, &["--json"]].concat()).ends_with(2);
        assert_eq!(ended.json()["code"], code, "{ended:?}");
        assert!(!ended.printed().contains("Tr0ub4dor"), "{ended:?}");
    }
    assert_eq!(names(&home), before);
    // and who names a key expects a sealed store
    let plain = Home::new();
    plain.file("passphrase", PASSPHRASE);
    plain.login().ends_with(0);
    for arguments in [
        ["list", "--json", "--passphrase-file", "passphrase"],
        [
            "list",
            "--json",
            "--store-id",
            "000102030405060708090a0b0c0d0e0f",
        ],
    ] {
        let ended = plain.run(&arguments).ends_with(2);
        assert_eq!(ended.json()["code"], "store_not_sealed");
    }
    let both = [
        "list",
        "--passphrase-file",
        "passphrase",
        "--key-file",
        "key",
    ];
    plain.run(&both).ends_with(2);
}

#[test]
fn a_store_is_told_and_its_id_can_be_required() {
    let home = sealed();
    let told = home.run(&["store", "info", "--json"]).ends_with(0).json();
    assert_eq!(
        (&told["sealed"], &told["sessions"]),
        (&true.into(), &1.into())
    );
    assert_eq!(told["key"], "a passphrase");
    let id = told["id"].as_str().unwrap();
    let with = |id: &str| {
        let key = ["--passphrase-file", "passphrase", "--store-id", id];
        home.run(&[&["list", "--json"][..], &key].concat())
    };
    with(id).ends_with(0);
    let other = with("000102030405060708090a0b0c0d0e0f").ends_with(2);
    assert_eq!(other.json()["code"], "other_store_id");
    with("0001").ends_with(2);
    let plain = Home::new();
    let told = plain.run(&["store", "info", "--json"]).ends_with(0).json();
    assert_eq!(
        (&told["sealed"], &told["sessions"]),
        (&false.into(), &0.into())
    );
}

#[test]
fn another_key_opens_it_afterwards() {
    let home = sealed();
    let hex = "0f".repeat(32);
    home.file("key", &hex);
    let rekey = ["store", "rekey", "--passphrase-file", "passphrase"];
    home.run(&[&rekey[..], &["--new-key-file", "key"]].concat())
        .ends_with(0);
    home.run(&["list", "--key-file", "key"]).ends_with(0);
    home.run(&["list", "--passphrase-file", "passphrase"])
        .ends_with(2);
    // nobody is asked where there is no terminal
    let ended = home.run(&["store", "rekey", "--key-file", "key", "--json"]);
    assert_eq!(ended.ends_with(2).json()["code"], "seal_key_needed");
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let home = sealed();
    let path = home.path("passphrase");
    fs::set_permissions(path, PermissionsExt::from_mode(0o644)).unwrap();
    let ended = home.run(&["list", "--json", "--passphrase-file", "passphrase"]);
    assert_eq!(ended.ends_with(2).json()["code"], "malformed_key_file");
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_is_asked_and_does_not_show_the_passphrase() {
    let home = sealed();
    for (typed, wanted) in [(PASSPHRASE, "valid"), ("wrong one", "does not open")] {
        let typing = [("Passphrase of ", format!("{typed}\n"))];
        let Some(shown) = home.on_terminal(200, "did-session list", &typing) else {
            return;
        };
        assert!(shown.contains(wanted), "{shown}");
        assert!(!shown.contains(typed), "{shown}");
    }
}

#[test]
fn a_store_that_lost_its_seal_is_not_used_as_a_plain_one() {
    let home = sealed();
    let seal = fs::read(home.store().join(".seal")).unwrap();
    fs::remove_file(home.store().join(".seal")).unwrap();
    let before = names(&home);
    for command in [
        &["list"][..],
        &["list", "--passphrase-file", "passphrase"],
        &["login", "--wallet", "wallet.hex", "--resource", "app://x"],
        &[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "app://x",
            "--profile",
            "new",
        ],
    ] {
        let refused = home.run(&[command, &["--json"]].concat()).ends_with(2);
        assert_eq!(refused.json()["code"], "seal_missing", "{command:?}");
    }
    assert_eq!(names(&home), before);
    fs::write(home.store().join(".seal"), seal).unwrap();
    let status = ["status", ACCOUNT, "--passphrase-file", "passphrase"];
    home.run(&status).ends_with(0);
}

/// Nothing is read to log out. What ends sessions on servers wants the key, and is not lost in silence.
#[test]
fn logging_out_needs_no_key() {
    for arguments in [&["logout", ACCOUNT][..], &["logout"]] {
        let home = sealed();
        home.run(arguments).ends_with(0);
        assert!(!names(&home).iter().any(|name| name.ends_with(".sealed")));
        home.run(arguments).ends_with(1);
    }
    let home = sealed();
    let all = ["logout", "--all", "--without-key", "--json"];
    let done = home.run(&all).ends_with(0).json();
    assert_eq!((&done["removed"], &done["unread"]), (&1.into(), &1.into()));
    assert_eq!(done["revoked"], serde_json::json!([]));
    assert!(!names(&home).iter().any(|name| name.ends_with(".sealed")));
}

/// It is named and not opened; what lies beside it can be listed and removed, and nothing is written.
#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_the_seal_stops_no_list_and_no_logout() {
    let home = sealed();
    let seal = home.store().join(".seal");
    fs::remove_file(&seal).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&seal).status();
    assert!(made.unwrap().success(), "mkfifo");
    let listed = home.run(&["list", "--json"]).ends_with(0).json();
    assert_eq!(listed["foreign"], serde_json::json!([".seal"]));
    assert_eq!(listed["sessions"][0]["state"], "unreadable");
    let before = names(&home);
    let login = ["login", "--wallet", "wallet.hex", "--resource", "app://x"];
    let refused = home.run(&login);
    assert_ne!(refused.code, 0, "{refused:?}");
    assert_eq!(names(&home), before);
    home.run(&["logout", ACCOUNT]).ends_with(0);
    assert!(!names(&home).iter().any(|name| name.ends_with(".sealed")));
}
