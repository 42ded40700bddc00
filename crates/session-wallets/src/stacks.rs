//! Stacks accounts as issuers.

use crate::shared::{recoverable, secp256k1, text_of};
use crate::{LocalScheme, LocalWallet, Scheme, Signer};
use cacao::{ChainId, Payload, Signature, stacks};
use k256::ecdsa::SigningKey;
use session_core::AuthError;
use zeroize::Zeroizing;

/// A Stacks account whose signer is a closure: it gets the text of a message to sign and answers
/// with the 65 bytes r ‖ s ‖ v, v being 0 or 1.
///
/// ```
/// use session_core::AuthError;
/// use session_wallets::StacksAuth;
///
/// # fn sign_somewhere(text: &str) -> Result<[u8; 65], std::io::Error> { Ok([0; 65]) }
/// let account = "stacks:1:SP1R38VZ17TV24RCE7T6RCX4SEF5NXZD52K0RPWZE".parse()?;
/// let auth = StacksAuth::new(&account, |text: String| async move {
///     sign_somewhere(&text).map_err(AuthError::failed)
/// })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub type StacksAuth<F> = Signer<Stacks, F>;

/// A Stacks account whose secp256k1 key is in this process, on [`stacks::MAINNET`] or
/// [`stacks::TESTNET`].
pub type StacksWallet = LocalWallet<Stacks>;

/// The scheme of accounts of the namespace `stacks`: a message signature over the text, 65 bytes
/// r ‖ s ‖ v.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stacks;

impl Scheme for Stacks {
    type Message = String;
    type Answer = [u8; 65];
    const NAMESPACE: &'static str = "stacks";

    fn message(&self, payload: &Payload) -> Result<String, AuthError> {
        text_of(payload)
    }

    fn signature(&self, answer: [u8; 65]) -> Result<Signature, AuthError> {
        Ok(stacks::signature(&answer))
    }
}

impl LocalScheme for Stacks {
    type Key = SigningKey;

    fn key(secret: &[u8; 32]) -> Result<SigningKey, AuthError> {
        secp256k1(secret)
    }

    fn address(key: &SigningKey, chain: &ChainId) -> Result<(Self, String), AuthError> {
        let network = stacks::Network::of_reference(chain.reference())
            .ok_or_else(|| AuthError::failed(format!("the addresses of {chain} are not known")))?;
        Ok((Self, stacks::address_of(key.verifying_key(), network)))
    }

    fn sign(key: &SigningKey, text: &String) -> [u8; 65] {
        recoverable(key, &stacks::digest(text), 0)
    }
}

impl StacksWallet {
    /// The wallet of a private key as Stacks' tools write it: 64 hex digits, or 66 of which the
    /// last two are `01` (which says that the public key is compressed, as it always is here).
    ///
    /// # Errors
    /// As [`from_secret`](Self::from_secret), and when the text is something else. It is not
    /// quoted.
    pub fn from_private_key(hex: &str, chain: &ChainId) -> Result<Self, AuthError> {
        let malformed = || AuthError::failed("the key is not 64 hex digits, nor 66 that end in 01");
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

    /// Signs a message as wallets do: r ‖ s ‖ v, v being 0 or 1.
    #[must_use]
    pub fn sign_message(&self, text: &str) -> [u8; 65] {
        recoverable(&self.key, &stacks::digest(text), 0)
    }
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
