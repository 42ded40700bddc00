//! Session keys, and who has custody of them.

mod in_memory;

use async_trait::async_trait;
use cacao::{MaybeSend, MaybeSync};
use didkey::{DidKey, Signature};
use std::error::Error as StdError;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A private key that signs for the session; the store decides where it is kept.
///
/// A key cannot be used with a store of another custody: a [`SessionStore`](crate::SessionStore)
/// accepts only its own key type.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait SessionKey: MaybeSend + MaybeSync {
    /// The public half, as a `did:key`: the audience of the capability.
    fn did(&self) -> &DidKey;

    /// Signs a message with the algorithm of the key (EdDSA, ES256 or ES256K): 64 bytes.
    ///
    /// # Errors
    /// [`SigningError`] when the custodian does not sign.
    async fn sign(&self, message: &[u8]) -> Result<Signature, SigningError>;
}

/// A key whose secret can leave its custody, and so can be part of a session string.
///
/// Only [`Ed25519SigningKey`](didkey::Ed25519SigningKey) is such a key; a session with any other
/// key has no `serialize`.
pub trait ExportableKey: SessionKey {
    /// The secret: a seed of 32 bytes. Anyone who has it can sign for the session.
    fn export_seed(&self) -> Zeroizing<[u8; 32]>;
}

/// Why a key did not sign. It never says anything about the secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// The custodian of the key failed, or refused.
    #[error("the custodian of {did} failed")]
    Custodian {
        /// The key's `did:key`.
        did: String,
        /// What the custodian said.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl SigningError {
    /// The custodian of this key failed for this reason.
    pub fn custodian(did: &DidKey, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Custodian {
            did: did.to_string(),
            source: source.into(),
        }
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<K: SessionKey + ?Sized> SessionKey for Arc<K> {
    fn did(&self) -> &DidKey {
        (**self).did()
    }

    async fn sign(&self, message: &[u8]) -> Result<Signature, SigningError> {
        (**self).sign(message).await
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<K: SessionKey + ?Sized> SessionKey for Box<K> {
    fn did(&self) -> &DidKey {
        (**self).did()
    }

    async fn sign(&self, message: &[u8]) -> Result<Signature, SigningError> {
        (**self).sign(message).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use didkey::Ed25519SigningKey;

    #[test]
    fn what_the_custodian_said_is_kept() {
        let key = Ed25519SigningKey::from_seed(&[1; 32]);
        let said = std::io::Error::new(std::io::ErrorKind::TimedOut, "the token is away");
        let error = Error::from(SigningError::custodian(key.did_key(), said));
        assert_eq!(error.code(), "signing_failed");
        let custodian = error.source().unwrap();
        assert_eq!(
            custodian.to_string(),
            format!("the custodian of {} failed", key.did_key())
        );
        let said = custodian.source().unwrap();
        let said = said.downcast_ref::<std::io::Error>().unwrap();
        assert_eq!(said.kind(), std::io::ErrorKind::TimedOut);
    }
}
