//! Ethereum accounts as issuers: any signer by a closure, and a local key.

use super::{AuthError, AuthMethod, AuthRequest, text};
use async_trait::async_trait;
use cacao::{
    AccountId, Cacao, ChainId, HeaderType, Issuer, MaybeSend, MaybeSync, Signature, eip191,
};
use k256::ecdsa::SigningKey;
use std::fmt;
use std::future::Future;

/// An Ethereum account whose signer is a closure: it gets the text of `personal_sign` (EIP-191)
/// and answers with the 65 bytes r ‖ s ‖ v. So any signer crate, or a remote signer, plugs in.
///
/// ```
/// use session_core::{AuthError, EthereumAuth};
///
/// # fn sign_somewhere(text: &[u8]) -> Result<[u8; 65], std::io::Error> { Ok([0; 65]) }
/// let account = "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44".parse()?;
/// let auth = EthereumAuth::new(&account, |text: String| async move {
///     sign_somewhere(text.as_bytes()).map_err(AuthError::failed)
/// })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct EthereumAuth<F> {
    issuer: Issuer,
    sign: F,
}

impl<F, Fut> EthereumAuth<F>
where
    F: Fn(String) -> Fut + MaybeSend + MaybeSync,
    Fut: Future<Output = Result<[u8; 65], AuthError>> + MaybeSend,
{
    /// An account of the namespace `eip155`, and how it signs.
    ///
    /// # Errors
    /// [`AuthError::Failed`] when the account is of another namespace.
    pub fn new(account: &AccountId, sign: F) -> Result<Self, AuthError> {
        text::check_namespace(account, "eip155")?;
        let issuer = Issuer::Pkh(account.normalized());
        Ok(Self { issuer, sign })
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<F, Fut> AuthMethod for EthereumAuth<F>
where
    F: Fn(String) -> Fut + MaybeSend + MaybeSync,
    Fut: Future<Output = Result<[u8; 65], AuthError>> + MaybeSend,
{
    fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    async fn authorize(&self, request: &AuthRequest) -> Result<Cacao, AuthError> {
        let signature = (self.sign)(text::of(request)?).await?;
        Ok(signed(request, &signature))
    }
}

impl<F> fmt::Debug for EthereumAuth<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EthereumAuth")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// An Ethereum account whose key lies in this process: for servers, tools and tests. It signs
/// without asking anybody.
pub struct EthereumWallet {
    issuer: Issuer,
    key: SigningKey,
}

impl EthereumWallet {
    /// The wallet of a secret key of 32 bytes, on a chain of the namespace `eip155`.
    ///
    /// # Errors
    /// [`AuthError::Failed`] when the bytes are no secp256k1 key, or the chain is of another
    /// namespace.
    pub fn from_secret(secret: &[u8; 32], chain: &ChainId) -> Result<Self, AuthError> {
        let key = SigningKey::from_slice(secret)
            .map_err(|_| AuthError::failed("the secret is no secp256k1 key"))?;
        let address = eip191::address_of(key.verifying_key());
        let address = data_encoding::HEXLOWER.encode(&address);
        let account: AccountId = format!("{chain}:0x{address}")
            .parse()
            .map_err(AuthError::failed)?;
        text::check_namespace(&account, "eip155")?;
        Ok(Self {
            issuer: account.into(),
            key,
        })
    }

    /// A throw-away wallet with a fresh key, on a chain of the namespace `eip155`.
    ///
    /// # Errors
    /// [`AuthError::Failed`] when there is no randomness, or the chain is of another namespace.
    pub fn generate(chain: &ChainId) -> Result<Self, AuthError> {
        let mut secret = zeroize::Zeroizing::new([0_u8; 32]);
        getrandom::fill(secret.as_mut_slice())
            .map_err(|error| AuthError::failed(error.to_string()))?;
        Self::from_secret(&secret, chain)
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        self.issuer.account()
    }

    /// Signs a text as `personal_sign` does (EIP-191): r ‖ s ‖ v, v being 27 or 28.
    #[must_use]
    pub fn personal_sign(&self, text: &[u8]) -> [u8; 65] {
        let (signature, recovery_id) = self.key.sign_prehash_recoverable(&eip191::digest(text));
        let mut bytes = [0_u8; 65];
        let (rs, v) = bytes.split_at_mut(64);
        rs.copy_from_slice(&signature.to_bytes());
        v.copy_from_slice(&[27 + u8::from(recovery_id.is_y_odd())]);
        bytes
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl AuthMethod for EthereumWallet {
    fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    async fn authorize(&self, request: &AuthRequest) -> Result<Cacao, AuthError> {
        let signature = self.personal_sign(text::of(request)?.as_bytes());
        Ok(signed(request, &signature))
    }
}

/// The key is not shown.
impl fmt::Debug for EthereumWallet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EthereumWallet")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

fn signed(request: &AuthRequest, signature: &[u8; 65]) -> Cacao {
    let signature = Signature::eip191(signature);
    Cacao::new(
        HeaderType::Eip4361,
        request.payload().clone(),
        Some(signature),
    )
}
