//! Commands that work on what they are given: sign, verify, inspect, did, completions.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::common;

use common::{ACCOUNT, Home, vectors};
use serde_json::{Value, json};

const ISSUER: &str = "did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44";

#[test]
fn signatures_are_verified_by_somebody_else() {
    let (home, elsewhere) = (Home::new(), Home::new());
    home.login();
    let capability = home
        .run(&["export", ACCOUNT, "--capability"])
        .ends_with(0)
        .stdout;
    elsewhere.file("capability.json", &capability);
    let sign = |more: &[&str], payload: &str| {
        let mut arguments = vec!["sign", ACCOUNT];
        arguments.extend(more);
        home.run_with(&arguments, payload).ends_with(0).stdout
    };
    let verify = |input: &str| {
        let arguments = [
            "verify",
            "-",
            "--capability",
            "capability.json",
            "--issuer",
            ACCOUNT,
            "--resource",
            "ceramic://*",
            "--json",
        ];
        elsewhere.run_with(&arguments, input).ends_with(0).json()
    };
    let payload = "{\"b\": 1.0, \"10\": [null], \"a\": \"x\"}\n";
    let compact = sign(&[], payload);
    assert_eq!(compact.matches('.').count(), 2);
    let verdict = verify(&compact);
    assert_eq!(verdict["code"], "ok");
    assert_eq!(verdict["issuer"], ISSUER);
    assert_eq!(
        verdict["payload"],
        json!({ "10": [null], "a": "x", "b": 1 })
    );
    assert_eq!(
        verdict["kid"].as_str().unwrap().split('#').next(),
        verdict["audience"].as_str()
    );

    let general: Value = serde_json::from_str(&sign(&["--general"], payload)).unwrap();
    assert_eq!(general["signatures"].as_array().unwrap().len(), 1);
    assert_eq!(verify(&general.to_string())["payload"], verdict["payload"]);
    let wrapped: Value = serde_json::from_str(&sign(&["--json"], payload)).unwrap();
    assert_eq!(wrapped, json!({ "jws": compact.trim_end() }));
    let wrapped: Value = serde_json::from_str(&sign(&["--json", "--general"], payload)).unwrap();
    assert_eq!(wrapped, json!({ "jws": general }));

    // bytes to the last: "hi\n"
    assert_eq!(verify(&sign(&["--raw"], "hi\n"))["payload"], "aGkK");
    // without the capability only the key is known
    let alone = elsewhere
        .run_with(&["verify", "-", "--json"], &compact)
        .ends_with(0)
        .json();
    assert_eq!(alone["issuer"], verdict["audience"]);
    let needed = elsewhere.run_with(&["verify", "-", "--issuer", ACCOUNT, "--json"], &compact);
    assert_eq!(needed.ends_with(1).json()["code"], "capability_missing");
}

/// "One of them holds" says nothing about who signed: the one that is meant is named.
#[test]
fn of_several_signatures_one_is_picked() {
    let home = Home::new();
    let login = ["login", "--wallet", "wallet.hex", "--resource", "app:notes"];
    let keys = ["one", "two"].map(|profile| {
        let login = [&login[..], &["--profile", profile, "--json"]].concat();
        let session = home.run(&login).ends_with(0).json();
        session["key"].as_str().unwrap().to_owned()
    });
    let signed = |profile: &str, more: &[&str]| {
        let arguments = [&["sign", ACCOUNT, "--profile", profile][..], more].concat();
        let made = home.run_with(&arguments, r#"{"a":1}"#).ends_with(0);
        serde_json::from_str::<Value>(&made.stdout).unwrap()
    };
    let mut both = signed("one", &["--general"]);
    let second = signed("two", &["--general"])["signatures"][0].clone();
    both["signatures"].as_array_mut().unwrap().push(second);
    home.file("both.json", both.to_string());
    for command in ["verify", "inspect"] {
        let ended = home.run(&[command, "both.json", "--json"]).ends_with(2);
        assert_eq!(ended.json()["code"], "several_signatures");
        assert!(ended.stderr.contains("has 2 signatures"), "{ended:?}");
        assert!(ended.stderr.contains("--signature-of"), "{ended:?}");
    }
    let kids = keys.clone().map(|key| format!("{key}#{}", &key[8..]));
    for (picks, key) in [
        (["1", &keys[0], &kids[0]], 0),
        (["2", &keys[1], &kids[1]], 1),
    ] {
        for pick in picks {
            let arguments = ["verify", "both.json", "--signature-of", pick, "--json"];
            let verdict = home.run(&arguments).ends_with(0).json();
            assert_eq!(verdict["issuer"], keys[key], "{pick}");
            assert_eq!(verdict["payload"], json!({ "a": 1 }));
            let arguments = ["inspect", "both.json", "--signature-of", pick, "--json"];
            assert_eq!(home.run(&arguments).ends_with(0).json()["kid"], kids[key]);
        }
    }
    let pick = |pick: &str| home.run(&["verify", "both.json", "--signature-of", pick, "--json"]);
    let stranger = "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn";
    for missing in ["3", stranger] {
        assert_eq!(
            pick(missing).ends_with(1).json()["code"],
            "signature_missing"
        );
    }
    assert_eq!(pick("0").ends_with(2).json()["code"], "usage");

    // one bad signature beside a good one has no say, and is refused where it is picked
    both["signatures"][0]["signature"] = both["signatures"][1]["signature"].clone();
    home.file("both.json", both.to_string());
    pick("2").ends_with(0);
    assert_eq!(pick("1").ends_with(1).json()["code"], "invalid_signature");
    both["signatures"][0] = both["signatures"][1].clone();
    home.file("both.json", both.to_string());
    assert_eq!(
        pick(&keys[1]).ends_with(1).json()["code"],
        "signature_ambiguous"
    );
    // the same in a line of many
    home.file("lines", format!("{both}\n"));
    home.run(&["verify", "--many", "lines", "--signature-of", "1"])
        .ends_with(0);

    // a DagJWS, alone and with its blocks
    let mut whole = signed("one", &["--dag"]);
    let second = signed("two", &["--dag"])["jws"]["signatures"][0].clone();
    whole["jws"]["signatures"]
        .as_array_mut()
        .unwrap()
        .push(second);
    home.file("dag.json", whole["jws"].to_string());
    for (pick, key) in [("1", &keys[0]), ("2", &keys[1])] {
        let arguments = ["verify", "dag.json", "--signature-of", pick, "--json"];
        let verdict = home.run(&arguments).ends_with(0).json();
        assert_eq!(verdict["issuer"], **key);
        assert_eq!(verdict["link"], whole["jws"]["link"]["/"]);
    }
    // the capability beside them is that of the first
    home.file("dag.json", whole.to_string());
    let pick = |pick: &str| home.run(&["verify", "dag.json", "--signature-of", pick, "--json"]);
    assert_eq!(pick("1").ends_with(0).json()["issuer"], ISSUER);
    assert_eq!(pick("2").ends_with(1).json()["code"], "capability_mismatch");
    // where there is nothing to pick, the option would check nothing
    let compact = home.run_with(&["sign", ACCOUNT, "--profile", "one"], r#"{"a":1}"#);
    home.file("compact.jws", &compact.stdout);
    let arguments = ["verify", "compact.jws", "--signature-of", "1", "--json"];
    assert_eq!(home.run(&arguments).ends_with(2).json()["code"], "usage");
}

#[test]
fn dag_signatures_carry_their_blocks() {
    let home = Home::new();
    home.login();
    let value = r#"{"bytes":{"/":{"bytes":"AQID"}},"n":1}"#;
    let made = home
        .run_with(&["sign", ACCOUNT, "--dag"], value)
        .ends_with(0);
    let json = made.json();
    assert_eq!(json["jws"]["link"]["/"].as_str().unwrap().len(), 59);
    let verdict = home
        .run_with(&["verify", "--issuer", ACCOUNT, "--json"], &made.stdout)
        .ends_with(0)
        .json();
    assert_eq!(verdict["link"], json["jws"]["link"]["/"]);
    assert_eq!(verdict["payload"].to_string(), value);

    // the blocks in the spelling of DAG-JSON
    let dag_json = |member: &str| {
        let bytes = json[member]
            .as_str()
            .unwrap()
            .replace('-', "+")
            .replace('_', "/");
        json!({ "/": { "bytes": bytes } })
    };
    let same = json!({
        "jws": json["jws"], "linkedBlock": dag_json("linkedBlock"),
        "cacaoBlock": dag_json("cacaoBlock"),
    });
    home.run_with(&["verify", "--issuer", ACCOUNT], same.to_string())
        .ends_with(0);

    let mut spoiled = json.clone();
    spoiled["linkedBlock"] = json!("oA");
    let refused = home
        .run_with(&["verify", "--json"], spoiled.to_string())
        .ends_with(1)
        .json();
    assert_eq!(refused["code"], "block_hash_mismatch");
    let shown = home
        .run_with(&["inspect", "--json"], &made.stdout)
        .ends_with(0)
        .json();
    assert_eq!(shown["capability"]["issuer"], ISSUER);
}

/// A capability in every encoding is the same capability.
#[test]
fn capabilities_in_every_encoding() {
    let home = Home::new();
    let file = vectors("cacao/tests/vectors/cacaos.json");
    let case = &file["cases"][0];
    let json = case["cacao"].to_string();
    let cbor = data_encoding::HEXLOWER.decode(case["block_hex"].as_str().unwrap().as_bytes());
    let car = case["car_base64url"].as_str().unwrap();
    let car_bytes = data_encoding::BASE64URL_NOPAD
        .decode(car.as_bytes())
        .unwrap();
    let inputs: [(&str, Vec<u8>); 6] = [
        ("DAG-JSON", json.clone().into()),
        ("DAG-JSON and a line feed", format!("{json}\n").into()),
        ("DAG-CBOR", cbor.unwrap()),
        ("CAR", car_bytes),
        ("CAR in base64url", car.into()),
        ("CAR in multibase", format!("u{car}\r\n").into()),
    ];
    for (name, bytes) in inputs {
        let shown = home.run_with(&["inspect", "--json"], &bytes);
        assert_eq!(shown.code, 0, "{name}: {shown:?}");
        let shown = shown.json();
        assert_eq!(
            (&shown["type"], &shown["cid"]),
            (&json!("capability"), &case["cid"]),
            "{name}"
        );
        assert_eq!(shown["message"], case["message"], "{name}");
        let path = home.file("capability", &bytes);
        let at = case["cacao"]["p"]["iat"].as_str().unwrap();
        home.run(&["verify", &path, "--at", at]).ends_with(0);
    }
    // in place of a file
    home.run(&["inspect", &format!("u{car}")]).ends_with(0);
    home.run(&["inspect", &json]).ends_with(0);
}

/// What a passkey signs does not name it: who is expected must be said.
#[test]
fn passkeys_are_claimed_unless_they_are_expected() {
    let home = Home::new();
    let file = vectors("cacao/tests/vectors/browser.json");
    let case = &file["passkeys"][0];
    let (input, at) = (case["cacao"].to_string(), case["at_time"].as_str().unwrap());
    let issuer = case["cacao"]["p"]["iss"].as_str().unwrap();
    let verify = |more: &[&str]| {
        let mut all = vec!["verify", "-", "--json", "--at", at];
        all.extend(more);
        home.run_with(&all, &input)
    };
    let claimed = verify(&[]).ends_with(0).json();
    assert_eq!(
        (&claimed["issuer"], &claimed["issuer_proof"]),
        (&json!(issuer), &json!("claimed"))
    );
    assert_eq!(
        verify(&["--issuer", issuer]).ends_with(0).json()["issuer_proof"],
        "expected"
    );
    let (rp_id, origin) = (
        case["rp_id"].as_str().unwrap(),
        case["origin"].as_str().unwrap(),
    );
    verify(&[
        "--rp-id",
        rp_id,
        "--origin",
        "https://other.example",
        "--origin",
        origin,
    ])
    .ends_with(0);
    for (option, other, code) in [
        ("--rp-id", "other.example", "rp_id_mismatch"),
        ("--origin", "https://other.example", "origin_mismatch"),
    ] {
        let refused = verify(&[option, other]).ends_with(1).json();
        assert_eq!(refused["code"], code);
    }
    let shown = home
        .run_with(&["inspect", "--json"], &input)
        .ends_with(0)
        .json();
    assert_eq!(
        (&shown["kind"], shown.get("message")),
        (&json!("webauthn:p256"), None)
    );
    assert_eq!(
        (&shown["issuer"], shown.get("account")),
        (&json!(issuer), None)
    );
}

#[test]
fn did_documents_and_keys() {
    let home = Home::new();
    let file = vectors("didkey/tests/vectors/didkey.json");
    for case in file["cases"].as_array().unwrap().iter().take(5) {
        let did = case["did"].as_str().unwrap();
        let arguments = ["did", "resolve", did, "--profile", "peer", "--json"];
        assert_eq!(home.run(&arguments).ends_with(0).json(), case["document"]);
        let url = format!("{did}?versionTime=2024#x");
        assert_eq!(
            home.run(&["did", "resolve", &url]).ends_with(0).json()["id"],
            did
        );
        assert_eq!(
            home.run(&["inspect", did, "--json"]).ends_with(0).json()["did"],
            did
        );
    }
    for (kind, name) in [
        ("ed25519", "Ed25519"),
        ("p256", "P-256"),
        ("secp256k1", "secp256k1"),
    ] {
        let out = home.name(kind);
        let made = home.run(&["did", "new", "--type", kind, "--out", &out, "--json"]);
        let made = made.ends_with(0).json();
        assert_eq!(made["type"], name);
        let seed = std::fs::read_to_string(&out).unwrap();
        assert_eq!(seed.trim_end().len(), 64);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&out).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        // a file that is there is not overwritten
        home.run(&["did", "new", "--out", &out]).ends_with(2);
    }
    let plain = home.run(&["did", "new"]).ends_with(0).stdout;
    home.run(&["did", "resolve", plain.trim_end()]).ends_with(0);
}

#[test]
fn completions_for_every_shell() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = home.run(&["completions", shell]).ends_with(0).stdout;
        assert!(script.contains("DID_SESSION_COMPLETE"), "{shell}");
    }
}
