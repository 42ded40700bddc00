//! Stacks accounts as issuers: any signer by a closure, and a local key.

use super::{AuthError, AuthMethod, AuthRequest, text};
use async_trait::async_trait;
use cacao::{AccountId, Cacao, ChainId, HeaderType, Issuer, MaybeSend, MaybeSync, stacks};
use k256::ecdsa::SigningKey;
use std::fmt;
use std::future::Future;
use zeroize::Zeroizing;

/// A Stacks account whose signer is a closure: it gets the text of a message to sign and answers
/// with the 65 bytes r ‖ s ‖ v, v being 0 or 1.
///
/// ```
/// use session_core::{AuthError, StacksAuth};
///
/// # fn sign_somewhere(text: &str) -> Result<[u8; 65], std::io::Error> { Ok([0; 65]) }
/// let account = "stacks:1:SP1R38VZ17TV24RCE7T6RCX4SEF5NXZD52K0RPWZE".parse()?;
/// let auth = StacksAuth::new(&account, |text: String| async move {
///     sign_somewhere(&text).map_err(AuthError::failed)
/// })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct StacksAuth<F> {
    issuer: Issuer,
    sign: F,
}

impl<F, Fut> StacksAuth<F>
where
    F: Fn(String) -> Fut + MaybeSend + MaybeSync,
    Fut: Future<Output = Result<[u8; 65], AuthError>> + MaybeSend,
{
    /// An account of the namespace `stacks`, and how it signs.
    ///
    /// # Errors
    /// [`AuthError::Failed`] when the account is of another namespace.
    pub fn new(account: &AccountId, sign: F) -> Result<Self, AuthError> {
        text::check_namespace(account, "stacks")?;
        let issuer = Issuer::Pkh(account.clone());
        Ok(Self { issuer, sign })
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<F, Fut> AuthMethod for StacksAuth<F>
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

impl<F> fmt::Debug for StacksAuth<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StacksAuth")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// A Stacks account whose key lies in this process: for servers, tools and tests. It signs
/// without asking anybody.
pub struct StacksWallet {
    issuer: Issuer,
    key: SigningKey,
}

impl StacksWallet {
    /// The wallet of a secret key of 32 bytes, on [`stacks::MAINNET`] or [`stacks::TESTNET`].
    ///
    /// # Errors
    /// [`AuthError::Failed`] when the bytes are no secp256k1 key, or the chain is another one.
    pub fn from_secret(secret: &[u8; 32], chain: &ChainId) -> Result<Self, AuthError> {
        let network = stacks::Network::of_reference(chain.reference())
            .ok_or_else(|| AuthError::failed(format!("the addresses of {chain} are not known")))?;
        let key = SigningKey::from_slice(secret)
            .map_err(|_| AuthError::failed("the secret is no secp256k1 key"))?;
        let address = stacks::address_of(key.verifying_key(), network);
        let account: AccountId = format!("{chain}:{address}")
            .parse()
            .map_err(AuthError::failed)?;
        text::check_namespace(&account, "stacks")?;
        Ok(Self {
            issuer: account.into(),
            key,
        })
    }

    /// The wallet of a private key as Stacks' tools write it: 64 hex digits, or 66 of which the
    /// last two are `01` (which says that the public key is compressed, as it always is here).
    ///
    /// # Errors
    /// As [`from_secret`](Self::from_secret), and when the text is something else. It is not
    /// quoted.
    pub fn from_private_key(hex: &str, chain: &ChainId) -> Result<Self, AuthError> {
        let malformed = || AuthError::failed("no 64 hex digits, nor 66 that end in 01");
        let hex = match hex.len() {
            66 => hex.strip_suffix("01").ok_or_else(malformed)?,
            _ => hex,
        };
        let mut secret = Zeroizing::new([0_u8; 32]);
        if hex.len() != 2 * secret.len() {
            return Err(malformed());
        }
        data_encoding::HEXLOWER_PERMISSIVE
            .decode_mut(hex.as_bytes(), secret.as_mut_slice())
            .map_err(|_| malformed())?;
        Self::from_secret(&secret, chain)
    }

    /// A throw-away wallet with a fresh key, on [`stacks::MAINNET`] or [`stacks::TESTNET`].
    ///
    /// # Errors
    /// [`AuthError::Failed`] when there is no randomness, or the chain is another one.
    pub fn generate(chain: &ChainId) -> Result<Self, AuthError> {
        let mut secret = Zeroizing::new([0_u8; 32]);
        getrandom::fill(secret.as_mut_slice())
            .map_err(|error| AuthError::failed(error.to_string()))?;
        Self::from_secret(&secret, chain)
    }

    /// The account.
    #[must_use]
    pub const fn account(&self) -> Option<&AccountId> {
        self.issuer.account()
    }

    /// Signs a message as wallets do: r ‖ s ‖ v, v being 0 or 1.
    #[must_use]
    pub fn sign_message(&self, text: &str) -> [u8; 65] {
        let (signature, id) = self.key.sign_prehash_recoverable(&stacks::digest(text));
        let mut bytes = [u8::from(id.is_y_odd()); 65];
        let (rs, _) = bytes.split_at_mut(64);
        rs.copy_from_slice(&signature.to_bytes());
        bytes
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl AuthMethod for StacksWallet {
    fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    async fn authorize(&self, request: &AuthRequest) -> Result<Cacao, AuthError> {
        let signature = self.sign_message(&text::of(request)?);
        Ok(signed(request, &signature))
    }
}

/// The key is not shown.
impl fmt::Debug for StacksWallet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StacksWallet")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

fn signed(request: &AuthRequest, signature: &[u8; 65]) -> Cacao {
    Cacao::new(
        HeaderType::Caip122,
        request.payload().clone(),
        Some(stacks::signature(signature)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key and the addresses are those of Stacks' own library.
    const KEY: &str = "b244296d5907de9864c0b0d51f98a13c52890be0404e83f273144cd5b9960eed";

    fn read(key: &str) -> Result<StacksWallet, AuthError> {
        StacksWallet::from_private_key(key, &stacks::MAINNET.parse().unwrap())
    }

    #[test]
    fn both_forms_of_a_private_key() {
        let address = |wallet: &StacksWallet| wallet.account().unwrap().address().to_owned();
        let main = "SP2ZD731ANQZT6J4K3F5N8A40ZXWXC1XFXHVVQFKE";
        assert_eq!(address(&read(KEY).unwrap()), main);
        assert_eq!(address(&read(&format!("{KEY}01")).unwrap()), main);
        assert_eq!(address(&read(&KEY.to_ascii_uppercase()).unwrap()), main);
        let test = StacksWallet::from_private_key(KEY, &stacks::TESTNET.parse().unwrap());
        assert_eq!(
            address(&test.unwrap()),
            "ST2ZD731ANQZT6J4K3F5N8A40ZXWXC1XFXH4HF6PF"
        );
    }

    #[test]
    fn what_is_no_private_key() {
        for bad in [
            String::new(),
            KEY[1..].to_owned(),
            format!("0x{KEY}"),
            format!("{KEY}00"),
            format!("{KEY}0101"),
            format!("{KEY}\n"),
            KEY.replace('b', "g"),
            "0".repeat(64),
            "f".repeat(64),
        ] {
            let error = read(&bad).unwrap_err();
            let told = format!("{error} {error:?}");
            assert!(!told.contains("44296d59"), "{told}");
        }
    }

    #[test]
    fn other_chains_are_refused_and_no_key_is_shown() {
        let on = |chain: &str| StacksWallet::generate(&chain.parse().unwrap());
        assert!(on("eip155:1").is_err() && on("stacks:2").is_err());
        let shown = format!("{:?}", read(KEY).unwrap());
        assert!(!shown.contains("44296d59"), "{shown}");
    }
}
