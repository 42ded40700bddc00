//! What somebody sees who sits at a terminal.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::common;

use common::{ACCOUNT, Home, SECRET, finish, wait_until};

/// The lines, and the longest of them is not longer than the terminal.
#[track_caller]
fn fits(shown: &str, columns: usize) {
    for line in shown.lines() {
        assert!(line.chars().count() <= columns, "{columns}: {line:?}");
    }
}

#[test]
fn a_list_fits_the_terminal_unless_it_is_to_be_wide() {
    let home = Home::new();
    let key = home.login().json()["key"].as_str().unwrap().to_owned();
    for columns in [80, 120] {
        let Some(shown) = home.on_terminal(columns, "did-session list", &[]) else {
            return;
        };
        fits(&shown, columns);
        let row = shown.lines().nth(1).unwrap();
        assert!(row.starts_with("eip155:1:0x"), "{shown}");
        assert!(row.contains('…') && row.ends_with("valid"), "{shown}");
        let key_end = &key[key.len() - 4..];
        assert!(row.contains(key_end), "{shown}");
        let wide = home.on_terminal(columns, "did-session list --wide", &[]);
        let wide = wide.unwrap();
        assert!(wide.contains(ACCOUNT) && wide.contains(&key), "{wide}");
    }
    // what goes elsewhere is never shortened
    let piped = home.on_terminal(80, "did-session list | cat", &[]).unwrap();
    assert!(piped.contains(ACCOUNT) && piped.contains(&key), "{piped}");
}

#[test]
fn sign_says_what_it_waits_for() {
    let home = Home::new();
    home.login();
    let typing = [("that is to be signed", "{\"a\":1}\n\u{4}".to_owned())];
    let Some(shown) = home.on_terminal(80, "did-session sign", &typing) else {
        return;
    };
    fits(shown.lines().next().unwrap(), 80);
    assert!(
        shown.contains("note: type or paste the JSON object"),
        "{shown}"
    );
    let jws = shown
        .split_whitespace()
        .find(|word| word.starts_with("eyJ"));
    home.run(&["inspect", jws.unwrap()]).ends_with(0);
    // nobody is told who types nothing
    let piped = home.run_with(&["sign"], "{}").ends_with(0);
    assert_eq!(piped.stderr, "");
}

#[test]
fn a_secret_is_typed_without_being_shown() {
    let home = Home::new();
    let login = "did-session login --wallet - --resource x";
    let typing = [("secret key of the wallet: ", format!("{SECRET}\n"))];
    let Some(shown) = home.on_terminal(80, login, &typing) else {
        return;
    };
    assert!(shown.contains("logged in"), "{shown}");
    assert!(!shown.contains(SECRET), "{shown}");
    let session = home.run(&["export"]).ends_with(0).stdout;
    let typing = [("session string: ", session.clone())];
    let shown = home.on_terminal(80, "did-session import", &typing).unwrap();
    assert!(shown.contains("imported"), "{shown}");
    assert!(!shown.contains(session.trim_end()), "{shown}");
}

#[test]
fn a_wait_is_told_after_a_second() {
    let home = Home::new();
    let wallet = home.exec("--log log --until go");
    let open = [
        "login",
        "--wallet",
        &wallet,
        "--account",
        ACCOUNT,
        "--resource",
        "x",
    ];
    let open = home.start(&open);
    wait_until("the prompt", || home.asked() > 0);
    let login = "did-session login --wallet wallet.hex --resource x --max-wait 2s";
    let shown = home.on_terminal(80, login, &[]);
    std::fs::write(home.path("go"), "").unwrap();
    finish(open).ends_with(0);
    let Some(shown) = shown else {
        return;
    };
    assert!(
        shown.contains("another process is asking this wallet"),
        "{shown}"
    );
    // a program is waited for from the beginning
    let line = format!("did-session login --wallet '{wallet}' --account {ACCOUNT} --resource y");
    let shown = home.on_terminal(80, &line, &[]).unwrap();
    assert!(shown.contains("note: waiting for "), "{shown}");
    assert!(shown.contains("replaced what was stored: "), "{shown}");
}

#[test]
fn errors_break_between_words() {
    let home = Home::new();
    let line =
        "did-session login --wallet wallet.hex --resource x --domain 'Log in to bank.example'";
    let Some(shown) = home.on_terminal(60, line, &[]) else {
        return;
    };
    assert!(shown.lines().count() > 1, "{shown}");
    fits(&shown, 60);
    let whole = home.run(&[
        "login",
        "--wallet",
        "wallet.hex",
        "--resource",
        "x",
        "--domain",
        "a@b",
    ]);
    assert_eq!(whole.ends_with(2).stderr.lines().count(), 1);
}

/// The sections that are ours have headings like those of the library.
#[test]
fn every_section_of_the_help_has_a_heading() {
    let home = Home::new();
    for (command, sections) in [
        (
            &["--help"][..],
            &["Usage:", "Options:", "Exit codes:", "Examples:"][..],
        ),
        (
            &["store", "seal", "-h"],
            &["Usage:", "Common options:", "Examples:"],
        ),
    ] {
        let output = home
            .command(command)
            .env("CLICOLOR_FORCE", "1")
            .output()
            .unwrap();
        let shown = String::from_utf8(output.stdout).unwrap();
        for section in sections {
            let heading = format!("\u{1b}[1m\u{1b}[4m{section}\u{1b}[0m");
            assert!(shown.contains(&heading), "{section}: {shown:?}");
        }
    }
}
