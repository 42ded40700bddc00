//! Revocation: ending a session before its time.

use crate::store::StoreError;
use async_trait::async_trait;
use cacao::{Cacao, MaybeSend, MaybeSync};

/// Knows which capabilities were revoked.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait Revocations: MaybeSend + MaybeSync {
    /// Whether the capability was revoked: by its [identity](Cacao::identity), or with all that
    /// its issuer signed for its domain until some time.
    ///
    /// # Errors
    /// Of input and output: then nothing is known, and nothing may be used.
    async fn is_revoked(&self, capability: &Cacao) -> Result<bool, StoreError>;
}
