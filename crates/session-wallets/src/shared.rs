//! What several chains share: the text, and the two curves of local wallets.

use cacao::{Payload, siwx};
use session_core::AuthError;

/// The text that wallets show and sign, laid out as writers do.
pub(crate) fn text_of(payload: &Payload) -> Result<String, AuthError> {
    siwx::render(payload, siwx::Dialect::default()).map_err(AuthError::failed)
}

/// A secp256k1 key.
#[cfg(any(feature = "ethereum", feature = "stacks"))]
pub(crate) fn secp256k1(secret: &[u8; 32]) -> Result<k256::ecdsa::SigningKey, AuthError> {
    k256::ecdsa::SigningKey::from_slice(secret)
        .map_err(|_| AuthError::failed("the secret is not a valid secp256k1 key"))
}

/// r ‖ s ‖ v of a digest, `v` being `first` or the number after it.
#[cfg(any(feature = "ethereum", feature = "stacks"))]
pub(crate) fn recoverable(key: &k256::ecdsa::SigningKey, digest: &[u8; 32], first: u8) -> [u8; 65] {
    let (signature, id) = key.sign_prehash_recoverable(digest);
    let mut bytes = [first + u8::from(id.is_y_odd()); 65];
    let (rs, _) = bytes.split_at_mut(64);
    rs.copy_from_slice(&signature.to_bytes());
    bytes
}

/// The public half as the bytes that addresses are made of.
#[cfg(any(feature = "solana", feature = "tezos"))]
pub(crate) fn ed25519_public(key: &didkey::Ed25519SigningKey) -> Result<[u8; 32], AuthError> {
    <[u8; 32]>::try_from(key.did_key().public_key().as_bytes()).map_err(AuthError::failed)
}

/// The key of a seed that is written with its public key behind it. What is not its public key is
/// refused.
#[cfg(any(feature = "solana", feature = "tezos"))]
pub(crate) fn ed25519_pair(
    seed: &[u8; 32],
    public: &[u8],
) -> Result<didkey::Ed25519SigningKey, AuthError> {
    let key = didkey::Ed25519SigningKey::from_seed(seed);
    if key.did_key().public_key().as_bytes() == public {
        return Ok(key);
    }
    Err(AuthError::failed(
        "the second half of the key is not the public key of the first",
    ))
}
