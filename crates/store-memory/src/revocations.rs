//! What was revoked, in memory: a ledger behind a lock that many readers hold at once.

use async_trait::async_trait;
use cacao::{Cacao, Issuer, UnixTime};
use session_core::StoreError;
use session_core::revoke::{AcceptedRevocation, RevocationLedger, Revocations};
use std::sync::{Arc, PoisonError, RwLock};

/// Revocations in memory. Clones share them, and they end with the last clone: whoever runs more
/// than one process, or restarts before the last revoked session has expired, keeps them elsewhere.
///
/// There is room for so many entries; a full ledger refuses more rather than to forget one.
/// [`purge`](Revocations::purge) makes room.
///
/// ```
/// use session_core::{Context, ManualClock};
/// use store_memory::MemoryRevocations;
///
/// let revocations = MemoryRevocations::new();
/// # let clock = ManualClock::new(cacao::UnixTime::EPOCH);
/// let context = Context::new(clock, cacao::Provers::none())
///     .with_revocations(revocations.clone());
/// # let _ = context;
/// ```
#[derive(Clone, Debug)]
pub struct MemoryRevocations {
    ledger: Arc<RwLock<RevocationLedger>>,
    capacity: usize,
}

impl MemoryRevocations {
    /// How many entries there is room for, by default: about 30 MB.
    pub const DEFAULT_CAPACITY: usize = 100_000;

    /// Nothing is revoked.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(Self::DEFAULT_CAPACITY)
    }

    /// Nothing is revoked, and there is room for so many entries.
    #[must_use]
    pub fn with_capacity(entries: usize) -> Self {
        Self {
            ledger: Arc::default(),
            capacity: entries,
        }
    }
}

impl Default for MemoryRevocations {
    fn default() -> Self {
        Self::new()
    }
}

// Nobody panics while holding the ledger; were it so, each entry in it is still whole.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl Revocations for MemoryRevocations {
    async fn is_revoked(&self, capability: &Cacao) -> Result<bool, StoreError> {
        let ledger = self.ledger.read().unwrap_or_else(PoisonError::into_inner);
        Ok(ledger.is_revoked(capability))
    }

    async fn record(&self, revocation: &AcceptedRevocation) -> Result<(), StoreError> {
        let mut ledger = self.ledger.write().unwrap_or_else(PoisonError::into_inner);
        for entry in revocation.entries() {
            if ledger.len() >= self.capacity && !ledger.contains(entry) {
                let full = format!("there is room for {} entries", self.capacity);
                return Err(StoreError::medium("cannot keep a revocation", full));
            }
            ledger.add(entry.clone());
        }
        Ok(())
    }

    async fn count(&self, issuer: &Issuer, domain: &str) -> Result<usize, StoreError> {
        let ledger = self.ledger.read().unwrap_or_else(PoisonError::into_inner);
        Ok(ledger.len_of(issuer, domain))
    }

    async fn purge(&self, now: UnixTime) -> Result<usize, StoreError> {
        let mut ledger = self.ledger.write().unwrap_or_else(PoisonError::into_inner);
        Ok(ledger.purge(now))
    }
}
