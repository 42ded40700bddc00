//! The Ed25519 signing key, the kind that session strings carry.

use alloc::sync::Arc;
use core::fmt;

use ed25519_dalek::VerifyingKey;
use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
use sha2::Sha512;
use subtle::{Choice, ConstantTimeEq};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::random_seed;
use crate::backend::Ed25519Signer;
use crate::{DidKey, Error, PublicKey, Signature};

/// An Ed25519 private key (RFC 8032) in memory, with the did:key of its public key.
///
/// Clones share one secret, which is wiped when the last of them is dropped.
///
/// ```
/// use didkey::{Algorithm, Ed25519SigningKey};
///
/// let key = Ed25519SigningKey::generate()?;
/// let signature = key.sign(b"message");
/// key.did_key().public_key().verify(Algorithm::EdDsa, b"message", signature.as_ref())?;
/// # Ok::<(), didkey::Error>(())
/// ```
#[derive(Clone)]
pub struct Ed25519SigningKey {
    did: DidKey,
    public: VerifyingKey,
    secret: Arc<Secret>,
}

struct Secret {
    seed: Zeroizing<[u8; 32]>,
    // Kept, so that a signature does not hash the seed again; it wipes itself.
    expanded: ExpandedSecretKey,
    signer: Ed25519Signer,
}

impl Ed25519SigningKey {
    /// A new key from the operating system's randomness.
    ///
    /// # Errors
    ///
    /// [`Error::Randomness`] if there is none.
    pub fn generate() -> Result<Self, Error> {
        Ok(Self::from_seed(&*random_seed()?))
    }

    /// The key of a seed: the 32 bytes that RFC 8032 calls the private key. Any 32 bytes are one.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let expanded = ExpandedSecretKey::from(seed);
        let public = VerifyingKey::from(&expanded);
        let mut secret = Arc::new(Secret {
            seed: Zeroizing::default(),
            expanded,
            signer: Ed25519Signer::default(),
        });
        // written where it stays: what is moved there leaves a copy where it was
        if let Some(secret) = Arc::get_mut(&mut secret) {
            secret.seed.copy_from_slice(seed);
        }
        Self {
            did: PublicKey::of_ed25519(public).into(),
            public,
            secret,
        }
    }

    /// The secret seed in plain bytes. **Anyone who holds it can sign as this key**: keep it out of
    /// logs, and let the returned value drop as soon as it is written where it belongs.
    #[must_use]
    pub fn to_seed(&self) -> Zeroizing<[u8; 32]> {
        self.secret.seed.clone()
    }

    /// The did:key of the public key.
    #[must_use]
    pub fn did_key(&self) -> &DidKey {
        &self.did
    }

    /// Signs a message with `EdDSA`; the same message gives the same signature.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        let secret = &self.secret;
        if let Some(signature) = secret
            .signer
            .sign(&secret.seed, self.public.as_bytes(), message)
        {
            return signature.into();
        }
        // `raw_sign` leaks the key if it is given another public key than the secret's own:
        // `public` is computed from `expanded` in the only constructor.
        raw_sign::<Sha512>(&self.secret.expanded, message, &self.public)
            .to_bytes()
            .into()
    }
}

impl ConstantTimeEq for Ed25519SigningKey {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.secret
            .seed
            .as_slice()
            .ct_eq(other.secret.seed.as_slice())
    }
}

impl PartialEq for Ed25519SigningKey {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for Ed25519SigningKey {}

/// Clones share the secret: it is wiped with the last of them.
impl ZeroizeOnDrop for Ed25519SigningKey {}

impl fmt::Debug for Ed25519SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ed25519SigningKey")
            .field("did", &self.did)
            .finish_non_exhaustive()
    }
}
