//! Tezos accounts as issuers: any signer by a closure, and a local key.

use super::{AuthError, AuthMethod, AuthRequest, text};
use async_trait::async_trait;
use cacao::{
    AccountId, Cacao, ChainId, HeaderType, Issuer, MaybeSend, MaybeSync, base58check, tezos,
};
use didkey::Ed25519SigningKey;
use std::fmt;
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
/// use session_core::{AuthError, TezosAuth};
/// use cacao::tezos;
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
pub struct TezosAuth<F> {
    issuer: Issuer,
    public_key: [u8; 32],
    sign: F,
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
        text::check_namespace(account, "tezos")?;
        if tezos::address_of(&public_key) != account.address() {
            return Err(AuthError::failed(format!(
                "the public key is not that of {account}"
            )));
        }
        Ok(Self {
            issuer: Issuer::Pkh(account.clone()),
            public_key,
            sign,
        })
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<F, Fut> AuthMethod for TezosAuth<F>
where
    F: Fn(Vec<u8>) -> Fut + MaybeSend + MaybeSync,
    Fut: Future<Output = Result<[u8; 64], AuthError>> + MaybeSend,
{
    fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    async fn authorize(&self, request: &AuthRequest) -> Result<Cacao, AuthError> {
        let signature = (self.sign)(payload_of(request)?).await?;
        Ok(signed(request, &signature, &self.public_key))
    }
}

impl<F> fmt::Debug for TezosAuth<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TezosAuth")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// A Tezos account (`tz1`) whose key lies in this process: for servers, tools and tests. It signs
/// without asking anybody.
pub struct TezosWallet {
    issuer: Issuer,
    key: Ed25519SigningKey,
    public_key: [u8; 32],
}

impl TezosWallet {
    /// The wallet of a secret seed of 32 bytes, on a chain of the namespace `tezos`, such as
    /// [`tezos::MAINNET`].
    ///
    /// # Errors
    /// [`AuthError::Failed`] when the chain is of another namespace.
    pub fn from_secret(secret: &[u8; 32], chain: &ChainId) -> Result<Self, AuthError> {
        Self::of_key(Ed25519SigningKey::from_seed(secret), chain)
    }

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
        let mut buffer = Zeroizing::new([0_u8; LONG]);
        let (prefix, len) = match edsk.len() {
            98 => (SEED_AND_KEY, LONG),
            _ => (SEED, SHORT),
        };
        let bytes = base58check::decode(&prefix, edsk, buffer.get_mut(..len).unwrap_or_default())
            .map_err(|_| AuthError::failed("no unencrypted edsk of 54 or 98 characters"))?;
        let (seed, public) = bytes
            .split_first_chunk::<32>()
            .ok_or_else(|| AuthError::failed("no unencrypted edsk of 54 or 98 characters"))?;
        let key = Ed25519SigningKey::from_seed(seed);
        if !public.is_empty() && key.did_key().public_key().as_bytes() != public {
            return Err(AuthError::failed(
                "the second half of the edsk is not the public key of the first",
            ));
        }
        Self::of_key(key, chain)
    }

    /// A throw-away wallet with a fresh key, on a chain of the namespace `tezos`.
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
        let public_key = super::ed25519_public(&key)?;
        let account: AccountId = format!("{chain}:{}", tezos::address_of(&public_key))
            .parse()
            .map_err(AuthError::failed)?;
        text::check_namespace(&account, "tezos")?;
        Ok(Self {
            issuer: account.into(),
            key,
            public_key,
        })
    }

    /// The account.
    #[must_use]
    pub const fn account(&self) -> Option<&AccountId> {
        self.issuer.account()
    }

    /// The public key, 32 bytes of Ed25519.
    #[must_use]
    pub const fn public_key(&self) -> &[u8; 32] {
        &self.public_key
    }

    /// Signs bytes as wallets do: Ed25519 over their BLAKE2b-256.
    #[must_use]
    pub fn sign_payload(&self, payload: &[u8]) -> [u8; 64] {
        self.key.sign(&tezos::digest(payload)).to_bytes()
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl AuthMethod for TezosWallet {
    fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    async fn authorize(&self, request: &AuthRequest) -> Result<Cacao, AuthError> {
        let signature = self.sign_payload(&payload_of(request)?);
        Ok(signed(request, &signature, &self.public_key))
    }
}

/// The key is not shown.
impl fmt::Debug for TezosWallet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TezosWallet")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

fn payload_of(request: &AuthRequest) -> Result<Vec<u8>, AuthError> {
    tezos::payload_of(&text::of(request)?).map_err(AuthError::failed)
}

fn signed(request: &AuthRequest, signature: &[u8; 64], key: &[u8; 32]) -> Cacao {
    Cacao::new(
        HeaderType::Caip122,
        request.payload().clone(),
        Some(tezos::signature(signature, key)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

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
            format!("TezosWallet {{ issuer: did:pkh:tezos:NetXdQprcVkpaWU:{ADDRESS}, .. }}")
        );
    }
}
