//! What was revoked: where it is kept, and for how long.

mod accepted;
mod identity;
mod ledger;

pub use accepted::{AcceptedRevocation, RevocationEntry, Revoked};
pub(crate) use identity::{is_identity, read_identity};
pub use ledger::{LedgerError, RevocationLedger};

use crate::store::StoreError;
use async_trait::async_trait;
use cacao::{Cacao, Issuer, MaybeSend, MaybeSync, UnixTime};
use std::sync::Arc;

/// Knows which capabilities were revoked, and never forgets one that could still be accepted.
///
/// # Contract
/// `store-testkit` holds an implementation to these sentences, one test each.
///
/// 1. A capability is not revoked unless that was recorded.
/// 2. After `record` returns, every capability that an entry of the revocation
///    [covers](RevocationEntry::covers) is revoked, and no other: however its issuer and its
///    signature are spelled, and not where another issuer or another domain is named. (A store
///    without room for more may end older sessions, too, rather than forget one or refuse.)
/// 3. Recording the same again changes nothing, and no record makes a revocation smaller or
///    shorter.
/// 4. `purge` deletes only entries that need not be kept any longer, and returns how many.
/// 5. Clones share their contents; no concurrent call of `record` is lost.
/// 6. Something that cannot be read, or has no more room, is an error, never "not revoked".
/// 7. `count` is at least the number of entries of an issuer and a domain. It may also count those
///    of the issuer's other domains, and those that are over but not purged yet, if that is
///    cheaper.
///
/// [`RevocationLedger`] implements all of this except the storage.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait Revocations: MaybeSend + MaybeSync {
    /// Whether the capability was revoked: by its [identity](Cacao::identity), or with all that
    /// its issuer signed for its domain until some time.
    ///
    /// # Errors
    /// When input or output fails: then it is not known, and the capability must not be used.
    async fn is_revoked(&self, capability: &Cacao) -> Result<bool, StoreError>;

    /// Records a revocation, durably.
    ///
    /// # Errors
    /// When input or output fails, or there is no more room: then it may be recorded or not.
    async fn record(&self, revocation: &AcceptedRevocation) -> Result<(), StoreError>;

    /// How many entries of an issuer and a domain are kept, so that a server may stop an account
    /// that fills the store.
    ///
    /// # Errors
    /// When input or output fails.
    async fn count(&self, issuer: &Issuer, domain: &str) -> Result<usize, StoreError>;

    /// Forgets what need not be kept at this time any longer; returns how many entries that were.
    ///
    /// # Errors
    /// When input or output fails.
    async fn purge(&self, now: UnixTime) -> Result<usize, StoreError>;
}

macro_rules! forward {
    ($($pointer:ident),+) => {$(
        #[cfg_attr(not(target_family = "wasm"), async_trait)]
        #[cfg_attr(target_family = "wasm", async_trait(?Send))]
        impl<R: Revocations + ?Sized> Revocations for $pointer<R> {
            async fn is_revoked(&self, capability: &Cacao) -> Result<bool, StoreError> {
                (**self).is_revoked(capability).await
            }

            async fn record(&self, revocation: &AcceptedRevocation) -> Result<(), StoreError> {
                (**self).record(revocation).await
            }

            async fn count(&self, issuer: &Issuer, domain: &str) -> Result<usize, StoreError> {
                (**self).count(issuer, domain).await
            }

            async fn purge(&self, now: UnixTime) -> Result<usize, StoreError> {
                (**self).purge(now).await
            }
        }
    )+};
}

forward!(Arc, Box);
