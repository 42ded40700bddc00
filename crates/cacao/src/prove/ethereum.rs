//! The accounts of Ethereum: what they are, and who proves them.

mod account;
#[cfg(feature = "contract")]
#[cfg(test)]
mod tests;
#[cfg(feature = "eip191")]
mod verifier;

pub use account::AccountKind;
#[cfg(feature = "eip191")]
pub(super) use verifier::{Accounts, Answer};
