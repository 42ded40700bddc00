//! Asks Ethereum chains whether a contract wallet accepts a signature. This is all the input and
//! output that proving a capability needs.
//!
//! `cacao` says which calls to make, and reads the results; this crate makes the calls, to nodes
//! over HTTP and HTTPS.
//!
//! - `HttpRpc` (feature `http`, on by default; `https` for TLS): nodes by their addresses, as an
//!   `EthereumRpc` of `session-core`.
//! - [`json_rpc`]: the calls and answers themselves, without any input and output, for pages and
//!   for callers with a client of their own.
//!
#![cfg_attr(
    all(feature = "http", not(target_family = "wasm")),
    doc = "```no_run
use ethereum_rpc::HttpRpc;
use std::time::Duration;

let nodes = HttpRpc::new()
    .with_max_wait(Duration::from_secs(5))
    .with_node(&\"eip155:1\".parse()?, \"http://127.0.0.1:8545\")?
    .with_node(&\"eip155:137\".parse()?, \"http://127.0.0.1:8546\")?;
# Ok::<_, cacao::Error>(())
```"
)]
//!
//! # What is a verdict, and what is not
//! If a contract answers, reverts, or does not exist, that is an outcome, which `cacao` judges.
//! Everything else is an `Outage`, which says nothing about the signature: no connection; an answer
//! that is late, too long, about another call or not JSON-RPC; an error other than a revert; a
//! result with a status other than 2xx. The table `src/json_rpc/reverts.txt` lists how nodes say
//! that a call reverted, with sources.
#![forbid(unsafe_code)]

#[cfg(all(feature = "http", not(target_family = "wasm")))]
mod http;
pub mod json_rpc;

#[cfg(all(feature = "http", not(target_family = "wasm")))]
pub use http::HttpRpc;

/// The examples of the README are compiled, too.
#[cfg(all(doctest, feature = "http"))]
#[doc = include_str!("../README.md")]
struct Readme;
