//! What the text says about JSON, sizes and fields that stand beside the proof.

use crate::changes::{Change, add, header, in_claims, in_header, sign_again};
use didkey::Ed25519SigningKey;
use serde_json::json;

/// Changes of one request, each with its verdict.
pub(crate) fn changed() -> Vec<(&'static str, &'static str, Change)> {
    vec![
        (
            "the name of a header member with an escape",
            "invalid_proof",
            in_header(r#""alg""#, r#""\u0061lg""#),
        ),
        (
            "the name of a claim with an escape",
            "invalid_proof",
            in_claims(r#""iat""#, r#""\u0069at""#),
        ),
        (
            "white space between members",
            "accepted",
            in_header(",", " , "),
        ),
        (
            "white space before the header",
            "invalid_proof",
            in_header("{", " {"),
        ),
        (
            "white space behind the claims",
            "invalid_proof",
            in_claims("}", "}\n"),
        ),
        (
            "a proof that is too long",
            "invalid_proof",
            sign_again(|header, claims| {
                let spaces = format!(",{}", " ".repeat(600));
                (header.replacen(',', &spaces, 1), claims.to_owned())
            }),
        ),
        (
            "iat below zero",
            "invalid_proof",
            in_claims("1700000010", "-1700000010"),
        ),
        (
            "iat with an exponent",
            "invalid_proof",
            in_claims("1700000010", "170000001e1"),
        ),
        (
            "the greatest iat",
            "use_nonce",
            in_claims("1700000010", "9007199254740991"),
        ),
        (
            "iat beyond what JSON holds everywhere",
            "invalid_proof",
            in_claims("1700000010", "9007199254740992"),
        ),
        (
            "a nonce that is null",
            "invalid_proof",
            in_claims(r#"{"htd""#, r#"{"nonce":null,"htd""#),
        ),
        (
            "a nonce that is empty",
            "invalid_proof",
            in_claims(r#"{"htd""#, r#"{"nonce":"","htd""#),
        ),
        ("the longest jti", "accepted", jti(64)),
        ("jti that is too long", "invalid_proof", jti(65)),
        (
            "another key than that of the capability",
            "invalid_token",
            sign_again(|header, claims| {
                let key = |seed| Ed25519SigningKey::from_seed(&[seed; 32]).did_key().clone();
                let header = header.replace(key(7).as_str(), key(8).as_str());
                (header, claims.to_owned())
            }),
        ),
        (
            "another capability than that of cap",
            "invalid_request",
            sign_again(|header, claims| {
                let start = header.find(r#""cap":""#).unwrap() + 7;
                let other = cacao::car::dag_cbor_cid(b"another one").to_string();
                let rest = &header[start + other.len()..];
                (
                    format!("{}{other}{rest}", &header[..start]),
                    claims.to_owned(),
                )
            }),
        ),
        (
            "two capabilities",
            "invalid_request",
            add("did-session-capability", "x"),
        ),
        (
            "what is not a capability",
            "invalid_request",
            header("did-session-capability", |_| "x".into()),
        ),
        (
            "a target that is too long",
            "invalid_request",
            Box::new(|request| request["target"] = json!(format!("/{}", "a".repeat(8192)))),
        ),
    ]
}

/// An id of so many characters.
fn jti(length: usize) -> Change {
    sign_again(move |header, claims| {
        let start = claims.find(r#""jti":""#).unwrap() + 7;
        let end = start + claims[start..].find('"').unwrap();
        let id = "A".repeat(length);
        let claims = format!("{}{id}{}", &claims[..start], &claims[end..]);
        (header.to_owned(), claims)
    })
}
