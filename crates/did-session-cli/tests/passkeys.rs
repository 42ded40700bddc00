//! The rules for passkeys, each by its argument: one answer that breaks this rule only.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::common;

use common::{Home, vectors};
use did_session::cacao::{Cacao, HeaderType, MemberOrder, Payload, webauthn};
use did_session::didkey::P256SigningKey;
use sha2::{Digest as _, Sha256};

const AT: &str = "2026-11-23T12:00:00Z";

/// An authenticator and a browser, each part of whose answer a test can change.
struct Passkey {
    domain: &'static str,
    rp_id: &'static str,
    flags: u8,
    /// The members behind the challenge.
    said: &'static str,
}

const USUAL: Passkey = Passkey {
    domain: "app.example",
    rp_id: "app.example",
    flags: 0b101,
    said: r#""origin":"https://app.example","crossOrigin":false"#,
};

impl Passkey {
    fn key() -> P256SigningKey {
        P256SigningKey::from_seed(&[7; 32]).unwrap()
    }

    fn capability(&self) -> String {
        let payload = Payload::builder(
            self.domain,
            Self::key().did_key().as_str().parse().unwrap(),
            "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn",
            "HPiCXGTXHI",
            AT.parse().unwrap(),
        )
        .build()
        .unwrap();
        let challenge = data_encoding::BASE64URL_NOPAD.encode(&webauthn::challenge(&payload));
        let said = self.said;
        let client_data = format!(r#"{{"type":"webauthn.get","challenge":"{challenge}",{said}}}"#);
        let hash = Sha256::digest(self.rp_id);
        let data = [&hash[..], &[self.flags], &[0, 0, 0, 1]].concat();
        let signed = Self::key().sign(&[&data[..], &Sha256::digest(&client_data)].concat());
        let der = p256::ecdsa::Signature::from_slice(signed.as_ref()).unwrap();
        let der = der.to_der();
        let signature = webauthn::signature(&data, client_data.as_bytes(), der.as_bytes());
        Cacao::new(HeaderType::Caip122, payload, Some(signature.unwrap()))
            .to_json(MemberOrder::DagJson)
    }

    /// The code with these arguments.
    #[track_caller]
    fn code(&self, arguments: &[&str]) -> String {
        let (home, mut all) = (Home::new(), vec!["verify", "-", "--json", "--at", AT]);
        all.extend(arguments);
        let ended = home.run_with(&all, self.capability());
        let json = ended.json();
        assert_eq!(json["valid"] == true, ended.code == 0, "{ended:?}");
        json["code"].as_str().unwrap().to_owned()
    }
}

#[test]
fn a_relying_party_restricts_the_origin() {
    assert_eq!(USUAL.code(&[]), "ok");
    assert_eq!(USUAL.code(&["--rp-id", "app.example"]), "ok");
    assert_eq!(USUAL.code(&["--rp-id", "other.example"]), "rp_id_mismatch");
    // whoever signs chooses the domain: a page of theirs under our name
    let elsewhere = Passkey {
        domain: "evil.example",
        said: r#""origin":"https://evil.example""#,
        ..USUAL
    };
    let named = ["--rp-id", "app.example"];
    assert_eq!(elsewhere.code(&named), "origin_mismatch");
    let below = Passkey {
        domain: "login.app.example:8443",
        said: r#""origin":"https://login.app.example:8443""#,
        ..USUAL
    };
    assert_eq!(below.code(&[]), "rp_id_mismatch");
    assert_eq!(below.code(&named), "ok");
    let unsigned = Passkey {
        domain: "app.example",
        ..below
    };
    assert_eq!(unsigned.code(&named), "origin_mismatch");
}

#[test]
fn a_relying_party_has_no_port_and_no_scheme() {
    let with_port = Passkey {
        domain: "app.example:8443",
        said: r#""origin":"https://app.example:8443""#,
        ..USUAL
    };
    assert_eq!(with_port.code(&[]), "ok");
    let home = Home::new();
    for bad in ["app.example:8443", "https://app.example", "", "a b", "u@a"] {
        let arguments = ["verify", "-", "--rp-id", bad];
        home.run_with(&arguments, USUAL.capability()).ends_with(2);
    }
}

#[test]
fn http_is_for_this_machine() {
    for (domain, rp_id, said, code) in [
        (
            "localhost",
            "localhost",
            r#""origin":"http://localhost:3000""#,
            "ok",
        ),
        (
            "a.localhost",
            "a.localhost",
            r#""origin":"http://a.localhost""#,
            "ok",
        ),
        (
            "127.0.0.1:80",
            "127.0.0.1",
            r#""origin":"http://127.0.0.1:80""#,
            "ok",
        ),
        (
            "app.example",
            "app.example",
            r#""origin":"http://app.example""#,
            "origin_mismatch",
        ),
    ] {
        let passkey = Passkey {
            domain,
            rp_id,
            said,
            ..USUAL
        };
        assert_eq!(passkey.code(&[]), code, "{domain}");
    }
}

#[test]
fn origins_are_named_to_the_letter() {
    let named = |origin| USUAL.code(&["--origin", "https://x.example", "--origin", origin]);
    assert_eq!(named("https://app.example"), "ok");
    assert_eq!(named("https://app.example:443"), "origin_mismatch");
}

#[test]
fn frames_and_the_page_around_them() {
    let framed = Passkey {
        said: r#""origin":"https://app.example","crossOrigin":true"#,
        ..USUAL
    };
    let top = ["--top-origin", "https://top.example"];
    assert_eq!(framed.code(&[]), "cross_origin");
    assert_eq!(framed.code(&["--allow-cross-origin"]), "ok");
    assert_eq!(framed.code(&top), "cross_origin");
    let named = Passkey {
        said: r#""origin":"https://app.example","crossOrigin":true,"topOrigin":"https://top.example""#,
        ..USUAL
    };
    assert_eq!(named.code(&[]), "cross_origin");
    assert_eq!(named.code(&["--allow-cross-origin"]), "cross_origin");
    assert_eq!(
        named.code(&["--top-origin", "https://x.example"]),
        "cross_origin"
    );
    assert_eq!(named.code(&top), "ok");
}

/// `topOrigin` although the page says that it is in no frame of another site.
#[test]
fn an_answer_that_contradicts_itself_is_refused() {
    let file = vectors("cacao/tests/vectors/top-origin.json");
    let case = &file["cases"][0];
    let hex = case["block_hex"].as_str().unwrap();
    let block = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
    let home = Home::new();
    let at = "2023-04-06T16:15:19.058Z";
    for more in [
        &[][..],
        &["--allow-cross-origin"],
        &["--top-origin", "https://evil.example"],
    ] {
        let mut arguments = vec!["verify", "-", "--json", "--at", at];
        arguments.extend(more);
        let ended = home.run_with(&arguments, &block).ends_with(1);
        assert_eq!(ended.json()["code"], case["code"], "{more:?}");
    }
}

#[test]
fn users_are_present_and_verified_where_required() {
    let present = Passkey {
        flags: 0b001,
        ..USUAL
    };
    let strict = ["--require-user-verification"];
    assert_eq!(present.code(&[]), "ok");
    assert_eq!(present.code(&strict), "user_not_verified");
    assert_eq!(USUAL.code(&strict), "ok");
    let absent = Passkey {
        flags: 0b100,
        ..USUAL
    };
    assert_eq!(absent.code(&[]), "user_not_present");
}

#[test]
fn a_registered_passkey_is_expected() {
    let home = Home::new();
    let proof = |did: &str| {
        let arguments = [
            "verify",
            "-",
            "--json",
            "--at",
            AT,
            "--registered-passkey",
            did,
        ];
        let ended = home.run_with(&arguments, USUAL.capability()).ends_with(0);
        ended.json()["issuer_proof"].as_str().unwrap().to_owned()
    };
    assert_eq!(proof(Passkey::key().did_key().as_str()), "expected");
    let other = "did:key:zDnaeQtZGYMpNdZhzoqXYCaj7wmJMqi9USVDmtRhfP6QiWmpY";
    assert_eq!(proof(other), "claimed");
}

/// What a real browser said, before and after it is proven.
#[test]
fn what_was_said_is_shown() {
    let file = vectors("cacao/tests/vectors/browser.json");
    let home = Home::new();
    let mut ran = 0;
    for case in file["passkeys"].as_array().unwrap() {
        let capability = case["cacao"].to_string();
        let at = case["cacao"]["p"]["iat"].as_str().unwrap();
        let verified = home.run_with(&["verify", "-", "--json", "--at", at], &capability);
        let verified = verified.ends_with(0).json();
        let inspected = home.run_with(&["inspect", "-", "--json"], &capability);
        let inspected = inspected.ends_with(0).json();
        for shown in [&verified["passkey"], &inspected["passkey"]] {
            assert_eq!(shown["origin"], case["origin"]);
            assert_eq!(shown["cross_origin"], false);
            assert_eq!(shown["user_present"], true);
            assert_eq!(shown["user_verified"], true);
            let hash = Sha256::digest(case["rp_id"].as_str().unwrap());
            let hash = data_encoding::HEXLOWER.encode(&hash);
            assert_eq!(shown["rp_id_hash"], hash);
        }
        let text = home.run_with(&["inspect", "-"], &capability).ends_with(0);
        assert!(text.stdout.contains(case["origin"].as_str().unwrap()));
        ran += 1;
    }
    assert_eq!(ran, 6);
}

/// They are for passkeys: with anything else they would silently check nothing.
#[test]
fn rules_for_passkeys_belong_to_passkeys() {
    let file = vectors("cacao/tests/vectors/look-alikes.json");
    let capability = file["cases"][0]["capability"].to_string();
    let home = Home::new();
    let did = Passkey::key().did_key().to_string();
    for rule in [
        &["--rp-id", "a"][..],
        &["--origin", "https://a"],
        &["--top-origin", "https://a"],
        &["--allow-cross-origin"],
        &["--require-user-verification"],
        &["--registered-passkey", &did],
    ] {
        let arguments = [&["verify", "-"], rule].concat();
        home.run_with(&arguments, &capability).ends_with(2);
    }
}
