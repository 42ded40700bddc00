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

/// The public half as the bytes that addresses are made of.
#[cfg(any(feature = "solana", feature = "tezos"))]
fn ed25519_public(key: &didkey::Ed25519SigningKey) -> Result<[u8; 32], AuthError> {
    <[u8; 32]>::try_from(key.did_key().public_key().as_bytes()).map_err(AuthError::failed)
}
