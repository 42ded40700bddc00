//! Judging a sign-in text, as a capability is judged.

use super::{Judgement, Policy, Requirement, VerifiedCacao};
use crate::error::Error;
use crate::prove::Provers;
use crate::siwx::SignedText;
use crate::time::UnixTime;

impl SignedText {
    /// Verifies the text at a point in time, as [`Cacao::verify`](crate::Cacao::verify) does a capability.
    ///
    /// # Errors
    /// The reason of the refusal; [`Error::Chain`] where a contract must be asked:
    /// [`begin`](Self::begin) says what.
    pub fn verify(
        &self,
        provers: &Provers,
        policy: &Policy,
        requirement: &Requirement,
        at: UnixTime,
    ) -> Result<VerifiedCacao, Error> {
        self.as_cacao().verify(provers, policy, requirement, at)
    }

    /// As [`verify`](Self::verify), up to the point where a chain must be asked.
    ///
    /// # Errors
    /// The reason of the refusal.
    pub fn begin(
        &self,
        provers: &Provers,
        policy: &Policy,
        requirement: &Requirement,
        at: UnixTime,
    ) -> Result<Judgement, Error> {
        self.as_cacao()
            .begin(provers, policy, requirement, at, None)
    }
}
