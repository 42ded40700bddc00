//! Solana accounts as issuers.

use crate::shared::{ed25519_pair, ed25519_public, text_of};
use crate::{LocalScheme, LocalWallet, Scheme, Signer};
use cacao::{ChainId, Payload, Signature, solana};
use didkey::Ed25519SigningKey;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use session_core::AuthError;
use std::fmt;
use zeroize::Zeroizing;

/// A Solana account whose signer is a closure: it gets the text, signs its UTF-8 bytes
/// (`signMessage`) and answers with the 64 bytes of Ed25519.
///
/// ```
/// use session_core::AuthError;
/// use session_wallets::SolanaAuth;
///
/// # fn sign_somewhere(text: &[u8]) -> Result<[u8; 64], std::io::Error> { Ok([0; 64]) }
/// let account = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:6BcW5WQdw2PkjMDfqLVRX8q2dNQWNdYgeW7VZv1iMBxP";
/// let auth = SolanaAuth::new(&account.parse()?, |text: String| async move {
///     sign_somewhere(text.as_bytes()).map_err(AuthError::failed)
/// })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub type SolanaAuth<F> = Signer<Solana, F>;

/// A Solana account whose Ed25519 key is in this process.
pub type SolanaWallet = LocalWallet<Solana>;

/// The scheme of accounts of the namespace `solana`: Ed25519 over the text, 64 bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Solana;

impl Scheme for Solana {
    type Message = String;
    type Answer = [u8; 64];
    const NAMESPACE: &'static str = "solana";

    fn message(&self, payload: &Payload) -> Result<String, AuthError> {
        text_of(payload)
    }

    fn signature(&self, answer: [u8; 64]) -> Result<Signature, AuthError> {
        Ok(solana::signature(&answer))
    }
}

impl LocalScheme for Solana {
    type Key = Ed25519SigningKey;

    fn key(secret: &[u8; 32]) -> Result<Ed25519SigningKey, AuthError> {
        Ok(Ed25519SigningKey::from_seed(secret))
    }

    fn address(key: &Ed25519SigningKey, _: &ChainId) -> Result<(Self, String), AuthError> {
        Ok((Self, solana::address_of(&ed25519_public(key)?)))
    }

    fn sign(key: &Ed25519SigningKey, text: &String) -> [u8; 64] {
        key.sign(text.as_bytes()).to_bytes()
    }
}

impl SolanaWallet {
    /// The wallet of a keypair file as `solana-keygen` writes it: a JSON array of 64 numbers, the
    /// seed and the public key.
    ///
    /// # Errors
    /// [`AuthError::Failed`] when the text is something else, when the public key is not that of
    /// the seed, or when the chain is of another namespace. The text is not quoted.
    pub fn from_keypair_file(json: &str, chain: &ChainId) -> Result<Self, AuthError> {
        const FORM: &str = "the file is not a JSON array of 64 numbers from 0 to 255";
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let keypair = deserializer
            .deserialize_seq(KeypairVisitor)
            .and_then(|keypair| deserializer.end().map(|()| keypair))
            // serde_json would quote a number of it
            .map_err(|_| AuthError::failed(FORM))?;
        let (seed, public) = keypair
            .split_first_chunk::<32>()
            .ok_or_else(|| AuthError::failed(FORM))?;
        Self::of_key(ed25519_pair(seed, public)?, chain)
    }

    /// Signs a message as `signMessage` does: Ed25519 over its bytes.
    #[must_use]
    pub fn sign_message(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
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
    use session_core::AuthMethod as _;

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
        assert_eq!(shown, format!("LocalWallet {{ issuer: {issuer}, .. }}"));
    }
}
