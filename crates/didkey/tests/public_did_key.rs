//! The test vectors of the did:key method: seeds, public keys, identifiers.
#![cfg(all(feature = "p384", feature = "p521", feature = "signing"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use didkey::{DidKey, Ed25519SigningKey, KeyType, PublicKey, Secp256k1SigningKey};
use serde_json::Value;

fn cases(kind: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("data/did_key.json")).unwrap();
    let cases = file[kind].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

fn text<'a>(case: &'a Value, member: &str) -> &'a str {
    case[member].as_str().unwrap()
}

fn seed(case: &Value) -> [u8; 32] {
    let bytes = HEXLOWER.decode(text(case, "seed_hex").as_bytes()).unwrap();
    bytes.try_into().unwrap()
}

/// The identifier is this key's and no other's.
fn is_key(did: &str, key_type: KeyType, key: &[u8]) {
    let read: DidKey = did.parse().unwrap_or_else(|error| panic!("{did}: {error}"));
    assert_eq!(read.public_key().key_type(), key_type, "{did}");
    assert_eq!(read.public_key().as_bytes(), key, "{did}");
    let made =
        PublicKey::from_bytes(key_type, key).unwrap_or_else(|error| panic!("{did}: {error}"));
    assert_eq!(DidKey::from(made).as_str(), did);
}

fn base58(text: &str) -> Vec<u8> {
    bs58::decode(text).into_vec().unwrap()
}

#[test]
fn ed25519() {
    for case in cases("ed25519") {
        let did = text(&case, "did");
        is_key(
            did,
            KeyType::Ed25519,
            &base58(text(&case, "public_key_base58")),
        );
        let key = Ed25519SigningKey::from_seed(&seed(&case));
        assert_eq!(key.did_key().as_str(), did);
    }
}

/// The key for agreement of a document, which is a Multikey of its own.
#[test]
fn x25519() {
    for case in cases("ed25519") {
        let did = format!("did:key:{}", text(&case, "key_agreement"));
        let key = base58(text(&case, "key_agreement_base58"));
        is_key(&did, KeyType::X25519, &key);
    }
}

#[test]
fn secp256k1() {
    for case in cases("secp256k1") {
        let did = text(&case, "did");
        let key = base58(text(&case, "public_key_base58"));
        is_key(did, KeyType::Secp256k1, &key);
        let key = Secp256k1SigningKey::from_seed(&seed(&case)).unwrap();
        assert_eq!(key.did_key().as_str(), did);
    }
}

#[test]
fn nist_curves() {
    for case in cases("nist") {
        let key_type = match text(&case, "crv") {
            "P-256" => KeyType::P256,
            "P-384" => KeyType::P384,
            "P-521" => KeyType::P521,
            other => panic!("{other}"),
        };
        let coordinate = |name| {
            BASE64URL_NOPAD
                .decode(text(&case, name).as_bytes())
                .unwrap()
        };
        let sign = 2 + (coordinate("y").last().unwrap() & 1);
        let key = [vec![sign], coordinate("x")].concat();
        is_key(text(&case, "did"), key_type, &key);
    }
}
