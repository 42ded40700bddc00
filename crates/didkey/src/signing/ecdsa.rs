//! The ECDSA signing keys, P-256 and secp256k1.

use alloc::sync::Arc;
use core::fmt;

use k256::ecdsa::signature::Signer as _;
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use super::random_seed;
use crate::{DidKey, Error, KeyType, PublicKey, Signature};

/// How often to draw when a random seed is not a scalar of the curve. One draw fails with
/// probability 2^-32 (P-256) or less: more failures mean that the randomness is none.
const DRAWS: usize = 8;

macro_rules! ecdsa_signing_key {
    ($(#[$docs:meta])* $name:ident, $curve:ident, $key_type:expr, $public_key:ident, $sign_docs:literal) => {
        $(#[$docs])*
        #[derive(Clone)]
        pub struct $name {
            did: DidKey,
            // RustCrypto's key wipes itself on drop.
            secret: Arc<$curve::ecdsa::SigningKey>,
        }

        impl $name {
            /// A new key from the operating system's randomness.
            ///
            /// # Errors
            ///
            /// [`Error::Randomness`] if there is none.
            pub fn generate() -> Result<Self, Error> {
                for _ in 0..DRAWS {
                    if let Ok(key) = Self::from_seed(&*random_seed()?) {
                        return Ok(key);
                    }
                }
                Err(Error::Randomness)
            }

            /// The key of a secret scalar, 32 bytes in big-endian order.
            ///
            /// # Errors
            ///
            /// [`Error::InvalidSeed`] if the scalar is zero, or not below the group's order.
            pub fn from_seed(seed: &[u8; 32]) -> Result<Self, Error> {
                let secret = $curve::ecdsa::SigningKey::from_slice(seed)
                    .map_err(|_| Error::InvalidSeed { key_type: $key_type })?;
                let did = PublicKey::$public_key(*secret.verifying_key()).into();
                Ok(Self { did, secret: Arc::new(secret) })
            }

            /// The secret scalar in plain bytes, big-endian. **Whoever holds it can sign as this
            /// key**: keep it out of logs, and let the returned value drop as soon as it is
            /// written where it belongs.
            #[must_use]
            pub fn to_seed(&self) -> Zeroizing<[u8; 32]> {
                let bytes = Zeroizing::new(self.secret.to_bytes());
                Zeroizing::new((*bytes).into())
            }

            /// The did:key of the public key.
            #[must_use]
            pub fn did_key(&self) -> &DidKey {
                &self.did
            }

            #[doc = $sign_docs]
            #[must_use]
            pub fn sign(&self, message: &[u8]) -> Signature {
                let signature: $curve::ecdsa::Signature = self.secret.sign(message);
                Signature::from(<[u8; 64]>::from(signature.to_bytes()))
            }
        }

        impl ConstantTimeEq for $name {
            fn ct_eq(&self, other: &Self) -> Choice {
                self.secret.ct_eq(&other.secret)
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.ct_eq(other).into()
            }
        }

        impl Eq for $name {}

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("did", &self.did).finish_non_exhaustive()
            }
        }
    };
}

ecdsa_signing_key! {
    /// A P-256 private key in memory, with the did:key of its public key.
    ///
    /// Clones share one secret, which is wiped when the last of them is dropped.
    P256SigningKey, p256, KeyType::P256, of_p256,
    "Signs a message with `ES256` (SHA-256, RFC 6979: the same message gives the same signature)."
}

ecdsa_signing_key! {
    /// A secp256k1 private key in memory, with the did:key of its public key.
    ///
    /// Clones share one secret, which is wiped when the last of them is dropped.
    Secp256k1SigningKey, k256, KeyType::Secp256k1, of_secp256k1,
    "Signs a message with `ES256K` (SHA-256, RFC 6979: the same message gives the same signature) \
     and a low S."
}
