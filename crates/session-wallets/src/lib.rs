//! Auth methods of `session-core`: how wallets of each chain, and passkeys, sign a capability.
//!
//! For each chain there are two: `…Auth`, an account and a closure that signs (a signer crate, a
//! remote signer, a page), and `…Wallet`, an account whose key lies in this process.
//!
//! | issuer | signed by a closure | local key | feature |
//! |---|---|---|---|
//! | Ethereum accounts | `EthereumAuth` | `EthereumWallet` | `ethereum` (default) |
//! | contract wallets there | `ContractAuth` | - | `contract` |
//! | Solana accounts | `SolanaAuth` | `SolanaWallet` | `solana` |
//! | Stacks accounts | `StacksAuth` | `StacksWallet` | `stacks` |
//! | Tezos accounts, `tz1` | `TezosAuth` | `TezosWallet` | `tezos` |
//! | passkeys | `PasskeyAuth` | - | `webauthn` |
//!
//! All of them are [`Signer`] and [`LocalWallet`] over one [`Scheme`], which says what is signed
//! and how a signature is written. A scheme of your own brings both for another chain:
//!
//! ```
//! use cacao::{ChainId, Issuer, Payload, Signature, SignatureKind, SignatureValue, siwx};
//! use data_encoding::HEXLOWER;
//! use didkey::Ed25519SigningKey;
//! use session_core::AuthError;
//! use session_wallets::{LocalScheme, LocalWallet, Scheme, Signer};
//!
//! /// Accounts whose address is their Ed25519 key in hex.
//! #[derive(Default)]
//! struct Example;
//!
//! impl Scheme for Example {
//!     type Message = String;
//!     type Answer = [u8; 64];
//!
//!     fn check(&self, issuer: &Issuer) -> Result<(), AuthError> {
//!         match issuer.namespace() {
//!             "example" => Ok(()),
//!             other => Err(AuthError::failed(format!("{other} is not this chain"))),
//!         }
//!     }
//!
//!     fn message(&self, payload: &Payload) -> Result<String, AuthError> {
//!         siwx::render_as("Example", payload).map_err(AuthError::failed)
//!     }
//!
//!     fn signature(&self, answer: [u8; 64]) -> Result<Signature, AuthError> {
//!         let kind = SignatureKind::new("example:ed25519").map_err(AuthError::failed)?;
//!         let value = SignatureValue::Text(HEXLOWER.encode(&answer).into());
//!         Signature::new(kind, value, None).map_err(AuthError::failed)
//!     }
//! }
//!
//! impl LocalScheme for Example {
//!     type Key = Ed25519SigningKey;
//!
//!     fn key(secret: &[u8; 32]) -> Result<Ed25519SigningKey, AuthError> {
//!         Ok(Ed25519SigningKey::from_seed(secret))
//!     }
//!
//!     fn address(key: &Ed25519SigningKey, _: &ChainId) -> Result<(Self, String), AuthError> {
//!         Ok((Self, HEXLOWER.encode(key.did_key().public_key().as_bytes())))
//!     }
//!
//!     fn sign(key: &Ed25519SigningKey, text: &String) -> [u8; 64] {
//!         key.sign(text.as_bytes()).to_bytes()
//!     }
//! }
//!
//! let wallet = LocalWallet::<Example>::generate(&"example:main".parse()?)?;
//! let account = wallet.account().ok_or("no account")?;
//! let auth = Signer::<Example, _>::new(account, async |_: String| Err(AuthError::Declined))?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

#[cfg(any(
    feature = "contract",
    feature = "ethereum",
    feature = "solana",
    feature = "stacks",
    feature = "tezos"
))]
mod account;
#[cfg(feature = "contract")]
mod contract;
#[cfg(any(
    feature = "ethereum",
    feature = "solana",
    feature = "stacks",
    feature = "tezos"
))]
mod curves;
#[cfg(feature = "ethereum")]
mod ethereum;
mod local;
#[cfg(feature = "webauthn")]
mod passkey;
mod scheme;
mod signer;
#[cfg(feature = "solana")]
mod solana;
#[cfg(feature = "stacks")]
mod stacks;
#[cfg(feature = "tezos")]
mod tezos;

#[cfg(feature = "contract")]
pub use contract::{AnyAccount, AnyAccountAuth, Contract, ContractAuth};
#[cfg(feature = "ethereum")]
pub use ethereum::{Ethereum, EthereumAuth, EthereumWallet};
pub use local::LocalWallet;
#[cfg(feature = "webauthn")]
pub use passkey::{Passkey, PasskeyAssertion, PasskeyAuth};
pub use scheme::{LocalScheme, Scheme};
pub use signer::Signer;
#[cfg(feature = "solana")]
pub use solana::{Solana, SolanaAuth, SolanaWallet};
#[cfg(feature = "stacks")]
pub use stacks::{Stacks, StacksAuth, StacksWallet};
#[cfg(feature = "tezos")]
pub use tezos::{Tezos, TezosAuth, TezosWallet};
