//! Auth methods of `session-core`: how wallets of each chain, and passkeys, sign a capability.
//!
//! For each chain there are two auth methods: `…Auth` has an account and a closure that signs (with
//! a signer crate, a remote signer or a page), and `…Wallet` has an account whose key is in this
//! process.
//!
//! | issuer | signed by a closure | local key | feature |
//! |---|---|---|---|
//! | Ethereum accounts | `EthereumAuth` | `EthereumWallet` | `ethereum` (default) |
//! | contract wallets of Ethereum chains | `ContractAuth` | - | `contract` |
//! | Solana accounts | `SolanaAuth` | `SolanaWallet` | `solana` |
//! | Stacks accounts | `StacksAuth` | `StacksWallet` | `stacks` |
//! | Tezos accounts, `tz1` | `TezosAuth` | `TezosWallet` | `tezos` |
//! | passkeys | `PasskeyAuth` | - | `webauthn` |
//!
//! All of them are a [`Signer`] or a [`LocalWallet`] over the [`Scheme`] of a chain, which says
//! what is signed and how a signature is written. To support another chain, write a scheme of your
//! own (and a [`LocalScheme`] for its local wallet):
//!
//! ```
//! use cacao::{Payload, Signature, SignatureKind, SignatureValue, siwx};
//! use data_encoding::HEXLOWER;
//! use session_core::AuthError;
//! use session_wallets::{Scheme, Signer};
//!
//! /// Ed25519 over the text; the signature is written in hex.
//! #[derive(Default)]
//! struct Example;
//!
//! impl Scheme for Example {
//!     type Message = String;
//!     type Answer = [u8; 64];
//!     const NAMESPACE: &'static str = "example";
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
//! # fn sign_somewhere(_: String) -> Result<[u8; 64], AuthError> { Err(AuthError::Declined) }
//! let account = "example:main:8a88e3dd7409f195fd52db2d3cba5d72".parse()?;
//! let auth = Signer::<Example, _>::new(&account, async |text| sign_somewhere(text))?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

#[cfg(feature = "contract")]
mod contract;
#[cfg(feature = "ethereum")]
mod ethereum;
mod local;
#[cfg(feature = "webauthn")]
mod passkey;
mod scheme;
#[cfg(any(
    feature = "contract",
    feature = "ethereum",
    feature = "solana",
    feature = "stacks",
    feature = "tezos"
))]
mod shared;
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

/// The examples of the README are compiled, too.
#[cfg(all(doctest, feature = "ethereum"))]
#[doc = include_str!("../README.md")]
struct Readme;
