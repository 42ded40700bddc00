//! What a signature must be, algorithm by algorithm.
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

use didkey::{Algorithm, Error, KeyType, PublicKey};

fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER_PERMISSIVE
        .decode(text.as_bytes())
        .unwrap()
}

/// Key type, compressed public key, message, signature.
type Vector = (KeyType, Vec<u8>, &'static [u8], Vec<u8>);

fn published() -> Vec<Vector> {
    // The public keys of RFC 6979 are computed from its private keys.
    let p256 = p256::ecdsa::SigningKey::from_slice(&hex(
        "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
    ))
    .unwrap();
    let p384 = p384::ecdsa::SigningKey::from_slice(&hex(
        "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D8\
         96D5724E4C70A825F872C9EA60D2EDF5",
    ))
    .unwrap();
    let p521 = p521::ecdsa::SigningKey::from_slice(&hex(
        "00FAD06DAA62BA3B25D2FB40133DA757205DE67F5BB0018FEE8C86E1B68C7E75CAA896EB32F1F47C7085\
         5836A6D16FCC1466F6D8FBEC67DB89EC0C08B0E996B83538",
    ))
    .unwrap();
    vec![
        // RFC 8032, section 7.1, test 2.
        (
            KeyType::Ed25519,
            hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
            b"\x72",
            hex(
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                 085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            ),
        ),
        // RFC 6979, appendix A.2.5, SHA-256, "sample"; its S is in the upper half.
        (
            KeyType::P256,
            p256.verifying_key().to_sec1_point(true).as_bytes().to_vec(),
            b"sample",
            hex(
                "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716\
                 F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
            ),
        ),
        // RFC 6979, appendix A.2.6, SHA-384, "sample".
        (
            KeyType::P384,
            p384.verifying_key().to_sec1_point(true).as_bytes().to_vec(),
            b"sample",
            hex(
                "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C\
                 81A648152E44ACF96E36DD1E80FABE46\
                 99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94F\
                 A329C145786E679E7B82C71A38628AC8",
            ),
        ),
        // RFC 6979, appendix A.2.7, SHA-512, "sample".
        (
            KeyType::P521,
            p521.verifying_key().to_sec1_point(true).as_bytes().to_vec(),
            b"sample",
            hex(
                "00C328FAFCBD79DD77850370C46325D987CB525569FB63C5D3BC53950E6D4C5F174E25A1EE90\
                 17B5D450606ADD152B534931D7D4E8455CC91F9B15BF05EC36E377FA\
                 00617CCE7CF5064806C467F678D3B4080D6F1CC50AF26CA209417308281B68AF282623EAA63E\
                 5B5C0723D8B8C37FF0777B1A20F8CCB1DCCC43997F1EE0E44DA4A67A",
            ),
        ),
        // A widely published RFC 6979 vector for secp256k1, the generator as the public key.
        (
            KeyType::Secp256k1,
            hex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
            b"Satoshi Nakamoto",
            hex(
                "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8\
                 2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5",
            ),
        ),
    ]
}

#[test]
fn published_signatures_verify() {
    for (key_type, key, message, signature) in published() {
        let key = PublicKey::from_bytes(key_type, &key).unwrap();
        let algorithm = key_type.algorithm().unwrap();
        assert_eq!(
            key.verify(algorithm, message, &signature),
            Ok(()),
            "{algorithm}"
        );
        let invalid = Err(Error::InvalidSignature { algorithm });
        assert_eq!(key.verify(algorithm, b"another", &signature), invalid);
        assert_eq!(key.verify(algorithm, b"", &signature), invalid);
    }
}

#[test]
fn the_algorithm_is_the_keys() {
    for (key_type, bytes, message, signature) in published() {
        let key = PublicKey::from_bytes(key_type, &bytes).unwrap();
        for (other, ..) in published().iter().filter(|(other, ..)| *other != key_type) {
            let algorithm = other.algorithm().unwrap();
            assert_eq!(
                key.verify(algorithm, message, &signature),
                Err(Error::AlgorithmMismatch {
                    key_type,
                    algorithm
                }),
            );
        }
    }
    let x25519 = PublicKey::from_bytes(KeyType::X25519, &[9; 32]).unwrap();
    assert_eq!(
        x25519.verify(Algorithm::EdDsa, b"", &[0; 64]),
        Err(Error::AlgorithmMismatch {
            key_type: KeyType::X25519,
            algorithm: Algorithm::EdDsa
        }),
    );
}

#[test]
fn signatures_have_their_exact_length() {
    for (key_type, key, message, signature) in published() {
        let key = PublicKey::from_bytes(key_type, &key).unwrap();
        let algorithm = key_type.algorithm().unwrap();
        let expected = signature.len();
        for length in [
            0,
            1,
            63,
            65,
            70,
            71,
            72,
            expected - 1,
            expected + 1,
            2 * expected,
        ] {
            let mut changed = signature.clone();
            changed.resize(length, 0);
            assert_eq!(
                key.verify(algorithm, message, &changed),
                Err(Error::SignatureLength {
                    algorithm,
                    length,
                    expected
                }),
            );
        }
    }
}

#[test]
fn zero_and_unreduced_scalars_are_refused() {
    for (key_type, key, message, signature) in published() {
        let key = PublicKey::from_bytes(key_type, &key).unwrap();
        let algorithm = key_type.algorithm().unwrap();
        let half = signature.len() / 2;
        for (range, byte) in [
            (0..half, 0),
            (half..2 * half, 0),
            (0..2 * half, 0),
            (0..half, 0xff),
            (half..2 * half, 0xff),
        ] {
            let mut changed = signature.clone();
            changed[range.clone()].fill(byte);
            assert_eq!(
                key.verify(algorithm, message, &changed),
                Err(Error::InvalidSignature { algorithm }),
                "{algorithm} {range:?} {byte}",
            );
        }
    }
}

#[test]
fn es256k_demands_a_low_s_and_es256_does_not() {
    let (_, key, message, low) = published().pop().unwrap();
    let key = PublicKey::from_bytes(KeyType::Secp256k1, &key).unwrap();
    let signature = k256::ecdsa::Signature::from_slice(&low).unwrap();
    let high = k256::ecdsa::Signature::from_scalars(signature.r(), -signature.s()).unwrap();
    assert_ne!(high.to_bytes().as_slice(), low);
    assert_eq!(
        key.verify(Algorithm::Es256k, message, &high.to_bytes()),
        Err(Error::HighS {
            algorithm: Algorithm::Es256k
        }),
    );

    let (_, key, message, high) = published().swap_remove(1);
    let key = PublicKey::from_bytes(KeyType::P256, &key).unwrap();
    let signature = p256::ecdsa::Signature::from_slice(&high).unwrap();
    let low = signature.normalize_s();
    assert_ne!(low, signature, "the published S is high");
    assert_eq!(key.verify(Algorithm::Es256, message, &high), Ok(()));
    assert_eq!(
        key.verify(Algorithm::Es256, message, &low.to_bytes()),
        Ok(())
    );
}

/// The order of the Ed25519 group, little-endian.
fn group_order() -> [u8; 32] {
    let mut order = [0; 32];
    order[..16].copy_from_slice(&hex("edd3f55c1a631258d69cf7a2def9de14"));
    order[31] = 0x10;
    order
}

#[test]
fn eddsa_demands_a_reduced_s() {
    let (_, key, message, signature) = published().swap_remove(0);
    let key = PublicKey::from_bytes(KeyType::Ed25519, &key).unwrap();
    let mut changed = signature;
    let mut carry = 0;
    for (byte, add) in changed[32..].iter_mut().zip(group_order()) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        [*byte, _] = sum.to_le_bytes();
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    let sum = curve25519_dalek::Scalar::from_bytes_mod_order(changed[32..].try_into().unwrap());
    let (_, _, _, original) = published().swap_remove(0);
    assert_eq!(
        sum.as_bytes(),
        &original[32..],
        "the same scalar, not reduced"
    );
    assert_eq!(
        key.verify(Algorithm::EdDsa, message, &changed),
        Err(Error::InvalidSignature {
            algorithm: Algorithm::EdDsa
        }),
    );
}

#[test]
fn eddsa_refuses_an_r_of_small_order() {
    use curve25519_dalek::{EdwardsPoint, Scalar, constants::EIGHT_TORSION};
    use sha2::{Digest as _, Sha512};

    // With R of order 1, S = H(R, A, M) a satisfies the equation without any nonce.
    let secret = Scalar::from(0x0123_4567_89ab_cdef_u64);
    let public = EdwardsPoint::mul_base(&secret).compress().to_bytes();
    let r = EIGHT_TORSION[0].compress().to_bytes();
    let hash = Sha512::new()
        .chain_update(r)
        .chain_update(public)
        .chain_update(b"message");
    let s = Scalar::from_bytes_mod_order_wide(&hash.finalize().into()) * secret;
    let signature = [r, s.to_bytes()].concat();

    let dalek = ed25519_dalek::VerifyingKey::from_bytes(&public).unwrap();
    let dalek_signature = ed25519_dalek::Signature::from_slice(&signature).unwrap();
    let lax = ed25519_dalek::Verifier::verify(&dalek, b"message", &dalek_signature);
    assert!(lax.is_ok(), "the equation holds");

    let key = PublicKey::from_bytes(KeyType::Ed25519, &public).unwrap();
    assert_eq!(
        key.verify(Algorithm::EdDsa, b"message", &signature),
        Err(Error::InvalidSignature {
            algorithm: Algorithm::EdDsa
        }),
    );
}
