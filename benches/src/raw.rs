//! The raw primitives, by the library that the build of ours uses.

use didkey::P256SigningKey;
use std::hint::black_box;

/// The address of the key that made the signature.
#[must_use]
#[cfg(not(feature = "native-curves"))]
pub fn recover_address(digest: &[u8; 32], rs: &[u8; 64], odd: bool) -> [u8; 20] {
    recover_address_portable(digest, rs, odd)
}

/// The address of the key that made the signature.
#[must_use]
#[cfg(feature = "native-curves")]
pub fn recover_address(digest: &[u8; 32], rs: &[u8; 64], odd: bool) -> [u8; 20] {
    use secp256k1::{Message, ecdsa};
    use sha3::{Digest, Keccak256};
    let id = ecdsa::RecoveryId::from_u8_masked(u8::from(odd));
    let signature = ecdsa::RecoverableSignature::from_compact(rs, id).unwrap();
    let key = signature
        .recover_ecdsa(Message::from_digest(*digest))
        .unwrap();
    let hash = Keccak256::digest(&key.serialize_uncompressed()[1..]);
    hash[12..].try_into().unwrap()
}

/// The same by k256.
#[must_use]
pub fn recover_address_portable(digest: &[u8; 32], rs: &[u8; 64], odd: bool) -> [u8; 20] {
    use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
    let signature = Signature::from_slice(black_box(rs)).unwrap();
    let id = RecoveryId::new(odd, false);
    let key = VerifyingKey::recover_from_prehash(black_box(digest), &signature, id).unwrap();
    cacao::eip191::address_of(&key)
}

/// A P-256 verification of a message, the key at hand.
#[cfg(not(feature = "native-curves"))]
pub fn p256_verifier(key: &P256SigningKey) -> impl Fn(&[u8], &[u8; 64]) + use<> {
    use p256::ecdsa::signature::Verifier;
    let bytes = key.did_key().public_key().as_bytes().to_vec();
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&bytes).unwrap();
    move |message, rs| {
        let signature = p256::ecdsa::Signature::from_slice(rs).unwrap();
        key.verify(black_box(message), &signature).unwrap();
    }
}

/// A P-256 verification of a message, the key at hand.
#[cfg(feature = "native-curves")]
pub fn p256_verifier(key: &P256SigningKey) -> impl Fn(&[u8], &[u8; 64]) + use<> {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
    let bytes = key.did_key().public_key().as_bytes().to_vec();
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&bytes).unwrap();
    let point = key.to_sec1_point(false);
    move |message, rs| {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point.as_bytes())
            .verify(black_box(message), rs)
            .unwrap();
    }
}

/// An Ed25519 verification of a message, the key at hand.
#[cfg(not(feature = "native-curves"))]
pub fn ed25519_verifier(key: [u8; 32]) -> impl Fn(&[u8], &[u8; 64]) {
    let key = ed25519_dalek::VerifyingKey::from_bytes(&key).unwrap();
    move |message, signature| {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        key.verify_strict(black_box(message), &signature).unwrap();
    }
}

/// An Ed25519 verification of a message, the key at hand.
#[cfg(feature = "native-curves")]
pub fn ed25519_verifier(key: [u8; 32]) -> impl Fn(&[u8], &[u8; 64]) {
    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
    move |message, signature| {
        UnparsedPublicKey::new(&ED25519, key)
            .verify(black_box(message), signature)
            .unwrap();
    }
}

/// An Ed25519 signature with the expanded key kept.
#[cfg(not(feature = "native-curves"))]
pub fn ed25519_signer(seed: &[u8; 32]) -> impl Fn(&[u8]) -> [u8; 64] + use<> {
    let expanded = ed25519_dalek::hazmat::ExpandedSecretKey::from(seed);
    let public = ed25519_dalek::SigningKey::from_bytes(seed).verifying_key();
    move |message| {
        ed25519_dalek::hazmat::raw_sign::<sha2::Sha512>(&expanded, black_box(message), &public)
            .to_bytes()
    }
}

/// An Ed25519 signature with the expanded key kept.
#[cfg(feature = "native-curves")]
pub fn ed25519_signer(seed: &[u8; 32]) -> impl Fn(&[u8]) -> [u8; 64] + use<> {
    let pair = aws_lc_rs::signature::Ed25519KeyPair::from_seed_unchecked(seed).unwrap();
    move |message| {
        let mut bytes = [0; 64];
        bytes.copy_from_slice(pair.sign(black_box(message)).as_ref());
        bytes
    }
}
