//! Contract wallets: a signature is what the contract at the issuer's address accepts.
//!
//! A contract has no key of its own. It is asked by `isValidSignature` (ERC-1271); one that is not
//! deployed yet is asked as if it were (ERC-6492). Both questions are a single `eth_call`, which
//! [`EthereumRpc`] puts to a chain; nothing else of a chain is needed, and how the call travels is
//! the implementor's business. [`json_rpc`] writes and reads what a node speaks; with the feature
//! `http` there is `HttpRpc`, for nodes that are spoken to over plain HTTP.
//!
//! ```
//! use async_trait::async_trait;
//! use cacao::contract::{CallOutcome, Eip1271, Eip6492, EthCall, EthereumRpc, json_rpc};
//! use cacao::{AsyncVerifiers, Error};
//!
//! /// A node of one chain, spoken to by whatever HTTP client the application has.
//! #[derive(Clone)]
//! struct Node;
//! # async fn post(_: String) -> Result<String, std::io::Error> { Ok(String::new()) }
//!
//! #[async_trait]
//! impl EthereumRpc for Node {
//!     async fn eth_call(&self, call: &EthCall<'_>) -> Result<CallOutcome, Error> {
//!         if call.chain != "1" {
//!             return Err(Error::chain("this is a node of eip155:1"));
//!         }
//!         let answer = post(json_rpc::request(call)).await.map_err(Error::chain)?;
//!         json_rpc::outcome(&answer)
//!     }
//! }
//!
//! let verifiers = AsyncVerifiers::default()
//!     .with(Eip1271::new(Node))?
//!     .with(Eip6492::new(Node))?;
//! // capability.verify_async(&verifiers, &policy, &expected, now).await
//! # Ok::<_, Error>(())
//! ```
//!
//! A contract may change its mind: what it accepts today it may refuse tomorrow. A verifier that
//! is pinned to a block (`at`) gives the same answer for ever, and its acceptance can be kept as
//! [`Evidence`] and judged again without asking.

mod abi;
mod ask;
mod eip1271;
mod eip6492;
mod evidence;
#[cfg(all(feature = "http", not(target_family = "wasm")))]
mod http;
pub mod json_rpc;
mod program;
#[cfg(test)]
mod tests;

pub use eip1271::Eip1271;
pub use eip6492::Eip6492;
pub use evidence::{Evidence, KeptEvidence};
#[cfg(all(feature = "http", not(target_family = "wasm")))]
pub use http::HttpRpc;

use super::Block;
use crate::error::Error;
use crate::sync::{MaybeSend, MaybeSync};
use alloc::boxed::Box;
use alloc::vec::Vec;
use async_trait::async_trait;

/// A call that changes nothing: what `eth_call` is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EthCall<'a> {
    /// The chain, as its EIP-155 number in decimal: the reference of the issuer's account.
    pub chain: &'a str,
    /// The contract that is called; none for `data` that is the code of a contract to be created,
    /// whose constructor answers.
    pub to: Option<[u8; 20]>,
    /// The bytes that it is called with.
    pub data: &'a [u8],
    /// The block at whose end the call happens; none for the latest.
    pub block: Option<Block>,
}

/// How a call ended on the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    /// It returned these bytes; none where there is no contract.
    Returned(Vec<u8>),
    /// It reverted, with these bytes as the reason.
    Reverted(Vec<u8>),
}

/// Puts a call to a chain.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait EthereumRpc: MaybeSend + MaybeSync {
    /// Executes the call (`eth_call`) at the named block of the named chain.
    ///
    /// # Errors
    /// [`Error::Chain`] when there is no answer: another chain, no such block, no connection. That
    /// the contract refuses, or that there is none, is an outcome and no error.
    async fn eth_call(&self, call: &EthCall<'_>) -> Result<CallOutcome, Error>;
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<R: EthereumRpc + ?Sized> EthereumRpc for alloc::sync::Arc<R> {
    async fn eth_call(&self, call: &EthCall<'_>) -> Result<CallOutcome, Error> {
        (**self).eth_call(call).await
    }
}
