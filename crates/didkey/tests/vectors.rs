//! Every case of `tests/vectors/didkey.json`, by name.
#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "the helpers of tests are tests too"
)]

use std::collections::BTreeSet;

use didkey::{
    DidKey, DidUrl, Ed25519SigningKey, Error, KeyType, P256SigningKey, Profile, Representation,
    Secp256k1SigningKey,
};
use serde::Deserialize;
use serde_json::value::RawValue;

/// What we do where the vectors leave it free: `None` accepts, otherwise the code of the error.
///
/// A key has one spelling here, so other encodings of it are refused.
const EITHER: &[(&str, Option<&str>)] = &[
    // Points are compressed; what is longer than any compressed one is not even decoded.
    ("p256 uncompressed", Some("key_length")),
    ("p256 as bare x and y", Some("key_length")),
    ("p384 uncompressed", Some("too_long")),
    ("p384 as bare x and y", Some("too_long")),
    ("p521 uncompressed", Some("too_long")),
    ("p521 as bare x and y", Some("too_long")),
    ("DID URL with a path", Some("did_url_path")),
    // DID Core 1.0 has no parameters.
    ("DID URL with a parameter", Some("did_url")),
    // Not a point of the curve.
    ("letter changed", Some("invalid_key")),
    ("with a version part", Some("multibase")),
    ("multibase f (hex)", Some("multibase")),
    ("multibase u (base64url)", Some("multibase")),
    // These bytes are not a reduced coordinate.
    ("multicodec x25519", Some("invalid_key")),
    ("multicodec p256 with a secp256k1 key", Some("invalid_key")),
];

#[derive(Deserialize)]
struct Vectors<'a> {
    #[serde(borrow)]
    cases: Vec<Case<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case<'a> {
    name: &'a str,
    // Owned: a few texts hold escapes.
    did: String,
    verdict: Verdict,
    r#type: Option<&'a str>,
    secret_hex: Option<&'a str>,
    public_key_hex: Option<&'a str>,
    accept: Option<&'a str>,
    // As text, so that the order of the members counts.
    #[serde(borrow)]
    document: Option<&'a RawValue>,
    #[serde(rename = "note")]
    _note: Option<&'a str>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Accept,
    Reject,
    Either,
}

fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap()
}

/// A DID as it is; anything that goes on behind it as a DID URL.
fn resolve(text: &str) -> Result<DidKey, Error> {
    if text.starts_with("did:") && text.contains(['/', '?', '#', ';']) {
        DidKey::from_did_url(&DidUrl::parse(text)?)
    } else {
        text.parse()
    }
}

fn key_type(name: &str) -> KeyType {
    match name {
        "ed25519" => KeyType::Ed25519,
        "secp256k1" => KeyType::Secp256k1,
        "p256" => KeyType::P256,
        "p384" => KeyType::P384,
        "p521" => KeyType::P521,
        _ => panic!("unknown key type {name}"),
    }
}

/// What the case asks for in `accept`; JSON if nothing.
fn representation(case: &Case<'_>) -> Result<Representation, Error> {
    case.accept
        .map_or(Ok(Representation::Json), Representation::from_media_type)
}

fn check_accepted(case: &Case<'_>) -> Result<(), String> {
    let did = resolve(&case.did).map_err(|error| format!("refused: {error}"))?;

    let expected_did = case.did.split(['#', '?']).next().unwrap();
    if did.to_string() != expected_did {
        return Err(format!("prints {did}"));
    }
    if DidKey::from(did.public_key().clone()) != did {
        return Err("the key prints another did:key".into());
    }
    if case
        .r#type
        .is_some_and(|expected| did.key_type() != key_type(expected))
    {
        return Err(format!("key type {}", did.key_type()));
    }
    if let Some(expected) = case.public_key_hex
        && did.public_key().as_bytes() != hex(expected)
    {
        return Err("another public key".into());
    }
    if let Some(expected) = case.document {
        let representation = representation(case).map_err(|error| error.to_string())?;
        let document = did
            .document(Profile::Peer)
            .map_err(|error| error.to_string())?
            .with_representation(representation);
        let document = serde_json::to_string(&document).unwrap();
        if document != expected.get() {
            return Err(format!("another document: {document}"));
        }
    }
    if let Some(secret) = case.secret_hex {
        check_secret(case.name, &did, &hex(secret))?;
    }
    Ok(())
}

fn check_secret(name: &str, did: &DidKey, secret: &[u8]) -> Result<(), String> {
    let algorithm = did.key_type().algorithm().unwrap();
    let Ok(seed) = <&[u8; 32]>::try_from(secret) else {
        println!(
            "{name}: not signed with, {} keys only verify here",
            did.key_type()
        );
        return Ok(());
    };
    let (own, signature) = match did.key_type() {
        KeyType::Ed25519 => {
            let key = Ed25519SigningKey::from_seed(seed);
            (key.did_key().clone(), key.sign(b"message"))
        }
        KeyType::Secp256k1 => {
            let key = Secp256k1SigningKey::from_seed(seed).map_err(|error| error.to_string())?;
            (key.did_key().clone(), key.sign(b"message"))
        }
        KeyType::P256 => {
            let key = P256SigningKey::from_seed(seed).map_err(|error| error.to_string())?;
            (key.did_key().clone(), key.sign(b"message"))
        }
        other => return Err(format!("a 32-byte secret of {other}")),
    };
    if own != *did {
        return Err(format!("the secret is that of {own}"));
    }
    did.public_key()
        .verify(algorithm, b"message", signature.as_ref())
        .map_err(|error| format!("own signature: {error}"))
}

fn check(case: &Case<'_>) -> Result<(), String> {
    match case.verdict {
        Verdict::Accept => check_accepted(case),
        Verdict::Reject => match resolve(&case.did).and_then(|_| representation(case)) {
            Ok(_) => Err("accepted".into()),
            Err(_) => Ok(()),
        },
        Verdict::Either => {
            let Some((_, expected)) = EITHER.iter().find(|(name, _)| *name == case.name) else {
                return Err("missing in the table of free cases".into());
            };
            let found = resolve(&case.did).map_err(|error| error.code()).err();
            if found == *expected {
                Ok(())
            } else {
                Err(format!("{found:?}, not {expected:?}"))
            }
        }
    }
}

#[test]
fn every_case() {
    let Vectors { cases } = serde_json::from_str(include_str!("vectors/didkey.json")).unwrap();
    assert!(!cases.is_empty());
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            check(case)
                .err()
                .map(|error| format!("{}: {error}", case.name))
        })
        .collect();
    assert!(
        failures.is_empty(),
        "{} cases fail:\n{}",
        failures.len(),
        failures.join("\n")
    );

    let free: BTreeSet<_> = cases
        .iter()
        .filter(|case| case.verdict == Verdict::Either)
        .map(|case| case.name)
        .collect();
    let listed: BTreeSet<_> = EITHER.iter().map(|(name, _)| *name).collect();
    assert_eq!(listed, free, "the table of free cases is out of date");
}
