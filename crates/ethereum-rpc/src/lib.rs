//! Asks Ethereum chains what their contract wallets say: all I/O of proving a capability.
//!
//! `cacao` says which calls are to be made and reads what came of them; this crate makes them, at
//! nodes over HTTP and HTTPS.
//!
//! - `HttpRpc` (feature `http`, on by default; `https` for TLS): nodes by their addresses, as an
//!   `EthereumRpc` of `session-core`.
//! - [`json_rpc`]: the calls and answers themselves, without any I/O, for pages and for callers
//!   with a client of their own.
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
//! A contract that answers, that reverts, or that is not there: an outcome, and `cacao` judges it.
//! Everything else is an `Outage`, and nothing is known: no connection, an answer that is late, too
//! long, about another call or not JSON-RPC, an error other than a revert, a result that comes
//! with another status than 2xx. How nodes say that a call reverted is a table with its sources,
//! `src/json_rpc/reverts.txt`.
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
