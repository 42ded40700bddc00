//! The curves: how bytes become a point, and how a signature is checked against it.

#[cfg(any(feature = "p384", feature = "p521"))]
use k256::ecdsa::signature::Verifier as _;

use crate::backend::Backend;
use crate::{Algorithm, Error, KeyType};

/// The decompressed public key of one curve.
#[derive(Clone)]
pub(crate) enum Point {
    Ed25519(ed25519_dalek::VerifyingKey),
    X25519,
    Secp256k1(k256::ecdsa::VerifyingKey),
    P256(p256::ecdsa::VerifyingKey),
    #[cfg(feature = "p384")]
    P384(p384::ecdsa::VerifyingKey),
    #[cfg(feature = "p521")]
    P521(p521::ecdsa::VerifyingKey),
}

impl Point {
    /// `bytes` has the key type's length, or that of its uncompressed points.
    pub(crate) fn from_bytes(key_type: KeyType, bytes: &[u8]) -> Result<Self, Error> {
        let invalid = Error::InvalidKey { key_type };
        // SEC 1 encodings of these lengths are the compressed ones (02 and 03) and the uncompressed
        // one (04), but the decoders also know a compact form (05): it would be a second spelling.
        if !matches!(key_type, KeyType::Ed25519 | KeyType::X25519)
            && !matches!(bytes.first(), Some(0x02..=0x04))
        {
            return Err(invalid);
        }
        match key_type {
            KeyType::Ed25519 => {
                let bytes = <&[u8; 32]>::try_from(bytes).map_err(|_| invalid)?;
                if !is_reduced(bytes, 0x7f) {
                    return Err(invalid);
                }
                let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| invalid)?;
                // This covers the sign bit of x = 0 too: both such points are of small order.
                if key.is_weak() {
                    return Err(invalid);
                }
                Ok(Self::Ed25519(key))
            }
            KeyType::X25519 => {
                let bytes = <&[u8; 32]>::try_from(bytes).map_err(|_| invalid)?;
                if is_reduced(bytes, 0xff) {
                    Ok(Self::X25519)
                } else {
                    Err(invalid)
                }
            }
            KeyType::Secp256k1 => k256::ecdsa::VerifyingKey::from_sec1_bytes(bytes)
                .map(Self::Secp256k1)
                .map_err(|_| invalid),
            KeyType::P256 => p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes)
                .map(Self::P256)
                .map_err(|_| invalid),
            #[cfg(feature = "p384")]
            KeyType::P384 => p384::ecdsa::VerifyingKey::from_sec1_bytes(bytes)
                .map(Self::P384)
                .map_err(|_| invalid),
            #[cfg(feature = "p521")]
            KeyType::P521 => p521::ecdsa::VerifyingKey::from_sec1_bytes(bytes)
                .map(Self::P521)
                .map_err(|_| invalid),
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

    /// `algorithm` is the key's and `signature` has its length.
    pub(crate) fn verify<B: Backend>(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        let invalid = Error::InvalidSignature { algorithm };
        let holds = match self {
            Self::Ed25519(key) => {
                let signature = <&[u8; 64]>::try_from(signature).map_err(|_| invalid)?;
                B::ed25519(key, message, signature)
            }
            Self::X25519 => false,
            Self::Secp256k1(key) => {
                let signature =
                    k256::ecdsa::Signature::from_slice(signature).map_err(|_| invalid)?;
                if signature.normalize_s() != signature {
                    return Err(Error::HighS { algorithm });
                }
                B::secp256k1(key, message, &signature)
            }
            Self::P256(key) => {
                let signature = p256::ecdsa::Signature::from_slice(signature);
                B::p256(key, message, &signature.map_err(|_| invalid)?)
            }
            #[cfg(feature = "p384")]
            Self::P384(key) => {
                let signature = p384::ecdsa::Signature::from_slice(signature);
                key.verify(message, &signature.map_err(|_| invalid)?)
                    .is_ok()
            }
            #[cfg(feature = "p521")]
            Self::P521(key) => {
                let signature = p521::ecdsa::Signature::from_slice(signature);
                key.verify(message, &signature.map_err(|_| invalid)?)
                    .is_ok()
            }
        };
        if holds { Ok(()) } else { Err(invalid) }
    }
}

/// Whether a little-endian coordinate is below 2^255 - 19 once its top byte is masked; the mask
/// takes the sign bit of Ed25519 away.
fn is_reduced(bytes: &[u8; 32], top_mask: u8) -> bool {
    let [low, middle @ .., top] = bytes;
    let top = top & top_mask;
    top < 0x7f || (top == 0x7f && (*low < 0xed || middle.iter().any(|byte| *byte != 0xff)))
}
