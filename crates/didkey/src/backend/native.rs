//! AWS-LC and libsecp256k1: C and assembly, for whoever has a compiler for them.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use secp256k1::{Message, PublicKey, ecdsa};
use sha2::{Digest, Sha256};
#[cfg(feature = "signing")]
use {aws_lc_rs::signature::Ed25519KeyPair, once_cell::race::OnceBox, std::boxed::Box};

use super::Backend;

#[derive(Debug)]
pub(crate) struct Native;

impl Backend for Native {
    /// dalek again: with the checks that make it strict nothing else is faster.
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

/// An Ed25519 key as AWS-LC holds it, which wipes it when it is dropped. Made at the first
/// signature, since many keys never sign.
///
/// Until then it is one empty pointer. Room for the key itself would be bytes that nobody has
/// written: they would carry to the heap what the stack held before, which may be a seed, and
/// nobody would wipe them.
#[cfg(feature = "signing")]
#[derive(Default)]
pub(crate) struct Ed25519Signer(OnceBox<Option<Ed25519KeyPair>>);

#[cfg(feature = "signing")]
impl Ed25519Signer {
    /// The signature that dalek would make, byte for byte; `None` when AWS-LC does not sign.
    pub(crate) fn sign(
        &self,
        seed: &[u8; 32],
        public: &[u8; 32],
        message: &[u8],
    ) -> Option<[u8; 64]> {
        let make = || Box::new(Ed25519KeyPair::from_seed_and_public_key(seed, public).ok());
        let pair = self.0.get_or_init(make).as_ref()?;
        pair.try_sign(message).ok()?.as_ref().try_into().ok()
    }
}

#[cfg(test)]
#[cfg(feature = "signing")]
mod tests {
    use super::*;

    #[test]
    fn a_signer_that_has_not_signed_has_no_room_for_what_the_stack_held() {
        assert_eq!(size_of::<Ed25519Signer>(), size_of::<usize>());
    }

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
