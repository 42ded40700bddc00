//! Judging a JWS: which key signed, on whose behalf, and whether that holds at a given time.

mod judge;
mod verification;
mod verified;

pub use verification::Verification;
pub use verified::{Principal, VerifiedJws};

pub(crate) use judge::judge;
