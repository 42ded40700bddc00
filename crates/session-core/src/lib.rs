//! DID sessions: a user signs in once with a wallet, and the app then acts for them with a session
//! key and a capability (CACAO, CAIP-74) that delegates to it.
//!
//! ```
//! use session_core::{EthereumWallet, SessionOptions, Sessions};
//! use store_memory::MemoryStore;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sessions = Sessions::new(MemoryStore::new());
//! let wallet = EthereumWallet::generate(&"eip155:1".parse()?)?;
//! let options = SessionOptions::new("app.example", ["ceramic://*"]);
//!
//! let session = sessions.get(&wallet, &options).await?; // asks the wallet
//! let again = sessions.get(&wallet, &options).await?; // finds the stored one
//! assert_eq!(session.key_did(), again.key_did());
//!
//! let jws = session.create_jws(&serde_json::json!({ "hello": "world" })).await?;
//! assert!(jws.header().capability().is_some());
//! # Ok(())
//! # }
//! ```
//!
//! # Where to look
//! - [`Sessions`]: get, ask, remove; [`SessionOptions`] are the wishes, [`NotUsable`] is why a
//!   stored session was not used.
//! - [`DidSession`]: what a session is, until when, and signing with it; `authorize`,
//!   `serialize` and `from_session` manage it by hand.
//! - [`SessionStore`]: the contract of stores. [`AuthMethod`]: how issuers sign.
//!   [`SessionKey`]: who has custody of the key. [`Clock`]: where time comes from.
//! - [`Context`]: clock, trusted verifiers and policy, for callers who do not want the defaults.
//!
//! The crate does no I/O and brings no runtime.
#![forbid(unsafe_code)]

mod auth;
mod chain;
mod clock;
mod context;
mod error;
mod flights;
mod key;
mod session;
mod sessions;
mod store;

pub use auth::{AuthError, AuthMethod, AuthRequest};
#[cfg(feature = "ethereum")]
pub use auth::{EthereumAuth, EthereumWallet};
#[cfg(feature = "webauthn")]
pub use auth::{PasskeyAssertion, PasskeyAuth};
#[cfg(feature = "solana")]
pub use auth::{SolanaAuth, SolanaWallet};
#[cfg(feature = "stacks")]
pub use auth::{StacksAuth, StacksWallet};
#[cfg(feature = "tezos")]
pub use auth::{TezosAuth, TezosWallet};
pub use chain::{EthereumRpc, Outage, answer};
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub use clock::SystemClock;
pub use clock::{Clock, ManualClock};
pub use context::Context;
pub use error::Error;
pub use flights::Flights;
pub use key::{ExportableKey, SessionKey, SigningError};
pub use session::DidSession;
pub use sessions::{AnswerProblem, NotUsable, SessionOptions, Sessions};
pub use store::{
    ExpectedSlot, FlightGuard, Listed, RecordTag, SessionRecord, SessionStore, Slot, StoreError,
};
