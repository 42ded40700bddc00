//! The set of verifiers that a caller trusts, where some of them must ask somebody.

use super::verifiers::unsupported;
use super::{AsyncVerifier, Claim, Kind, Proof, Verifiers};
use crate::error::Error;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use async_trait::async_trait;
use core::fmt;

/// As [`Verifiers`], with verifiers among them that must ask somebody; for
/// [`Cacao::verify_async`](crate::Cacao::verify_async). Cheap to clone.
#[derive(Clone)]
pub struct AsyncVerifiers {
    members: Vec<Arc<dyn AsyncVerifier>>,
    kinds: Vec<Kind>,
}

impl AsyncVerifiers {
    /// A set that starts with these verifiers.
    #[must_use]
    pub fn new(verifiers: Verifiers) -> Self {
        let mut set = Self {
            members: Vec::new(),
            kinds: verifiers.kinds().copied().collect(),
        };
        set.push(verifiers);
        set
    }

    /// Adds a verifier.
    ///
    /// # Errors
    /// [`Error::DuplicateKind`] when it claims a kind that another one claims.
    pub fn with(mut self, verifier: impl AsyncVerifier + 'static) -> Result<Self, Error> {
        for kind in verifier.kinds() {
            if self.kinds.contains(kind) {
                return Err(kind.duplicate());
            }
            self.kinds.push(*kind);
        }
        self.push(verifier);
        Ok(self)
    }

    fn push(&mut self, verifier: impl AsyncVerifier + 'static) {
        self.members.push(Arc::new(verifier));
    }
}

impl Default for AsyncVerifiers {
    fn default() -> Self {
        Self::new(Verifiers::default())
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl AsyncVerifier for AsyncVerifiers {
    fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    async fn verify(&self, claim: &Claim<'_>) -> Result<Proof, Error> {
        let claims = |member: &&Arc<dyn AsyncVerifier>| {
            member
                .kinds()
                .iter()
                .any(|kind| kind.matches(claim.cacao()))
        };
        let member = self.members.iter().find(claims);
        member
            .ok_or_else(|| unsupported(claim.cacao()))?
            .verify(claim)
            .await
    }
}

impl fmt::Debug for AsyncVerifiers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AsyncVerifiers").field(&self.kinds).finish()
    }
}
