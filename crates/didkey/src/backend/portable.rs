//! RustCrypto and dalek: pure Rust, on every target.

use k256::ecdsa::signature::Verifier as _;

use super::Backend;

#[derive(Debug)]
pub(crate) struct Portable;

impl Backend for Portable {
    fn ed25519(key: &ed25519_dalek::VerifyingKey, message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        key.verify_strict(message, &signature).is_ok()
    }

    fn p256(
        key: &p256::ecdsa::VerifyingKey,
        message: &[u8],
        signature: &p256::ecdsa::Signature,
    ) -> bool {
        key.verify(message, signature).is_ok()
    }

    fn secp256k1(
        key: &k256::ecdsa::VerifyingKey,
        message: &[u8],
        signature: &k256::ecdsa::Signature,
    ) -> bool {
        key.verify(message, signature).is_ok()
    }
}

/// Nothing signs faster than dalek here.
#[cfg(feature = "signing")]
#[cfg_attr(
    all(feature = "native-curves", not(target_family = "wasm")),
    allow(dead_code, reason = "the native one is chosen")
)]
#[derive(Default)]
pub(crate) struct Ed25519Signer(());

#[cfg(feature = "signing")]
#[cfg_attr(
    all(feature = "native-curves", not(target_family = "wasm")),
    allow(dead_code, reason = "the native one is chosen")
)]
impl Ed25519Signer {
    #[allow(clippy::unused_self)] // the native one keeps its key
    pub(crate) fn sign(&self, _: &[u8; 32], _: &[u8; 32], _: &[u8]) -> Option<[u8; 64]> {
        None
    }
}
