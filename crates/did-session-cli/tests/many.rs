//! `verify --many`: every line is judged as it would be alone, in order, and the worst one counts.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::common;

use common::{ACCOUNT, Home};
use serde_json::Value;
use std::fmt::Write as _;

/// A session, its capability, and JWS under it.
struct Lines {
    home: Home,
    session: String,
    capability: String,
    jws: Vec<String>,
}

fn lines() -> Lines {
    let home = Home::new();
    home.login();
    let run = |arguments: &[&str], input: &str| {
        let out = home.run_with(arguments, input).ends_with(0).stdout;
        out.trim_end().to_owned()
    };
    let capability = run(&["export", ACCOUNT, "--capability"], "");
    home.file("capability.json", &capability);
    Lines {
        session: run(&["export", ACCOUNT], ""),
        jws: (0..3)
            .map(|number| run(&["sign", ACCOUNT], &format!("{{\"number\":{number}}}")))
            .collect(),
        capability,
        home,
    }
}

fn documents(stdout: &str) -> Vec<Value> {
    let lines = stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

#[test]
fn every_kind_of_line_in_order() {
    let Lines {
        home,
        session,
        capability,
        jws,
    } = lines();
    let text = format!("{session}\n{capability}\r\n{}\n{}", jws[0], jws[1]);
    home.file("lines.txt", &text);
    let ended = home
        .run(&["verify", "--many", "lines.txt", "--json"])
        .ends_with(0);
    let found = documents(&ended.stdout);
    assert_eq!(found.len(), 4);
    for (at, document) in found.iter().enumerate() {
        assert_eq!(document["line"], at + 1);
        assert_eq!(document["valid"], true);
    }
    assert_eq!(found[3]["payload"]["number"], 1);
    assert!(!ended.printed().contains(&session));
    let ended = home
        .run_with(&["verify", "--many", "-"], &text)
        .ends_with(0);
    assert_eq!(
        ended.stdout,
        "4 lines: 4 accepted, 0 refused, 0 unreadable\n"
    );
    assert_eq!(ended.stderr, "", "no bar where there is no terminal");
}

#[test]
fn the_worst_line_decides_and_is_named() {
    let Lines {
        home, session, jws, ..
    } = lines();
    let mut forged = jws[1].clone();
    let signed = forged.rfind('.').unwrap();
    forged.replace_range(
        signed + 1..signed + 3,
        if &forged[signed + 1..=signed + 1] == "A" {
            "BB"
        } else {
            "AA"
        },
    );
    let refused = format!("{}\n{forged}\n", jws[0]);
    let ended = home
        .run_with(&["verify", "--many", "-"], &refused)
        .ends_with(1);
    assert!(
        ended
            .stdout
            .starts_with("line 2: refused (invalid_signature)"),
        "{ended:?}"
    );
    // a secret that is spoiled is not repeated
    let spoiled = &session[..session.len() - 40];
    let unreadable = format!("{refused}\nno line\n{spoiled}\n");
    let ended = home
        .run_with(&["verify", "--many", "-"], &unreadable)
        .ends_with(2);
    assert!(
        ended
            .stdout
            .contains("\nline 3: unreadable (unknown_input)"),
        "{ended:?}"
    );
    assert!(
        ended
            .stdout
            .ends_with("5 lines: 1 accepted, 1 refused, 3 unreadable\n")
    );
    assert!(!ended.printed().contains(&spoiled[..40]));
    let ended = home
        .run_with(&["verify", "--many", "-", "--json"], &unreadable)
        .ends_with(2);
    let codes: Vec<Value> = documents(&ended.stdout)
        .iter()
        .map(|d| d["code"].clone())
        .collect();
    assert_eq!(codes[..3], ["ok", "invalid_signature", "unknown_input"]);
    assert_eq!(codes.len(), 5);
}

#[test]
fn expectations_hold_for_every_line() {
    let Lines { home, jws, .. } = lines();
    let mut text = String::new();
    for jws in &jws {
        writeln!(text, "{jws}").unwrap();
    }
    let under = |more: &[&str]| {
        let mut arguments = vec!["verify", "--many", "-", "--capability", "capability.json"];
        arguments.extend(more);
        home.run_with(&arguments, &text)
    };
    under(&["--issuer", ACCOUNT]).ends_with(0);
    let ended = under(&["--resource", "ceramic://other"]).ends_with(1);
    assert_eq!(ended.stdout.matches("resource_not_granted").count(), 3);
    let ended = under(&["--at", "2100-01-01T00:00:00Z"]).ends_with(1);
    assert_eq!(ended.stdout.matches("(expired)").count(), 3);
}

#[test]
fn what_cannot_be_many_is_refused() {
    let home = Home::new();
    home.run(&["verify", "--many", "missing.txt"]).ends_with(2);
    home.run_with(&["verify", "--many", "-"], "").ends_with(2);
    home.run(&["verify", "--many", "a", "b"]).ends_with(2);
    home.run(&["verify", "--many", "-", "--capability", "-"])
        .ends_with(2);
}
