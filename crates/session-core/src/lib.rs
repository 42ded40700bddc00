//! DID sessions.
#![forbid(unsafe_code)]

mod auth;
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
