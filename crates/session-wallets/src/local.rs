//! The auth method of an account whose key is in this process.

use crate::LocalScheme;
use async_trait::async_trait;
use cacao::{AccountId, Cacao, ChainId, Issuer, Payload};
use session_core::{AuthError, AuthMethod, Pending};
use std::fmt;
use zeroize::Zeroizing;

/// An account whose key is in this process: for servers, tools and tests. It signs without
/// asking anybody. The key is never shown, and wiped when the wallet is dropped.
///
/// `EthereumWallet`, `SolanaWallet` and their kin are this type with the scheme of their chain.
pub struct LocalWallet<S: LocalScheme> {
    issuer: Issuer,
    pub(crate) scheme: S,
    pub(crate) key: S::Key,
}

impl<S: LocalScheme> LocalWallet<S> {
    /// The wallet of a secret key of 32 bytes (the seed, where keys are Ed25519), on a chain of
    /// the scheme's namespace.
    ///
    /// # Errors
    /// [`AuthError::Failed`] when the bytes are not a valid key, or the chain is another one. They
    /// are not quoted.
    pub fn from_secret(secret: &[u8; 32], chain: &ChainId) -> Result<Self, AuthError> {
        Self::of_key(S::key(secret)?, chain)
    }

    /// A throw-away wallet with a fresh key, on a chain of the scheme's namespace.
    ///
    /// # Errors
    /// [`AuthError::Failed`] when there is no randomness, or the chain is another one.
    pub fn generate(chain: &ChainId) -> Result<Self, AuthError> {
        let mut secret = Zeroizing::new([0_u8; 32]);
        getrandom::fill(secret.as_mut_slice())
            .map_err(|error| AuthError::failed(error.to_string()))?;
        Self::from_secret(&secret, chain)
    }

    pub(crate) fn of_key(key: S::Key, chain: &ChainId) -> Result<Self, AuthError> {
        let (scheme, address) = S::address(&key, chain)?;
        let account: AccountId = format!("{chain}:{address}")
            .parse()
            .map_err(AuthError::failed)?;
        let issuer = Issuer::Pkh(account);
        scheme.check(&issuer)?;
        Ok(Self {
            issuer,
            scheme,
            key,
        })
    }

    /// The account.
    #[must_use]
    pub const fn account(&self) -> Option<&AccountId> {
        self.issuer.account()
    }

    /// Signs a payload at once.
    ///
    /// # Errors
    /// [`AuthError::Failed`] when the scheme has no message for it.
    pub fn sign(&self, payload: &Payload) -> Result<Cacao, AuthError> {
        let payload = self.scheme.payload(payload)?;
        let answer = S::sign(&self.key, &self.scheme.message(&payload)?);
        self.scheme.signed(payload, answer)
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<S: LocalScheme> AuthMethod for LocalWallet<S> {
    fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    async fn authorize(&self, pending: &Pending) -> Result<Cacao, AuthError> {
        let payload = pending.payload_for(self.issuer());
        self.sign(&payload.map_err(AuthError::failed)?)
    }
}

/// The key is not shown.
impl<S: LocalScheme> fmt::Debug for LocalWallet<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalWallet")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}
