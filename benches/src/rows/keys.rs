//! Keys: `did:key` both ways, documents, and the verifications of each algorithm.

use crate::Row;
use crate::fixtures::passkey;
use crate::raw::{ed25519_verifier, p256_verifier};
use didkey::{Algorithm, DidDocument, DidKey, Ed25519SigningKey, Profile, Secp256k1SigningKey};
use std::hint::black_box;

const MESSAGE: &[u8] = &[0x5a; 500];

pub(super) fn rows() -> Vec<Row> {
    let ed25519 = Ed25519SigningKey::from_seed(&[9; 32]);
    let did = ed25519.did_key().clone();
    let text = did.as_str().to_owned();
    let public: [u8; 32] = did.public_key().as_bytes().try_into().unwrap();
    let decompress = move || ed25519_dalek::VerifyingKey::from_bytes(black_box(&public)).unwrap();

    let mut rows = Vec::new();
    let ours = text.clone();
    rows.push(Row::new(
        "F8",
        "did:key text → key",
        "point decompression",
        move || didkey::PublicKey::from_did_key(black_box(&ours)).unwrap(),
        decompress,
    ));
    let ours = text.clone();
    rows.push(Row::new(
        "did-parse",
        "did:key parsed, its text kept",
        "point decompression",
        move || black_box(&ours).parse::<DidKey>().unwrap(),
        decompress,
    ));
    let key = did.public_key().clone();
    rows.push(Row::new(
        "did-print",
        "did:key printed from a key",
        "point decompression",
        move || DidKey::from(black_box(&key).clone()),
        decompress,
    ));
    rows.push(Row::new(
        "did-document",
        "did:key resolved to its document",
        "point decompression",
        move || DidDocument::resolve(black_box(&text), Profile::Peer).unwrap(),
        decompress,
    ));

    let signature = ed25519.sign(MESSAGE).to_bytes();
    let (key, raw) = (did.public_key().clone(), ed25519_verifier(public));
    rows.push(Row::new(
        "ed25519",
        "Ed25519 verified, strictly, key at hand",
        "the same by the library alone",
        move || {
            key.verify(Algorithm::EdDsa, black_box(MESSAGE), &signature)
                .unwrap();
        },
        move || raw(MESSAGE, &signature),
    ));
    let key = did.public_key().clone();
    rows.push(Row::new(
        "ed25519-portable",
        "Ed25519 verified, key at hand",
        "by the portable library",
        {
            let key = key.clone();
            move || {
                key.verify(Algorithm::EdDsa, black_box(MESSAGE), &signature)
                    .unwrap();
            }
        },
        move || {
            key.verify_portable(Algorithm::EdDsa, black_box(MESSAGE), &signature)
                .unwrap();
        },
    ));
    rows.extend(p256());
    rows.push(secp256k1());
    rows
}

fn p256() -> [Row; 2] {
    let signer = passkey();
    let signature = signer.sign(MESSAGE).to_bytes();
    let (key, raw) = (
        signer.did_key().public_key().clone(),
        p256_verifier(&signer),
    );
    let (ours, portable) = (key.clone(), key.clone());
    let verify = move || {
        key.verify(Algorithm::Es256, black_box(MESSAGE), &signature)
            .unwrap();
    };
    [
        Row::new(
            "p256",
            "P-256 verified, key compressed",
            "the same by the library alone, key at hand",
            verify,
            move || raw(MESSAGE, &signature),
        ),
        Row::new(
            "F25",
            "P-256 verified, key compressed",
            "by the portable library",
            move || {
                ours.verify(Algorithm::Es256, black_box(MESSAGE), &signature)
                    .unwrap();
            },
            move || {
                portable
                    .verify_portable(Algorithm::Es256, black_box(MESSAGE), &signature)
                    .unwrap();
            },
        ),
    ]
}

fn secp256k1() -> Row {
    let signer = Secp256k1SigningKey::from_seed(&[9; 32]).unwrap();
    let signature = signer.sign(MESSAGE).to_bytes();
    let key = signer.did_key().public_key().clone();
    let ours = key.clone();
    Row::new(
        "secp256k1",
        "ES256K verified, key compressed",
        "by the portable library",
        move || {
            ours.verify(Algorithm::Es256k, black_box(MESSAGE), &signature)
                .unwrap();
        },
        move || {
            key.verify_portable(Algorithm::Es256k, black_box(MESSAGE), &signature)
                .unwrap();
        },
    )
}
