//! The accounts of Ethereum: what they are, and who proves them.

mod account;
#[cfg(feature = "ethereum")]
mod accounts;
#[cfg(feature = "contract")]
#[cfg(test)]
mod tests;
mod wrapper;

pub use account::AccountKind;
#[cfg(feature = "ethereum")]
pub(super) use accounts::{Accounts, Answer};
pub(crate) use wrapper::is_wrapped;
#[cfg(feature = "contract")]
pub(super) use wrapper::{SUFFIX, SUFFIX_LEN};
