//! The auth method of whatever signs elsewhere: an issuer, and a closure that asks it.

use crate::Scheme;
use async_trait::async_trait;
use cacao::{AccountId, Cacao, Issuer, MaybeSend, MaybeSync};
use session_core::{AuthError, AuthMethod, Pending};
use std::fmt;
use std::future::Future;

/// An issuer whose signer is a closure: it gets the [message](Scheme::Message) of its scheme and
/// gives the [answer](Scheme::Answer). So any signer crate, or a remote signer, plugs in.
///
/// `EthereumAuth`, `SolanaAuth` and their kin are this type with the scheme of their chain.
pub struct Signer<S, F> {
    issuer: Issuer,
    scheme: S,
    sign: F,
}

impl<S, F, Fut> Signer<S, F>
where
    S: Scheme,
    F: Fn(S::Message) -> Fut + MaybeSend + MaybeSync,
    Fut: Future<Output = Result<S::Answer, AuthError>> + MaybeSend,
{
    /// An issuer, its scheme, and how it signs.
    ///
    /// # Errors
    /// [`AuthError::Failed`] when the scheme is not that of the issuer.
    pub fn with_scheme(issuer: &Issuer, scheme: S, sign: F) -> Result<Self, AuthError> {
        scheme.check(issuer)?;
        Ok(Self::of(issuer.normalized(), scheme, sign))
    }

    /// An issuer that the scheme accepts.
    pub(crate) const fn of(issuer: Issuer, scheme: S, sign: F) -> Self {
        Self {
            issuer,
            scheme,
            sign,
        }
    }
}

impl<S, F, Fut> Signer<S, F>
where
    S: Scheme + Default,
    F: Fn(S::Message) -> Fut + MaybeSend + MaybeSync,
    Fut: Future<Output = Result<S::Answer, AuthError>> + MaybeSend,
{
    /// An account, and how it signs.
    ///
    /// # Errors
    /// [`AuthError::Failed`] when the account is of another namespace than that of the scheme.
    pub fn new(account: &AccountId, sign: F) -> Result<Self, AuthError> {
        Self::with_scheme(&Issuer::Pkh(account.clone()), S::default(), sign)
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<S, F, Fut> AuthMethod for Signer<S, F>
where
    S: Scheme,
    F: Fn(S::Message) -> Fut + MaybeSend + MaybeSync,
    Fut: Future<Output = Result<S::Answer, AuthError>> + MaybeSend,
{
    fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    async fn authorize(&self, pending: &Pending) -> Result<Cacao, AuthError> {
        let asked = pending.payload_for(&self.issuer);
        let payload = self.scheme.payload(&asked.map_err(AuthError::failed)?)?;
        let answer = (self.sign)(self.scheme.message(&payload)?).await?;
        self.scheme.signed(payload, answer)
    }
}

/// The closure is not shown.
impl<S, F> fmt::Debug for Signer<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}
