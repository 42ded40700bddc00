//! Sessions have a life, as somebody lives it at the command line: other sites, other profiles,
//! renewal, revocation, the end of all, and a contract wallet from login to a verified JWS.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::chain;
use crate::common;

use chain::Node;
use common::{ACCOUNT, Ended, Home, code};
use serde_json::Value;
use std::collections::BTreeSet;

const RESOURCE: &str = "ceramic://*";

/// Logs in with a wallet that notes how often it is asked, and tells whether it was.
fn login(home: &Home, more: &[&str]) -> bool {
    let wallet = home.exec("--log log");
    let mut arguments = vec!["login", "--account", ACCOUNT, "--wallet", &wallet, "--json"];
    if !more.contains(&"--resource") {
        arguments.extend(["--resource", RESOURCE]);
    }
    arguments.extend(more);
    let before = home.asked();
    let prompted = home.run(&arguments).ends_with(0).json()["prompted"]
        .as_bool()
        .unwrap();
    assert_eq!(prompted, home.asked() > before);
    prompted
}

#[test]
fn a_session_of_another_site_or_challenge_is_not_used() {
    let home = Home::new();
    let status = |more: &[&str]| {
        let mut arguments = vec!["status", ACCOUNT, "--json"];
        arguments.extend(more);
        home.run(&arguments)
    };
    assert!(login(&home, &["--domain", "a.example"]));
    assert!(!login(&home, &["--domain", "a.example"]));
    status(&["--domain", "a.example"]).ends_with(0);
    let other = status(&["--domain", "b.example"]).ends_with(1);
    assert_eq!(code(other), "other_domain");
    assert!(login(&home, &["--domain", "b.example"]));
    assert!(!login(&home, &["--domain", "b.example"]));

    let challenge = ["--domain", "b.example", "--nonce", "challenge1"];
    assert!(login(&home, &challenge));
    assert!(!login(&home, &challenge));
    assert_eq!(
        code(status(&["--nonce", "challenge2"]).ends_with(1)),
        "other_nonce"
    );
    // nothing in particular is asked: the one that is there will do
    assert!(!login(&home, &["--domain", "b.example"]));
    let request = ["--domain", "b.example", "--request-id", "r1"];
    assert!(login(&home, &request));
    assert_eq!(
        code(status(&["--request-id", "r2"]).ends_with(1)),
        "other_request_id"
    );
}

/// A site that sends a challenge with each sign-in: a session that answered another one does not
/// answer this one.
#[test]
fn two_challenges_are_two_sign_ins() {
    let home = Home::new();
    let code_of = |arguments: &[&str]| code(home.run(arguments).ends_with(1));
    let status = |nonce: &str| code_of(&["status", ACCOUNT, "--nonce", nonce, "--json"]);
    let (one, two) = (["--nonce", "challenge1"], ["--nonce", "challenge2"]);
    assert!(login(&home, &one));
    assert!(!login(&home, &one));
    assert_eq!(status("challenge2"), "other_nonce");
    assert_eq!(home.asked(), 1, "who only looks asks nobody");
    assert!(login(&home, &two));
    assert!(!login(&home, &two));
    assert_eq!(home.asked(), 2, "one prompt for each challenge");
    // and the other way round: the later session does not answer the earlier challenge
    assert_eq!(status("challenge1"), "other_nonce");
    home.run(&["status", ACCOUNT, "--nonce", "challenge2"])
        .ends_with(0);

    // whoever receives what was signed says so, too
    let signed = home.run_with(&["sign", ACCOUNT], "{}").ends_with(0).stdout;
    home.file("signed.jws", signed.trim_end());
    let capability = home.run(&["export", ACCOUNT, "--capability"]).ends_with(0);
    home.file("capability.json", capability.stdout.trim_end());
    let verify = |nonce: &str| {
        let mut arguments = vec!["verify", "signed.jws", "--capability", "capability.json"];
        arguments.extend(["--issuer", ACCOUNT, "--nonce", nonce, "--json"]);
        home.run(&arguments)
    };
    verify("challenge2").ends_with(0);
    assert_eq!(code(verify("challenge1").ends_with(1)), "nonce_mismatch");

    // a wallet that says no leaves the session of the other challenge where it is
    let wallet = home.exec("--log log --decline");
    let mut again = vec!["login", "--account", ACCOUNT, "--wallet", &wallet, "--json"];
    again.extend(["--resource", RESOURCE, "--nonce", "challenge3"]);
    assert_eq!(code_of(&again), "declined");
    assert_eq!(home.asked(), 3);
    assert!(!login(&home, &two));
}

#[test]
fn invalid_options_are_refused_whether_a_session_would_serve_or_not() {
    let home = Home::new();
    for _ in 0..2 {
        for bad in [
            ["--statement", "caf\u{e9}"],
            ["--statement", "two\nlines"],
            ["--nonce", "a\tb"],
        ] {
            let mut arguments = vec!["login", "--wallet", "wallet.hex", "--resource", RESOURCE];
            arguments.extend(bad);
            home.run(&arguments).ends_with(2);
        }
        home.login();
    }
}

#[test]
fn profiles_are_side_by_side() {
    let home = Home::new();
    let work = ["--profile", "work", "--resource", "app://work"];
    assert!(login(&home, &["--resource", "app://home"]));
    assert!(login(&home, &work));
    assert!(!login(&home, &["--resource", "app://home"]));
    assert!(!login(&home, &work));
    let listed = home.run(&["list", "--json"]).ends_with(0).json();
    let profiles: Vec<_> = listed["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|session| session["profile"].as_str())
        .collect();
    assert_eq!(profiles, [None, Some("work")]);
    let signed = home
        .run_with(&["sign", ACCOUNT, "--profile", "work"], "{}")
        .ends_with(0);
    assert!(!signed.stdout.is_empty());
    home.run(&["logout", ACCOUNT, "--profile", "work"])
        .ends_with(0);
    home.run(&["status", ACCOUNT, "--profile", "work"])
        .ends_with(1);
    home.run(&["status", ACCOUNT]).ends_with(0);
    assert!(login(&home, &work));
    let gone = home.run(&["logout", ACCOUNT, "--json"]).ends_with(0).json();
    assert_eq!(gone["profiles"], serde_json::json!(["default", "work"]));
    home.run(&["list"]).ends_with(0);
    home.run(&["status", ACCOUNT, "--profile", "No Name"])
        .ends_with(2);
}

#[test]
fn renewal() {
    let home = Home::new();
    let wallet = home.exec("--log log");
    let renew = |wallet: &str, more: &[&str]| {
        let mut arguments = vec!["renew", ACCOUNT, "--wallet", wallet, "--json"];
        arguments.extend(more);
        home.run(&arguments)
    };
    let report = |ended: Ended| {
        let json = ended.json();
        let flag = |name: &str| json[name].as_bool().unwrap();
        (flag("prompted"), flag("renewed"))
    };
    let none = renew(&wallet, &[]).ends_with(1);
    assert_eq!(code(none), "no_session");
    assert!(login(
        &home,
        &["--domain", "a.example", "--expires-in", "1d"]
    ));
    let cid = |home: &Home| home.run(&["status", ACCOUNT, "--json"]).json()["cid"].clone();
    let first = cid(&home);
    // enough is left
    let ended = renew(&wallet, &["--within", "12h"]).ends_with(0);
    assert_eq!(report(ended), (false, false));
    assert_eq!(cid(&home), first);
    // the wallet says no: the stored one is kept
    let declining = home.exec("--log log --decline");
    let ended = renew(&declining, &["--within", "2d"]).ends_with(1);
    assert_eq!(report(ended), (true, false));
    assert_eq!(cid(&home), first);
    let exported = home.run(&["export", ACCOUNT]).ends_with(0).stdout;
    home.file("old.txt", exported);
    // less than two days are left
    let ended = renew(&wallet, &["--within", "2d"]).ends_with(0);
    assert_eq!(report(ended), (true, true));
    let second = cid(&home);
    assert_ne!(second, first);
    // the one before goes on where it was handed out, until it ends or is revoked
    home.run(&["verify", "old.txt"]).ends_with(0);
    // now, whatever is left; for the same site
    let ended = renew(&wallet, &[]).ends_with(0);
    assert_eq!(report(ended), (true, true));
    assert_ne!(cid(&home), second);
    home.run(&[
        "status",
        ACCOUNT,
        "--domain",
        "a.example",
        "--resource",
        RESOURCE,
    ])
    .ends_with(0);
}

#[test]
fn what_is_revoked_is_gone_and_said_to_others() {
    let home = Home::new();
    login(&home, &[]);
    let exported = home.run(&["export", ACCOUNT]).ends_with(0).stdout;
    home.file("session.txt", exported);
    let identity = home.run(&["status", ACCOUNT, "--json"]).json()["identity"].clone();
    for command in ["inspect", "verify"] {
        let said = home.run(&[command, "session.txt", "--json"]).ends_with(0);
        assert_eq!(said.json()["identity"], identity, "{command}");
    }
    let revoked = home.run(&["revoke", ACCOUNT, "--json"]).ends_with(0).json();
    assert_eq!(revoked["identity"], identity);
    let statement = revoked["statement"].as_str().unwrap();
    home.file("revocation.jws", statement);
    home.file("capability.json", revoked["capability"].to_string());
    let verify = [
        "verify",
        "revocation.jws",
        "--capability",
        "capability.json",
    ];
    home.run(&verify).ends_with(0);
    home.run(&["status", ACCOUNT]).ends_with(1);
    assert_eq!(
        code(home.run(&["revoke", ACCOUNT, "--json"]).ends_with(1)),
        "no_session"
    );
    // a copy of it is known to be revoked
    home.run(&["import", "session.txt"]).ends_with(0);
    let status = home.run(&["status", ACCOUNT, "--json"]).ends_with(1);
    assert_eq!(code(status), "revoked");
    assert!(login(&home, &[]));
    home.run(&["status", ACCOUNT]).ends_with(0);
}

#[test]
fn logout_of_everything() {
    let home = Home::new();
    login(&home, &[]);
    login(&home, &["--profile", "work"]);
    let polygon = [
        "login",
        "--wallet",
        "wallet.hex",
        "--chain",
        "eip155:137",
        "--resource",
        RESOURCE,
    ];
    home.run(&polygon).ends_with(0);
    let exported = home.run(&["export", ACCOUNT]).ends_with(0).stdout;
    home.file("session.txt", exported);
    let ended = home.run(&["logout", "--all", "--json"]).ends_with(0).json();
    assert_eq!(ended["removed"], 3);
    let statements: Vec<&Value> = ended["revoked"]
        .as_array()
        .unwrap()
        .iter()
        .map(|revoked| &revoked["statement"])
        .collect();
    let different: BTreeSet<_> = statements.iter().map(|text| text.as_str()).collect();
    assert_eq!((statements.len(), different.len()), (3, 3));
    // each can be judged by whoever gets it
    for revoked in ended["revoked"].as_array().unwrap() {
        home.file("revocation.jws", revoked["statement"].as_str().unwrap());
        home.file("capability.json", revoked["capability"].to_string());
        let mut verify = vec!["verify", "revocation.jws"];
        verify.extend(["--capability", "capability.json"]);
        home.run(&verify).ends_with(0);
    }
    let listed = home.run(&["list", "--json"]).ends_with(0).json();
    assert_eq!(listed["sessions"], serde_json::json!([]));
    home.run(&["logout", "--all"]).ends_with(1);
    home.run(&["logout", "--all", ACCOUNT]).ends_with(2);
    // nobody can go on with a copy in this store
    home.run(&["import", "session.txt"]).ends_with(0);
    let status = home.run(&["status", ACCOUNT, "--json"]).ends_with(1);
    assert_eq!(code(status), "revoked");
    // the only session that is stored
    home.run(&["logout"]).ends_with(0);
    home.run(&["logout"]).ends_with(1);
}

#[test]
fn a_contract_wallet_from_login_to_a_verified_jws() {
    const CONTRACT: &str = "eip155:1:0x00000000000000000000000000000000000000c0";
    let home = Home::new();
    let node = Node::start();
    let rpc = node.argument();
    let wallet = home.exec("--log log");
    let login = |more: &[&str]| {
        let mut arguments = vec!["login", "--account", CONTRACT, "--wallet", &wallet];
        arguments.extend(["--resource", RESOURCE, "--domain", "a.example", "--json"]);
        arguments.extend(more);
        home.run(&arguments)
    };
    let with_node = ["--rpc", rpc.as_str()];
    assert_eq!(login(&with_node).ends_with(0).json()["prompted"], true);
    assert_eq!(login(&with_node).ends_with(0).json()["prompted"], false);
    // what the contract said a moment ago counts without a node, for the store is the user's own
    home.run(&["status", CONTRACT]).ends_with(0);
    let signed = home.run_with(&["sign", CONTRACT], "{}").ends_with(0).stdout;
    home.file("signed.jws", signed.trim_end());
    let capability = home.run(&["export", CONTRACT, "--capability"]).ends_with(0);
    home.file("capability.json", capability.stdout.trim_end());
    let verify = [
        "verify",
        "signed.jws",
        "--capability",
        "capability.json",
        "--issuer",
        CONTRACT,
        "--domain",
        "a.example",
        "--rpc",
        &rpc,
        "--json",
    ];
    let verdict = home.run(&verify).ends_with(0).json();
    assert_eq!(verdict["issuer"], format!("did:pkh:{CONTRACT}"));

    // whom nobody could ask, the wallet is not asked for in vain
    let asked = home.asked();
    let other = login(&["--resource", "app://other"]).ends_with(2);
    assert!(other.stderr.contains("--rpc"), "{other:?}");
    let mut renew = vec!["renew", CONTRACT, "--wallet", &wallet];
    let renewed = home.run(&renew).ends_with(2);
    assert!(renewed.stderr.contains("--rpc"), "{renewed:?}");
    renew.extend(["--within", "1m"]);
    home.run(&renew).ends_with(0);
    assert_eq!(home.asked(), asked);
    // and where nothing says that it is a contract, the refusal does
    let unknown = CONTRACT.replace("c0", "c1");
    let mut first = vec!["login", "--account", &unknown, "--wallet", &wallet];
    first.extend(["--resource", RESOURCE]);
    let first = home.run(&first).ends_with(1);
    assert!(first.stderr.contains("--rpc"), "{first:?}");

    // an outage is no verdict and no prompt
    node.fail();
    let asked = home.asked();
    home.run(&["status", CONTRACT, "--rpc", &rpc]).ends_with(3);
    login(&with_node).ends_with(3);
    assert_eq!(home.asked(), asked);
    home.run(&verify).ends_with(3);

    // the contract says no: the session ends at the next check
    node.refuse();
    home.run(&["status", CONTRACT, "--rpc", &rpc]).ends_with(1);
    home.run(&verify).ends_with(1);
    assert_eq!(home.asked(), asked);
    login(&with_node).ends_with(1);
    assert_eq!(home.asked(), asked + 1);
}
