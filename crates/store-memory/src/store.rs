//! The store itself: a map in shards, of which one is locked for one look only.

use async_trait::async_trait;
use cacao::{Issuer, UnixTime};
use dashmap::{DashMap, Entry};
use didkey::Ed25519SigningKey;
use session_core::{
    Clock, ExpectedSlot, Listed, Profile, PromptLockGuard, PromptLocks, RecordTag, SealError,
    SealableStore, SealedRecord, SealedSlot, SessionKey, SessionRecord, SessionStore, Slot, SlotId,
    StoreError,
};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// A store in memory. Clones share their contents, which end with the last of them.
///
/// Its keys are [`Ed25519SigningKey`]s unless [`with_keys`](Self::with_keys) says otherwise. It
/// never blocks the executor, needs no runtime, and nothing in it is ever unreadable.
pub struct MemoryStore<K = Ed25519SigningKey> {
    contents: Arc<Contents<K>>,
    prompt_locks: PromptLocks,
    generate: fn() -> Result<K, StoreError>,
}

/// What one account has, and never nothing: an account without a record is not in the map.
type Profiles<K> = BTreeMap<Profile, Kept<K>>;

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
    /// By account first: logging out ends all profiles of one, and looks at nobody else's.
    records: DashMap<Issuer, Profiles<K>>,
    /// Locked before `records` where both are needed.
    seal: RwLock<Option<Vec<u8>>>,
}

/// Fails unless the slot is as expected.
fn check<K>(
    slot: &SlotId,
    kept: Option<&Kept<K>>,
    expected: ExpectedSlot,
) -> Result<(), StoreError> {
    if expected.allows(kept.map(Kept::tag)) {
        Ok(())
    } else {
        Err(StoreError::conflict(slot))
    }
}

impl<K> Contents<K> {
    /// Looks at what a slot has, while nobody changes it.
    fn look<T>(&self, slot: &SlotId, look: impl FnOnce(Option<&Kept<K>>) -> T) -> T {
        let profiles = self.records.get(slot.issuer());
        look(profiles.as_ref().and_then(|all| all.get(slot.profile())))
    }

    /// Puts something into a slot, in one step with the check of what was there.
    fn put(
        &self,
        slot: &SlotId,
        kept: Kept<K>,
        may_replace: impl FnOnce(Option<&Kept<K>>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        match self.records.entry(slot.issuer().clone()) {
            Entry::Occupied(mut profiles) => {
                may_replace(profiles.get().get(slot.profile()))?;
                profiles.get_mut().insert(slot.profile().clone(), kept);
            }
            Entry::Vacant(vacant) => {
                may_replace(None)?;
                vacant.insert(BTreeMap::from([(slot.profile().clone(), kept)]));
            }
        }
        Ok(())
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
            contents: Arc::new(Contents {
                records: DashMap::new(),
                seal: RwLock::new(None),
            }),
            prompt_locks: PromptLocks::new(clock),
            generate,
        }
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
        Ok(self.contents.look(slot, |kept| match kept {
            None => Slot::Empty,
            Some(Kept::Record(record, tag)) => Slot::Record {
                tag: *tag,
                record: record.clone(),
            },
            Some(Kept::Sealed(sealed)) => Slot::Unreadable {
                tag: sealed.tag(),
                source: SealError::Sealed.into(),
            },
        }))
    }

    async fn may_save(&self, slot: Option<&SlotId>) -> Result<(), StoreError> {
        let seal = self.contents.seal.read();
        let is_sealed = seal.unwrap_or_else(PoisonError::into_inner).is_some();
        let is_kept_sealed = |kept: Option<&Kept<K>>| matches!(kept, Some(Kept::Sealed(_)));
        if is_sealed || slot.is_some_and(|slot| self.contents.look(slot, is_kept_sealed)) {
            return Err(StoreError::medium("cannot save", SealError::Sealed));
        }
        Ok(())
    }

    async fn save(
        &self,
        slot: &SlotId,
        record: &SessionRecord<K>,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError> {
        let tag = record.tag();
        // held until the record lies there: nothing plain is written beside a seal
        let seal = self.contents.seal.read();
        let seal = seal.unwrap_or_else(PoisonError::into_inner);
        if seal.is_some() {
            return Err(StoreError::medium("cannot save", SealError::Sealed));
        }
        let kept = Kept::Record(record.clone(), tag);
        self.contents.put(slot, kept, |had| {
            check(slot, had, expected)?;
            // nor does it take the place of a sealed one whose seal has gone
            match had {
                Some(Kept::Sealed(_)) => Err(StoreError::medium("cannot save", SealError::Sealed)),
                _ => Ok(()),
            }
        })?;
        Ok(tag)
    }

    async fn remove(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<bool, StoreError> {
        let Entry::Occupied(mut profiles) = self.contents.records.entry(slot.issuer().clone())
        else {
            check::<K>(slot, None, expected)?;
            return Ok(false);
        };
        check(slot, profiles.get().get(slot.profile()), expected)?;
        let removed = profiles.get_mut().remove(slot.profile()).is_some();
        if profiles.get().is_empty() {
            profiles.remove();
        }
        Ok(removed)
    }

    async fn profiles(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
        let profiles = self.contents.records.get(issuer);
        Ok(profiles.map_or_else(Vec::new, |all| all.keys().cloned().collect()))
    }

    async fn remove_issuer(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
        let removed = self.contents.records.remove(issuer);
        let profiles = removed.into_iter().flat_map(|(_, profiles)| profiles);
        Ok(profiles.map(|(profile, _)| profile).collect())
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        let mut slots = Vec::new();
        for account in &self.contents.records {
            let slot = SlotId::from(account.key());
            let profiles = account.value().keys().cloned();
            slots.extend(profiles.map(|profile| Listed::Slot(slot.clone().with_profile(profile))));
        }
        Ok(slots)
    }

    async fn purge(&self, before: UnixTime) -> Result<usize, StoreError> {
        let mut purged = 0;
        self.contents.records.retain(|_, profiles| {
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
        Ok(self.contents.look(slot, |kept| match kept {
            None => SealedSlot::Empty,
            Some(Kept::Sealed(sealed)) => SealedSlot::Sealed(sealed.clone()),
            Some(Kept::Record(_, tag)) => SealedSlot::Unreadable {
                tag: *tag,
                source: SealError::NotSealed.into(),
            },
        }))
    }

    async fn save_sealed(
        &self,
        record: &SealedRecord,
        expected: ExpectedSlot,
    ) -> Result<(), StoreError> {
        let slot = record.slot();
        self.contents
            .put(slot, Kept::Sealed(record.clone()), |had| {
                check(slot, had, expected)
            })
    }

    async fn load_seal(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let seal = self.contents.seal.read();
        Ok(seal.unwrap_or_else(PoisonError::into_inner).clone())
    }

    async fn replace_seal(&self, seal: &[u8], expected: Option<&[u8]>) -> Result<bool, StoreError> {
        let kept = self.contents.seal.write();
        let mut kept = kept.unwrap_or_else(PoisonError::into_inner);
        let is_expected = kept.as_deref() == expected;
        if is_expected {
            *kept = Some(seal.to_vec());
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

/// Shows how many accounts there are, and no record.
impl<K> fmt::Debug for MemoryStore<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("accounts", &self.contents.records.len())
            .finish_non_exhaustive()
    }
}
