//! Several processes and one wallet.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::common;

use common::{ACCOUNT, Home, finish, wait_until};

/// `login` with a wallet that logs when it is asked, and stays open until the file `go` is there.
fn slow<'a>(wallet: &'a str, resource: &'a str) -> [&'a str; 8] {
    [
        "login",
        "--wallet",
        wallet,
        "--account",
        ACCOUNT,
        "--resource",
        resource,
        "--json",
    ]
}

fn go(home: &Home) {
    std::fs::write(home.path("go"), "").unwrap();
}

#[test]
fn two_logins_ask_the_wallet_once() {
    let home = Home::new();
    let wallet = home.exec("--log log --until go");
    let first = home.start(&slow(&wallet, "x"));
    let second = home.start(&slow(&wallet, "x"));
    wait_until("the first prompt", || home.asked() > 0);
    // long enough for the other one to ask, if it would
    std::thread::sleep(std::time::Duration::from_millis(300));
    go(&home);
    let (first, second) = (finish(first).ends_with(0), finish(second).ends_with(0));
    assert_eq!(home.asked(), 1);
    let (first, second) = (first.json(), second.json());
    assert_eq!(first["key"], second["key"]);
    assert_ne!(first["prompted"], second["prompted"]);
}

#[test]
fn a_hit_does_not_wait_for_an_open_wallet() {
    let home = Home::new();
    home.login();
    let wallet = home.exec("--log log --until go");
    let open = home.start(&slow(&wallet, "more"));
    wait_until("the prompt", || home.asked() > 0);
    // each of these ends while the wallet is still open
    assert_eq!(home.login().json()["prompted"], false);
    home.run(&["status", ACCOUNT]).ends_with(0);
    home.run_with(&["sign", ACCOUNT], "{}").ends_with(0);
    go(&home);
    finish(open).ends_with(0);
    home.run(&["status", ACCOUNT, "--resource", "more"])
        .ends_with(0);
}

#[test]
fn what_is_logged_out_while_the_wallet_is_open_does_not_come_back() {
    let home = Home::new();
    home.login();
    let wallet = home.exec("--log log --until go");
    let open = home.start(&slow(&wallet, "more"));
    wait_until("the prompt", || home.asked() > 0);
    home.run(&["logout", ACCOUNT]).ends_with(0);
    go(&home);
    let ended = finish(open).ends_with(1);
    assert_eq!(ended.json()["code"], "store_conflict");
    home.run(&["status", ACCOUNT]).ends_with(1);
}

#[test]
fn a_wait_ends() {
    let home = Home::new();
    let wallet = home.exec("--log log --until go");
    let open = home.start(&slow(&wallet, "x"));
    wait_until("the prompt", || home.asked() > 0);
    let mut arguments = slow(&wallet, "x").to_vec();
    arguments.extend(["--max-wait", "0.2s"]);
    assert_eq!(home.run(&arguments).ends_with(3).json()["code"], "busy");
    go(&home);
    finish(open).ends_with(0);
    assert_eq!(home.asked(), 1);
}

/// Somebody who dies while the wallet is open frees it.
#[test]
fn a_killed_login_frees_the_wallet() {
    let home = Home::new();
    let wallet = home.exec("--log log --until go");
    let mut open = home.start(&slow(&wallet, "x"));
    wait_until("the prompt", || home.asked() > 0);
    open.kill().unwrap();
    open.wait().unwrap();
    go(&home);
    let mut arguments = slow(&wallet, "x").to_vec();
    arguments.extend(["--max-wait", "20s"]);
    assert_eq!(home.run(&arguments).ends_with(0).json()["prompted"], true);
}

#[test]
fn a_declined_prompt_leaves_nothing() {
    let home = Home::new();
    let wallet = home.exec("--decline");
    let ended = home.run(&slow(&wallet, "x")).ends_with(1);
    assert_eq!(ended.json()["code"], "declined");
    assert_eq!(
        home.run(&["list", "--json"]).ends_with(0).json()["sessions"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    home.login();
}
