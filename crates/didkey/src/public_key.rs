//! A validated public key: bytes in, a point on the curve kept for repeated verification.

use core::fmt;
use core::hash::{Hash, Hasher};

use crate::backend::{Backend, Chosen, Portable};
use crate::{Algorithm, Error, KeyType, verify};

/// The longest compressed public key, that of P-521.
const MAX_KEY_LENGTH: usize = 67;

/// A public key that was validated when it was made: it has the exact length of its type, is
/// compressed and canonical, and its point lies on the curve.
///
/// The decompressed point is kept, so that verifying many signatures pays for it once. Nothing is
/// allocated.
#[derive(Clone)]
pub struct PublicKey {
    key_type: KeyType,
    bytes: [u8; MAX_KEY_LENGTH],
    point: verify::Point,
}

impl PublicKey {
    /// Reads a public key: 32 bytes for Ed25519 (RFC 8032) and X25519 (RFC 7748), the compressed
    /// point for the others (SEC 1, section 2.3.3).
    ///
    /// An Ed25519 key of small order is refused: no signature of such a key means anything, and
    /// strict verification would refuse all of them. So is the encoding of a coordinate that is
    /// not reduced, for both 25519 curves: it would be a second spelling of another key.
    ///
    /// # Errors
    ///
    /// [`Error::KeyLength`], [`Error::InvalidKey`], or [`Error::UnsupportedKeyType`] if the key
    /// type's feature is not compiled in.
    pub fn from_bytes(key_type: KeyType, bytes: &[u8]) -> Result<Self, Error> {
        let expected = key_type.public_key_length();
        if bytes.len() != expected {
            return Err(Error::KeyLength {
                key_type,
                length: bytes.len(),
                expected,
            });
        }
        let point = verify::Point::from_bytes(key_type, bytes)?;
        Ok(Self::from_parts(key_type, bytes, point))
    }

    /// Reads the uncompressed point of an ECDSA key, as WebCrypto exports it: 0x04 ‖ x ‖ y (SEC 1,
    /// section 2.3.3). That it lies on its curve is told without a square root.
    ///
    /// # Errors
    ///
    /// [`Error::KeyLength`], [`Error::InvalidKey`] also for types whose keys are not such points, or
    /// [`Error::UnsupportedKeyType`].
    pub fn from_uncompressed(key_type: KeyType, bytes: &[u8]) -> Result<Self, Error> {
        let expected = 2 * key_type.public_key_length() - 1;
        if bytes.len() != expected {
            return Err(Error::KeyLength {
                key_type,
                length: bytes.len(),
                expected,
            });
        }
        let invalid = Error::InvalidKey { key_type };
        let [0x04, xy @ ..] = bytes else {
            return Err(invalid);
        };
        if key_type
            .algorithm()
            .is_none_or(|algorithm| algorithm == Algorithm::EdDsa)
        {
            return Err(invalid);
        }
        let point = verify::Point::from_bytes(key_type, bytes)?;
        let (x, y) = xy.split_at(xy.len() / 2);
        let sign = 0x02 | y.last().unwrap_or(&0) & 1;
        let mut compressed = [sign; MAX_KEY_LENGTH];
        for (to, from) in compressed.iter_mut().skip(1).zip(x) {
            *to = *from;
        }
        let compressed = compressed.get(..=x.len()).unwrap_or_default();
        Ok(Self::from_parts(key_type, compressed, point))
    }

    /// `bytes` are the canonical encoding of `point`.
    fn from_parts(key_type: KeyType, bytes: &[u8], point: verify::Point) -> Self {
        let mut kept = [0; MAX_KEY_LENGTH];
        for (to, from) in kept.iter_mut().zip(bytes) {
            *to = *from;
        }
        Self {
            key_type,
            bytes: kept,
            point,
        }
    }

    /// The key's type.
    #[must_use]
    pub const fn key_type(&self) -> KeyType {
        self.key_type
    }

    /// The key's bytes, compressed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes
            .get(..self.key_type.public_key_length())
            .unwrap_or_default()
    }

    /// Checks `signature` over `message`, which is hashed as the algorithm says.
    ///
    /// Ed25519 is verified strictly (no small-order R, no unreduced S). ECDSA signatures are
    /// r ‖ s of fixed width; `ES256K` demands a low S, the NIST curves take either S, since
    /// WebCrypto writes either.
    ///
    /// # Errors
    ///
    /// [`Error::AlgorithmMismatch`] if the algorithm is not the key's, [`Error::SignatureLength`],
    /// [`Error::HighS`], or [`Error::InvalidSignature`].
    pub fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        self.verify_by::<Chosen>(algorithm, message, signature)
    }

    /// As [`verify`](Self::verify), by the portable libraries although `native-curves` brings others. The
    /// verdict is the same; it is there for those who compare.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify).
    pub fn verify_portable(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        self.verify_by::<Portable>(algorithm, message, signature)
    }

    fn verify_by<B: Backend>(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        if self.key_type.algorithm() != Some(algorithm) {
            return Err(Error::AlgorithmMismatch {
                key_type: self.key_type,
                algorithm,
            });
        }
        let expected = algorithm.signature_length();
        if signature.len() != expected {
            let length = signature.len();
            return Err(Error::SignatureLength {
                algorithm,
                length,
                expected,
            });
        }
        self.point.verify::<B>(algorithm, message, signature)
    }

    /// The decompressed point, for documents.
    #[cfg(feature = "document")]
    pub(crate) const fn point(&self) -> &verify::Point {
        &self.point
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} {})", self.key_type, self.to_multikey())
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        // Valid keys are canonical: equal bytes and equal keys are the same thing.
        self.key_type == other.key_type && self.bytes == other.bytes
    }
}

impl Eq for PublicKey {}

impl Hash for PublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key_type.hash(state);
        self.as_bytes().hash(state);
    }
}

/// The public keys of private keys, which need no validation.
#[cfg(feature = "signing")]
impl PublicKey {
    pub(crate) fn of_ed25519(key: ed25519_dalek::VerifyingKey) -> Self {
        Self::from_parts(
            KeyType::Ed25519,
            &key.to_bytes(),
            verify::Point::Ed25519(key),
        )
    }

    pub(crate) fn of_p256(key: p256::ecdsa::VerifyingKey) -> Self {
        let bytes = key.to_sec1_point(true);
        Self::from_parts(KeyType::P256, bytes.as_bytes(), verify::Point::P256(key))
    }

    pub(crate) fn of_secp256k1(key: k256::ecdsa::VerifyingKey) -> Self {
        let bytes = key.to_sec1_point(true);
        Self::from_parts(
            KeyType::Secp256k1,
            bytes.as_bytes(),
            verify::Point::Secp256k1(key),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With the feature the key is read; without it the error says which feature is missing.
    #[test]
    fn a_missing_feature_is_named() {
        let p384 =
            "did:key:z82LkrGJRF9iCiGzwCQWLgT7iX3zzZtqDqfEYx9Ft5z8bu6RBX7BTYooia3hxNuFToAi2mf";
        let p521 = "did:key:z2J9gaZ5Ce8tDkp3eu1vSKFhibj4mE9aBD8CpoJVsF2zwVvPLfDPwd5c7UUGAZ987QQu\
                    2YL36i9XpM6hd2nFCqnWS1FFjGHz";
        for (key_type, feature, text) in
            [(KeyType::P384, "p384", p384), (KeyType::P521, "p521", p521)]
        {
            let found = PublicKey::from_did_key(text).map(|key| key.key_type());
            let expected = if key_type.is_supported() {
                Ok(key_type)
            } else {
                Err(Error::UnsupportedKeyType { key_type, feature })
            };
            assert_eq!(found, expected);
        }
    }
    /// Both encodings of a point are one key; what is not on the curve is none.
    #[cfg(feature = "signing")]
    #[test]
    fn an_uncompressed_point_is_the_compressed_one() {
        use p256::elliptic_curve::sec1::ToSec1Point;
        for seed in 1..9 {
            let p256 = p256::SecretKey::from_slice(&[seed; 32]).unwrap();
            let k256 = k256::SecretKey::from_slice(&[seed; 32]).unwrap();
            let (p256, k256) = (p256.public_key(), k256.public_key());
            let points = [
                (KeyType::P256, p256.to_sec1_point(false).as_bytes().to_vec()),
                (
                    KeyType::Secp256k1,
                    k256.to_sec1_point(false).as_bytes().to_vec(),
                ),
            ];
            let compressed = [
                p256.to_sec1_point(true).as_bytes().to_vec(),
                k256.to_sec1_point(true).as_bytes().to_vec(),
            ];
            for ((key_type, raw), compressed) in points.into_iter().zip(compressed) {
                let key = PublicKey::from_uncompressed(key_type, &raw).unwrap();
                assert_eq!(key, PublicKey::from_bytes(key_type, &compressed).unwrap());
                for (place, bits) in [(64, 1), (64, 2), (1, 1), (0, 2), (0, 3), (0, 4)] {
                    let mut spoiled = raw.clone();
                    spoiled[place] ^= bits;
                    let refused = PublicKey::from_uncompressed(key_type, &spoiled);
                    assert_eq!(
                        refused,
                        Err(Error::InvalidKey { key_type }),
                        "{place} {bits}"
                    );
                }
                for length in [0, 1, 33, 64] {
                    let refused = PublicKey::from_uncompressed(key_type, &raw[..length]);
                    assert!(matches!(
                        refused,
                        Err(Error::KeyLength { expected: 65, .. })
                    ));
                }
            }
        }
        let key_type = KeyType::Ed25519;
        let refused = PublicKey::from_uncompressed(key_type, &[4; 63]);
        assert_eq!(refused, Err(Error::InvalidKey { key_type }));
    }
}
