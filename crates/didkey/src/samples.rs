//! Valid public keys from arbitrary bytes, for fuzzing and property tests.

use crate::{Error, KeyType, PublicKey};

/// Enough bytes for a scalar of every curve.
pub(crate) const SEED_LENGTH: usize = 66;

/// The public key of a seed. Every seed gives one; the scalars do not cover their whole range.
pub(crate) fn public_key(key_type: KeyType, seed: &[u8; SEED_LENGTH]) -> Result<PublicKey, Error> {
    let invalid = Error::InvalidSeed { key_type };
    // The upper byte cleared is below the order of every group; the lower bit set is not zero.
    let mut seed = *seed;
    seed[0] = 0;
    seed[SEED_LENGTH - 1] |= 1;

    macro_rules! ecdsa {
        ($curve:ident, $length:literal) => {{
            let mut scalar = [0; $length];
            for (to, from) in scalar.iter_mut().rev().zip(seed.iter().rev()) {
                *to = *from;
            }
            scalar[0] = 0;
            let secret = $curve::ecdsa::SigningKey::from_slice(&scalar).map_err(|_| invalid)?;
            let point = secret.verifying_key().to_sec1_point(true);
            PublicKey::from_bytes(key_type, point.as_bytes())
        }};
    }
    let ed25519 = || {
        let seed = seed.last_chunk().ok_or(invalid)?;
        Ok::<_, Error>(ed25519_dalek::SigningKey::from_bytes(seed).verifying_key())
    };
    match key_type {
        KeyType::Ed25519 => PublicKey::from_bytes(key_type, ed25519()?.as_bytes()),
        KeyType::X25519 => PublicKey::from_bytes(key_type, &ed25519()?.to_montgomery().to_bytes()),
        KeyType::Secp256k1 => ecdsa!(k256, 32),
        KeyType::P256 => ecdsa!(p256, 32),
        #[cfg(feature = "p384")]
        KeyType::P384 => ecdsa!(p384, 48),
        #[cfg(feature = "p521")]
        KeyType::P521 => ecdsa!(p521, 66),
        #[cfg(not(feature = "p384"))]
        KeyType::P384 => Err(Error::UnsupportedKeyType {
            key_type,
            feature: "p384",
        }),
        #[cfg(not(feature = "p521"))]
        KeyType::P521 => Err(Error::UnsupportedKeyType {
            key_type,
            feature: "p521",
        }),
    }
}
