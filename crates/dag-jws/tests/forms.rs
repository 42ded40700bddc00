//! The JSON forms of a JWS (RFC 7515, section 7.2): what is read, what is ignored, what is refused.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::making;

use dag_jws::{DagJws, GeneralJws, Jws, UnsignedJws};
use data_encoding::BASE64URL_NOPAD;
use making::{code, delegation, key, now, other_key, plain, raw, under};
use serde_json::{Value, json};

/// `payload`, and `protected` and `signature` in an object.
fn parts(jws: &Jws) -> (String, Value) {
    let parts: Vec<_> = jws.as_compact().split('.').collect();
    let entry = json!({ "protected": parts[0], "signature": parts[2] });
    (parts[1].to_owned(), entry)
}

fn with(mut object: Value, member: &str, value: Value) -> Value {
    object[member] = value;
    object
}

/// What every reader of a JSON form says.
fn read(form: &Value) -> Result<Jws, dag_jws::Error> {
    let read = Jws::parse(&form.to_string());
    let typed = serde_json::from_value::<Jws>(form.clone());
    assert_eq!(read.is_ok(), typed.is_ok(), "{form}");
    read
}

#[test]
fn the_flattened_form_is_read() {
    let jws = plain();
    let (payload, entry) = parts(&jws);
    let flattened = with(entry.clone(), "payload", json!(payload));
    assert_eq!(read(&flattened).unwrap(), jws);
    assert_eq!(
        read(&with(flattened.clone(), "header", json!({ "note": 1 }))).unwrap(),
        jws
    );
    // both forms at once are none
    for (member, value) in [("signatures", json!([entry])), ("signatures", json!([]))] {
        assert_eq!(
            code(read(&with(flattened.clone(), member, value))),
            "malformed_jws"
        );
    }
    let general = json!({ "payload": payload, "signatures": [entry] });
    for member in ["protected", "signature", "header"] {
        let both = with(general.clone(), member, json!("AA"));
        assert_eq!(code(read(&both)), "malformed_jws", "{member}");
    }
}

/// Section 7.2.1: what is not understood must be ignored; it is not kept either.
#[test]
fn what_is_not_protected_has_no_say() {
    let jws = plain();
    let (payload, entry) = parts(&jws);
    let unprotected = json!({ "note": "x", "typ": "JWT", "jwk": { "kty": "OKP" } });
    for form in [
        json!({ "payload": payload, "signatures": [entry], "more": { "a": 1 } }),
        json!({ "payload": payload, "signatures": [with(entry.clone(), "more", json!([1]))] }),
        json!({ "payload": payload, "signatures": [with(entry.clone(), "header", json!({}))] }),
        json!({ "payload": payload, "signatures": [with(entry.clone(), "header", unprotected)] }),
    ] {
        let read = read(&form).unwrap();
        assert_eq!(read, jws);
        assert_eq!(read.header().members().count(), 0);
        let verified = read.verify(&now()).unwrap();
        assert_eq!(verified.header().member("note"), None);
        assert_eq!(verified.header().member("typ"), None);
    }
}

/// Only the protected header names algorithm, key and capability.
#[test]
fn a_header_that_is_not_protected_names_nothing() {
    let cacao = delegation().cacao();
    let cap = json!(format!("ipfs://{}", cacao.cid()));
    let (payload, entry) = parts(&plain());
    let form = |entry: Value, header: Value| json!({ "payload": payload, "signatures": [with(entry, "header", header)] });
    let unbound = read(&form(entry.clone(), json!({ "cap": cap }))).unwrap();
    assert_eq!(unbound.header().capability(), None);
    let verified = unbound.verify(&now().with_capability(&cacao)).unwrap();
    assert!(!verified.is_capability_bound());

    let kid = key().did_key().key_id();
    for (protected, header) in [
        (json!({ "alg": "EdDSA" }), json!({ "kid": kid })),
        (json!({ "kid": kid }), json!({ "alg": "EdDSA" })),
        (json!({}), json!({ "alg": "EdDSA", "kid": kid })),
    ] {
        let jws = raw(&protected.to_string(), b"x", &key());
        let parts: Vec<_> = jws.split('.').collect();
        let entry = json!({ "protected": parts[0], "signature": parts[2], "header": header });
        let form = json!({ "payload": parts[1], "signatures": [entry] });
        assert_eq!(code(read(&form)), "malformed_header", "{form}");
    }
    // without any protected header
    let mut bare = entry;
    bare.as_object_mut().unwrap().remove("protected");
    let bare = form(bare, json!({ "alg": "EdDSA", "kid": kid }));
    assert_eq!(code(read(&bare)), "malformed_json");
}

#[test]
fn no_name_stands_in_both_headers() {
    let typed = UnsignedJws::bytes(b"x")
        .unwrap()
        .with_header_member("typ", "JWT");
    for (jws, name) in [
        (plain(), "alg"),
        (plain(), "kid"),
        (under(&delegation().cacao()), "cap"),
        (making::signed(typed), "typ"),
    ] {
        let (payload, entry) = parts(&jws);
        for value in [json!("EdDSA"), json!(null), json!(1)] {
            let entry = with(entry.clone(), "header", json!({ name: value }));
            let form = json!({ "payload": payload, "signatures": [entry] });
            assert_eq!(code(read(&form)), "malformed_json", "{form}");
        }
    }
}

/// RFC 7515, section 4.1.11, and RFC 7797, section 3.
#[test]
fn extensions_are_asked_for_in_the_protected_header_only() {
    let (payload, entry) = parts(&plain());
    for (header, expected) in [
        (json!({ "crit": ["exp"], "exp": 1 }), "critical_header"),
        (json!({ "crit": [] }), "critical_header"),
        (json!({ "b64": false }), "malformed_header"),
        (json!({ "b64": true }), "malformed_header"),
    ] {
        let entry = with(entry.clone(), "header", header);
        let form = json!({ "payload": payload, "signatures": [entry] });
        assert_eq!(code(read(&form)), expected, "{form}");
    }
}

#[test]
fn shapes_are_strict() {
    let jws = plain();
    let (payload, one) = parts(&jws);
    let (protected, signature) = (one["protected"].clone(), one["signature"].clone());
    for form in [
        json!({ "payload": payload }),
        json!({ "signatures": [one] }),
        json!({ "payload": payload, "signatures": [] }),
        json!({ "payload": payload, "signatures": [one, one] }),
        json!({ "payload": payload, "signatures": one }),
        json!({ "payload": payload, "signatures": [[protected, signature]] }),
        json!({ "payload": payload, "signatures": [with(one.clone(), "header", json!(null))] }),
        json!({ "payload": payload, "signatures": [with(one.clone(), "header", json!("x"))] }),
        json!({ "payload": payload, "signatures": [with(one.clone(), "protected", json!(1))] }),
        json!({ "payload": payload, "signatures": [one], "link": { "/": "x" } }),
        json!({ "payload": payload, "signatures": [{ "protected": protected }] }),
        json!({ "payload": payload, "signatures": [{ "signature": signature }] }),
        json!({ "payload": payload, "protected": protected }),
        json!({ "protected": protected, "signature": signature }),
        json!({ "payload": 1, "signatures": [one] }),
        json!({ "payload": null, "signatures": [one] }),
        json!([payload, [one]]),
        json!({}),
    ] {
        let error = read(&form).unwrap_err();
        assert!(!error.is_refusal(), "{form}");
    }
    let general = jws.to_general();
    for text in [
        format!(" {general}"),
        format!("{general}\n"),
        format!("{general}{general}"),
        general.replacen('{', "{\"payload\":\"AA\",", 1),
        general.replacen("{\"protected\"", "{\"signature\":\"AA\",\"protected\"", 1),
        // what is ignored is JSON all the same
        general.replacen('{', "{\"more\":{\"a\":1,\"a\":2},", 1),
        general.replacen('{', "{\"more\":\"\\ud83d\",", 1),
    ] {
        assert!(Jws::parse(&text).is_err(), "{text}");
    }
}

mod several_signatures {
    use super::*;

    fn foreign(header: &Value) -> Value {
        let jws = raw(&header.to_string(), b"x", &key());
        let parts: Vec<_> = jws.split('.').collect();
        json!({ "protected": parts[0], "signature": parts[2] })
    }

    /// Signed by both keys; the first signature is `first`.
    fn both(first: &Value) -> GeneralJws {
        let (payload, ours) = parts(&plain());
        let header = json!({ "alg": "EdDSA", "kid": other_key().did_key().key_id() });
        let header = BASE64URL_NOPAD.encode(header.to_string().as_bytes());
        let signature = other_key().sign(format!("{header}.{payload}").as_bytes());
        let signature = BASE64URL_NOPAD.encode(signature.as_ref());
        let theirs = json!({ "protected": header, "signature": signature });
        let form = json!({ "payload": payload, "signatures": [first, ours, theirs] });
        assert_eq!(code(read(&form)), "malformed_jws", "nobody picked one");
        assert_eq!(code(DagJws::parse(&form.to_string())), "malformed_jws");
        GeneralJws::parse(&form.to_string()).unwrap()
    }

    #[test]
    fn each_is_picked_and_judged() {
        // signatures of others, and by others' rules, have no say
        for first in [
            foreign(&json!({ "alg": "RS256", "kid": "rsa" })),
            foreign(&json!({ "alg": "EdDSA", "kid": "x", "crit": ["exp"] })),
            json!({ "header": { "alg": "HS256" }, "signature": "AA" }),
            json!({ "protected": "?", "signature": "AA" }),
        ] {
            let general = both(&first);
            assert_eq!(general.signature_count(), 3);
            assert!(general.signature(0).is_err());
            for (index, key) in [(1, key()), (2, other_key())] {
                let jws = general.signature(index).unwrap();
                let verified = jws.verify(&now()).unwrap();
                assert_eq!(verified.key(), key.did_key());
                assert_eq!(general.signature_of(&key.did_key().key_id()).unwrap(), jws);
            }
            assert_eq!(code(general.signature(3)), "signature_missing");
            assert_eq!(code(general.signature_of("rsa")), "signature_missing");
            assert_eq!(
                code(general.signature_of(key().did_key().as_str())),
                "signature_missing"
            );
        }
    }

    #[test]
    fn of_one_key_are_ambiguous() {
        let ours = parts(&plain()).1;
        let general = both(&with(ours, "signature", json!("AAAA")));
        assert_eq!(
            code(general.signature_of(&key().did_key().key_id())),
            "signature_ambiguous"
        );
        assert!(general.signature(1).unwrap().verify(&now()).is_ok());
    }

    #[test]
    fn are_bounded() {
        let (payload, one) = parts(&plain());
        let of = |count: usize| {
            let form = json!({ "payload": payload, "signatures": vec![one.clone(); count] });
            GeneralJws::parse(&form.to_string()).map(|general| general.signature_count())
        };
        assert_eq!(of(0).unwrap(), 0);
        assert_eq!(of(100).unwrap(), 100);
        assert_eq!(code(of(101)), "malformed_jws");
    }

    #[test]
    fn one_is_one() {
        let jws = plain();
        let (payload, entry) = parts(&jws);
        let flattened = with(entry, "payload", json!(payload)).to_string();
        for text in [jws.to_general(), flattened] {
            let general = GeneralJws::parse(&text).unwrap();
            assert_eq!(general.signature(0).unwrap(), jws);
        }
    }
}
