//! What one kind of issuer has of its own; everything else is written once for all of them.

use cacao::{Cacao, ChainId, HeaderType, Issuer, MaybeSend, MaybeSync, Payload, Signature};
use session_core::AuthError;
use zeroize::ZeroizeOnDrop;

/// How issuers of one kind sign: what a signer gets, and what its answer becomes.
///
/// Implement it for a chain of your own, and [`Signer`](crate::Signer) is its auth method.
pub trait Scheme: MaybeSend + MaybeSync {
    /// What a signer gets.
    type Message: MaybeSend;
    /// What it answers.
    type Answer: MaybeSend;
    /// The namespace of its issuers (CAIP-2; `did:key` for passkeys).
    const NAMESPACE: &'static str;
    /// The header of the capabilities.
    const HEADER: HeaderType = HeaderType::Caip122;

    /// Refuses issuers that sign in another way, such as those of another namespace.
    ///
    /// # Errors
    /// [`AuthError::Failed`], which says what the issuer is not.
    fn check(&self, issuer: &Issuer) -> Result<(), AuthError> {
        if issuer.namespace() == Self::NAMESPACE {
            return Ok(());
        }
        let namespace = Self::NAMESPACE;
        Err(AuthError::failed(format!(
            "{issuer} is not of the namespace {namespace}"
        )))
    }

    /// The payload that will be signed: all that was asked for, unless the scheme cannot show
    /// something.
    ///
    /// # Errors
    /// [`AuthError::Failed`] when nothing can be signed.
    fn payload(&self, asked: &Payload) -> Result<Payload, AuthError> {
        Ok(asked.clone())
    }

    /// What the signer gets for a payload.
    ///
    /// # Errors
    /// [`AuthError::Failed`] when there is no way to say it.
    fn message(&self, payload: &Payload) -> Result<Self::Message, AuthError>;

    /// The signature as it is written in a capability.
    ///
    /// # Errors
    /// [`AuthError::Failed`] when the answer cannot be one.
    fn signature(&self, answer: Self::Answer) -> Result<Signature, AuthError>;

    /// The capability of a payload and the answer to its message. It is not verified.
    ///
    /// # Errors
    /// As [`signature`](Self::signature).
    fn signed(&self, payload: Payload, answer: Self::Answer) -> Result<Cacao, AuthError> {
        let signature = self.signature(answer)?;
        Ok(Cacao::new(Self::HEADER, payload, Some(signature)))
    }
}

/// A scheme that can have keys in this process, see [`LocalWallet`](crate::LocalWallet).
pub trait LocalScheme: Scheme + Sized {
    /// A secret key, which wipes itself when it is dropped.
    type Key: ZeroizeOnDrop + MaybeSend + MaybeSync;

    /// The key of 32 secret bytes.
    ///
    /// # Errors
    /// [`AuthError::Failed`] when they are not a valid key. They are not quoted.
    fn key(secret: &[u8; 32]) -> Result<Self::Key, AuthError>;

    /// The address of a key on a chain, and the scheme by which it signs.
    ///
    /// # Errors
    /// [`AuthError::Failed`] when the key has no address there.
    fn address(key: &Self::Key, chain: &ChainId) -> Result<(Self, String), AuthError>;

    /// Signs a message.
    fn sign(key: &Self::Key, message: &Self::Message) -> Self::Answer;
}
