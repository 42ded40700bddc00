//! How an issuer is asked: the two traits that wallets implement.

use super::Pending;
use crate::error::AuthError;
use async_trait::async_trait;
use cacao::{Cacao, Issuer, MaybeSend, MaybeSync};

/// Asks an issuer (a wallet or a passkey), whose account is known before, to sign a capability.
///
/// Implement it for a wallet of your own; [`Sessions::get`](crate::Sessions::get) calls
/// [`authorize`](Self::authorize) at most once, and verifies what comes back before anything is
/// kept.
///
/// ```
/// use async_trait::async_trait;
/// use cacao::{Cacao, HeaderType, Issuer, Signature, SignatureKind, SignatureValue, siwx};
/// use session_core::{AuthError, AuthMethod, Pending};
///
/// /// A wallet of a chain that the caller's provers know as `example`.
/// struct ExampleWallet {
///     issuer: Issuer,
/// }
/// # fn ask_user_and_sign(_: &str) -> Option<String> { None }
///
/// #[async_trait]
/// impl AuthMethod for ExampleWallet {
///     fn issuer(&self) -> &Issuer {
///         &self.issuer
///     }
///
///     async fn authorize(&self, pending: &Pending) -> Result<Cacao, AuthError> {
///         let payload = pending.payload_for(&self.issuer).map_err(AuthError::failed)?;
///         let text = siwx::render_as("Example", &payload).map_err(AuthError::failed)?;
///         let hex = ask_user_and_sign(&text).ok_or(AuthError::Declined)?;
///         let kind = SignatureKind::new("example:ed25519").map_err(AuthError::failed)?;
///         let value = SignatureValue::Text(hex.into());
///         let signature = Signature::new(kind, value, None).map_err(AuthError::failed)?;
///         Ok(Cacao::new(HeaderType::Caip122, payload, Some(signature)))
///     }
/// }
/// ```
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait AuthMethod: MaybeSend + MaybeSync {
    /// The issuer that will sign.
    fn issuer(&self) -> &Issuer;

    /// Shows the user what is asked for, and returns the signed capability.
    ///
    /// # Errors
    /// [`AuthError::Declined`] when the user says no, [`AuthError::Failed`] for everything else.
    async fn authorize(&self, pending: &Pending) -> Result<Cacao, AuthError>;
}

/// Asks a wallet whose account is known only from its answer: one that connects and signs in one
/// step.
///
/// Every [`AuthMethod`] also implements this trait.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait SignIn: MaybeSend + MaybeSync {
    /// Lets the user choose an account, shows what is asked for, and returns the signed capability,
    /// whose issuer is that account.
    ///
    /// # Errors
    /// As [`AuthMethod::authorize`].
    async fn sign_in(&self, pending: &Pending) -> Result<Cacao, AuthError>;
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<A: AuthMethod + ?Sized> AuthMethod for &A {
    fn issuer(&self) -> &Issuer {
        (**self).issuer()
    }

    async fn authorize(&self, pending: &Pending) -> Result<Cacao, AuthError> {
        (**self).authorize(pending).await
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<A: AuthMethod> SignIn for A {
    async fn sign_in(&self, pending: &Pending) -> Result<Cacao, AuthError> {
        self.authorize(pending).await
    }
}
