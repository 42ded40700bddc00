//! Signers of other crates behind our auth methods: what an application writes.
#![forbid(unsafe_code)]

use alloy_signer::Signer as _;
use alloy_signer_local::PrivateKeySigner;
use did_session::cacao::{AccountId, ChainId};
use did_session::{AuthError, AuthMethod, EthereumAuth, SolanaAuth};
use solana_keypair::Keypair;
use solana_signer::Signer as _;
use std::sync::Arc;

/// An Ethereum account by a signer of `alloy`; a keystore, a hardware wallet or a key service has
/// the same trait.
///
/// # Errors
/// When the chain is none of the namespace `eip155`.
pub fn by_alloy(signer: PrivateKeySigner, chain: &ChainId) -> Result<impl AuthMethod, AuthError> {
    let account: AccountId = format!("{chain}:{}", signer.address())
        .parse()
        .map_err(AuthError::failed)?;
    let signer = Arc::new(signer);
    EthereumAuth::new(&account, move |text: String| {
        let signer = Arc::clone(&signer);
        async move {
            let signature = signer.sign_message(text.as_bytes()).await;
            Ok(signature.map_err(AuthError::failed)?.as_bytes())
        }
    })
}

/// A Solana account by a signer of the `solana` crates.
///
/// # Errors
/// When the chain is none of the namespace `solana`.
pub fn by_solana(keypair: Keypair, chain: &ChainId) -> Result<impl AuthMethod, AuthError> {
    let account: AccountId = format!("{chain}:{}", keypair.pubkey())
        .parse()
        .map_err(AuthError::failed)?;
    let keypair = Arc::new(keypair);
    SolanaAuth::new(&account, move |text: String| {
        let keypair = Arc::clone(&keypair);
        async move {
            let signature = keypair.try_sign_message(text.as_bytes());
            Ok(signature.map_err(AuthError::failed)?.into())
        }
    })
}

/// The examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
