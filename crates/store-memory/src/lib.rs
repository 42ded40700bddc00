//! Keeps sessions in memory: for tests, for programs that may ask the wallet again after a restart,
//! and for programs that must not write anything to disk.
//!
//! ```
//! use session_core::{ExpectedSlot, SessionStore, SlotId};
//! use store_memory::MemoryStore;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = MemoryStore::new();
//! let shared = store.clone();
//! let issuer: cacao::Issuer = "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44".parse()?;
//! assert_eq!(shared.load(&SlotId::new(issuer)).await?.expected(), ExpectedSlot::Absent);
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod revocations;
mod server;
mod store;

pub use revocations::MemoryRevocations;
pub use server::{MemoryCapabilities, MemoryChallenges, MemoryDevices, MemoryReplayWindow};
pub use store::MemoryStore;

/// The examples of the README are compiled, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
