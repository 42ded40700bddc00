//! What is read and made, and what is not; each test fails without its rule.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::making;

use dag_jws::{Cid, HeaderTemplate, Jws, UnsignedJws};
use making::{Delegation, OTHER_ACCOUNT, code, delegation, key, plain, signed};
use serde_json::json;

#[test]
fn both_forms_are_one_jws() {
    let jws = plain();
    assert_eq!(Jws::parse(jws.as_compact()).unwrap(), jws);
    assert_eq!(Jws::parse(&jws.to_general()).unwrap(), jws);
    assert_eq!(serde_json::to_string(&jws).unwrap(), jws.to_general());
    assert_eq!(serde_json::from_str::<Jws>(&jws.to_general()).unwrap(), jws);
    let pretty = serde_json::to_string_pretty(&jws).unwrap();
    assert_eq!(Jws::parse(&pretty).unwrap(), jws);
}

#[test]
fn the_compact_form_is_strict() {
    let jws = plain();
    let compact = jws.as_compact();
    let parts: Vec<_> = compact.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    // 64 bytes end in a character whose last four bits are zero
    let mut loose = signature.to_string();
    let last = loose.pop().unwrap();
    loose.push(char::from(last as u8 + 1));
    for (text, expected) in [
        (String::new(), "malformed_jws"),
        ("...".into(), "malformed_jws"),
        (format!("{header}.{payload}"), "malformed_jws"),
        (format!("{compact}."), "malformed_jws"),
        (format!("{compact}.{signature}"), "malformed_jws"),
        (format!(".{payload}.{signature}"), "empty_part"),
        (format!("{header}..{signature}"), "empty_part"),
        (format!("{header}.{payload}."), "empty_part"),
        (format!("{compact}=="), "malformed_base64url"),
        (format!("{compact}\n"), "malformed_base64url"),
        (format!(" {compact}"), "malformed_base64url"),
        (
            format!("{header}.{payload} .{signature}"),
            "malformed_base64url",
        ),
        (format!("{header}.{payload}.{loose}"), "malformed_base64url"),
        (
            format!("{header}.{payload}+.{signature}"),
            "malformed_base64url",
        ),
        (format!("{header}.é.{signature}"), "malformed_base64url"),
    ] {
        assert_eq!(code(Jws::parse(&text)), expected, "{text}");
    }
}

#[test]
fn sizes_are_bounded() {
    let part = "A".repeat(4);
    let header = "A".repeat(1 << 15);
    assert_eq!(
        code(Jws::parse(&format!("{header}.{part}.{part}"))),
        "too_large"
    );
    let signature = "A".repeat(200);
    assert_eq!(
        code(Jws::parse(&format!("{part}.{part}.{signature}"))),
        "too_large"
    );
    let payload = "A".repeat(23 << 20);
    assert_eq!(
        code(Jws::parse(&format!("{part}.{payload}.{part}"))),
        "too_large"
    );
    assert_eq!(code(UnsignedJws::base64url(&payload)), "too_large");
    assert_eq!(
        code(UnsignedJws::bytes(&vec![0; (1 << 24) + 1])),
        "too_large"
    );
    let text = json!({ "a": "x".repeat(1 << 24) });
    assert_eq!(code(UnsignedJws::object(&text)), "too_large");
}

/// The largest payload is read back in both forms.
#[test]
fn what_is_made_can_be_read() {
    let jws = signed(UnsignedJws::bytes(&vec![7; 1 << 24]).unwrap());
    assert!(Jws::parse(jws.as_compact()).unwrap() == jws);
    assert!(Jws::parse(&jws.to_general()).unwrap() == jws);
}

#[test]
fn a_text_is_base64url_or_bytes() {
    assert_eq!(
        code(UnsignedJws::object(&json!("aGVsbG8"))),
        "unsupported_value"
    );
    let jws = signed(UnsignedJws::base64url("aGVsbG8").unwrap());
    assert_eq!(jws.payload_bytes(), b"hello");
    assert_eq!(jws, signed(UnsignedJws::bytes(b"hello").unwrap()));
    for bad in ["aGVsbG9=", "aGVsbG9", "a b", "a", "+/==", "aGVsbG8\n"] {
        assert_eq!(
            code(UnsignedJws::base64url(bad)),
            "malformed_base64url",
            "{bad}"
        );
    }
}

/// A text is signed as it is, or not at all.
#[test]
fn json_is_signed_as_it_was_given() {
    let jws = signed(UnsignedJws::json(r#" {"b": 0.10, "a": [1e3, "\u00e9"]} "#).unwrap());
    assert_eq!(
        jws.payload_bytes(),
        r#"{"a":[1000,"é"],"b":0.1}"#.as_bytes()
    );
    for (text, expected) in [
        (r#"{"amount":1,"amount":1000}"#, "malformed_json"),
        (r#"{"a":[{"x":1,"x":1}]}"#, "malformed_json"),
        (r#"{"a":1152921504606846977}"#, "inexact_integer"),
        (r#"{"a":0.1000000000000000055}"#, "inexact_number"),
        (r#"{"a":1e400}"#, "inexact_number"),
        (r#"{"a":"\ud83d"}"#, "malformed_json"),
        (r#""aGVsbG8""#, "unsupported_value"),
    ] {
        assert_eq!(code(UnsignedJws::json(text)), expected, "{text}");
    }
}

#[test]
fn an_algorithm_has_its_names() {
    let unsigned = || UnsignedJws::bytes(b"x").unwrap();
    assert_eq!(signed(unsigned()).header().algorithm_name(), "EdDSA");
    for name in ["EdDSA", "Ed25519"] {
        let jws = signed(unsigned().with_algorithm_name(name));
        assert_eq!(jws.header().algorithm_name(), name);
        let read = Jws::parse(jws.as_compact()).unwrap();
        assert_eq!(read.header(), jws.header());
        assert!(read.verify(&making::now()).is_ok(), "{name}");
    }
    for name in ["ES256", "ed25519", "none", ""] {
        let unsigned = unsigned().with_algorithm_name(name);
        assert_eq!(
            code(unsigned.prepare(key().did_key())),
            "malformed_header",
            "{name}"
        );
    }
}

#[test]
fn an_empty_payload_is_refused() {
    assert_eq!(code(UnsignedJws::base64url("")), "empty_part");
    assert_eq!(code(UnsignedJws::bytes(b"")), "empty_part");
}

#[test]
fn own_members_cannot_take_ours() {
    let cid = delegation().cacao().cid();
    let jws = signed(
        UnsignedJws::bytes(b"x")
            .unwrap()
            .with_header_member("alg", "none")
            .with_header_member("kid", "did:key:other")
            .with_header_member("cap", "ipfs://bafyother")
            .with_header_member("typ", "JWT")
            .with_capability(&cid),
    );
    assert_eq!(jws.header().capability(), Some(&cid));
    assert_eq!(jws.header().key_id(), key().did_key().key_id());
    assert_eq!(jws.header().member("typ"), Some(&json!("JWT")));
    assert_eq!(Jws::parse(jws.as_compact()).unwrap().header(), jws.header());
    // without a capability, a `cap` of the caller's is no capability either
    let jws = signed(
        UnsignedJws::bytes(b"x")
            .unwrap()
            .with_header_member("cap", "own"),
    );
    assert_eq!(jws.header().capability(), None);
    assert!(!jws.as_compact().contains("own"));
    Jws::parse(jws.as_compact()).unwrap();
}

#[test]
fn what_we_would_refuse_is_not_made() {
    let prepare = |unsigned: UnsignedJws| code(unsigned.prepare(key().did_key()));
    let unsigned = || UnsignedJws::bytes(b"x").unwrap();
    assert_eq!(
        prepare(unsigned().with_header_member("crit", json!(["b64"]))),
        "critical_header"
    );
    assert_eq!(
        prepare(unsigned().with_header_member("b64", false)),
        "unencoded_payload"
    );
    let large = unsigned().with_header_member("x", "x".repeat(1 << 14));
    assert_eq!(prepare(large), "too_large");
    let inexact = unsigned().with_header_member("x", 9_007_199_254_740_993_u64);
    assert_eq!(prepare(inexact), "inexact_integer");
    let raw: Cid = "bafkreigxtx4kzvrrxmxym2gzmtzxiujieatzqiyzqhcwysf6bo2f4pdsja"
        .parse()
        .unwrap();
    assert_eq!(
        prepare(unsigned().with_capability(&raw)),
        "malformed_header"
    );
}

#[test]
fn a_template_keeps_its_capability() {
    let cacao = delegation().cacao();
    let template = HeaderTemplate::with_capability(key().did_key(), &cacao).unwrap();
    assert_eq!(template.header().capability(), Some(&cacao.cid()));
    assert_eq!(template.capability_block().unwrap(), cacao.to_dag_cbor());
    assert_eq!(template.key(), key().did_key());
    let unsigned = || UnsignedJws::bytes(b"x").unwrap();
    let same = unsigned()
        .with_capability(&cacao.cid())
        .prepare_with(&template);
    let typed = unsigned()
        .with_header_member("typ", "x")
        .prepare_with(&template);
    for input in [same.unwrap(), typed.unwrap()] {
        assert_eq!(input.header().capability(), Some(&cacao.cid()));
    }
    let other = Delegation {
        issuer: OTHER_ACCOUNT,
        ..delegation()
    };
    let other = unsigned().with_capability(&other.cacao().cid());
    assert_eq!(
        code(other.clone().prepare_with(&template)),
        "capability_mismatch"
    );
    // a header without one takes it
    let bare = HeaderTemplate::new(key().did_key()).unwrap();
    assert!(
        other
            .prepare_with(&bare)
            .unwrap()
            .header()
            .capability()
            .is_some()
    );
}

#[test]
fn keys_that_cannot_sign() {
    let x25519 = "did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F";
    let unsigned = UnsignedJws::bytes(b"x").unwrap();
    assert_eq!(
        code(unsigned.prepare(&x25519.parse().unwrap())),
        "cannot_sign"
    );
}

#[test]
fn a_signature_has_its_length() {
    for len in [0, 63, 65, 96] {
        let input = UnsignedJws::bytes(b"x")
            .unwrap()
            .prepare(key().did_key())
            .unwrap();
        assert_eq!(
            code(input.finish(&vec![1; len])),
            "signature_length",
            "{len}"
        );
    }
}
