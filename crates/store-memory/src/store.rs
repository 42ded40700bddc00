//! The store itself: a map behind a lock that is held for one look only.

use async_trait::async_trait;
use cacao::{Issuer, UnixTime};
use didkey::Ed25519SigningKey;
use session_core::{
    Clock, ExpectedSlot, Listed, Profile, PromptLockGuard, PromptLocks, RecordTag, SealError,
    SealableStore, SealedRecord, SealedSlot, SessionKey, SessionRecord, SessionStore, Slot, SlotId,
    StoreError,
};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A store in memory. Clones share their contents, which end with the last of them.
///
/// Its keys are [`Ed25519SigningKey`]s unless [`with_keys`](Self::with_keys) says otherwise. It
/// never blocks the executor, needs no runtime, and nothing in it is ever unreadable.
pub struct MemoryStore<K = Ed25519SigningKey> {
    contents: Arc<Mutex<Contents<K>>>,
    prompt_locks: PromptLocks,
    generate: fn() -> Result<K, StoreError>,
}

/// By account first: logging out ends all profiles of one, and looks at nobody else's. An account
/// without a record is not there.
type Records<K> = HashMap<Issuer, BTreeMap<Profile, Kept<K>>>;

/// What one slot has.
enum Kept<K> {
    /// A record, and its tag, which costs a hash to compute.
    Record(SessionRecord<K>, RecordTag),
    Sealed(SealedRecord),
}

impl<K> Kept<K> {
    const fn tag(&self) -> RecordTag {
        match self {
            Self::Record(_, tag) => *tag,
            Self::Sealed(sealed) => sealed.tag(),
        }
    }
}

struct Contents<K> {
    records: Records<K>,
    seal: Option<Vec<u8>>,
}

impl<K> Contents<K> {
    fn kept(&self, slot: &SlotId) -> Option<&Kept<K>> {
        self.records.get(slot.issuer())?.get(slot.profile())
    }

    /// Fails unless the slot is as expected.
    fn check(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<(), StoreError> {
        if expected.allows(self.kept(slot).map(Kept::tag)) {
            Ok(())
        } else {
            Err(StoreError::conflict(slot))
        }
    }

    fn put(&mut self, slot: &SlotId, kept: Kept<K>) {
        let profiles = self.records.entry(slot.issuer().clone()).or_default();
        profiles.insert(slot.profile().clone(), kept);
    }
}

impl MemoryStore {
    /// An empty store of Ed25519 keys, the kind that session strings carry.
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    #[must_use]
    pub fn new() -> Self {
        Self::with_keys(generate)
    }

    /// As [`new`](Self::new); a prompt lock is waited for by this clock. For browsers, which have
    /// no clock of the operating system.
    #[must_use]
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self::with_keys_and_clock(generate, clock)
    }
}

fn generate() -> Result<Ed25519SigningKey, StoreError> {
    Ed25519SigningKey::generate().map_err(|error| StoreError::Key {
        reason: error.to_string(),
    })
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
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    #[must_use]
    pub fn with_keys(generate: fn() -> Result<K, StoreError>) -> Self {
        Self::with_keys_and_clock(generate, Arc::new(session_core::SystemClock))
    }

    /// As [`with_keys`](Self::with_keys); a prompt lock is waited for by this clock.
    #[must_use]
    pub fn with_keys_and_clock(
        generate: fn() -> Result<K, StoreError>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            contents: Arc::new(Mutex::new(Contents {
                records: HashMap::new(),
                seal: None,
            })),
            prompt_locks: PromptLocks::new(clock),
            generate,
        }
    }

    fn contents(&self) -> MutexGuard<'_, Contents<K>> {
        // nobody panics while holding the map; were it so, each record in it is still whole
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<K: SessionKey> SessionStore for MemoryStore<K> {
    type Key = K;

    async fn generate_key(&self) -> Result<K, StoreError> {
        (self.generate)()
    }

    async fn load(&self, slot: &SlotId) -> Result<Slot<K>, StoreError> {
        Ok(match self.contents().kept(slot) {
            None => Slot::Empty,
            Some(Kept::Record(record, tag)) => Slot::Record {
                tag: *tag,
                record: record.clone(),
            },
            Some(Kept::Sealed(sealed)) => Slot::Unreadable {
                tag: sealed.tag(),
                source: SealError::Sealed.into(),
            },
        })
    }

    async fn save(
        &self,
        slot: &SlotId,
        record: &SessionRecord<K>,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError> {
        let tag = record.tag();
        let mut contents = self.contents();
        if contents.seal.is_some() {
            return Err(StoreError::medium("cannot save", SealError::Sealed));
        }
        contents.check(slot, expected)?;
        // nor does it take the place of a sealed one whose seal has gone
        if let Some(Kept::Sealed(_)) = contents.kept(slot) {
            return Err(StoreError::medium("cannot save", SealError::Sealed));
        }
        contents.put(slot, Kept::Record(record.clone(), tag));
        Ok(tag)
    }

    async fn remove(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<bool, StoreError> {
        let mut contents = self.contents();
        contents.check(slot, expected)?;
        let Some(profiles) = contents.records.get_mut(slot.issuer()) else {
            return Ok(false);
        };
        let removed = profiles.remove(slot.profile()).is_some();
        if profiles.is_empty() {
            contents.records.remove(slot.issuer());
        }
        Ok(removed)
    }

    async fn profiles(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
        let contents = self.contents();
        let profiles = contents.records.get(issuer).into_iter().flatten();
        Ok(profiles.map(|(profile, _)| profile.clone()).collect())
    }

    async fn remove_issuer(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
        let removed = self.contents().records.remove(issuer).unwrap_or_default();
        Ok(removed.into_keys().collect())
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        let contents = self.contents();
        let slots = contents.records.iter().flat_map(|(issuer, profiles)| {
            let slot = SlotId::from(issuer);
            let profiles = profiles.keys().cloned();
            profiles.map(move |profile| Listed::Slot(slot.clone().with_profile(profile)))
        });
        Ok(slots.collect())
    }

    async fn purge(&self, before: UnixTime) -> Result<usize, StoreError> {
        let mut purged = 0;
        self.contents().records.retain(|_, profiles| {
            let records = profiles.len();
            // whoever has the key judges a sealed one
            profiles.retain(|_, kept| match kept {
                Kept::Record(record, _) => !record.expired_before(before),
                Kept::Sealed(_) => true,
            });
            purged += records - profiles.len();
            !profiles.is_empty()
        });
        Ok(purged)
    }

    async fn lock_prompt(
        &self,
        slot: &SlotId,
        max_wait: Duration,
    ) -> Result<Box<dyn PromptLockGuard>, StoreError> {
        Ok(Box::new(self.prompt_locks.acquire(slot, max_wait).await?))
    }
}

/// With keys that a text can carry.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl SealableStore for MemoryStore {
    async fn load_sealed(&self, slot: &SlotId) -> Result<SealedSlot, StoreError> {
        Ok(match self.contents().kept(slot) {
            None => SealedSlot::Empty,
            Some(Kept::Sealed(sealed)) => SealedSlot::Sealed(sealed.clone()),
            Some(Kept::Record(_, tag)) => SealedSlot::Unreadable {
                tag: *tag,
                source: SealError::NotSealed.into(),
            },
        })
    }

    async fn save_sealed(
        &self,
        record: &SealedRecord,
        expected: ExpectedSlot,
    ) -> Result<(), StoreError> {
        let mut contents = self.contents();
        contents.check(record.slot(), expected)?;
        contents.put(record.slot(), Kept::Sealed(record.clone()));
        Ok(())
    }

    async fn load_seal(&self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.contents().seal.clone())
    }

    async fn replace_seal(&self, seal: &[u8], expected: Option<&[u8]>) -> Result<bool, StoreError> {
        let mut contents = self.contents();
        let is_expected = contents.seal.as_deref() == expected;
        if is_expected {
            contents.seal = Some(seal.to_vec());
        }
        Ok(is_expected)
    }
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

/// Shares the contents.
impl<K> Clone for MemoryStore<K> {
    fn clone(&self) -> Self {
        Self {
            contents: Arc::clone(&self.contents),
            prompt_locks: self.prompt_locks.clone(),
            generate: self.generate,
        }
    }
}

/// Shows how many records there are, and none of them.
impl<K> fmt::Debug for MemoryStore<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field(
                "records",
                &self
                    .contents()
                    .records
                    .values()
                    .map(BTreeMap::len)
                    .sum::<usize>(),
            )
            .finish_non_exhaustive()
    }
}
