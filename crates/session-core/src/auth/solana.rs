//! Solana accounts as issuers: any signer by a closure, and a local key.

use super::{AuthError, AuthMethod, AuthRequest, text};
use async_trait::async_trait;
use cacao::{
    AccountId, Cacao, ChainId, HeaderType, Issuer, MaybeSend, MaybeSync, Signature, solana,
};
use didkey::Ed25519SigningKey;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use std::fmt;
use std::future::Future;
use zeroize::Zeroizing;

/// A Solana account whose signer is a closure: it gets the text, signs its UTF-8 bytes
/// (`signMessage`) and answers with the 64 bytes of Ed25519.
///
/// ```
/// use session_core::{AuthError, SolanaAuth};
///
/// # fn sign_somewhere(text: &[u8]) -> Result<[u8; 64], std::io::Error> { Ok([0; 64]) }
/// let account = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:6BcW5WQdw2PkjMDfqLVRX8q2dNQWNdYgeW7VZv1iMBxP";
/// let auth = SolanaAuth::new(&account.parse()?, |text: String| async move {
///     sign_somewhere(text.as_bytes()).map_err(AuthError::failed)
/// })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct SolanaAuth<F> {
    issuer: Issuer,
    sign: F,
}

impl<F, Fut> SolanaAuth<F>
where
    F: Fn(String) -> Fut + MaybeSend + MaybeSync,
    Fut: Future<Output = Result<[u8; 64], AuthError>> + MaybeSend,
{
    /// An account of the namespace `solana`, and how it signs.
    ///
    /// # Errors
    /// [`AuthError::Failed`] when the account is of another namespace.
    pub fn new(account: &AccountId, sign: F) -> Result<Self, AuthError> {
        text::check_namespace(account, "solana")?;
        let issuer = Issuer::Pkh(account.clone());
        Ok(Self { issuer, sign })
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<F, Fut> AuthMethod for SolanaAuth<F>
where
    F: Fn(String) -> Fut + MaybeSend + MaybeSync,
    Fut: Future<Output = Result<[u8; 64], AuthError>> + MaybeSend,
{
    fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    async fn authorize(&self, request: &AuthRequest) -> Result<Cacao, AuthError> {
        let signature = (self.sign)(text::of(request)?).await?;
        Ok(signed(request, solana::signature(&signature)))
    }
}

impl<F> fmt::Debug for SolanaAuth<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SolanaAuth")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// A Solana account whose key lies in this process: for servers, tools and tests. It signs
/// without asking anybody.
pub struct SolanaWallet {
    issuer: Issuer,
    key: Ed25519SigningKey,
}

impl SolanaWallet {
    /// The wallet of a secret seed of 32 bytes, on a chain of the namespace `solana`, such as
    /// [`solana::MAINNET`].
    ///
    /// # Errors
    /// [`AuthError::Failed`] when the chain is of another namespace.
    pub fn from_secret(secret: &[u8; 32], chain: &ChainId) -> Result<Self, AuthError> {
        Self::of_key(Ed25519SigningKey::from_seed(secret), chain)
    }

    /// The wallet of a keypair file as `solana-keygen` writes it: a JSON array of 64 numbers, the
    /// seed and the public key.
    ///
    /// # Errors
    /// [`AuthError::Failed`] when the text is something else, when the public key is not that of
    /// the seed, or when the chain is of another namespace. The text is not quoted.
    pub fn from_keypair_file(json: &str, chain: &ChainId) -> Result<Self, AuthError> {
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let keypair = deserializer
            .deserialize_seq(KeypairVisitor)
            .and_then(|keypair| deserializer.end().map(|()| keypair))
            // serde_json would quote a number of it
            .map_err(|_| AuthError::failed("no JSON array of 64 numbers from 0 to 255"))?;
        let (seed, public) = keypair
            .split_first_chunk::<32>()
            .ok_or_else(|| AuthError::failed("no JSON array of 64 numbers from 0 to 255"))?;
        let key = Ed25519SigningKey::from_seed(seed);
        if key.did_key().public_key().as_bytes() != public {
            return Err(AuthError::failed(
                "the second half of the keypair is not the public key of the first",
            ));
        }
        Self::of_key(key, chain)
    }

    /// A throw-away wallet with a fresh key, on a chain of the namespace `solana`.
    ///
    /// # Errors
    /// [`AuthError::Failed`] when there is no randomness, or the chain is of another namespace.
    pub fn generate(chain: &ChainId) -> Result<Self, AuthError> {
        Self::of_key(
            Ed25519SigningKey::generate().map_err(AuthError::failed)?,
            chain,
        )
    }

    fn of_key(key: Ed25519SigningKey, chain: &ChainId) -> Result<Self, AuthError> {
        let public = super::ed25519_public(&key)?;
        let account: AccountId = format!("{chain}:{}", solana::address_of(&public))
            .parse()
            .map_err(AuthError::failed)?;
        text::check_namespace(&account, "solana")?;
        Ok(Self {
            issuer: account.into(),
            key,
        })
    }

    /// The account.
    #[must_use]
    pub const fn account(&self) -> Option<&AccountId> {
        self.issuer.account()
    }

    /// Signs a message as `signMessage` does: Ed25519 over its bytes.
    #[must_use]
    pub fn sign_message(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl AuthMethod for SolanaWallet {
    fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    async fn authorize(&self, request: &AuthRequest) -> Result<Cacao, AuthError> {
        let signature = self.sign_message(text::of(request)?.as_bytes());
        Ok(signed(request, solana::signature(&signature)))
    }
}

/// The key is not shown.
impl fmt::Debug for SolanaWallet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SolanaWallet")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

fn signed(request: &AuthRequest, signature: Signature) -> Cacao {
    Cacao::new(
        HeaderType::Caip122,
        request.payload().clone(),
        Some(signature),
    )
}

/// Reads the numbers into one place that is wiped.
struct KeypairVisitor;

impl<'de> Visitor<'de> for KeypairVisitor {
    type Value = Zeroizing<[u8; 64]>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("64 numbers from 0 to 255")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut keypair = Zeroizing::new([0; 64]);
        for (at, place) in keypair.iter_mut().enumerate() {
            *place = seq
                .next_element()?
                .ok_or_else(|| A::Error::invalid_length(at, &self))?;
        }
        match seq.next_element::<u8>()? {
            None => Ok(keypair),
            Some(_) => Err(A::Error::invalid_length(65, &self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain() -> ChainId {
        solana::MAINNET.parse().unwrap()
    }

    /// As `solana-keygen` writes it: the seed 1, 2, … 32 and its public key.
    fn keypair() -> Vec<u8> {
        let seed: [u8; 32] = std::array::from_fn(|i| u8::try_from(i + 1).unwrap());
        let key = Ed25519SigningKey::from_seed(&seed);
        [&seed, key.did_key().public_key().as_bytes()].concat()
    }

    fn read(text: &str) -> Result<SolanaWallet, AuthError> {
        SolanaWallet::from_keypair_file(text, &chain())
    }

    #[test]
    fn a_keypair_file() {
        let text = serde_json::to_string(&keypair()).unwrap();
        let wallet = read(&text).unwrap();
        let seed = keypair()[..32].try_into().unwrap();
        let same = SolanaWallet::from_secret(&seed, &chain()).unwrap();
        assert_eq!(wallet.issuer(), same.issuer());
        let address = wallet.account().unwrap().address();
        // the public key of the seed 0x0102…20, in base58btc
        assert_eq!(address, "9C6hybhQ6Aycep9jaUnP6uL9ZYvDjUp1aSkFWPUFJtpj");
        assert!(read(&format!("{text}\n")).is_ok());
    }

    #[test]
    fn what_is_no_keypair_file() {
        let good = keypair();
        let text = |bytes: &[u8]| serde_json::to_string(bytes).unwrap();
        let mut other = good.clone();
        other[40] ^= 1;
        for bad in [
            text(&other),
            text(&good[..63]),
            text(&good[..32]),
            text(&[&good[..], &[0]].concat()),
            text(&good).replace("[1,", "[257,"),
            text(&good).replace("[1,", "[-1,"),
            text(&good).replace("[1,", "[\"1\","),
            text(&good) + "x",
            String::new(),
            "{}".to_owned(),
            "null".to_owned(),
        ] {
            let error = read(&bad).unwrap_err();
            let told = format!("{error} {error:?}");
            assert!(!told.contains("257") && !told.contains("-1"), "{told}");
        }
    }

    #[test]
    fn other_namespaces_are_refused_and_no_key_is_shown() {
        let other = "eip155:1".parse().unwrap();
        assert!(SolanaWallet::generate(&other).is_err());
        let wallet = SolanaWallet::from_secret(&[7; 32], &chain()).unwrap();
        let issuer = wallet.issuer().did();
        let shown = format!("{wallet:?}");
        assert_eq!(shown, format!("SolanaWallet {{ issuer: {issuer}, .. }}"));
    }
}
