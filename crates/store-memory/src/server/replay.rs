//! Which proofs were used: sets of fingerprints, by the time until which they are kept, in shards
//! with a lock each.

use super::table::Fingerprints;
use super::{full, seconds};
use async_trait::async_trait;
use cacao::UnixTime;
use session_core::StoreError;
use session_core::server::{ProofId, Remembered, ReplayMemory, ReplayWindow};
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A replay window in memory. Clones share it, and it ends with the last clone.
///
/// A proof takes 16 to 37 bytes. There is room for so many; a full window refuses more rather
/// than to forget one. What is kept until about the same time lies in one table, which is dropped
/// as a whole; tables are found by a keyed hash (`SipHash`, with a key that the operating system
/// gave), so that nobody can choose proofs that lie in one place.
#[derive(Clone)]
pub struct MemoryReplayWindow(Arc<Inner>);

struct Inner {
    shards: Box<[Mutex<Shard>]>,
    capacity: usize,
    shard_capacity: usize,
    hash: RandomState,
    memory: ReplayMemory,
}

/// One of the parts; a proof belongs to one of them by its hash.
#[derive(Default)]
struct Shard {
    /// By the number of the span in which the proofs end.
    tables: BTreeMap<u64, Fingerprints>,
    len: usize,
    /// What ends in an earlier span than this one may be forgotten.
    forgotten: u64,
}

impl MemoryReplayWindow {
    /// How many proofs there is room for, by default: below 80 MB when it is full, and
    /// 30,000 proofs a second.
    pub const DEFAULT_CAPACITY: usize = 2_000_000;

    const SHARDS: usize = 64;

    /// How many seconds lie in one table.
    const SPAN: u64 = 8;

    /// A window that begins now and knows of nothing before.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn new(now: UnixTime) -> Result<Self, StoreError> {
        Self::with_capacity(now, Self::DEFAULT_CAPACITY)
    }

    /// The same, with room for about so many proofs.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn with_capacity(now: UnixTime, proofs: usize) -> Result<Self, StoreError> {
        let mut id = [0; 16];
        getrandom::fill(&mut id)
            .map_err(|error| StoreError::medium("cannot begin a replay window", error))?;
        // a shard takes a few more than its share, so that all of them are full at about once
        let share = proofs / Self::SHARDS;
        Ok(Self(Arc::new(Inner {
            shards: (0..Self::SHARDS).map(|_| Mutex::default()).collect(),
            capacity: proofs,
            shard_capacity: share + share / 16 + 1,
            hash: RandomState::new(),
            memory: ReplayMemory { since: now, id },
        })))
    }

    /// How many proofs are remembered, those that could be forgotten included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shards().map(|shard| shard.len).sum()
    }

    /// Whether nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes of memory the tables take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let tables = |shard: MutexGuard<'_, Shard>| -> usize {
            shard.tables.values().map(Fingerprints::bytes).sum()
        };
        self.shards().map(tables).sum()
    }

    fn shards(&self) -> impl Iterator<Item = MutexGuard<'_, Shard>> {
        self.0.shards.iter().map(lock)
    }
}

// Nobody panics while holding a shard; were it so, a proof in it is remembered or is not.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shard {
    fn forget(&mut self, now: u64) {
        let span = now / MemoryReplayWindow::SPAN;
        if span <= self.forgotten {
            return;
        }
        self.forgotten = span;
        self.tables = self.tables.split_off(&span);
        self.len = self.tables.values().map(Fingerprints::len).sum();
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl ReplayWindow for MemoryReplayWindow {
    async fn remember(
        &self,
        proof: ProofId,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<Remembered, StoreError> {
        let inner = &*self.0;
        let hash = |fingerprint: u128| inner.hash.hash_one(fingerprint);
        let fingerprint = u128::from_le_bytes(*proof.as_bytes()).max(1);
        let place = hash(fingerprint);
        // the upper bits: the tables begin by the lower ones
        let shard = usize::try_from(place >> 48).unwrap_or_default() % Self::SHARDS;
        let Some(shard) = inner.shards.get(shard) else {
            return Err(full("cannot remember a proof", inner.capacity));
        };
        let mut shard = lock(shard);
        shard.forget(seconds(now));
        let span = seconds(until) / Self::SPAN;
        if span < shard.forgotten {
            return Ok(Remembered::TooOld);
        }
        // one proof has one `until`, as long as the rules of the server stay as they are; were it
        // not so, the others say that it was used
        if shard
            .tables
            .values()
            .any(|table| table.contains(fingerprint, place))
        {
            return Ok(Remembered::Again);
        }
        if shard.len >= inner.shard_capacity {
            return Err(full("cannot remember a proof", inner.capacity));
        }
        shard.tables.entry(span).or_default().add(fingerprint, hash);
        shard.len += 1;
        Ok(Remembered::First)
    }

    fn memory(&self) -> Option<ReplayMemory> {
        Some(self.0.memory)
    }
}

impl fmt::Debug for MemoryReplayWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryReplayWindow")
            .field("len", &self.len())
            .field("capacity", &self.0.capacity)
            .finish_non_exhaustive()
    }
}
