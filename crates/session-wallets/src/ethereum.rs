//! Ethereum accounts as issuers.

use crate::shared::{recoverable, secp256k1, text_of};
use crate::{LocalScheme, LocalWallet, Scheme, Signer};
use cacao::{ChainId, HeaderType, Payload, Signature, eip191};
use k256::ecdsa::SigningKey;
use session_core::AuthError;

/// An Ethereum account whose signer is a closure: it gets the text of `personal_sign` (EIP-191)
/// and answers with the 65 bytes r ‖ s ‖ v. So any signer crate, or a remote signer, plugs in.
///
/// ```
/// use session_core::AuthError;
/// use session_wallets::EthereumAuth;
///
/// # fn sign_somewhere(text: &[u8]) -> Result<[u8; 65], std::io::Error> { Ok([0; 65]) }
/// let account = "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44".parse()?;
/// let auth = EthereumAuth::new(&account, |text: String| async move {
///     sign_somewhere(text.as_bytes()).map_err(AuthError::failed)
/// })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub type EthereumAuth<F> = Signer<Ethereum, F>;

/// An Ethereum account whose secp256k1 key is in this process.
pub type EthereumWallet = LocalWallet<Ethereum>;

/// The scheme of accounts of the namespace `eip155`: `personal_sign` (EIP-191) of the text of
/// EIP-4361, 65 bytes r ‖ s ‖ v.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ethereum;

impl Scheme for Ethereum {
    type Message = String;
    type Answer = [u8; 65];
    const NAMESPACE: &'static str = "eip155";
    const HEADER: HeaderType = HeaderType::Eip4361;

    fn message(&self, payload: &Payload) -> Result<String, AuthError> {
        text_of(payload)
    }

    fn signature(&self, answer: [u8; 65]) -> Result<Signature, AuthError> {
        Ok(Signature::eip191(&answer))
    }
}

impl LocalScheme for Ethereum {
    type Key = SigningKey;

    fn key(secret: &[u8; 32]) -> Result<SigningKey, AuthError> {
        secp256k1(secret)
    }

    fn address(key: &SigningKey, _: &ChainId) -> Result<(Self, String), AuthError> {
        let address = eip191::address_of(key.verifying_key());
        let address = data_encoding::HEXLOWER.encode(&address);
        Ok((Self, format!("0x{address}")))
    }

    fn sign(key: &SigningKey, text: &String) -> [u8; 65] {
        recoverable(key, &eip191::digest(text.as_bytes()), 27)
    }
}

impl EthereumWallet {
    /// Signs a text as `personal_sign` does (EIP-191): r ‖ s ‖ v, v being 27 or 28.
    #[must_use]
    pub fn personal_sign(&self, text: &[u8]) -> [u8; 65] {
        recoverable(&self.key, &eip191::digest(text), 27)
    }
}
