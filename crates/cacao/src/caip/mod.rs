//! Who delegates: CAIP-2 chains, CAIP-10 accounts, and the DIDs of issuers.

mod account;
mod chain;
#[cfg(feature = "ethereum")]
pub(crate) mod eip55;
mod issuer;

pub use account::AccountId;
pub use chain::ChainId;
pub use issuer::Issuer;

/// The namespace of Ethereum and its kin, whose addresses compare without regard to case.
pub(crate) const EIP155: &str = "eip155";
