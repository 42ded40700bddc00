//! Auth methods: how an issuer signs. What they answer is never trusted.

mod error;
#[cfg(feature = "ethereum")]
mod ethereum;
#[cfg(feature = "webauthn")]
mod passkey;
mod request;
#[cfg(feature = "solana")]
mod solana;
#[cfg(feature = "stacks")]
mod stacks;
#[cfg(any(
    feature = "ethereum",
    feature = "solana",
    feature = "stacks",
    feature = "tezos"
))]
mod text;
#[cfg(feature = "tezos")]
mod tezos;

pub use error::AuthError;
#[cfg(feature = "ethereum")]
pub use ethereum::{EthereumAuth, EthereumWallet};
#[cfg(feature = "webauthn")]
pub use passkey::{PasskeyAssertion, PasskeyAuth};
pub use request::AuthRequest;
#[cfg(feature = "solana")]
pub use solana::{SolanaAuth, SolanaWallet};
#[cfg(feature = "stacks")]
pub use stacks::{StacksAuth, StacksWallet};
#[cfg(feature = "tezos")]
pub use tezos::{TezosAuth, TezosWallet};

use async_trait::async_trait;
use cacao::{Cacao, Issuer, MaybeSend, MaybeSync};

/// Asks an issuer (a wallet, a passkey) to sign a capability.
///
/// Implement it for a wallet of your own; [`Sessions::get`](crate::Sessions::get) calls
/// [`authorize`](Self::authorize) at most once, and verifies what comes back before anything is
/// kept.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait AuthMethod: MaybeSend + MaybeSync {
    /// Who will sign.
    fn issuer(&self) -> &Issuer;

    /// Shows the request to the user and answers with the signed capability.
    ///
    /// # Errors
    /// [`AuthError::Declined`] when the user says no, [`AuthError::Failed`] for everything else.
    async fn authorize(&self, request: &AuthRequest) -> Result<Cacao, AuthError>;
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<A: AuthMethod + ?Sized> AuthMethod for &A {
    fn issuer(&self) -> &Issuer {
        (**self).issuer()
    }

    async fn authorize(&self, request: &AuthRequest) -> Result<Cacao, AuthError> {
        (**self).authorize(request).await
    }
}

/// The public half as the bytes that addresses are made of.
#[cfg(any(feature = "solana", feature = "tezos"))]
fn ed25519_public(key: &didkey::Ed25519SigningKey) -> Result<[u8; 32], AuthError> {
    <[u8; 32]>::try_from(key.did_key().public_key().as_bytes()).map_err(AuthError::failed)
}
