//! DID sessions: a user signs in once with a wallet, and the app then acts for them with a session
//! key and a capability (CACAO, CAIP-74) that delegates to this key.
//!
//! ```
//! use cacao::{Provers, eip191::Eip191};
//! use session_core::{Request, Sessions};
//! use session_wallets::EthereumWallet;
//! use store_memory::MemoryStore;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sessions = Sessions::new(MemoryStore::new(), Provers::none().with(Eip191)?);
//! let wallet = EthereumWallet::generate(&"eip155:1".parse()?)?;
//! let request = Request::new("app.example", ["ceramic://*"]);
//!
//! let session = sessions.get(&wallet, &request).await?; // asks the wallet
//! let again = sessions.get(&wallet, &request).await?; // finds the stored one
//! assert_eq!(session.key_did(), again.key_did());
//!
//! let jws = session.create_jws(&serde_json::json!({ "hello": "world" })).await?;
//! assert!(jws.header().capability().is_some());
//! # Ok(())
//! # }
//! ```
//!
//! # Where to look
//! - [`Sessions`]: get, find, renew and remove sessions; a [`Request`] says what is asked for, and
//!   [`NotUsable`] why a stored session was not used.
//! - [`DidSession`]: a session: what it grants, until when, and how to sign with it; `authorize`,
//!   `serialize` and `from_session` manage one without a store.
//! - [`Context`]: the clock, the trusted provers, the policy, nodes of chains, and revocations.
//! - [`SessionStore`]: the contract of stores. [`AuthMethod`] and [`SignIn`]: how issuers sign.
//!   [`SessionKey`]: who has custody of the key. [`Clock`]: where time comes from.
//!   [`EthereumRpc`]: how contract wallets are asked. [`Revocations`]: which sessions were ended
//!   early.
//! - [`revoke`]: how sessions are ended early: revocation statements, who may make them, and what
//!   is kept.
//! - [`server`]: what a server keeps between requests, as traits.
//! - [`flow`]: the order of the steps, as a state machine without input and output.
//!
//! The crate does no input and output, and needs no particular runtime.
#![forbid(unsafe_code)]

mod ask;
mod base64;
mod chain;
mod clock;
mod context;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod engine_clock;
mod error;
mod event;
pub mod flow;
mod key;
mod lease;
mod prompt_locks;
mod revocations;
pub mod revoke;
pub mod server;
mod session;
mod sessions;
mod store;

pub use ask::{AuthMethod, Pending, Request, RequestWarning, SignIn};
pub use chain::{EthereumRpc, Outage, settle, verify_jws};
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub use clock::SystemClock;
pub use clock::{Clock, ManualClock};
pub use context::Context;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub use engine_clock::EngineClock;
pub use error::{AnswerProblem, AuthError, Error, NotUsable};
pub use event::{Event, EventKind, Observer};
pub use key::{ExportableKey, SessionKey, SigningError};
pub use lease::{Lease, LeaseOwner, LeaseStore, LeaseTask, Leases};
pub use prompt_locks::{PromptLock, PromptLocks};
pub use revocations::Revocations;
pub use session::DidSession;
pub use sessions::{PreparedRevoke, Sessions};
pub use store::{
    AlwaysHeld, Evidence, EvidenceError, ExpectedSlot, ListCursor, Listed, MAX_SEAL_LEN, Page,
    Profile, ProfileError, PromptLockGuard, RecordTag, SealError, SealableStore, SealedRecord,
    SealedSlot, SessionRecord, SessionStore, Slot, SlotId, StoreError,
};

/// The examples of the README are compiled, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
