//! A store over a map with a fault of choice.

use async_trait::async_trait;
use cacao::{Cacao, HeaderType, Issuer, UnixTime};
use didkey::Ed25519SigningKey;
use session_core::{
    AlwaysHeld, Evidence, ExpectedSlot, ListCursor, Listed, Page, Profile, PromptLock,
    PromptLockGuard, PromptLocks, RecordTag, SessionRecord, SessionStore, Slot, SlotId, StoreError,
};
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use store_testkit::Lost;

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    KeepsGeneratedKeys,
    KeepsOldKey,
    KeepsRemainder,
    ClearsFirst,
    NewKeyOnLoad,
    Reencodes,
    SpellingsDiffer,
    RemoveNeedsARecord,
    SavesAfterAll,
    LeavesTombstone,
    UnreadableIsEmpty,
    DeletesUnreadable,
    UnreadableStopsList,
    HidesExpired,
    ClonesAreCopies,
    SavesInTwoSteps,
    NeverConflicts,
    ComparesThenWrites,
    LocksNothing,
    NeverWaits,
    KeepsPromptLock,
    HauntedPromptLock,
    SaveWaitsForPrompt,
    NoProfiles,
    LocksIssuers,
    RemovesDefaultOnly,
    NamesDefaultOnly,
    RemovesAllProfiles,
    LosesEvidence,
    KeepsOldEvidence,
    RewritesEvidence,
    RemovesAnything,
    RemovesInTwoSteps,
    KeepsCancelledLock,
    LosesLock,
    KeepEnds,
    LostIsFailure,
    LostIsConflict,
    LostIsSuccess,
    OwnTags,
    ComparesHalfATag,
    LongPages,
    PagesByPosition,
    PagesOverlap,
    LosesLastPage,
    PurgesAll,
    PurgesTooEarly,
    PurgesUnreadable,
    PurgesInTwoSteps,
    PurgesNothing,
    KeepsForeignKeys,
}

#[derive(Clone)]
pub(crate) enum Entry {
    Record(Box<Record>),
    Garbage,
}

pub(crate) type Record = SessionRecord<Ed25519SigningKey>;
pub(crate) type Map = HashMap<String, (SlotId, Entry)>;

pub(crate) struct BrokenStore {
    fault: Fault,
    map: Arc<Mutex<Map>>,
    /// What was removed last, for [`BrokenStore::resurrect`].
    grave: Arc<Mutex<Map>>,
    generated: Arc<AtomicUsize>,
    prompt_locks: PromptLocks,
    /// What is lost of the next change.
    lost: Arc<Mutex<Option<Lost>>>,
}

impl BrokenStore {
    pub(crate) fn new(fault: Fault) -> Self {
        Self {
            fault,
            map: Arc::default(),
            grave: Arc::default(),
            generated: Arc::default(),
            prompt_locks: PromptLocks::default(),
            lost: Arc::default(),
        }
    }

    /// Loses something of the next change.
    pub(crate) fn lose(&self, lost: Lost) {
        *self.lost.lock().unwrap() = Some(lost);
    }

    /// A key that only its own custody can keep.
    pub(crate) fn foreign_key() -> Ed25519SigningKey {
        Ed25519SigningKey::from_seed(&[66; 32])
    }

    /// Leaves something unreadable in a slot.
    pub(crate) fn corrupt(&self, slot: &SlotId) {
        let entry = (slot.clone(), Entry::Garbage);
        self.map().insert(self.key(slot), entry);
    }

    /// Brings back what was removed.
    pub(crate) fn resurrect(&self) {
        let grave = self.grave.lock().unwrap().clone();
        self.map().extend(grave);
    }

    /// Makes every prompt lock busy for ever.
    pub(crate) fn leak_prompt_locks(&self) {
        for issuer in store_testkit::fixtures::TestIssuer::each() {
            let locks = self.prompt_locks.clone();
            let guard = futures_util::FutureExt::now_or_never(async move {
                locks.acquire(issuer.slot(), Duration::ZERO).await
            });
            std::mem::forget(guard);
        }
    }

    pub(crate) fn fault(&self) -> Fault {
        self.fault
    }

    pub(crate) fn take_lost(&self) -> Option<Lost> {
        self.lost.lock().unwrap().take()
    }

    pub(crate) fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    pub(crate) fn map(&self) -> MutexGuard<'_, Map> {
        self.map.lock().unwrap()
    }

    fn key(&self, slot: &SlotId) -> String {
        if self.is(Fault::NoProfiles) {
            slot.issuer().did()
        } else {
            slot.to_string()
        }
    }

    /// Where a record is put: one that is told by the capability's spelling is not found again.
    fn key_for(&self, slot: &SlotId, record: &Record) -> String {
        let canonical = slot.issuer().did();
        if self.is(Fault::SpellingsDiffer) {
            let spelled = record.capability().payload().issuer().did();
            self.key(slot).replace(&canonical, &spelled)
        } else {
            self.key(slot)
        }
    }

    fn tag_of(&self, (_, entry): &(SlotId, Entry)) -> RecordTag {
        match entry {
            Entry::Record(record) => self.tag(record),
            Entry::Garbage => RecordTag::of_unreadable(b"garbage"),
        }
    }

    fn tag(&self, record: &Record) -> RecordTag {
        let tag = record.tag();
        if self.is(Fault::OwnTags) {
            return RecordTag::of_unreadable(tag.as_bytes());
        }
        tag
    }

    fn stored(&self, slot: &SlotId) -> Option<Record> {
        match self.map().get(&self.key(slot)) {
            Some((_, Entry::Record(record))) => Some((**record).clone()),
            _ => None,
        }
    }

    fn conflict(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<(), StoreError> {
        let found = self
            .map()
            .get(&self.key(slot))
            .map(|entry| self.tag_of(entry));
        self.compare(slot, expected, found)
    }

    fn compare(
        &self,
        slot: &SlotId,
        expected: ExpectedSlot,
        found: Option<RecordTag>,
    ) -> Result<(), StoreError> {
        let half = |tag: RecordTag| tag.to_bytes()[..16].to_vec();
        let is_half = match expected {
            ExpectedSlot::Tag(tag) => found.map(half) == Some(half(tag)),
            _ => false,
        };
        if self.is(Fault::ComparesHalfATag) && is_half {
            return Ok(());
        }
        if self.is(Fault::NeverConflicts) || expected.allows(found) {
            return Ok(());
        }
        Err(StoreError::conflict(slot))
    }

    fn put(&self, slot: &SlotId, record: Record) {
        let entry = Entry::Record(Box::new(record));
        let key = self.key(slot);
        self.map().insert(key, (slot.clone(), entry));
    }

    /// What is stored in place of this record.
    fn spoiled(&self, stored: Option<&Record>, record: &Record) -> Record {
        let (capability, key) = (record.capability(), record.key());
        let evidence = record.evidence().cloned();
        match (self.fault, stored) {
            (Fault::KeepsOldKey, Some(old)) => {
                SessionRecord::new(capability.clone(), Arc::clone(old.key()))
            }
            (Fault::KeepsRemainder, Some(old))
                if old.capability().payload().resources().len()
                    > capability.payload().resources().len() =>
            {
                SessionRecord::new(old.capability().clone(), Arc::clone(key))
            }
            (Fault::Reencodes, _) => {
                let header = match capability.header() {
                    HeaderType::Eip4361 => HeaderType::Caip122,
                    _ => HeaderType::Eip4361,
                };
                let signature = capability.signature().cloned();
                let other = Cacao::new(header, capability.payload().clone(), signature);
                SessionRecord::new(other, Arc::clone(key))
            }
            (Fault::LosesEvidence, _) => record.clone().with_evidence(None),
            (Fault::KeepsOldEvidence, Some(old)) => {
                let evidence = evidence.or_else(|| old.evidence().cloned());
                record.clone().with_evidence(evidence)
            }
            (Fault::RewritesEvidence, _) => {
                let shorter = evidence.map(|evidence| {
                    let text = evidence.as_str().replace(' ', "");
                    Evidence::from_json(&text).unwrap()
                });
                record.clone().with_evidence(shorter)
            }
            _ => record.clone(),
        }
    }
}

impl Clone for BrokenStore {
    fn clone(&self) -> Self {
        let copies = self.is(Fault::ClonesAreCopies);
        Self {
            fault: self.fault,
            map: if copies {
                Arc::new(Mutex::new(self.map().clone()))
            } else {
                Arc::clone(&self.map)
            },
            grave: Arc::clone(&self.grave),
            generated: Arc::clone(&self.generated),
            lost: Arc::clone(&self.lost),
            prompt_locks: if copies {
                PromptLocks::default()
            } else {
                self.prompt_locks.clone()
            },
        }
    }
}

impl BrokenStore {
    async fn save_now(
        &self,
        slot: &SlotId,
        record: &Record,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError> {
        if self.is(Fault::SaveWaitsForPrompt) {
            let max_wait = Duration::from_millis(500);
            drop(self.prompt_locks.acquire(slot, max_wait).await?);
        }
        if self.is(Fault::ClearsFirst) && expected == ExpectedSlot::Absent {
            let cleared = self.map().remove(&self.key(slot));
            cleared.map_or(Ok(()), |_| Err(StoreError::conflict(slot)))?;
        }
        if self.is(Fault::SavesAfterAll) {
            let (store, slot, record) = (self.clone(), slot.clone(), record.clone());
            let later = tokio::spawn(async move {
                futures_timer::Delay::new(Duration::from_millis(10)).await;
                store.conflict(&slot, expected)?;
                let tag = record.tag();
                store.put(&slot, record);
                Ok(tag)
            });
            return later.await.unwrap();
        }
        if self.is(Fault::ComparesThenWrites) {
            self.conflict(slot, expected)?;
            tokio::task::yield_now().await;
            futures_timer::Delay::new(Duration::from_millis(1)).await;
            self.put(slot, record.clone());
            return Ok(record.tag());
        }
        let stored = self.stored(slot);
        if self.is(Fault::SavesInTwoSteps) {
            self.conflict(slot, expected)?;
            if let Some(old) = &stored {
                let half = SessionRecord::new(record.capability().clone(), Arc::clone(old.key()));
                self.put(slot, half);
                // never done at the first poll, however long the machine slept meanwhile
                tokio::task::yield_now().await;
                futures_timer::Delay::new(Duration::from_millis(5)).await;
            }
            self.put(slot, record.clone());
            return Ok(record.tag());
        }
        // comparison and write under one lock, as it should be
        let mut map = self.map();
        self.compare(
            slot,
            expected,
            map.get(&self.key(slot)).map(|entry| self.tag_of(entry)),
        )?;
        let spoiled = self.spoiled(stored.as_ref(), record);
        let tag = self.tag(&spoiled);
        let entry = (slot.clone(), Entry::Record(Box::new(spoiled)));
        map.insert(self.key_for(slot, record), entry);
        Ok(tag)
    }

    async fn remove_now(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<bool, StoreError> {
        if self.is(Fault::RemovesInTwoSteps) {
            self.conflict(slot, expected)?;
            futures_timer::Delay::new(Duration::from_millis(1)).await;
        }
        if self.is(Fault::RemovesAllProfiles) {
            self.map().retain(|_, (other, _)| {
                other.issuer() != slot.issuer() || other.profile() == slot.profile()
            });
        }
        let removed = {
            let mut map = self.map();
            match self.fault {
                Fault::RemovesAnything | Fault::RemovesInTwoSteps => {}
                _ => self.compare(
                    slot,
                    expected,
                    map.get(&self.key(slot)).map(|entry| self.tag_of(entry)),
                )?,
            }
            map.remove(&self.key(slot))
        };
        match self.fault {
            Fault::RemoveNeedsARecord if removed.is_none() => {
                return Err(StoreError::medium("cannot remove the record", "not found"));
            }
            Fault::LeavesTombstone => self.corrupt(slot),
            _ => {}
        }
        let was_there = removed.is_some();
        self.grave
            .lock()
            .unwrap()
            .extend(removed.map(|entry| (self.key(slot), entry)));
        Ok(was_there)
    }

    async fn remove_issuer_now(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
        let mut slots = vec![SlotId::from(issuer)];
        if !self.is(Fault::RemovesDefaultOnly) {
            let map = self.map();
            let named = map.values().map(|(slot, _)| slot.clone());
            slots.extend(
                named.filter(|slot| slot.issuer() == issuer && !slot.profile().is_default()),
            );
        }
        let mut removed = Vec::new();
        for slot in slots {
            if self.remove_now(&slot, ExpectedSlot::Anything).await? {
                removed.push(slot.profile().clone());
            }
        }
        Ok(removed)
    }
}

#[async_trait]
impl SessionStore for BrokenStore {
    type Key = Ed25519SigningKey;

    async fn generate_key(&self) -> Result<Ed25519SigningKey, StoreError> {
        self.generated.fetch_add(1, Ordering::Relaxed);
        Ok(Ed25519SigningKey::generate().unwrap())
    }

    async fn load(&self, slot: &SlotId) -> Result<Slot<Ed25519SigningKey>, StoreError> {
        if self.is(Fault::SavesInTwoSteps) {
            // so that readers look while the steps are taken, however the threads are scheduled
            futures_timer::Delay::new(Duration::from_millis(1)).await;
        }
        let entry = self.map().get(&self.key(slot)).cloned();
        let record = match entry {
            None => return Ok(Slot::Empty),
            Some((_, Entry::Garbage)) if self.is(Fault::UnreadableIsEmpty) => {
                return Ok(Slot::Empty);
            }
            Some((_, Entry::Garbage)) => {
                if self.is(Fault::DeletesUnreadable) {
                    self.map().remove(&self.key(slot));
                }
                return Ok(Slot::Unreadable {
                    tag: RecordTag::of_unreadable(b"garbage"),
                    source: "garbage".into(),
                });
            }
            Some((_, Entry::Record(record))) => *record,
        };
        let expires = record.capability().payload().expires_at();
        if self.is(Fault::HidesExpired) && expires.is_some_and(|exp| exp.as_str() < "2025") {
            return Ok(Slot::Empty);
        }
        let tag = self.tag(&record);
        let record = if self.is(Fault::NewKeyOnLoad) {
            let key = Ed25519SigningKey::generate().unwrap();
            SessionRecord::new(record.capability().clone(), key)
        } else {
            record
        };
        Ok(Slot::Record { record, tag })
    }

    async fn save(
        &self,
        slot: &SlotId,
        record: &Record,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError> {
        if record.key().did_key() == Self::foreign_key().did_key()
            && !self.is(Fault::KeepsForeignKeys)
        {
            return Err(StoreError::key("it cannot leave the card that it lies on"));
        }
        let save = self.save_now(slot, record, expected);
        self.over_the_wire(slot, record.tag(), save).await
    }

    async fn remove(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<bool, StoreError> {
        let remove = self.remove_now(slot, expected);
        self.over_the_wire(slot, true, remove).await
    }

    async fn profiles(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
        let map = self.map();
        let slots = map.values().map(|(slot, _)| slot);
        let theirs = slots.filter(|slot| slot.issuer() == issuer);
        let profiles = theirs.map(|slot| slot.profile().clone());
        let named = profiles.filter(|profile| match self.fault {
            Fault::NamesDefaultOnly => profile.is_default(),
            _ => true,
        });
        Ok(named.collect())
    }

    async fn remove_issuer(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
        let slot = SlotId::from(issuer);
        let pretended = vec![Profile::default()];
        let remove = self.remove_issuer_now(issuer);
        self.over_the_wire(&slot, pretended, remove).await
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        let mut listed = Vec::new();
        for (slot, entry) in self.map().values() {
            if self.is(Fault::UnreadableStopsList) && matches!(entry, Entry::Garbage) {
                return Err(StoreError::medium("cannot read a record", "garbage"));
            }
            listed.push(Listed::Slot(slot.clone()));
        }
        if self.is(Fault::KeepsGeneratedKeys) {
            let keys = self.generated.load(Ordering::Relaxed);
            listed.extend((0..keys).map(|n| Listed::Foreign(format!("key {n}"))));
        }
        Ok(listed)
    }

    async fn list_page(
        &self,
        after: Option<&ListCursor>,
        limit: NonZeroUsize,
    ) -> Result<Page, StoreError> {
        self.page(self.list().await?, after, limit)
    }

    async fn purge(&self, before: UnixTime) -> Result<usize, StoreError> {
        self.purge_all(before).await
    }

    async fn lock_prompt(
        &self,
        slot: &SlotId,
        max_wait: Duration,
    ) -> Result<Box<dyn PromptLockGuard>, StoreError> {
        match self.fault {
            Fault::LocksNothing => Ok(Box::new(AlwaysHeld(()))),
            Fault::NeverWaits => {
                let max_wait = Duration::ZERO;
                Ok(Box::new(self.prompt_locks.acquire(slot, max_wait).await?))
            }
            Fault::LocksIssuers => {
                let slot = SlotId::from(slot.issuer());
                Ok(Box::new(self.prompt_locks.acquire(&slot, max_wait).await?))
            }
            Fault::KeepsPromptLock => {
                let guard = self.prompt_locks.acquire(slot, max_wait).await?;
                Ok(Box::new(AlwaysHeld(std::mem::ManuallyDrop::new(guard))))
            }
            Fault::KeepsCancelledLock => {
                let guard = self.prompt_locks.acquire(slot, max_wait).await?;
                let guard = std::mem::ManuallyDrop::new(guard);
                futures_timer::Delay::new(Duration::from_millis(1)).await;
                Ok(Box::new(std::mem::ManuallyDrop::into_inner(guard)))
            }
            Fault::LosesLock | Fault::KeepEnds => {
                let guard = self.prompt_locks.acquire(slot, max_wait).await?;
                let is_held = self.is(Fault::KeepEnds);
                Ok(Box::new(BadGuard {
                    is_held,
                    _guard: guard,
                }))
            }
            Fault::HauntedPromptLock => {
                let (locks, slot) = (self.prompt_locks.clone(), slot.clone());
                let (sender, receiver) = tokio::sync::oneshot::channel();
                tokio::spawn(async move {
                    let guard = locks.acquire(&slot, max_wait).await;
                    if let Err(guard) = sender.send(guard) {
                        std::mem::forget(guard);
                    }
                });
                Ok(Box::new(receiver.await.unwrap()?))
            }
            _ => Ok(Box::new(self.prompt_locks.acquire(slot, max_wait).await?)),
        }
    }
}

/// A guard that says that it is lost, or lets nobody keep it.
struct BadGuard {
    is_held: bool,
    _guard: PromptLock,
}

#[async_trait]
impl PromptLockGuard for BadGuard {
    fn is_held(&self) -> bool {
        self.is_held
    }

    async fn keep(&self) {
        if !self.is_held {
            std::future::pending::<()>().await;
        }
    }
}
