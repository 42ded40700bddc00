//! DID sessions.
#![forbid(unsafe_code)]

mod auth;
mod clock;
mod error;
mod flights;
mod key;
mod session;
mod sessions;
mod store;

pub use auth::{AuthError, AuthMethod, AuthRequest};
pub use error::Error;
pub use sessions::AnswerProblem;

pub use clock::{Clock, ManualClock, SystemClock};
pub use flights::Flights;
pub use key::{ExportableKey, SessionKey, SigningError};
pub use store::{
    ExpectedSlot, FlightGuard, Listed, RecordTag, SessionRecord, SessionStore, Slot, StoreError,
};
