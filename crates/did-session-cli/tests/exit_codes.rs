//! Each kind of bad input ends with its exit code, says what and where, and prints one JSON
//! document when it was asked for one.

mod common;

use common::{ACCOUNT, Ended, Home, vectors};
use serde_json::{Value, json};

/// Runs a command plain and with `--json`; both end alike.
#[track_caller]
fn both(home: &Home, arguments: &[&str], stdin: &str, code: i32) -> Ended {
    let plain = home.run_with(arguments, stdin).ends_with(code);
    let mut with_json = arguments.to_vec();
    with_json.push("--json");
    let json = home.run_with(&with_json, stdin).ends_with(code).json();
    let reason = if arguments.first() == Some(&"verify") {
        assert_eq!(json["valid"], false, "{json}");
        &json["detail"]
    } else {
        &json["error"]
    };
    assert!(
        reason.as_str().is_some_and(|reason| !reason.is_empty()),
        "{json}"
    );
    assert!(json["code"].is_string(), "{json}");
    plain
}

#[test]
fn usage() {
    let home = Home::new();
    for arguments in [
        &["--bogus"][..],
        &["verify", "--bogus"],
        &["bogus"],
        &["login"],
        &["login", "--wallet", "wallet.hex"],
        &["login", "--wallet", "exec:true", "--resource", "x"],
        &[
            "login",
            "--wallet",
            "exec: ",
            "--account",
            ACCOUNT,
            "--resource",
            "x",
        ],
        &[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "x",
            "--chain",
            "bip122:1",
        ],
        &[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "x",
            "--chain",
            "eip155:01",
        ],
        &[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "x",
            "--expires-in",
            "7 days",
        ],
        &[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "x",
            "--expires-in",
            "0",
        ],
        &[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "x",
            "--expires-in=-5",
        ],
        &[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "x",
            "--domain",
            "a\nb",
        ],
        &[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "x",
            "--statement",
            "é",
        ],
        &["login", "--wallet", "wallet.hex", "--resource", ""],
        &[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "x",
            "--account",
            "eip155:1:0x0000000000000000000000000000000000000000",
        ],
        &[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "x",
            "--account",
            ACCOUNT,
            "--chain",
            "eip155:5",
        ],
        &["status", "nobody"],
        &["status"],
        &["verify", "--at", "2023-04-06"],
        &["verify", "--at", "2023-02-30T00:00:00Z"],
        &["verify", "--skew", "-1"],
        &["verify", "--issuer", "nobody"],
        &["sign", ACCOUNT, "--raw", "--dag"],
        &["did", "resolve"],
        &["did", "resolve", "did:key:z6Mk", "--profile", "none"],
        &["completions", "csh"],
    ] {
        both(&home, arguments, "", 2);
    }
    assert!(!home.run(&[]).ends_with(2).stderr.is_empty());
    let same = ["verify", "-", "--capability", "-"];
    both(&home, &same, "", 2);
}

#[test]
fn unusable_inputs() {
    let home = Home::new();
    let file = vectors("session-core/tests/vectors/sessions.json");
    let session = file["cases"][0]["session"].as_str().unwrap();
    let truncated = &session[..session.len() - 9];
    let file = vectors("cacao/tests/vectors/cacaos.json");
    let cacao = &file["cases"][0]["cacao"];
    let mut bad_date = cacao.clone();
    bad_date["p"]["exp"] = json!("tomorrow");
    let car = file["cases"][0]["car_base64url"].as_str().unwrap();
    let bad_car = format!("{}AA", &car[..car.len() - 2]);
    let jws = vectors("dag-jws/tests/vectors/jws.json");
    let jws = jws["create"][0]["compact"].as_str().unwrap();
    for (what, input, names) in [
        ("nothing", "", "standard input"),
        ("prose", "what is this?", "session string"),
        ("a truncated session string", truncated, "session string"),
        (
            "white space in front",
            &format!(" {session}"),
            "standard input",
        ),
        (
            "two line feeds behind",
            &format!("{session}\n\n"),
            "standard input",
        ),
        ("a date that is none", &bad_date.to_string(), "p.exp"),
        (
            "an unknown member",
            &json!({ "h": {}, "p": {}, "x": 1 }).to_string(),
            "standard input",
        ),
        ("JSON of something else", "{\"a\":1}", "standard input"),
        ("JSON cut off", "{\"h\":{\"t\":", "JSON"),
        ("a CAR with another hash", &bad_car, "standard input"),
        (
            "a JWS of two parts",
            &jws[..jws.rfind('.').unwrap()],
            "three parts",
        ),
        ("a JWS with padding", &format!("{jws}=="), "standard input"),
    ] {
        for command in ["inspect", "verify"] {
            let stdin = input.to_owned();
            let ended = both(&home, &[command, "-"], &stdin, 2);
            assert!(ended.stderr.contains(names), "{what}: {ended:?}");
            assert_eq!(ended.stdout, "", "{what}");
        }
    }
    for did in [
        "did:web:example.com",
        "did:key:z6MkfMangled0",
        "did:",
        "did:pkh:eip155:1:0x00",
    ] {
        both(&home, &["inspect", "-"], did, 2);
        both(&home, &["verify", did], "", 2);
    }
    for command in ["inspect", "verify", "import"] {
        let missing = both(&home, &[command, "no-such-file"], "", 2);
        assert!(missing.stderr.contains("no-such-file"), "{missing:?}");
        both(&home, &[command, "."], "", 2);
    }
    both(
        &home,
        &[
            "verify",
            "did:key:z6MksFbF9EwLtgULXutkTTihLF2kSbWpQQzJziffm2bJKYc3",
        ],
        "",
        2,
    );
    both(&home, &["did", "resolve", "did:web:example.com"], "", 2);
    both(&home, &["did", "resolve", "z6Mk"], "", 2);
    both(&home, &["import"], truncated, 2);
}

#[test]
fn unusable_wallets() {
    let home = Home::new();
    let secret = common::SECRET;
    for text in [
        "",
        "0x",
        &secret[1..],
        &format!("{secret}00"),
        &format!("{secret}\n\n"),
        &format!(" {secret}"),
        &"0".repeat(64),
        &"f".repeat(64),
        &"z".repeat(64),
    ] {
        home.file("bad.hex", text);
        let ended = both(
            &home,
            &["login", "--wallet", "bad.hex", "--resource", "x"],
            "",
            2,
        );
        assert!(ended.stderr.contains("bad.hex"), "{ended:?}");
        assert!(
            text.len() < 8 || !ended.stderr.contains(text.trim()),
            "{ended:?}"
        );
    }
    both(
        &home,
        &["login", "--wallet", "no-such-file", "--resource", "x"],
        "",
        2,
    );
    let program = |wallet: &str, code| {
        let arguments = [
            "login",
            "--wallet",
            wallet,
            "--account",
            ACCOUNT,
            "--resource",
            "x",
        ];
        both(&home, &arguments, "", code)
    };
    assert!(
        program("exec:/no/such/program", 2)
            .stderr
            .contains("/no/such/program")
    );
    program("exec:false", 1);
    program("exec:true", 1);
    program("exec:echo 0x1234", 1);
}

#[test]
fn refusals() {
    let home = Home::new();
    let file = vectors("cacao/tests/vectors/cacaos.json");
    let cacao = &file["cases"][0]["cacao"];
    let at = cacao["p"]["iat"].as_str().unwrap();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut cacao = cacao.clone();
        change(&mut cacao);
        cacao.to_string()
    };
    let whole = cacao.to_string();
    let unsigned = changed(&|cacao| drop(cacao.as_object_mut().unwrap().remove("s")));
    let domain = changed(&|cacao| cacao["p"]["domain"] = json!("other.example"));
    let kind = changed(&|cacao| cacao["s"]["t"] = json!("eip999"));
    for (input, arguments, code) in [
        (&whole, &["--at", "2094-01-01T00:00:00Z"][..], "expired"),
        (&whole, &["--at", "2000-01-01T00:00:00Z"], "not_yet_valid"),
        (
            &whole,
            &["--at", at, "--resource", "x"],
            "resource_not_granted",
        ),
        (&whole, &["--at", at, "--domain", "x"], "domain_mismatch"),
        (&whole, &["--at", at, "--nonce", "x"], "nonce_mismatch"),
        (
            &whole,
            &["--at", at, "--audience", "x"],
            "audience_mismatch",
        ),
        (
            &whole,
            &[
                "--at",
                at,
                "--issuer",
                "eip155:5:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44",
            ],
            "issuer_mismatch",
        ),
        (&domain, &["--at", at], "signature_mismatch"),
        (&unsigned, &["--at", at], "unsigned"),
        (&kind, &["--at", at], "unsupported_kind"),
    ] {
        let mut all = vec!["verify", "-", "--json"];
        all.extend(arguments);
        let verdict = home.run_with(&all, input).ends_with(1).json();
        assert_eq!(verdict["code"], code, "{verdict}");
        assert_eq!(verdict["valid"], false);
    }
    let ignoring = [
        "verify",
        "-",
        "--at",
        "2094-01-01T00:00:00Z",
        "--ignore-expiry",
    ];
    home.run_with(&ignoring, &whole).ends_with(0);
    let exp = cacao["p"]["exp"].as_str().unwrap();
    let late = exp.replace(".058Z", ".558Z");
    let at_end = |more: &[&str]| {
        let mut all = vec!["verify", "-", "--at", &late, "--skew", "0"];
        all.extend(more);
        home.run_with(&all, &whole).code
    };
    assert_eq!(at_end(&[]), 1);
    assert_eq!(at_end(&["--phase-out", "0.499"]), 1);
    assert_eq!(at_end(&["--phase-out", "0.5"]), 0);
    assert_eq!(at_end(&["--phase-out", "5m"]), 0);

    // options that would check nothing
    let passkey = ["verify", "-", "--at", at, "--rp-id", "x"];
    home.run_with(&passkey, &whole).ends_with(2);
    let path = home.file("capability.json", &whole);
    home.run_with(&["verify", "-", "--capability", &path], &whole)
        .ends_with(2);
}

/// A session string under a capability for another key.
#[test]
fn a_foreign_key_is_refused() {
    let home = Home::new();
    let file = vectors("session-core/tests/vectors/sessions.json");
    let decode = |case: &Value| -> Value {
        let session = case["session"].as_str().unwrap();
        let json = data_encoding::BASE64URL_NOPAD
            .decode(session.as_bytes())
            .unwrap();
        serde_json::from_slice(&json).unwrap()
    };
    let cases = file["cases"].as_array().unwrap();
    let (mut mixed, other) = (decode(&cases[0]), decode(&cases[1]));
    assert_ne!(mixed["sessionKeySeed"], other["sessionKeySeed"]);
    mixed["sessionKeySeed"] = other["sessionKeySeed"].clone();
    let mixed = data_encoding::BASE64URL_NOPAD.encode(mixed.to_string().as_bytes());
    let verdict = home
        .run_with(&["verify", "--json"], &mixed)
        .ends_with(1)
        .json();
    assert_eq!(verdict["code"], "key_mismatch");
    let refused = home
        .run_with(&["import", "--json"], &mixed)
        .ends_with(1)
        .json();
    assert_eq!(refused["code"], "key_mismatch");
    assert_eq!(
        home.run(&["list", "--json"]).ends_with(0).json()["sessions"],
        json!([])
    );
}

#[test]
fn unusable_payloads() {
    let home = Home::new();
    home.login();
    for (arguments, payload) in [
        (&[][..], ""),
        (&[], "no json"),
        (&[], "\"text\""),
        (&[], "{\"a\":1}}"),
        (&[], "{\"a\":9007199254740993}"),
        (&["--raw"], ""),
        (&["--dag"], "{\"/\":1}"),
        (&["--dag"], "{\"a\":1,\"a\":2}"),
        (&["no-such-file"], ""),
    ] {
        let mut all = vec!["sign", ACCOUNT];
        all.extend(arguments);
        both(&home, &all, payload, 2);
    }
}

/// A store that is a file cannot be written, whoever runs the test.
#[test]
fn an_unwritable_store() {
    let home = Home::new();
    home.file("store", "");
    let login = ["login", "--wallet", "wallet.hex", "--resource", "x"];
    let ended = both(&home, &login, "", 3);
    assert!(ended.stderr.contains(&home.name("store")), "{ended:?}");
    for command in [
        &["list"][..],
        &["status", ACCOUNT],
        &["logout", ACCOUNT],
        &["export", ACCOUNT],
    ] {
        both(&home, command, "", 3);
    }
    let below = home.name("store/below");
    let mut all = login.to_vec();
    all.extend(["--store", &below]);
    both(&home, &all, "", 3);
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
    files
        .find(holds)
        .expect("a file holds exactly the session string")
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
