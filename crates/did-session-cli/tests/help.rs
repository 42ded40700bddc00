//! What `--help` says, to the letter: a change of the arguments is seen in review.
//!
//! `DID_SESSION_WRITE_HELP=1 cargo test -p did-session-cli --test all help` writes it anew.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::common;

use common::Home;
use std::fmt::Write as _;

const COMMANDS: [&[&str]; 22] = [
    &[],
    &["login"],
    &["renew"],
    &["status"],
    &["list"],
    &["logout"],
    &["revoke"],
    &["export"],
    &["import"],
    &["sign"],
    &["inspect"],
    &["verify"],
    &["store"],
    &["store", "info"],
    &["store", "seal"],
    &["store", "rekey"],
    &["did"],
    &["did", "resolve"],
    &["did", "new"],
    &["completions"],
    &["man"],
    &["--version"],
];

#[test]
fn help() {
    let home = Home::new();
    let mut all = String::new();
    for command in COMMANDS {
        let mut arguments = command.to_vec();
        if command != ["--version"] {
            arguments.push("--help");
        }
        let help = home.run(&arguments).ends_with(0);
        assert_eq!(help.stderr, "");
        for line in help.stdout.lines() {
            assert!(line.chars().count() <= 80, "{command:?}: {line}");
        }
        if command.len() == 1 && !["did", "store", "--version"].contains(&command[0]) {
            assert!(
                help.stdout.contains("Example"),
                "{command:?} shows no example"
            );
        }
        let line = format!("did-session {}", arguments.join(" "));
        writeln!(all, "$ {}\n{}", line.trim_end(), help.stdout).unwrap();
    }
    let all: Vec<_> = all.lines().map(str::trim_end).collect();
    let all = format!("{}\n", all.join("\n").trim_end());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/help.txt");
    if std::env::var_os("DID_SESSION_WRITE_HELP").is_some() {
        std::fs::write(path, &all).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    // the first line that differs says it all
    for (number, (line, kept)) in all.lines().zip(kept.lines()).enumerate() {
        assert_eq!(line, kept, "line {} of tests/help.txt", number + 1);
    }
    assert_eq!(all.len(), kept.len(), "one goes on where the other ends");
}
