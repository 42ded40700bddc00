//! The accounts of Ethereum: what they are, and who proves them.

mod account;
#[cfg(feature = "contract")]
#[cfg(test)]
mod tests;
#[cfg(feature = "ethereum")]
mod verifier;

pub use account::AccountKind;
#[cfg(feature = "ethereum")]
pub(super) use verifier::{Accounts, Answer};
