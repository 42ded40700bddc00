//! What must hold for every input, tried on random ones.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::{Algorithm, DidKey, DidUrl, Error, KeyType, PublicKey, strategies};

const ALGORITHMS: [Algorithm; 5] = [
    Algorithm::EdDsa,
    Algorithm::Es256,
    Algorithm::Es256k,
    Algorithm::Es384,
    Algorithm::Es512,
];

proptest! {
    #[test]
    fn keys_round_trip(key in strategies::public_key()) {
        let did = DidKey::from(key.clone());
        prop_assert_eq!(PublicKey::from_bytes(key.key_type(), key.as_bytes()), Ok(key.clone()));
        prop_assert_eq!(PublicKey::from_did_key(did.as_str()), Ok(key.clone()));
        prop_assert_eq!(PublicKey::from_multikey(did.fingerprint()), Ok(key.clone()));
        prop_assert_eq!(key.to_multikey(), did.fingerprint());
        prop_assert_eq!(did.as_str().parse(), Ok(did.clone()));
        prop_assert!(did.as_str().len() <= DidKey::MAX_LENGTH);
        let url = DidUrl::parse(&did.key_id()).unwrap();
        prop_assert_eq!(url.fragment(), Some(did.fingerprint()));
        prop_assert_eq!(DidKey::from_did_url(&url), Ok(did));
    }

    #[test]
    fn a_key_has_one_text(near in strategies::near_did_key()) {
        // Whatever is accepted prints as it was read: no key can have two spellings.
        if let Ok(did) = near.parse::<DidKey>() {
            prop_assert_eq!(did.to_string(), &*near);
            prop_assert_eq!(DidKey::from(did.public_key().clone()).to_string(), &*near);
        }
    }

    #[test]
    fn white_space_is_refused(did in strategies::did_key(), space in "[ \t\r\n\u{a0}]") {
        let text = did.as_str();
        for spaced in [[text, &space].concat(), [&space, text].concat()] {
            prop_assert!(spaced.parse::<DidKey>().is_err());
            prop_assert!(DidUrl::parse(&spaced).is_err());
        }
    }

    #[test]
    fn any_text_is_answered(text in any::<String>(), tail in "[ -~]{0,120}") {
        for text in [&text, &tail, &["did:key:", &tail].concat(), &["did:key:z", &tail].concat()] {
            if let Ok(did) = text.parse::<DidKey>() {
                prop_assert_eq!(did.as_str(), text);
            }
            if let Ok(url) = DidUrl::parse(text) {
                prop_assert_eq!(url.as_str(), text);
                prop_assert_eq!(join(&url), &**text);
            }
        }
    }

    #[test]
    fn url_parts_join_to_the_text(
        text in "did:[a-z0-9]{1,4}:([a-zA-Z0-9._:-]|%[0-9A-F]{2}){0,8}[a-z](/[a-z%/;=]{0,8})?\
                 (\\?[a-z&=/?]{0,8})?(#[a-z/?]{0,8})?"
    ) {
        if let Ok(url) = DidUrl::parse(&text) {
            prop_assert_eq!(join(&url), text);
        } else {
            prop_assert!(text.contains('%'), "only a broken escape is refused here: {}", text);
        }
    }

    #[test]
    fn any_bytes_are_answered(bytes in vec(any::<u8>(), 67), prefix in 0..=5_u8) {
        for key_type in KeyType::ALL {
            let mut bytes: Vec<u8> = bytes[..key_type.public_key_length()].to_vec();
            if !matches!(key_type, KeyType::Ed25519 | KeyType::X25519) {
                bytes[0] = prefix;
            }
            match PublicKey::from_bytes(key_type, &bytes) {
                Ok(key) => prop_assert_eq!(key.as_bytes(), bytes),
                Err(Error::UnsupportedKeyType { .. }) => prop_assert!(!key_type.is_supported()),
                Err(error) => prop_assert_eq!(error, Error::InvalidKey { key_type }),
            }
        }
    }

    #[test]
    fn any_signature_is_answered(
        key in strategies::public_key(),
        signature in vec(any::<u8>(), 0..=140),
        message in vec(any::<u8>(), 0..=64),
    ) {
        for algorithm in ALGORITHMS {
            prop_assert!(key.verify(algorithm, &message, &signature).is_err());
            let exact = algorithm.signature_length().min(signature.len());
            prop_assert!(key.verify(algorithm, &message, &signature[..exact]).is_err());
        }
    }

    #[cfg(feature = "signing")]
    #[test]
    fn signatures_verify_and_changed_ones_do_not(
        seed in any::<[u8; 32]>(),
        message in vec(any::<u8>(), 0..=200),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let ed25519 = crate::Ed25519SigningKey::from_seed(&seed);
        let mut signed = Vec::from([(ed25519.did_key().clone(), ed25519.sign(&message))]);
        if let Ok(key) = crate::P256SigningKey::from_seed(&seed) {
            signed.push((key.did_key().clone(), key.sign(&message)));
        }
        if let Ok(key) = crate::Secp256k1SigningKey::from_seed(&seed) {
            signed.push((key.did_key().clone(), key.sign(&message)));
        }
        for (did, signature) in signed {
            let key = did.public_key();
            let algorithm = did.key_type().algorithm().unwrap();
            prop_assert_eq!(key.verify(algorithm, &message, signature.as_ref()), Ok(()));

            let mut changed = signature.to_bytes();
            changed[at.index(64)] ^= 1 << bit;
            prop_assert!(key.verify(algorithm, &message, &changed).is_err());

            let mut changed = message.clone();
            changed.push(0);
            prop_assert!(key.verify(algorithm, &changed, signature.as_ref()).is_err());
        }
    }
}

fn join(url: &DidUrl) -> String {
    let mut text = ["did:", url.method(), ":", url.identifier(), url.path()].concat();
    if let Some(query) = url.query() {
        text = [&text, "?", query].concat();
    }
    if let Some(fragment) = url.fragment() {
        text = [&text, "#", fragment].concat();
    }
    text
}

/// The strategies are worth something only if both outcomes come up.
#[test]
fn near_did_keys_are_on_both_sides() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let mut codes = BTreeSet::new();
    for _ in 0..2000 {
        let text = strategies::near_did_key()
            .new_tree(&mut runner)
            .unwrap()
            .current();
        codes.insert(
            text.parse::<DidKey>()
                .map_or_else(|error| error.code(), |_| "valid"),
        );
    }
    for code in [
        "valid",
        "base58",
        "invalid_key",
        "key_length",
        "multibase",
        "not_did_key",
    ] {
        assert!(codes.contains(code), "{code} is not in {codes:?}");
    }
}
