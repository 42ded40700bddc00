//! Who holds a lease.

use crate::store::StoreError;
use std::fmt;

/// Tells one attempt to take a lease from every other: 32 hexadecimal digits, drawn at random for
/// each. Whoever knows it can give the lease back; it is worth nothing else.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct LeaseOwner(String);

impl LeaseOwner {
    pub(super) fn random() -> Result<Self, StoreError> {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes).map_err(|error| StoreError::Key {
            reason: error.to_string(),
        })?;
        Ok(Self(base16ct::lower::encode_string(&bytes)))
    }

    /// The digits, for the store to keep and compare.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Between a half and one, the same for one owner.
    pub(super) fn jitter(&self) -> f64 {
        let byte = u8::from_str_radix(self.0.get(..2).unwrap_or_default(), 16);
        f64::from(byte.unwrap_or_default()) / 512.0 + 0.5
    }
}

/// Shows the first digits.
impl fmt::Debug for LeaseOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LeaseOwner({}…)", self.0.get(..8).unwrap_or_default())
    }
}
