//! Proving a sign-in text, as a capability is proven.

use super::{Provers, Proving};
use crate::error::Error;
use crate::siwx::SignedText;

impl SignedText {
    /// Proves that the account signed this text, or says what a chain must be asked first.
    ///
    /// # Errors
    /// As [`Provers::prove`].
    pub fn prove(&self, provers: &Provers) -> Result<Proving, Error> {
        provers.prove(self.as_cacao())
    }
}
