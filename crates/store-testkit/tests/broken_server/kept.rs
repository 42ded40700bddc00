//! What a server keeps, in plain maps, with one fault.

use async_trait::async_trait;
use cacao::{Issuer, UnixTime};
use dag_jws::Cid;
use session_core::StoreError;
use session_core::server::{
    Capabilities, ChallengeId, Challenges, Consumed, Device, Devices, ProofId, Remembered,
    ReplayMemory, ReplayWindow,
};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    TwoSteps,
    ClonesAreCopies,
    ForgetsWhenFull,
    NeverFull,
    StaysFull,
    ForgetsEarly,
    BringsBack,
    HalfOfTheName,
    OneBeginning,
    ForgetsWho,
    CutsBlocks,
    RefusesAFlood,
    ListsTwice,
    OldestFirst,
    EveryDomain,
    AnybodyRemoves,
    DrivesOthersOut,
    LastGivesWay,
}

#[derive(Clone, Default)]
struct Maps {
    used: HashMap<[u8; 16], (Option<Cid>, UnixTime)>,
    /// The latest time that anybody named.
    latest: Option<UnixTime>,
    blocks: HashMap<Cid, Arc<[u8]>>,
    devices: Vec<Device>,
}

pub(crate) struct Kept {
    fault: Fault,
    room: usize,
    maps: Arc<Mutex<Maps>>,
    id: [u8; 16],
}

impl Clone for Kept {
    fn clone(&self) -> Self {
        let maps = match self.fault {
            Fault::ClonesAreCopies => Arc::new(Mutex::new(self.maps.lock().unwrap().clone())),
            _ => Arc::clone(&self.maps),
        };
        Self { maps, ..*self }
    }
}

enum Use {
    First,
    By(Option<Cid>),
    Forgotten,
}

impl Kept {
    /// How many devices of one issuer are kept.
    const OF_ONE: usize = 32;

    pub(crate) fn new(fault: Fault) -> Self {
        Self::with_room(fault, 1_000_000)
    }

    pub(crate) fn with_room(fault: Fault, room: usize) -> Self {
        static BEGAN: AtomicU8 = AtomicU8::new(0);
        let number = BEGAN.fetch_add(1, Ordering::SeqCst);
        let id = if fault == Fault::OneBeginning {
            0
        } else {
            number
        };
        Self {
            fault,
            room,
            maps: Arc::default(),
            id: [id; 16],
        }
    }

    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    /// A step in which another thread may come between.
    async fn between(&self) {
        if self.is(Fault::TwoSteps) {
            futures_timer::Delay::new(Duration::from_millis(1)).await;
        }
    }

    fn full() -> StoreError {
        StoreError::medium("cannot keep it", "there is no room")
    }

    fn is_over(&self, end: UnixTime, now: UnixTime) -> bool {
        let early = u64::from(self.is(Fault::ForgetsEarly));
        end < now + Duration::from_secs(early)
    }

    async fn use_up(
        &self,
        mut id: [u8; 16],
        by: Option<Cid>,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<Use, StoreError> {
        if self.is(Fault::HalfOfTheName) {
            id[1..].fill(0);
        }
        let found = {
            let maps = &mut *self.maps.lock().unwrap();
            let latest = maps.latest.map_or(now, |latest| latest.max(now));
            maps.latest = Some(latest);
            if !self.is(Fault::StaysFull) {
                maps.used.retain(|_, (_, end)| !self.is_over(*end, latest));
            }
            let found = maps.used.get(&id).copied();
            if found.is_none() && until < latest && !self.is(Fault::BringsBack) {
                return Ok(Use::Forgotten);
            }
            if !self.is(Fault::TwoSteps) && found.is_none() {
                if maps.used.len() >= self.room && !self.is(Fault::NeverFull) {
                    match self.is(Fault::ForgetsWhenFull) {
                        true => maps.used.clear(),
                        false => return Err(Self::full()),
                    }
                }
                maps.used.insert(id, (by, until));
            }
            found
        };
        match found {
            Some((by, _)) => Ok(Use::By(by)),
            None => {
                if self.is(Fault::TwoSteps) {
                    self.between().await;
                    self.maps.lock().unwrap().used.insert(id, (by, until));
                }
                Ok(Use::First)
            }
        }
    }
}

#[async_trait]
impl ReplayWindow for Kept {
    async fn remember(
        &self,
        proof: ProofId,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<Remembered, StoreError> {
        Ok(
            match self.use_up(*proof.as_bytes(), None, until, now).await? {
                Use::First => Remembered::First,
                Use::By(_) => Remembered::Again,
                Use::Forgotten => Remembered::TooOld,
            },
        )
    }

    fn memory(&self) -> Option<ReplayMemory> {
        Some(ReplayMemory {
            since: UnixTime::EPOCH,
            id: self.id,
        })
    }
}

#[async_trait]
impl Challenges for Kept {
    async fn consume(
        &self,
        challenge: ChallengeId,
        identity: &Cid,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<Consumed, StoreError> {
        let by = Some(*identity);
        Ok(
            match self.use_up(*challenge.as_bytes(), by, until, now).await? {
                Use::First => Consumed::Now,
                Use::By(found) if found == by && !self.is(Fault::ForgetsWho) => Consumed::ByTheSame,
                Use::By(_) | Use::Forgotten => Consumed::ByAnother,
            },
        )
    }
}

#[async_trait]
impl Capabilities for Kept {
    async fn get(&self, cid: &Cid) -> Result<Option<Arc<[u8]>>, StoreError> {
        let found = self.maps.lock().unwrap().blocks.get(cid).cloned();
        Ok(found.map(|block| match self.is(Fault::CutsBlocks) {
            true => block[1..].into(),
            false => block,
        }))
    }

    async fn put(&self, cid: &Cid, block: &[u8], _: UnixTime) -> Result<(), StoreError> {
        let blocks = &mut self.maps.lock().unwrap().blocks;
        if blocks.len() >= 2_000 {
            match self.is(Fault::RefusesAFlood) {
                true => return Err(Self::full()),
                false => blocks.clear(),
            }
        }
        blocks.insert(*cid, block.into());
        Ok(())
    }
}

#[async_trait]
impl Devices for Kept {
    async fn add(&self, device: &Device, now: UnixTime) -> Result<(), StoreError> {
        let mut devices = match self.is(Fault::TwoSteps) {
            true => self.maps.lock().unwrap().devices.clone(),
            false => Vec::new(),
        };
        self.between().await;
        let maps = &mut *self.maps.lock().unwrap();
        if !self.is(Fault::TwoSteps) {
            devices = std::mem::take(&mut maps.devices);
        }
        devices.retain(|kept| {
            (self.is(Fault::StaysFull)
                || !kept.expires_at().is_some_and(|end| self.is_over(end, now)))
                && (self.is(Fault::ListsTwice) || kept.identity() != device.identity())
        });
        let is_of_issuer = |kept: &Device| kept.issuer() == device.issuer();
        // one issuer has one place here, and the tests fill it by one device each
        if devices.len() >= self.room && !self.is(Fault::NeverFull) {
            match self.is(Fault::ForgetsWhenFull) {
                true => devices.clear(),
                false => {
                    maps.devices = devices;
                    return Ok(());
                }
            }
        }
        devices.push(device.clone());
        let of_issuer = devices.iter().filter(|kept| is_of_issuer(kept)).count();
        if of_issuer > Self::OF_ONE && !self.is(Fault::NeverFull) {
            let places = devices.iter().enumerate();
            let places =
                places.filter(|(_, kept)| self.is(Fault::DrivesOthersOut) || is_of_issuer(kept));
            let end = |(_, kept): &(usize, &Device)| kept.expires_at();
            let place = match self.is(Fault::LastGivesWay) {
                true => places.max_by_key(end),
                false => places.min_by_key(end),
            };
            let place = place.unwrap().0;
            devices.remove(place);
        }
        maps.devices = devices;
        Ok(())
    }

    async fn list(
        &self,
        issuer: &Issuer,
        domain: &str,
        now: UnixTime,
    ) -> Result<Vec<Device>, StoreError> {
        let maps = self.maps.lock().unwrap();
        let listed = maps.devices.iter().filter(|device| {
            let is_here = self.is(Fault::EveryDomain) || device.domain() == domain;
            let is_over = device
                .expires_at()
                .is_some_and(|end| self.is_over(end, now));
            device.issuer() == issuer && is_here && !is_over
        });
        Ok(match self.is(Fault::OldestFirst) {
            true => listed.cloned().collect(),
            false => listed.rev().cloned().collect(),
        })
    }

    async fn remove(&self, issuer: &Issuer, identity: &Cid) -> Result<(), StoreError> {
        let anybody = self.is(Fault::AnybodyRemoves);
        let devices = &mut self.maps.lock().unwrap().devices;
        devices.retain(|device| {
            device.identity() != identity || !(anybody || device.issuer() == issuer)
        });
        Ok(())
    }
}
