//! The store itself: a map behind a lock that is held for one look only.

use async_trait::async_trait;
use cacao::Issuer;
use didkey::Ed25519SigningKey;
use session_core::{
    ExpectedSlot, FlightGuard, Flights, Listed, RecordTag, SessionKey, SessionRecord, SessionStore,
    Slot, StoreError,
};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A store in memory. Clones share their contents, which end with the last of them.
///
/// Its keys are [`Ed25519SigningKey`]s unless [`with_keys`](Self::with_keys) says otherwise. It
/// never blocks the executor, needs no runtime, and nothing in it is ever unreadable.
pub struct MemoryStore<K = Ed25519SigningKey> {
    records: Arc<Mutex<HashMap<Issuer, Kept<K>>>>,
    flights: Flights,
    generate: fn() -> Result<K, StoreError>,
}

/// A record, and its tag, which costs a hash to compute.
struct Kept<K> {
    record: SessionRecord<K>,
    tag: RecordTag,
}

impl MemoryStore {
    /// An empty store of Ed25519 keys, the kind that session strings carry.
    #[must_use]
    pub fn new() -> Self {
        Self::with_keys(|| {
            Ed25519SigningKey::generate().map_err(|error| StoreError::Key {
                reason: error.to_string(),
            })
        })
    }
}

impl<K> MemoryStore<K> {
    /// An empty store of another kind of keys, which `generate` makes.
    ///
    /// ```
    /// use didkey::P256SigningKey;
    /// use session_core::StoreError;
    /// use store_memory::MemoryStore;
    ///
    /// let store = MemoryStore::with_keys(|| {
    ///     P256SigningKey::generate().map_err(|error| StoreError::Key {
    ///         reason: error.to_string(),
    ///     })
    /// });
    /// # let _: MemoryStore<P256SigningKey> = store;
    /// ```
    #[must_use]
    pub fn with_keys(generate: fn() -> Result<K, StoreError>) -> Self {
        Self {
            records: Arc::default(),
            flights: Flights::default(),
            generate,
        }
    }

    fn records(&self) -> MutexGuard<'_, HashMap<Issuer, Kept<K>>> {
        // nobody panics while holding the map; were it so, each record in it is still whole
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<K: SessionKey> SessionStore for MemoryStore<K> {
    type Key = K;

    async fn generate_key(&self) -> Result<K, StoreError> {
        (self.generate)()
    }

    async fn load(&self, issuer: &Issuer) -> Result<Slot<K>, StoreError> {
        let records = self.records();
        Ok(records
            .get(issuer)
            .map_or(Slot::Empty, |kept| Slot::Record {
                tag: kept.tag,
                record: kept.record.clone(),
            }))
    }

    async fn save(
        &self,
        issuer: &Issuer,
        record: &SessionRecord<K>,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError> {
        let tag = record.tag();
        let mut records = self.records();
        if !expected.allows(records.get(issuer).map(|kept| kept.tag)) {
            return Err(StoreError::Conflict {
                issuer: issuer.did(),
            });
        }
        let record = record.clone();
        records.insert(issuer.normalized(), Kept { record, tag });
        Ok(tag)
    }

    async fn remove(&self, issuer: &Issuer) -> Result<bool, StoreError> {
        Ok(self.records().remove(issuer).is_some())
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        Ok(self.records().keys().cloned().map(Listed::Issuer).collect())
    }

    async fn flight(
        &self,
        issuer: &Issuer,
        patience: Duration,
    ) -> Result<Box<dyn FlightGuard>, StoreError> {
        let guard = self.flights.acquire(issuer, patience).await?;
        Ok(Box::new(guard))
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

/// Shares the contents.
impl<K> Clone for MemoryStore<K> {
    fn clone(&self) -> Self {
        Self {
            records: Arc::clone(&self.records),
            flights: self.flights.clone(),
            generate: self.generate,
        }
    }
}

/// Shows how many records there are, and none of them.
impl<K> fmt::Debug for MemoryStore<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("records", &self.records().len())
            .finish_non_exhaustive()
    }
}
