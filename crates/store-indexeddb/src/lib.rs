//! Sessions in a browser's IndexedDB, under keys that no script can read.
//!
//! [`IndexedDbStore`] keeps a session as the npm package `did-session` does: database
//! `did-session`, object store `sessions`, one record `{cacao, keypair}` for each account. So each
//! of the two finds the sessions that the other made. Sessions of profiles other than the default
//! are in a second database, `did-session-profiles`, and [revocations](IndexedDbRevocations) are in
//! a third, `did-session-revocations`. The session key is a non-extractable P-256
//! [`CryptoKey`](https://www.w3.org/TR/WebCryptoAPI/#cryptokey-interface) pair: it signs in the
//! browser and never leaves it. It works in windows, web workers and service workers.
//!
//! ```no_run
//! # #[cfg(all(target_family = "wasm", target_os = "unknown"))]
//! # async fn example(wallet: &dyn session_core::AuthMethod) -> Result<(), session_core::Error> {
//! use cacao::{Provers, eip191::Eip191};
//! use session_core::{Context, Request, Sessions};
//! use store_indexeddb::{BrowserClock, IndexedDbStore};
//!
//! let context = Context::new(BrowserClock, Provers::none().with(Eip191)?);
//! let sessions = Sessions::with_context(IndexedDbStore::new(), context);
//! let request = Request::new("app.example", ["ceramic://*"]);
//! let session = sessions.get(wallet, &request).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # What it protects against, and what it does not
//! A script of the page cannot copy the private key. But it can use the key: code that runs in the
//! page's origin can load the record and sign, until the capability expires or the record is
//! removed. Keep foreign scripts out.
//!
//! # How it is built
//! - Each operation opens the database, runs one transaction, and closes it, on every path: a
//!   deletion of the database never waits for us. A record is durable when the call that writes it
//!   returns (`durability: "strict"`).
//! - Everything is prepared before the transaction. Inside it nothing is awaited: comparison and
//!   write run in the event handlers of the transaction's own requests.
//! - One tab at a time asks the wallet: a [Web Lock](https://www.w3.org/TR/web-locks/) that the
//!   browser frees when the tab dies. If there are no Web Locks, a lease in a separate database is
//!   used.
//! - Other tabs hear of changes by [`IndexedDbStore::on_change`].
//!
//! On other targets than `wasm32-unknown-unknown` the crate is empty.
#![forbid(unsafe_code)]
#![cfg_attr(
    not(all(target_family = "wasm", target_os = "unknown")),
    allow(rustdoc::broken_intra_doc_links)
)]

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod algorithm;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod builder;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod changes;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod clock;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod describe;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod error;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod idb;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod js;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod key;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod memory;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod pair;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod prompt_lock;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod record;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod revocations;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod sleep;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod slot;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod store;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod unstorable;

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub use {
    algorithm::WebCryptoAlgorithm,
    builder::Builder,
    changes::{Change, ChangeKind, Subscription},
    clock::BrowserClock,
    error::{IndexedDbError, RecordError},
    key::WebCryptoKey,
    record::{capability_from_js, capability_to_js},
    revocations::IndexedDbRevocations,
    store::IndexedDbStore,
    unstorable::Unstorable,
};
