//! Rules for stores that many processes share: how a store is opened is all that differs.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "whatever is called here is a test"
)]

pub mod kills;
pub mod late;
#[cfg(target_os = "linux")]
pub mod memory;
