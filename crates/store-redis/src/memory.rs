//! What is known of the engine's memory: since when it remembers, and under which name.

use crate::error::Error;
use crate::link::random;
use crate::time::{millis, millis_of};
use cacao::UnixTime;
use session_core::server::ReplayMemory;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The memory that this process knows, and a fresh name, should a new one begin.
pub(crate) struct Known(Mutex<State>);

struct State {
    memory: Option<ReplayMemory>,
    fresh: [u8; 16],
}

impl Known {
    pub(crate) fn new() -> Result<Self, Error> {
        let state = State {
            memory: None,
            fresh: random()?,
        };
        Ok(Self(Mutex::new(state)))
    }

    pub(crate) fn memory(&self) -> Option<ReplayMemory> {
        self.lock().memory
    }

    /// The name of the memory that is known, empty where none is, and the fresh one.
    pub(crate) fn names(&self) -> (Vec<u8>, [u8; 16]) {
        let state = self.lock();
        let known = state.memory.map(|memory| memory.id.to_vec());
        (known.unwrap_or_default(), state.fresh)
    }

    /// Another memory is there: it began at `begin` of the engine's clock, which showed `engine`
    /// when the caller's showed `now`.
    pub(crate) fn adopt(
        &self,
        id: [u8; 16],
        (begin, engine): (i64, i64),
        now: UnixTime,
    ) -> Result<(), Error> {
        let fresh = random()?;
        // by the caller's clock, and rather later: what was asked has taken its time
        let age = Duration::from_millis(u64::try_from(engine - begin).unwrap_or(0));
        let since = UnixTime::from_millis(millis(now).saturating_sub(millis_of(age)));
        let mut state = self.lock();
        if state.memory.is_none_or(|memory| memory.id != id) {
            state.memory = Some(ReplayMemory {
                since: since + Duration::from_secs(1),
                id,
            });
            state.fresh = fresh;
        }
        Ok(())
    }

    // nobody panics while holding it
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
