//! Texts in which a person reads something else than what stands there: not asked for, reported
//! when they are verified, and never printed as they are.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::common;

use common::{Ended, Home, vectors};
use did_session::cacao::siwx;

const AT: &str = "2023-04-06T16:15:19.058Z";

/// Nothing that is not seen, or moves others, is in what is printed.
#[track_caller]
fn is_printed_plainly(ended: &Ended) {
    let strange =
        |c: &char| siwx::peculiar_character(*c).is_some() || (c.is_control() && !matches!(c, '\n'));
    let found = ended.printed().chars().find(strange);
    assert_eq!(found, None, "{ended:?}");
}

#[test]
fn signed_ones_are_reported_escaped_and_refused_where_strict() {
    let file = vectors("cacao/tests/vectors/look-alikes.json");
    let home = Home::new();
    let mut ran = 0;
    for case in file["cases"].as_array().unwrap() {
        let (name, input) = (&case["name"], case["capability"].to_string());
        let verify = ["verify", "-", "--at", AT];
        let json = home.run_with(&[&verify[..], &["--json"]].concat(), &input);
        let json = json.ends_with(0);
        is_printed_plainly(&json);
        let verdict = json.json();
        assert_eq!(verdict["valid"], true, "{name}");
        let warnings = verdict["warnings"].as_array().unwrap();
        let warning = warnings
            .iter()
            .find(|warning| warning["kind"] == case["kind"])
            .unwrap_or_else(|| panic!("{name}: {verdict}"));
        let member = case["member"].as_str().unwrap();
        for member in ["member", "code_point", "place"] {
            assert_eq!(warning[member], case[member], "{name}");
        }
        let text = &case["capability"]["p"][member.trim_start_matches("p.")];
        assert_eq!(
            &warning["text"], text,
            "{name}: the same text, escaped or not"
        );

        let plain = home.run_with(&verify, &input).ends_with(0);
        is_printed_plainly(&plain);
        assert!(plain.stdout.contains("warning"), "{plain:?}");
        let code_point = case["code_point"].as_str().unwrap();
        let number = code_point.trim_start_matches("U+");
        let number = u32::from_str_radix(number, 16).unwrap();
        if siwx::peculiar_character(char::from_u32(number).unwrap()).is_some() {
            let escaped = format!("\\u{{{number:x}}}");
            assert!(plain.stdout.contains(&escaped), "{name}: {plain:?}");
            assert!(plain.stdout.contains(code_point), "{name}: {plain:?}");
            let shown = home.run_with(&["inspect", "-"], &input).ends_with(0);
            is_printed_plainly(&shown);
            assert!(shown.stdout.contains(&escaped), "{name}: {shown:?}");
            // as JSON they are the escapes of JSON
            let shown = home
                .run_with(&["inspect", "-", "--json"], &input)
                .ends_with(0);
            is_printed_plainly(&shown);
            let lower = json.stdout.to_lowercase();
            assert!(number > 0xffff || lower.contains(&format!("\\u{number:04x}")));
        }

        let strict = home.run_with(&[&verify[..], &["--strict", "--json"]].concat(), &input);
        let strict = strict.ends_with(1);
        is_printed_plainly(&strict);
        assert_eq!(strict.json()["code"], "peculiar_text", "{name}");
        ran += 1;
    }
    assert_eq!(ran, 12);
}

/// A failure repeats what others wrote, too.
#[test]
fn failures_are_escaped() {
    let file = vectors("cacao/tests/vectors/look-alikes.json");
    let home = Home::new();
    for case in file["cases"].as_array().unwrap() {
        let input = case["capability"].to_string();
        let verify = ["verify", "-", "--at", AT, "--domain", "app.example\u{202e}"];
        for arguments in [&verify[..], &[&verify[..], &["--json"]].concat()] {
            is_printed_plainly(&home.run_with(arguments, &input).ends_with(1));
        }
    }
    is_printed_plainly(&home.run(&["verify", "a\u{202e}b\u{7}"]).ends_with(2));
    for strange in [
        "--no-such\u{202e}",
        "--no-such\u{1b}]0;x\u{7}",
        "--skew=\u{9b}2J",
    ] {
        is_printed_plainly(&home.run(&["verify", strange]).ends_with(2));
        is_printed_plainly(&home.run(&["verify", strange, "--json"]).ends_with(2));
    }
    home.file(
        "recap.json",
        "{\"att\":{\"a:\u{202e}\u{9b}b\":{\"x\":[{}]}}}",
    );
    for more in [&[][..], &["--json"]] {
        let arguments = ["verify", "-", "--recap", "recap.json"];
        is_printed_plainly(&home.run(&[&arguments[..], more].concat()).ends_with(2));
    }
}

fn login<'a>(home: &Home, more: &[&'a str]) -> Ended {
    let mut arguments: Vec<&'a str> = vec!["login", "--wallet", "wallet.hex"];
    arguments.extend(more);
    home.run(&arguments)
}

#[test]
fn they_are_not_asked_for() {
    let home = Home::new();
    let usual = ["--resource", "ceramic://*"];
    // with a session that would serve, and without
    for _ in 0..2 {
        for bad in [
            ["--domain", "app\u{202e}.example"],
            ["--domain", "bank.example@evil.example"],
            ["--domain", "Log in to bank.example"],
            ["--domain", "\u{430}pp.example"],
            ["--resource", "ceramic://\u{200b}"],
            ["--statement", "a\u{2028}b"],
            ["--statement", "daily notes -> sync"],
            ["--nonce", "short"],
            ["--nonce", "abc\u{ad}12345"],
            ["--request-id", "a b"],
        ] {
            let ended = login(&home, &[&usual[..], &bad].concat()).ends_with(2);
            is_printed_plainly(&ended);
            let named = format!("error: {} ", bad[0]);
            assert!(ended.stderr.starts_with(&named), "{ended:?}");
        }
        login(&home, &usual).ends_with(0);
    }
}

#[test]
fn free_text_is_warned_of_and_refused_where_strict() {
    let home = Home::new();
    let named = ["--resource", "notes", "--domain", "My App"];
    let ended = login(&home, &named).ends_with(0);
    let warnings = ended.stderr.matches("warning: --").count();
    assert_eq!(warnings, 2, "{ended:?}");
    for wanted in [
        "--domain: \"My App\" holds a space as character 3",
        "--resource: \"notes\" ",
    ] {
        assert!(ended.stderr.contains(wanted), "{ended:?}");
    }
    let json = login(&home, &[&named[..], &["--json"]].concat()).ends_with(0);
    assert_eq!(json.json()["prompted"], false);
    login(&home, &[&named[..], &["--strict"]].concat()).ends_with(2);
    let issuer = json.json()["account"].as_str().unwrap().to_owned();
    let renew = ["renew", &issuer, "--wallet", "wallet.hex"];
    let renewed = home.run(&renew).ends_with(0);
    assert_eq!(renewed.stderr.matches("warning: --").count(), 2);
    home.run(&[&renew[..], &["--strict"]].concat()).ends_with(2);
    let plain = login(&home, &["--resource", "ceramic://*", "--strict"]).ends_with(0);
    assert_eq!(plain.stderr, "");
}
