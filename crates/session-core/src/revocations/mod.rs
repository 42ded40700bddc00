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
/// 1. What was not recorded is not revoked.
/// 2. After `record` returns, every capability that an entry of the revocation
///    [covers](RevocationEntry::covers) is revoked, and no other: however its issuer and its
///    signature are spelled, and not where another issuer or another domain is named. (A store
///    without room for more may end older sessions, too, rather than forget one or refuse.)
/// 3. Recording again changes nothing, and nothing that is recorded makes a revocation smaller or
///    shorter.
/// 4. `purge` forgets what need not be kept any longer, and nothing else; it answers how many
///    entries that were.
/// 5. Clones share what is known; of concurrent calls of `record` none is lost.
/// 6. What cannot be read, or does not fit any more, is an error, never "not revoked".
/// 7. `count` is how many entries there are of an issuer and a domain, at the least: more by those
///    of its other domains, and by those that are over and were not purged yet, where that is
///    cheaper.
///
/// [`RevocationLedger`] is the whole of it but for the medium.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait Revocations: MaybeSend + MaybeSync {
    /// Whether the capability was revoked: by its [identity](Cacao::identity), or with all that
    /// its issuer signed for its domain until some time.
    ///
    /// # Errors
    /// Of input and output: then nothing is known, and nothing may be used.
    async fn is_revoked(&self, capability: &Cacao) -> Result<bool, StoreError>;

    /// Records a revocation, durably.
    ///
    /// # Errors
    /// Of input and output, or when there is no more room: then it may be recorded or not.
    async fn record(&self, revocation: &AcceptedRevocation) -> Result<(), StoreError>;

    /// How many entries of an issuer and a domain are kept, so that a server may stop an account
    /// that fills the store.
    ///
    /// # Errors
    /// Of input and output.
    async fn count(&self, issuer: &Issuer, domain: &str) -> Result<usize, StoreError>;

    /// Forgets what need not be kept at this time any longer; answers how many entries that were.
    ///
    /// # Errors
    /// Of input and output.
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
