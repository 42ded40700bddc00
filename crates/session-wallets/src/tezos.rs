//! Tezos accounts (`tz1`) as issuers.

use crate::shared::{ed25519_pair, ed25519_public, text_of};
use crate::{LocalScheme, LocalWallet, Scheme, Signer};
use cacao::{
    AccountId, ChainId, Issuer, MaybeSend, MaybeSync, Payload, Signature, base58check, tezos,
};
use didkey::Ed25519SigningKey;
use session_core::AuthError;
use std::future::Future;
use zeroize::Zeroizing;

/// A Tezos account (`tz1`) whose signer is a closure: it gets the bytes that a wallet is given to
/// sign (a packed Micheline string, see [`tezos::payload_of`]), and answers with the 64 bytes of
/// Ed25519 over their BLAKE2b-256.
///
/// The public key goes into the capability. [`tezos::read_public_key`] and
/// [`tezos::read_signature`] read what wallets write.
///
/// ```
/// use cacao::tezos;
/// use session_core::AuthError;
/// use session_wallets::TezosAuth;
///
/// # fn sign_somewhere(payload_hex: &str) -> Result<String, std::io::Error> { Ok(String::new()) }
/// let account = "tezos:NetXdQprcVkpaWU:tz1KqTpEZ7Yob7QbPE4Hy4Wo8fHG8LhKxZSx".parse()?;
/// let key = tezos::read_public_key("edpkuBknW28nW72KG6RoHtYW7p12T6GKc7nAbwYX5m8Wd9sDVC9yav")?;
/// let auth = TezosAuth::new(&account, key, |payload: Vec<u8>| async move {
///     let hex = payload.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
///     let signature = sign_somewhere(&hex).map_err(AuthError::failed)?;
///     tezos::read_signature(&signature).map_err(AuthError::failed)
/// })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub type TezosAuth<F> = Signer<Tezos, F>;

/// A Tezos account (`tz1`) whose Ed25519 key is in this process.
pub type TezosWallet = LocalWallet<Tezos>;

/// The scheme of accounts of the namespace `tezos`: Ed25519 over the BLAKE2b-256 of the text as a
/// packed Micheline string, 64 bytes. The public key goes into the capability.
#[derive(Clone, Copy, Debug)]
pub struct Tezos {
    public_key: [u8; 32],
}

impl Tezos {
    /// The scheme of the account of an Ed25519 public key.
    #[must_use]
    pub const fn new(public_key: [u8; 32]) -> Self {
        Self { public_key }
    }
}

impl Scheme for Tezos {
    type Message = Vec<u8>;
    type Answer = [u8; 64];
    const NAMESPACE: &'static str = "tezos";

    fn check(&self, issuer: &Issuer) -> Result<(), AuthError> {
        let address = tezos::address_of(&self.public_key);
        if matches!(issuer, Issuer::Pkh(account)
            if account.namespace() == Self::NAMESPACE && account.address() == address)
        {
            return Ok(());
        }
        Err(AuthError::failed(format!(
            "{issuer} is not the account of the public key"
        )))
    }

    fn message(&self, payload: &Payload) -> Result<Vec<u8>, AuthError> {
        tezos::payload_of(&text_of(payload)?).map_err(AuthError::failed)
    }

    fn signature(&self, answer: [u8; 64]) -> Result<Signature, AuthError> {
        Ok(tezos::signature(&answer, &self.public_key))
    }
}

impl LocalScheme for Tezos {
    type Key = Ed25519SigningKey;

    fn key(secret: &[u8; 32]) -> Result<Ed25519SigningKey, AuthError> {
        Ok(Ed25519SigningKey::from_seed(secret))
    }

    fn address(key: &Ed25519SigningKey, _: &ChainId) -> Result<(Self, String), AuthError> {
        let public_key = ed25519_public(key)?;
        Ok((Self::new(public_key), tezos::address_of(&public_key)))
    }

    fn sign(key: &Ed25519SigningKey, payload: &Vec<u8>) -> [u8; 64] {
        key.sign(&tezos::digest(payload)).to_bytes()
    }
}

impl<F, Fut> TezosAuth<F>
where
    F: Fn(Vec<u8>) -> Fut + MaybeSend + MaybeSync,
    Fut: Future<Output = Result<[u8; 64], AuthError>> + MaybeSend,
{
    /// An account of the namespace `tezos`, its public key, and how it signs.
    ///
    /// # Errors
    /// [`AuthError::Failed`] when the account is of another namespace, or its address is not that
    /// of the public key.
    pub fn new(account: &AccountId, public_key: [u8; 32], sign: F) -> Result<Self, AuthError> {
        Self::with_scheme(&Issuer::Pkh(account.clone()), Tezos::new(public_key), sign)
    }
}

impl TezosWallet {
    /// The wallet of an unencrypted secret key `edsk…`: the seed (54 characters), or the seed and
    /// the public key (98 characters).
    ///
    /// # Errors
    /// [`AuthError::Failed`] when the text is something else (an encrypted key, `edesk…`, among
    /// them), when the public key is not that of the seed, or when the chain is of another
    /// namespace. The text is not quoted.
    pub fn from_edsk(edsk: &str, chain: &ChainId) -> Result<Self, AuthError> {
        const SEED: [u8; 4] = [13, 15, 58, 7];
        const SEED_AND_KEY: [u8; 4] = [43, 246, 78, 7];
        const SHORT: usize = 4 + 32 + base58check::CHECKSUM_LEN;
        const LONG: usize = 4 + 64 + base58check::CHECKSUM_LEN;
        let malformed =
            || AuthError::failed("the key is not an unencrypted edsk of 54 or 98 characters");
        let mut buffer = Zeroizing::new([0_u8; LONG]);
        let (prefix, len) = match edsk.len() {
            98 => (SEED_AND_KEY, LONG),
            _ => (SEED, SHORT),
        };
        let bytes = base58check::decode(&prefix, edsk, buffer.get_mut(..len).unwrap_or_default())
            .map_err(|_| malformed())?;
        let (seed, public) = bytes.split_first_chunk::<32>().ok_or_else(malformed)?;
        let key = if public.is_empty() {
            Tezos::key(seed)?
        } else {
            ed25519_pair(seed, public)?
        };
        Self::of_key(key, chain)
    }

    /// The public key, 32 bytes of Ed25519.
    #[must_use]
    pub const fn public_key(&self) -> &[u8; 32] {
        &self.scheme.public_key
    }

    /// Signs bytes as wallets do: Ed25519 over their BLAKE2b-256.
    #[must_use]
    pub fn sign_payload(&self, payload: &[u8]) -> [u8; 64] {
        self.key.sign(&tezos::digest(payload)).to_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use session_core::AuthMethod as _;

    /// Tezos' sandbox account "bootstrap1", as published.
    const EDSK: &str = "edsk3gUfUPyBSfrS9CCgmCiQsTCHGkviBDusMxDJstFtojtc1zcpsh";
    const ADDRESS: &str = "tz1KqTpEZ7Yob7QbPE4Hy4Wo8fHG8LhKxZSx";

    fn chain() -> ChainId {
        tezos::MAINNET.parse().unwrap()
    }

    fn read(edsk: &str) -> Result<TezosWallet, AuthError> {
        TezosWallet::from_edsk(edsk, &chain())
    }

    fn long_form(public: &[u8; 32]) -> String {
        let wallet = read(EDSK).unwrap();
        let both = [&wallet.key.to_seed()[..], public].concat();
        base58check::encode(&[43, 246, 78, 7], &both)
    }

    #[test]
    fn both_forms_of_an_edsk() {
        let short = read(EDSK).unwrap();
        assert_eq!(short.account().unwrap().address(), ADDRESS);
        let long = long_form(short.public_key());
        assert_eq!((long.len(), &long[..4]), (98, "edsk"));
        assert_eq!(read(&long).unwrap().issuer(), short.issuer());
    }

    #[test]
    fn what_is_no_edsk() {
        let last = if EDSK.ends_with('h') { "i" } else { "h" };
        for bad in [
            String::new(),
            EDSK[..53].to_owned(),
            format!("{EDSK}1"),
            format!("{EDSK}\n"),
            format!("{}{last}", &EDSK[..53]),
            "edpkuBknW28nW72KG6RoHtYW7p12T6GKc7nAbwYX5m8Wd9sDVC9yav".to_owned(),
            base58check::encode(&[7, 90, 60, 179, 41], &[1; 56]),
            base58check::encode(&[17, 162, 224, 201], &[1; 32]),
            // of another key
            long_form(&[1; 32]),
        ] {
            let error = read(&bad).unwrap_err();
            let told = format!("{error} {error:?}");
            assert!(!told.contains("3gUf"), "{told}");
        }
    }

    #[test]
    fn other_namespaces_are_refused_and_no_key_is_shown() {
        assert!(TezosWallet::from_edsk(EDSK, &"solana:1".parse().unwrap()).is_err());
        let shown = format!("{:?}", read(EDSK).unwrap());
        assert_eq!(
            shown,
            format!("LocalWallet {{ issuer: did:pkh:tezos:NetXdQprcVkpaWU:{ADDRESS}, .. }}")
        );
    }
}
