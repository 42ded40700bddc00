//! The verdict does not depend on the library that does the arithmetic: with `native-curves` both are here,
//! and both are asked.
#![cfg(feature = "signing")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use curve25519_dalek::constants::EIGHT_TORSION;
use data_encoding::HEXLOWER;
use didkey::{
    Algorithm, Ed25519SigningKey, Error, KeyType, P256SigningKey, PublicKey, Secp256k1SigningKey,
};
use proptest::prelude::*;

const P256_ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const SECP256K1_ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.as_bytes()).unwrap()
}

/// The verdict of both, which must be one.
fn judge(key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<(), Error> {
    let algorithm = key.key_type().algorithm().unwrap();
    let chosen = key.verify(algorithm, message, signature);
    let portable = key.verify_portable(algorithm, message, signature);
    assert_eq!(
        chosen,
        portable,
        "{key:?} {} {}",
        HEXLOWER.encode(message),
        HEXLOWER.encode(signature)
    );
    chosen
}

fn signed(key_type: KeyType, seed: [u8; 32], message: &[u8]) -> Option<(PublicKey, Vec<u8>)> {
    let (did, signature) = match key_type {
        KeyType::Ed25519 => {
            let key = Ed25519SigningKey::from_seed(&seed);
            (key.did_key().clone(), key.sign(message))
        }
        KeyType::P256 => {
            let key = P256SigningKey::from_seed(&seed).ok()?;
            (key.did_key().clone(), key.sign(message))
        }
        _ => {
            let key = Secp256k1SigningKey::from_seed(&seed).ok()?;
            (key.did_key().clone(), key.sign(message))
        }
    };
    Some((did.public_key().clone(), signature.as_ref().to_vec()))
}

const TYPES: [KeyType; 3] = [KeyType::Ed25519, KeyType::P256, KeyType::Secp256k1];

/// n - s, big-endian.
fn other_s(order: &[u8], s: &[u8]) -> Vec<u8> {
    let mut borrow = 0_i16;
    let mut out: Vec<u8> = order
        .iter()
        .zip(s)
        .rev()
        .map(|(n, s)| {
            let digit = i16::from(*n) - i16::from(*s) - borrow;
            borrow = i16::from(digit < 0);
            u8::try_from(digit.rem_euclid(256)).unwrap()
        })
        .collect();
    out.reverse();
    out
}

#[test]
fn what_was_signed_holds_and_either_s_only_where_it_may() {
    for (key_type, order) in [
        (KeyType::P256, P256_ORDER),
        (KeyType::Secp256k1, SECP256K1_ORDER),
    ] {
        let (key, signature) = signed(key_type, [7; 32], b"message").unwrap();
        assert_eq!(judge(&key, b"message", &signature), Ok(()));
        let other = [&signature[..32], &other_s(&hex(order), &signature[32..])].concat();
        let verdict = judge(&key, b"message", &other);
        match key_type {
            KeyType::P256 => assert_eq!(verdict, Ok(())),
            _ => assert!(matches!(verdict, Err(Error::HighS { .. }))),
        }
    }
    let (key, signature) = signed(KeyType::Ed25519, [7; 32], b"message").unwrap();
    assert_eq!(judge(&key, b"message", &signature), Ok(()));
}

#[test]
fn scalars_at_the_edges_are_refused() {
    for (key_type, order) in [
        (KeyType::P256, P256_ORDER),
        (KeyType::Secp256k1, SECP256K1_ORDER),
    ] {
        let order = hex(order);
        let (key, signature) = signed(key_type, [7; 32], b"message").unwrap();
        let (r, s) = signature.split_at(32);
        let zero = vec![0; 32];
        let one = [vec![0; 31], vec![1]].concat();
        let below = other_s(&order, &one);
        let most = vec![0xff; 32];
        for r in [r, &zero, &one, &below, &order, &most] {
            for s in [s, &zero, &one, &below, &order, &most] {
                let edge = [r, s].concat();
                assert_eq!(judge(&key, b"message", &edge).is_ok(), edge == signature);
            }
        }
    }
}

/// L, the order of the base point, little-endian.
const ED25519_ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

#[test]
fn points_of_small_order_and_unreduced_scalars_are_refused() {
    let (key, signature) = signed(KeyType::Ed25519, [7; 32], b"message").unwrap();
    let (r, s) = signature.split_at(32);
    for point in EIGHT_TORSION {
        let point = point.compress().to_bytes();
        for s in [s, &[0; 32]] {
            assert!(judge(&key, b"message", &[&point, s].concat()).is_err());
        }
    }
    // y = p + 1 is the identity, not canonical; y = p + 3 and more are points, not canonical
    for low in 0xed_u8..=0xff {
        for top in [0x7f, 0xff] {
            let point = [&[low], &[0xff; 30][..], &[top]].concat();
            assert!(judge(&key, b"message", &[&point, s].concat()).is_err());
        }
    }
    let mut carry = 0_u16;
    let unreduced: Vec<u8> = s
        .iter()
        .zip(hex(ED25519_ORDER))
        .map(|(a, b)| {
            let sum = u16::from(*a) + u16::from(b) + carry;
            carry = sum >> 8;
            (sum & 0xff) as u8
        })
        .collect();
    assert!(judge(&key, b"message", &[r, &unreduced].concat()).is_err());
}

#[test]
fn an_algorithm_is_the_key_s_for_both() {
    let (key, signature) = signed(KeyType::P256, [7; 32], b"message").unwrap();
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256k] {
        let chosen = key.verify(algorithm, b"message", &signature);
        assert_eq!(
            chosen,
            key.verify_portable(algorithm, b"message", &signature)
        );
        assert!(matches!(chosen, Err(Error::AlgorithmMismatch { .. })));
    }
}

proptest! {
    #[test]
    fn one_verdict(
        kind in 0..3_usize,
        seed: [u8; 32],
        message in proptest::collection::vec(any::<u8>(), 0..200),
        changed in proptest::option::of((0..64_usize, 1..=255_u8)),
        length in prop_oneof![8 => Just(64_usize), 1 => 0..80_usize],
        other: bool,
    ) {
        let Some((key, mut signature)) = signed(TYPES[kind], seed, &message) else {
            return Ok(());
        };
        if let Some((at, flip)) = changed {
            signature[at] ^= flip;
        }
        signature.resize(length, 0);
        let message = if other { b"another".to_vec() } else { message };
        let verdict = judge(&key, &message, &signature);
        if changed.is_none() && length == 64 && !other {
            prop_assert_eq!(verdict, Ok(()));
        }
    }

    #[test]
    fn noise(
        kind in 0..3_usize,
        seed: [u8; 32],
        message in proptest::collection::vec(any::<u8>(), 0..64),
        signature in proptest::collection::vec(any::<u8>(), 64),
    ) {
        let Some((key, _)) = signed(TYPES[kind], seed, &message) else {
            return Ok(());
        };
        prop_assert!(judge(&key, &message, &signature).is_err());
    }
}
