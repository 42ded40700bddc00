//! What saves typing: the only session, an address without its chain, completion by what is stored;
//! what is said of a session that was replaced; manual pages.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::common;

use common::{ACCOUNT, Home, SECRET, both};

const ADDRESS: &str = "0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44";

#[test]
fn the_only_session_needs_no_name() {
    let home = Home::new();
    for command in [&["status"][..], &["export"], &["revoke"], &["sign"]] {
        let code = home.run_with(&[command, &["--json"]].concat(), "{}");
        assert_eq!(code.ends_with(1).json()["code"], "no_session");
    }
    home.login();
    assert_eq!(
        home.run(&["status", "--json"]).ends_with(0).json()["account"],
        ACCOUNT
    );
    home.run_with(&["sign"], "{}").ends_with(0);
    let payload = home.file("payload.json", "{}");
    home.run(&["sign", &payload]).ends_with(0);
    home.run(&["renew", "--wallet", "wallet.hex"]).ends_with(0);
    // in whichever profile it is
    home.run(&["logout"]).ends_with(0);
    let login = ["login", "--wallet", "wallet.hex", "--resource", "x"];
    home.run(&[&login[..], &["--profile", "work"]].concat())
        .ends_with(0);
    assert_eq!(
        home.run(&["status", "--json"]).ends_with(0).json()["profile"],
        "work"
    );
    home.run(&["status", ACCOUNT]).ends_with(1);
    // of several one must be named
    home.login();
    for command in [
        &["status"][..],
        &["export"],
        &["revoke"],
        &["logout"],
        &["sign"],
    ] {
        let ended = both(&home, command, "{}", 2);
        assert!(ended.stderr.contains("2 stored sessions"), "{ended:?}");
    }
    home.run(&["status", "--profile", "work"]).ends_with(0);
}

#[test]
fn an_address_is_enough_for_a_stored_session() {
    let home = Home::new();
    home.login();
    let upper = ADDRESS.to_uppercase().replacen("0X", "0x", 1);
    for address in [ADDRESS, &upper] {
        home.run(&["status", address]).ends_with(0);
        home.run_with(&["sign", address], "{}").ends_with(0);
    }
    let polygon = ["login", "--wallet", "wallet.hex", "--resource", "x"];
    let polygon = [
        &polygon[..],
        &["--account", ADDRESS, "--chain", "eip155:137", "--json"],
    ];
    let polygon = home.run(&polygon.concat()).ends_with(0).json()["account"].clone();
    assert_eq!(polygon, format!("eip155:137:{ADDRESS}"));
    let ended = both(&home, &["status", ADDRESS], "", 2);
    assert!(
        ended.stderr.contains(&format!("eip155:137:{ADDRESS}")),
        "{ended:?}"
    );
    // a secret in the place of an address is not repeated
    for command in [&["status"][..], &["sign"], &["logout"]] {
        let ended = home
            .run_with(&[command, &[SECRET]].concat(), "{}")
            .ends_with(2);
        assert!(!ended.printed().contains(SECRET), "{ended:?}");
    }
    let program = ["login", "--wallet", "exec:false", "--resource", "y"];
    home.run(&[&program[..], &["--account", ADDRESS]].concat())
        .ends_with(1);
}

#[test]
fn a_session_that_was_replaced_is_told() {
    let home = Home::new();
    assert!(home.login().json().get("replaced").is_none());
    assert!(home.login().json().get("replaced").is_none());
    let exported = home.run(&["export"]).ends_with(0).stdout;
    let other = [
        "login",
        "--wallet",
        "wallet.hex",
        "--resource",
        "notes:x",
        "--json",
    ];
    let replaced = home.run(&other).ends_with(0).json()["replaced"].clone();
    assert_eq!(replaced["code"], "resource_not_granted");
    assert!(
        replaced["detail"].as_str().unwrap().contains("notes:x"),
        "{replaced}"
    );
    let import = |more: &[&str]| home.run_with(&[&["import"][..], more].concat(), &exported);
    let shown = import(&[]).ends_with(0).stdout;
    assert!(
        shown.contains("replaced what was stored: the session of the key"),
        "{shown}"
    );
    assert!(
        import(&["--json"])
            .ends_with(0)
            .json()
            .get("replaced")
            .is_none(),
        "it was the same"
    );
}

/// What a shell is offered for the last of these words.
fn offered(home: &Home, words: &[&str]) -> Vec<String> {
    let mut command = home.command(&["--", "did-session"]);
    command.args(words).env("DID_SESSION_COMPLETE", "fish");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let output = String::from_utf8(output.stdout).unwrap();
    let words = output.lines().map(|line| line.split('\t').next().unwrap());
    words.map(str::to_owned).collect()
}

#[test]
fn what_is_stored_is_offered() {
    let home = Home::new();
    home.login();
    let login = [
        "login",
        "--wallet",
        "wallet.hex",
        "--resource",
        "notes:x",
        "--profile",
        "work",
    ];
    home.run(&login).ends_with(0);
    assert!(offered(&home, &["status", ""]).contains(&ACCOUNT.to_owned()));
    assert_eq!(offered(&home, &["revoke", "eip155:1:0x9"]), [ACCOUNT]);
    assert_eq!(offered(&home, &["logout", "0x97"]), [ADDRESS]);
    assert_eq!(offered(&home, &["status", "--profile", "w"]), ["work"]);
    assert_eq!(
        offered(&home, &["login", "--resource", ""]),
        ["ceramic://*", "notes:x"]
    );
    assert_eq!(offered(&home, &["verify", "--domain", "l"]), ["localhost"]);
    // what is known beforehand
    assert_eq!(
        offered(&home, &["verify", "--forbid-kind", "eip1"]),
        ["eip191", "eip1271"]
    );
    assert_eq!(
        offered(&home, &["verify", "--forbid-dialect", "legacy"]),
        ["legacy-order"]
    );
    assert!(
        offered(&home, &["login", "--chain", ""])
            .iter()
            .any(|chain| chain == "eip155:1")
    );
    assert!(offered(&home, &["sign", "wallet"]).contains(&"wallet.hex".to_owned()));
    let other = home.name("other");
    assert!(!offered(&home, &["status", "--store", &other, ""]).contains(&ACCOUNT.to_owned()));
    // a sealed store is not opened for that
    home.file("key", [7; 32]);
    home.run(&["store", "seal", "--key-file", "key"])
        .ends_with(0);
    assert_eq!(offered(&home, &["revoke", "eip155:1:0x9"]), [ACCOUNT]);
    assert!(offered(&home, &["login", "--resource", ""]).is_empty());
}

/// As bash hands over a line that is typed: broken at colons.
#[cfg(unix)]
#[test]
#[allow(clippy::print_stdout)]
fn bash_completes_accounts_although_it_breaks_words_at_colons() {
    use std::process::Command;
    let home = Home::new();
    home.login();
    let script = home.run(&["completions", "bash"]).ends_with(0).stdout;
    home.file("completions.bash", script);
    for (line, words, wanted) in [
        ("did-session status ", "did-session status ''", ACCOUNT),
        (
            "did-session status eip155:1:0x9",
            "did-session status eip155 : 1 : 0x9",
            ADDRESS,
        ),
        (
            "did-session status eip155:",
            "did-session status eip155 :",
            &ACCOUNT["eip155:".len()..],
        ),
        (
            "did-session status 0x97",
            "did-session status 0x97",
            ADDRESS,
        ),
        (
            "did-session login --resource cer",
            "did-session login --resource cer",
            r"ceramic://\*",
        ),
        (
            "did-session verify --forbid-kind eip1",
            "did-session verify --forbid-kind eip1",
            "eip1271",
        ),
        (
            "did-session login --resource 'cer",
            "did-session login --resource \\'cer",
            "ceramic://*",
        ),
    ] {
        let run = format!(
            "source completions.bash; COMP_WORDS=({words}); COMP_LINE={line:?}; \
             COMP_POINT=${{#COMP_LINE}}; COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMP_TYPE=9; \
             _did_session_complete; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let mut bash = Command::new("bash");
        bash.args(["--norc", "-c", &run])
            .current_dir(home.path("."))
            .env("DID_SESSION_STORE", home.store());
        let output = match bash.output() {
            Ok(output) => output,
            Err(error) => {
                println!("skipped: there is no bash: {error}");
                return;
            }
        };
        let replies = String::from_utf8(output.stdout).unwrap();
        assert!(
            replies.lines().any(|reply| reply == wanted),
            "{line}: {replies} {:?}",
            String::from_utf8(output.stderr)
        );
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let home = Home::new();
    let written = home.run(&["man", "pages", "--json"]).ends_with(0).json();
    let pages = written["pages"].as_array().unwrap();
    for page in [
        "did-session.1",
        "did-session-login.1",
        "did-session-store-seal.1",
    ] {
        assert!(pages.contains(&page.into()), "{pages:?}");
        let text = std::fs::read_to_string(home.path("pages").join(page)).unwrap();
        for part in [".TH ", ".SH NAME", ".SH EXAMPLES\n.nf\n"] {
            assert!(text.contains(part), "{page} has no {part:?}: {text}");
        }
    }
    let taken = home.file("taken", "");
    home.run(&["man", &taken]).ends_with(2);
}

/// A file is said to hold a secret when it was read as one.
#[cfg(unix)]
#[test]
fn what_is_no_secret_is_not_called_one() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    home.login();
    let warns = |name: &str, content: &str, arguments: &[&str]| {
        let path = home.file(name, content);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        let ended = home.run(&[arguments, &[name]].concat());
        ended.stderr.contains("holds a secret")
    };
    let capability = home.run(&["export", "--capability"]).ends_with(0).stdout;
    let session = home.run(&["export"]).ends_with(0).stdout;
    let login = ["login", "--resource", "app:notes", "--wallet"];
    for (command, content, expected) in [
        (&["import"][..], &capability, false),
        (&["import"], &session, true),
        (&["inspect"], &capability, false),
        (&["inspect"], &session, true),
        (&["verify"], &capability, false),
        (&["verify"], &session, true),
        (&login, &capability, false),
        (&login, &SECRET.to_owned(), true),
    ] {
        assert_eq!(warns("given", content, command), expected, "{command:?}");
    }
}

#[test]
fn nothing_is_named_twice_for_people() {
    let home = Home::new();
    home.login();
    let capability = home.run(&["export", "--capability"]).ends_with(0).stdout;
    home.file("capability.json", &capability);
    let inspected = home.run(&["inspect", "capability.json"]).ends_with(0);
    assert_eq!(
        inspected.stdout.matches(ACCOUNT).count(),
        1,
        "{inspected:?}"
    );
    let jws = home.run_with(&["sign"], "{}").ends_with(0).stdout;
    for command in ["inspect", "verify"] {
        let shown = home.run_with(&[command], &jws).ends_with(0).stdout;
        assert!(!shown.contains("kid "), "{shown}");
        assert_eq!(shown.matches("did:key:").count(), 1, "{shown}");
        // machines have both
        let json = home
            .run_with(&[command, "--json"], &jws)
            .ends_with(0)
            .json();
        assert!(json["kid"].as_str().unwrap().contains('#'));
    }
}

#[test]
fn who_has_no_session_here_is_told_where() {
    let home = Home::new();
    let login = ["login", "--wallet", "wallet.hex", "--resource", "app:notes"];
    home.run(&[&login[..], &["--profile", "work"]].concat())
        .ends_with(0);
    let elsewhere = "in the profile default; name another by --profile: work";
    for command in [
        &["status", ACCOUNT][..],
        &["export", ACCOUNT],
        &["revoke", ACCOUNT],
        &["renew", ACCOUNT, "--wallet", "wallet.hex"],
        &["logout", ACCOUNT, "--profile", "default"],
    ] {
        let ended = home.run(command).ends_with(1);
        let said = ended.printed();
        assert!(said.contains(elsewhere), "{command:?}: {said}");
        assert_eq!(said.matches("there is no").count(), 1, "{said}");
    }
    // nor is a mistyped profile an empty store
    for command in ["status", "export", "logout", "sign"] {
        let ended = home.run(&[command, "--profile", "home"]).ends_with(1);
        let said = &ended.stderr;
        assert!(
            said.contains("in the profile home: `did-session list`"),
            "{command}: {said}"
        );
    }
    let needed = home.run(&["login", "--wallet", "wallet.hex"]).ends_with(2);
    let usage = "<--resource <RESOURCE>|--recap <FILE>>";
    assert_eq!(needed.stderr.matches(usage).count(), 2, "{needed:?}");
    assert!(!needed.stderr.contains("--store"), "{needed:?}");
}
