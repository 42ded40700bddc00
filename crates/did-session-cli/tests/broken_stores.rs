//! Stores that cannot be written or read, and a standard output that cannot: exit
//! code 3, or 2 where something else must be named.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::common;

use common::{ACCOUNT, Home, both, code};
use serde_json::json;

/// A file in the place of the directory, or above it: another directory must be named.
#[test]
fn a_store_that_is_a_file() {
    let home = Home::new();
    home.file("store", "");
    let login = ["login", "--wallet", "wallet.hex", "--resource", "x"];
    let ended = both(&home, &login, "", 2);
    assert!(ended.stderr.contains(&home.name("store")), "{ended:?}");
    for command in [
        &["list"][..],
        &["status", ACCOUNT],
        &["logout", ACCOUNT],
        &["export", ACCOUNT],
    ] {
        both(&home, command, "", 2);
    }
    let below = home.name("store/below");
    let mut all = login.to_vec();
    all.extend(["--store", &below]);
    both(&home, &all, "", 2);
}

#[test]
fn an_unreadable_record_is_named_and_kept() {
    let home = Home::new();
    home.login();
    let record = record(&home);
    std::fs::write(&record, "garbage").unwrap();
    for command in [
        &["status", ACCOUNT][..],
        &["export", ACCOUNT],
        &["sign", ACCOUNT],
    ] {
        let ended = both(&home, command, "{}", 3);
        assert!(ended.stderr.contains(ACCOUNT), "{ended:?}");
        assert!(
            ended
                .stderr
                .contains(record.file_name().unwrap().to_str().unwrap()),
            "{ended:?}"
        );
    }
    let code = home.run(&["status", ACCOUNT, "--json"]).ends_with(3).json()["code"].clone();
    assert_eq!(code, "unreadable_record");
    assert_eq!(std::fs::read(&record).unwrap(), b"garbage");
    let listed = home.run(&["list", "--json"]).ends_with(0).json();
    assert_eq!(listed["sessions"][0]["state"], "unreadable");
    // it never blocks a login for ever
    assert_eq!(home.login().json()["prompted"], true);
    home.run(&["status", ACCOUNT]).ends_with(0);
}

/// Whatever somebody put where the store has its files, a user logs in, looks and logs out.
#[cfg(unix)]
#[test]
fn hostile_neighbours_block_nothing() {
    for place in ["record", "staged", "locks"] {
        for kind in ["pipe", "directory", "link"] {
            let home = Home::new();
            home.login();
            let record = record(&home);
            let name = record.file_name().unwrap().to_str().unwrap();
            let path = match place {
                "record" => record.clone(),
                "staged" => home.store().join(format!(".staged-{name}")),
                _ => home.store().join(".locks"),
            };
            let _ = std::fs::remove_file(&path);
            let _ = std::fs::remove_dir_all(&path);
            match kind {
                "pipe" => {
                    let made = std::process::Command::new("mkfifo").arg(&path).status();
                    assert!(made.unwrap().success());
                }
                "directory" => std::fs::create_dir(&path).unwrap(),
                _ => std::os::unix::fs::symlink("elsewhere", &path).unwrap(),
            }
            let prompted = home.login().json()["prompted"].clone();
            assert_eq!(prompted, place == "record", "{kind} as {place}");
            let listed = home.run(&["list", "--json"]).ends_with(0).json();
            assert_eq!(listed["sessions"][0]["state"], "valid", "{kind} as {place}");
            home.run(&["logout", ACCOUNT]).ends_with(0);
            home.run(&["status", ACCOUNT]).ends_with(1);
        }
    }
}

/// A session that could not be used is not asked for.
#[cfg(unix)]
#[test]
fn revocations_that_cannot_be_read_are_told_before_the_wallet_is_asked() {
    for put in [
        |path: &std::path::Path| std::fs::write(path, "garbage"),
        |path: &std::path::Path| std::fs::create_dir(path),
    ] {
        let home = Home::new();
        std::fs::create_dir(home.store()).unwrap();
        let revocations = home.store().join(".revocations");
        put(&revocations).unwrap();
        let wallet = home.exec(&format!("--log {}", home.name("log")));
        let login = ["login", "--wallet", &wallet, "--account", ACCOUNT];
        let login = [&login[..], &["--resource", "app:notes"]].concat();
        let ended = both(&home, &login, "", 3);
        assert!(ended.stderr.contains(".revocations"), "{ended:?}");
        assert_eq!(home.asked(), 0);
        home.run(&["list", "--json"]).ends_with(0);
        assert_eq!(code(home.run(&["status", ACCOUNT, "--json"])), "no_session");
        // with the file away, it is asked
        let _ = std::fs::remove_file(&revocations);
        let _ = std::fs::remove_dir(&revocations);
        home.run(&login).ends_with(0);
        assert_eq!(home.asked(), 1);
    }
}

/// What the process may not write is an error that names the file, and no signal.
#[cfg(unix)]
#[test]
fn a_limit_of_file_sizes_is_told_by_the_name_of_the_file() {
    let home = Home::new();
    let limited = |arguments: &[&str]| {
        let plain = home.command(arguments);
        let mut command = std::process::Command::new("sh");
        command
            .args(["-c", "ulimit -f 0 && exec \"$0\" \"$@\""])
            .arg(plain.get_program())
            .args(plain.get_args())
            .current_dir(home.path(""))
            .env("DID_SESSION_STORE", home.store())
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        common::finish(command.spawn().unwrap())
    };
    let login = ["login", "--wallet", "wallet.hex", "--resource", "app:notes"];
    let ended = limited(&login).ends_with(3);
    assert!(ended.stderr.contains(".session: "), "{ended:?}");
    assert!(ended.stderr.contains("File too large"), "{ended:?}");
    home.run(&["status", ACCOUNT]).ends_with(1);
    // what is read needs no room
    home.run(&login).ends_with(0);
    limited(&["status", ACCOUNT]).ends_with(0);
}

#[test]
fn foreign_files_are_mentioned() {
    let home = Home::new();
    home.login();
    std::fs::write(home.store().join("notes.txt"), "mine").unwrap();
    let listed = home.run(&["list", "--json"]).ends_with(0).json();
    assert_eq!(listed["foreign"], json!(["notes.txt"]));
    assert!(
        home.run(&["list"])
            .ends_with(0)
            .stdout
            .contains("notes.txt")
    );
    home.run(&["logout", ACCOUNT]).ends_with(0);
    assert_eq!(
        std::fs::read(home.store().join("notes.txt")).unwrap(),
        b"mine"
    );
}

/// The one file of the store that holds the session.
fn record(home: &Home) -> std::path::PathBuf {
    let session = home.run(&["export", ACCOUNT]).ends_with(0).stdout;
    let files = std::fs::read_dir(home.store()).unwrap();
    let mut files = files.map(|entry| entry.unwrap().path());
    let holds = |path: &std::path::PathBuf| {
        std::fs::read_to_string(path).is_ok_and(|text| text.trim_end() == session.trim_end())
    };
    files.find(holds).unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_standard_output() {
    let home = Home::new();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = home.command(&["did", "new"]);
    let ended = command
        .stdout(full)
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(3));
    assert!(
        String::from_utf8(ended.stderr)
            .unwrap()
            .contains("standard output")
    );
}

#[cfg(unix)]
#[test]
fn a_broken_pipe_is_no_failure() {
    let home = Home::new();
    let mut child = home.command(&["completions", "bash"]).spawn().unwrap();
    // nobody reads: the pipe breaks at the first write
    drop(child.stdout.take());
    let ended = common::finish(child);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
}
