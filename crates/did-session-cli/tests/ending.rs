//! Ending sessions where something goes wrong: what servers must be told is never lost before it
//! was printed, and one session does not keep the others.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::common;

use crate::chain::Node;
use common::{ACCOUNT, Home, code};
use data_encoding::BASE64URL_NOPAD;
use std::fs;
use std::process::Stdio;

fn login_as(profile: &str) -> [&str; 7] {
    [
        "login",
        "--wallet",
        "wallet.hex",
        "--resource",
        "app://x",
        "--profile",
        profile,
    ]
}

/// Runs a command whose output nobody takes.
fn unheard(home: &Home, arguments: &[&str], stdout: Stdio) -> i32 {
    let mut command = home.command(arguments);
    let status = command.stdout(stdout).stderr(Stdio::null()).status();
    status.unwrap().code().unwrap()
}

fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
#[cfg(target_os = "linux")]
fn a_statement_that_is_not_printed_can_be_asked_for_again() {
    let full = || fs::File::create("/dev/full").unwrap().into();
    for command in [&["revoke", ACCOUNT][..], &["logout", "--all"]] {
        let home = Home::new();
        home.login().ends_with(0);
        for stdout in [full(), closed_pipe()] {
            assert_eq!(unheard(&home, command, stdout), 3, "{command:?}");
            let status = home.run(&["status", ACCOUNT, "--json"]).ends_with(1);
            assert_eq!(code(status), "revoked");
        }
        let again = [command, &["--json"]].concat();
        let printed = home.run(&again).ends_with(0).json().to_string();
        assert!(printed.contains(r#""statement":"ey"#), "{printed}");
        assert_eq!(
            code(home.run(&["status", ACCOUNT, "--json"]).ends_with(1)),
            "no_session"
        );
    }
}

#[test]
fn who_reads_no_more_is_no_failure_elsewhere() {
    let home = Home::new();
    home.login().ends_with(0);
    assert_eq!(unheard(&home, &["list"], closed_pipe()), 0);
}

#[test]
fn one_session_that_stays_keeps_no_other() {
    let home = Home::new();
    home.login().ends_with(0);
    home.run(&login_as("work")).ends_with(0);
    // another process holds the record of one for longer than anybody waits
    let locks = fs::read_dir(home.store().join(".locks")).unwrap();
    let locks = locks.map(|entry| entry.unwrap().path());
    let lock = locks
        .filter(|path| path.to_string_lossy().contains("work"))
        .find(|path| path.extension().is_some_and(|end| end == "write"))
        .unwrap();
    let held = fs::File::options().write(true).open(&lock).unwrap();
    held.lock().unwrap();

    let ended = home.run(&["logout", "--all", "--json"]).ends_with(3);
    let report = ended.stdout.lines().next().unwrap();
    let report: serde_json::Value = serde_json::from_str(report).unwrap();
    assert_eq!(report["revoked"].as_array().unwrap().len(), 2, "{report}");
    assert!(ended.stderr.contains("still stored"), "{}", ended.stderr);
    drop(held);
    let again = home.run(&["logout", "--all", "--json"]).ends_with(0).json();
    assert_eq!(again["removed"], 1, "{again}");
    assert_eq!(again["revoked"][0]["profile"], "work");
}

/// Nobody has said that the session of a contract wallet does not hold.
#[test]
fn a_contract_that_cannot_be_asked_keeps_its_session() {
    const CONTRACT: &str = "eip155:1:0x00000000000000000000000000000000000000c0";
    let home = Home::new();
    let node = Node::start();
    let (rpc, wallet) = (node.argument(), home.exec(""));
    let mut login = vec!["login", "--account", CONTRACT, "--wallet", &wallet];
    login.extend(["--resource", "app://x", "--rpc", &rpc]);
    home.run(&login).ends_with(0);
    // what it said is too old to count
    let file = fs::read_dir(home.store()).unwrap();
    let mut file = file.map(|entry| entry.unwrap().path());
    let file = file
        .find(|path| path.extension().is_some_and(|end| end == "session"))
        .unwrap();
    let record = BASE64URL_NOPAD.decode(&fs::read(&file).unwrap()).unwrap();
    let mut record: serde_json::Value = serde_json::from_slice(&record).unwrap();
    record["evidence"]["asked_at"] = "2020-01-01T00:00:00.000Z".into();
    fs::write(&file, BASE64URL_NOPAD.encode(record.to_string().as_bytes())).unwrap();

    node.fail();
    for more in [&[][..], &["--rpc", &rpc]] {
        let command = [&["logout", "--all", "--json"], more].concat();
        let ended = home.run(&command);
        assert_eq!(ended.code, 3, "{ended:?}");
        let report = ended.json();
        assert_eq!(report["removed"], 0, "{report}");
        assert_eq!(report["failed"][0]["code"], "chain_unavailable", "{report}");
        assert!(file.exists(), "its key is still there");
    }
    node.accept();
    let report = home.run(&["logout", "--all", "--json", "--rpc", &rpc]);
    let report = report.ends_with(0).json();
    assert_eq!(report["revoked"].as_array().unwrap().len(), 1, "{report}");
    assert!(!file.exists());
}

#[test]
fn revocations_that_cannot_be_read_keep_no_key_here() {
    for all in [false, true] {
        let home = Home::new();
        home.login().ends_with(0);
        fs::create_dir(home.store().join(".revocations")).unwrap();
        let command: &[&str] = match all {
            true => &["logout", "--all", "--json"],
            false => &["revoke", ACCOUNT, "--json"],
        };
        let ended = home.run(command).ends_with(0);
        assert!(ended.stdout.contains(r#""statement":"ey"#));
        assert!(ended.stderr.contains("is not recorded"), "{}", ended.stderr);
        fs::remove_dir(home.store().join(".revocations")).unwrap();
        let status = home.run(&["status", ACCOUNT, "--json"]).ends_with(1);
        assert_eq!(code(status), "no_session");
    }
}

#[test]
#[cfg(unix)]
fn a_wallet_that_was_killed_declined_nothing() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    let script = home.file("wallet.sh", "#!/bin/sh\nkill -KILL $$\n");
    fs::set_permissions(home.path("wallet.sh"), fs::Permissions::from_mode(0o700)).unwrap();
    let wallet = format!("exec:{script}");
    let login = home.run(&[
        "login",
        "--account",
        ACCOUNT,
        "--wallet",
        &wallet,
        "--resource",
        "app://x",
        "--json",
    ]);
    let said = login.ends_with(3);
    assert!(!said.stderr.contains("declined"), "{}", said.stderr);
    assert!(
        said.stderr.contains("ended before it answered"),
        "{}",
        said.stderr
    );
}

#[test]
fn what_is_missing_is_told_to_machines() {
    let home = Home::new();
    let told = home.run(&["login", "--json"]).ends_with(2).json();
    assert!(
        told["error"].as_str().unwrap().contains("--wallet"),
        "{told}"
    );
}

#[test]
fn a_kind_that_is_none_forbids_nothing_and_is_refused() {
    let home = Home::new();
    home.login().ends_with(0);
    let session = home.run(&["export", ACCOUNT]).ends_with(0).stdout;
    for (kind, code) in [("eip191", 1), ("eip1271", 0), ("nope", 2), ("EIP191", 2)] {
        let verify = ["verify", "-", "--forbid-kind", kind];
        home.run_with(&verify, &session).ends_with(code);
    }
}
