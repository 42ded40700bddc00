//! Auth methods: how an issuer signs. What they answer is never trusted.

mod error;
#[cfg(feature = "ethereum")]
mod ethereum;
mod request;

pub use error::AuthError;
#[cfg(feature = "ethereum")]
pub use ethereum::{EthereumAuth, EthereumWallet};
pub use request::AuthRequest;

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
