//! Which library does the curve arithmetic. What is accepted does not depend on it: lengths,
//! ranges and the rules on s are checked before a backend is asked, and every backend computes the
//! same equation.

mod portable;
pub(crate) use portable::Portable;

#[cfg(all(feature = "native-curves", not(target_family = "wasm")))]
mod native;
#[cfg(all(feature = "native-curves", not(target_family = "wasm")))]
pub(crate) use native::Native as Chosen;
#[cfg(not(all(feature = "native-curves", not(target_family = "wasm"))))]
pub(crate) use portable::Portable as Chosen;

#[cfg(all(
    feature = "native-curves",
    feature = "signing",
    not(target_family = "wasm")
))]
pub(crate) use native::Ed25519Signer;
#[cfg(all(
    feature = "signing",
    not(all(feature = "native-curves", not(target_family = "wasm")))
))]
pub(crate) use portable::Ed25519Signer;

/// Verification with keys and signatures that were read, and are in range.
pub(crate) trait Backend {
    /// Strict Ed25519: a canonical S, an R that is canonical and not of small order. The key is
    /// canonical and not of small order.
    fn ed25519(key: &ed25519_dalek::VerifyingKey, message: &[u8], signature: &[u8; 64]) -> bool;

    /// ES256 with either s.
    fn p256(
        key: &p256::ecdsa::VerifyingKey,
        message: &[u8],
        signature: &p256::ecdsa::Signature,
    ) -> bool;

    /// ES256K; s is low.
    fn secp256k1(
        key: &k256::ecdsa::VerifyingKey,
        message: &[u8],
        signature: &k256::ecdsa::Signature,
    ) -> bool;
}
