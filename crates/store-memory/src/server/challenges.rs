//! Which login challenges were used up.

use super::{full, seconds};
use async_trait::async_trait;
use cacao::UnixTime;
use session_core::StoreError;
use session_core::server::{ChallengeId, Challenges, Consumed};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

type Cid = dag_jws::Cid;

/// Used challenges in memory. Clones share them, and they end with the last clone: a challenge
/// from before a restart could be used again, once and by the same key, unless the server's secret
/// is another one, too.
///
/// There is room for a limited number; when it is full, nobody can log in until the oldest have
/// ended.
#[derive(Clone, Debug)]
pub struct MemoryChallenges {
    used: Arc<Mutex<Used>>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Used {
    by_id: HashMap<ChallengeId, Cid>,
    /// By the second in which they end.
    ends: BTreeMap<u64, Vec<ChallengeId>>,
    /// What ends before this second may be forgotten.
    forgotten: u64,
}

impl MemoryChallenges {
    /// How many there is room for, by default: about 25 MB.
    pub const DEFAULT_CAPACITY: usize = 100_000;

    /// None was used.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(Self::DEFAULT_CAPACITY)
    }

    /// None was used, and there is room for so many.
    #[must_use]
    pub fn with_capacity(challenges: usize) -> Self {
        Self {
            used: Arc::default(),
            capacity: challenges,
        }
    }
}

impl Default for MemoryChallenges {
    fn default() -> Self {
        Self::new()
    }
}

impl Used {
    fn forget(&mut self, now: u64) {
        self.forgotten = self.forgotten.max(now);
        let kept = self.ends.split_off(&self.forgotten);
        for id in std::mem::replace(&mut self.ends, kept)
            .into_values()
            .flatten()
        {
            self.by_id.remove(&id);
        }
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl Challenges for MemoryChallenges {
    async fn consume(
        &self,
        challenge: ChallengeId,
        identity: &Cid,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<Consumed, StoreError> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.forget(seconds(now));
        match used.by_id.get(&challenge) {
            Some(by) if by == identity => return Ok(Consumed::ByTheSame),
            Some(_) => return Ok(Consumed::ByAnother),
            // a clock was set back: nobody knows who had it
            None if seconds(until) < used.forgotten => return Ok(Consumed::ByAnother),
            None if used.by_id.len() >= self.capacity => {
                return Err(full("cannot use a challenge up", self.capacity));
            }
            None => {}
        }
        used.by_id.insert(challenge, *identity);
        used.ends.entry(seconds(until)).or_default().push(challenge);
        Ok(Consumed::Now)
    }
}
