//! Points in time: [`UnixTime`] to compare, [`Timestamp`] to keep what was signed.

mod timestamp;
mod unix;

pub use timestamp::Timestamp;
pub use unix::UnixTime;
