//! AWS-LC and libsecp256k1: C and assembly, for whoever has a compiler for them.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use secp256k1::{Message, PublicKey, ecdsa};
use sha2::{Digest, Sha256};

use super::Backend;

#[derive(Debug)]
pub(crate) struct Native;

impl Backend for Native {
    #[cfg(not(curve25519_dalek_backend = "avx512"))]
    fn ed25519(key: &ed25519_dalek::VerifyingKey, message: &[u8], signature: &[u8; 64]) -> bool {
        // AWS-LC recomputes R and compares its canonical bytes, as dalek does; only dalek refuses
        // an R of small order
        let of_small_order = SMALL_ORDER.iter().any(|point| signature.starts_with(point));
        !of_small_order
            && UnparsedPublicKey::new(&aws_lc_rs::signature::ED25519, key.as_bytes())
                .verify(message, signature)
                .is_ok()
    }

    /// With AVX-512 dalek is the faster one.
    #[cfg(curve25519_dalek_backend = "avx512")]
    fn ed25519(key: &ed25519_dalek::VerifyingKey, message: &[u8], signature: &[u8; 64]) -> bool {
        super::Portable::ed25519(key, message, signature)
    }

    fn p256(
        key: &p256::ecdsa::VerifyingKey,
        message: &[u8],
        signature: &p256::ecdsa::Signature,
    ) -> bool {
        // uncompressed, so that no square root is taken again
        let point = key.to_sec1_point(false);
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point.as_bytes())
            .verify(message, &signature.to_bytes())
            .is_ok()
    }

    fn secp256k1(
        key: &k256::ecdsa::VerifyingKey,
        message: &[u8],
        signature: &k256::ecdsa::Signature,
    ) -> bool {
        let digest = Message::from_digest(Sha256::digest(message).into());
        let key = PublicKey::from_slice(key.to_sec1_point(false).as_bytes());
        let signature = ecdsa::Signature::from_compact(&signature.to_bytes());
        key.is_ok_and(|key| signature.is_ok_and(|signature| signature.verify(digest, &key).is_ok()))
    }
}

/// The canonical encodings of the eight points of small order.
#[cfg(not(curve25519_dalek_backend = "avx512"))]
const SMALL_ORDER: [[u8; 32]; 8] = {
    const ORDER_8: [u8; 32] = [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ];
    const ORDER_8_TOO: [u8; 32] = [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ];
    const IDENTITY: [u8; 32] = {
        let mut y = [0; 32];
        y[0] = 1;
        y
    };
    const ORDER_2: [u8; 32] = {
        let mut y = [0xff; 32];
        y[0] = 0xec;
        y[31] = 0x7f;
        y
    };
    [
        IDENTITY,
        ORDER_2,
        [0; 32],
        negative([0; 32]),
        ORDER_8,
        negative(ORDER_8),
        ORDER_8_TOO,
        negative(ORDER_8_TOO),
    ]
};

/// The same y with the other x.
#[cfg(not(curve25519_dalek_backend = "avx512"))]
const fn negative(mut point: [u8; 32]) -> [u8; 32] {
    point[31] |= 0x80;
    point
}

/// An Ed25519 key as AWS-LC holds it, which wipes it when it is dropped. Made at the first
/// signature, since many keys never sign.
#[cfg(feature = "signing")]
#[derive(Default)]
pub(crate) struct Ed25519Signer(std::sync::OnceLock<Option<aws_lc_rs::signature::Ed25519KeyPair>>);

#[cfg(feature = "signing")]
impl Ed25519Signer {
    /// The signature that dalek would make, to the byte; `None` when AWS-LC does not sign.
    pub(crate) fn sign(
        &self,
        seed: &[u8; 32],
        public: &[u8; 32],
        message: &[u8],
    ) -> Option<[u8; 64]> {
        let make =
            || aws_lc_rs::signature::Ed25519KeyPair::from_seed_and_public_key(seed, public).ok();
        let pair = self.0.get_or_init(make).as_ref()?;
        pair.try_sign(message).ok()?.as_ref().try_into().ok()
    }
}

#[cfg(all(test, not(curve25519_dalek_backend = "avx512")))]
mod tests {
    use super::*;

    #[test]
    fn the_points_of_small_order() {
        let points = curve25519_dalek::constants::EIGHT_TORSION;
        let mut encodings = points.map(|point| point.compress().to_bytes());
        let mut listed = SMALL_ORDER;
        encodings.sort_unstable();
        listed.sort_unstable();
        // the table has the two with y = 0; -0 in x is not canonical where x is zero
        assert_eq!(encodings, listed);
    }

    #[cfg(feature = "signing")]
    #[test]
    fn signatures_are_dalek_s_to_the_byte() {
        for (number, len) in [(1, 0), (2, 1), (3, 64), (4, 300)] {
            let (seed, message) = ([number; 32], std::vec![number; len]);
            let expanded = ed25519_dalek::hazmat::ExpandedSecretKey::from(&seed);
            let public = ed25519_dalek::VerifyingKey::from(&expanded);
            let signature =
                ed25519_dalek::hazmat::raw_sign::<sha2::Sha512>(&expanded, &message, &public);
            let signer = Ed25519Signer::default();
            let native = signer.sign(&seed, public.as_bytes(), &message);
            assert_eq!(native, Some(signature.to_bytes()));
            // a key that is not the seed's is not taken
            assert_eq!(
                Ed25519Signer::default().sign(&[9; 32], public.as_bytes(), &message),
                None
            );
        }
    }
}
