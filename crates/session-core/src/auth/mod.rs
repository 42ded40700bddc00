//! Auth methods: how an issuer signs. What they answer is never trusted.

mod error;
mod request;

pub use error::AuthError;
pub use request::AuthRequest;

use async_trait::async_trait;
use cacao::{Cacao, Issuer, MaybeSend, MaybeSync};

/// Asks an issuer (a wallet, a passkey) to sign a capability.
///
/// Implement it for a wallet of your own; [`Sessions::get`](crate::Sessions::get) calls
/// [`authorize`](Self::authorize) at most once, and verifies what comes back before anything is
/// kept.
///
/// ```
/// use async_trait::async_trait;
/// use cacao::{Cacao, HeaderType, Issuer, Signature, SignatureKind, SignatureValue, siwx};
/// use session_core::{AuthError, AuthMethod, AuthRequest};
///
/// /// A wallet of a chain that the caller's verifiers know as `example`.
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
///     async fn authorize(&self, request: &AuthRequest) -> Result<Cacao, AuthError> {
///         let payload = request.payload().clone();
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
