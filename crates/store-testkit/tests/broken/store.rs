//! A store over a map with a fault of choice.

use async_trait::async_trait;
use cacao::{Cacao, HeaderType, Issuer};
use didkey::Ed25519SigningKey;
use session_core::{
    ExpectedSlot, FlightGuard, Flights, Listed, RecordTag, SessionRecord, SessionStore, Slot,
    StoreError,
};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

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
    EveryoneFlies,
    NoPatience,
    KeepsFlight,
    HauntedFlight,
    SaveWaitsForFlight,
}

#[derive(Clone)]
enum Entry {
    Record(Cacao, Box<Ed25519SigningKey>),
    Garbage,
}

type Map = HashMap<String, (Issuer, Entry)>;

pub(crate) struct BrokenStore {
    fault: Fault,
    map: Arc<Mutex<Map>>,
    /// What was removed last, for [`BrokenStore::resurrect`].
    grave: Arc<Mutex<Map>>,
    generated: Arc<AtomicUsize>,
    flights: Flights,
}

impl BrokenStore {
    pub(crate) fn new(fault: Fault) -> Self {
        Self {
            fault,
            map: Arc::default(),
            grave: Arc::default(),
            generated: Arc::default(),
            flights: Flights::default(),
        }
    }

    /// Leaves something unreadable in a slot.
    pub(crate) fn corrupt(&self, issuer: &Issuer) {
        let entry = (issuer.normalized(), Entry::Garbage);
        self.map().insert(self.key(issuer), entry);
    }

    /// Brings back what was removed.
    pub(crate) fn resurrect(&self) {
        let grave = self.grave.lock().unwrap().clone();
        self.map().extend(grave);
    }

    /// Makes every flight busy for ever.
    pub(crate) fn leak_flights(&self) {
        for issuer in store_testkit::fixtures::TestIssuer::each() {
            let flights = self.flights.clone();
            let guard = futures_util::FutureExt::now_or_never(async move {
                flights.acquire(issuer.issuer(), Duration::ZERO).await
            });
            std::mem::forget(guard);
        }
    }

    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn map(&self) -> MutexGuard<'_, Map> {
        self.map.lock().unwrap()
    }

    fn key(&self, issuer: &Issuer) -> String {
        if self.is(Fault::SpellingsDiffer) {
            issuer.did()
        } else {
            issuer.normalized().did()
        }
    }

    fn tag_of(&self, issuer: &Issuer) -> Option<RecordTag> {
        match self.map().get(&self.key(issuer)) {
            Some((_, Entry::Record(capability, key))) => {
                Some(RecordTag::of_record(capability, key.did_key()))
            }
            Some((_, Entry::Garbage)) => Some(RecordTag::of_unreadable(b"garbage")),
            None => None,
        }
    }

    fn conflict(&self, issuer: &Issuer, expected: ExpectedSlot) -> Result<(), StoreError> {
        if self.is(Fault::NeverConflicts) || expected.allows(self.tag_of(issuer)) {
            return Ok(());
        }
        Err(StoreError::Conflict {
            issuer: issuer.did(),
        })
    }

    fn put(&self, issuer: &Issuer, capability: &Cacao, key: &Ed25519SigningKey) {
        let entry = Entry::Record(capability.clone(), Box::new(key.clone()));
        self.map()
            .insert(self.key(issuer), (issuer.normalized(), entry));
    }

    fn stored(&self, issuer: &Issuer) -> Option<(Cacao, Ed25519SigningKey)> {
        match self.map().get(&self.key(issuer)) {
            Some((_, Entry::Record(capability, key))) => {
                Some((capability.clone(), (**key).clone()))
            }
            _ => None,
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
            flights: if copies {
                Flights::default()
            } else {
                self.flights.clone()
            },
        }
    }
}

#[async_trait]
impl SessionStore for BrokenStore {
    type Key = Ed25519SigningKey;

    async fn generate_key(&self) -> Result<Ed25519SigningKey, StoreError> {
        self.generated.fetch_add(1, Ordering::Relaxed);
        Ok(Ed25519SigningKey::generate().unwrap())
    }

    async fn load(&self, issuer: &Issuer) -> Result<Slot<Ed25519SigningKey>, StoreError> {
        if self.is(Fault::SavesInTwoSteps) {
            // so that readers look while the steps are taken, however the threads are scheduled
            futures_timer::Delay::new(Duration::from_millis(1)).await;
        }
        let entry = self.map().get(&self.key(issuer)).cloned();
        let (capability, key) = match entry {
            None => return Ok(Slot::Empty),
            Some((_, Entry::Garbage)) if self.is(Fault::UnreadableIsEmpty) => {
                return Ok(Slot::Empty);
            }
            Some((_, Entry::Garbage)) => {
                if self.is(Fault::DeletesUnreadable) {
                    self.map().remove(&self.key(issuer));
                }
                return Ok(Slot::Unreadable {
                    tag: RecordTag::of_unreadable(b"garbage"),
                    source: "garbage".into(),
                });
            }
            Some((_, Entry::Record(capability, key))) => (capability, *key),
        };
        let expires = capability.payload().expires_at();
        if self.is(Fault::HidesExpired) && expires.is_some_and(|exp| exp.as_str() < "2025") {
            return Ok(Slot::Empty);
        }
        let tag = RecordTag::of_record(&capability, key.did_key());
        let record = if self.is(Fault::NewKeyOnLoad) {
            SessionRecord::new(capability, Ed25519SigningKey::generate().unwrap())
        } else {
            SessionRecord::new(capability, key)
        };
        Ok(Slot::Record { record, tag })
    }

    async fn save(
        &self,
        issuer: &Issuer,
        record: &SessionRecord<Ed25519SigningKey>,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError> {
        if self.is(Fault::SaveWaitsForFlight) {
            let patience = Duration::from_millis(500);
            drop(self.flights.acquire(issuer, patience).await?);
        }
        if self.is(Fault::ClearsFirst) && expected == ExpectedSlot::Absent {
            self.map().remove(&self.key(issuer)).map_or(Ok(()), |_| {
                Err(StoreError::Conflict {
                    issuer: issuer.did(),
                })
            })?;
        }
        if self.is(Fault::SavesAfterAll) {
            let (store, issuer, record) = (self.clone(), issuer.clone(), record.clone());
            let later = tokio::spawn(async move {
                futures_timer::Delay::new(Duration::from_millis(10)).await;
                store.conflict(&issuer, expected)?;
                store.put(&issuer, record.capability(), record.key());
                Ok(record.tag())
            });
            return later.await.unwrap();
        }
        if self.is(Fault::ComparesThenWrites) {
            self.conflict(issuer, expected)?;
            tokio::task::yield_now().await;
            futures_timer::Delay::new(Duration::from_millis(1)).await;
            self.put(issuer, record.capability(), record.key());
            return Ok(record.tag());
        }
        let stored = self.stored(issuer);
        if self.is(Fault::SavesInTwoSteps) {
            self.conflict(issuer, expected)?;
            if let Some((_, old)) = &stored {
                self.put(issuer, record.capability(), old);
                // never done at the first poll, however long the machine slept meanwhile
                tokio::task::yield_now().await;
                futures_timer::Delay::new(Duration::from_millis(5)).await;
            }
            self.put(issuer, record.capability(), record.key());
            return Ok(record.tag());
        }
        // comparison and write under one lock, as it should be
        let mut map = self.map();
        let found = match map.get(&self.key(issuer)) {
            Some((_, Entry::Record(capability, key))) => {
                Some(RecordTag::of_record(capability, key.did_key()))
            }
            Some((_, Entry::Garbage)) => Some(RecordTag::of_unreadable(b"garbage")),
            None => None,
        };
        if !(self.is(Fault::NeverConflicts) || expected.allows(found)) {
            return Err(StoreError::Conflict {
                issuer: issuer.did(),
            });
        }
        let (mut capability, mut key) = (record.capability().clone(), (**record.key()).clone());
        match (&stored, self.fault) {
            (Some((_, old)), Fault::KeepsOldKey) => key = old.clone(),
            (Some((old, _)), Fault::KeepsRemainder)
                if old.payload().resources().len() > capability.payload().resources().len() =>
            {
                capability = old.clone();
            }
            (_, Fault::Reencodes) => {
                let signature = capability.signature().cloned();
                let header = match capability.header() {
                    HeaderType::Eip4361 => HeaderType::Caip122,
                    _ => HeaderType::Eip4361,
                };
                capability = Cacao::new(header, capability.payload().clone(), signature);
            }
            _ => {}
        }
        let tag = RecordTag::of_record(&capability, key.did_key());
        let entry = Entry::Record(capability, Box::new(key));
        map.insert(self.key(issuer), (issuer.normalized(), entry));
        Ok(tag)
    }

    async fn remove(&self, issuer: &Issuer) -> Result<bool, StoreError> {
        let removed = self.map().remove(&self.key(issuer));
        match self.fault {
            Fault::RemoveNeedsARecord if removed.is_none() => {
                return Err(StoreError::medium("cannot remove the record", "not found"));
            }
            Fault::LeavesTombstone => self.corrupt(issuer),
            _ => {}
        }
        let was_there = removed.is_some();
        self.grave
            .lock()
            .unwrap()
            .extend(removed.map(|entry| (self.key(issuer), entry)));
        Ok(was_there)
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        let mut listed = Vec::new();
        for (issuer, entry) in self.map().values() {
            if self.is(Fault::UnreadableStopsList) && matches!(entry, Entry::Garbage) {
                return Err(StoreError::medium("cannot read a record", "garbage"));
            }
            listed.push(Listed::Issuer(issuer.clone()));
        }
        if self.is(Fault::KeepsGeneratedKeys) {
            let keys = self.generated.load(Ordering::Relaxed);
            listed.extend((0..keys).map(|n| Listed::Foreign(format!("key {n}"))));
        }
        Ok(listed)
    }

    async fn flight(
        &self,
        issuer: &Issuer,
        patience: Duration,
    ) -> Result<Box<dyn FlightGuard>, StoreError> {
        let spelled;
        let issuer =
            if self.is(Fault::SpellingsDiffer) && issuer.did() != self.key(&issuer.normalized()) {
                // one flight for each spelling: any other issuer stands for the other spelling
                spelled = Issuer::from(Ed25519SigningKey::from_seed(&[3; 32]).did_key().clone());
                &spelled
            } else {
                issuer
            };
        match self.fault {
            Fault::EveryoneFlies => Ok(Box::new(())),
            Fault::NoPatience => Ok(Box::new(
                self.flights.acquire(issuer, Duration::ZERO).await?,
            )),
            Fault::KeepsFlight => {
                let guard = self.flights.acquire(issuer, patience).await?;
                Ok(Box::new(std::mem::ManuallyDrop::new(guard)))
            }
            Fault::HauntedFlight => {
                let (flights, issuer) = (self.flights.clone(), issuer.clone());
                let (sender, receiver) = tokio::sync::oneshot::channel();
                tokio::spawn(async move {
                    let guard = flights.acquire(&issuer, patience).await;
                    if let Err(guard) = sender.send(guard) {
                        std::mem::forget(guard);
                    }
                });
                Ok(Box::new(receiver.await.unwrap()?))
            }
            _ => Ok(Box::new(self.flights.acquire(issuer, patience).await?)),
        }
    }
}
