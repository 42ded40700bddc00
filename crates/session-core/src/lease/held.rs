//! A lease that is held.

use super::{LeaseOwner, Leases};
use crate::clock::Time;
use crate::prompt_locks::PromptLock;
use crate::store::{PromptLockGuard, SlotId, StoreError};
use async_trait::async_trait;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a holder waits at most until its release has arrived: nobody waits for the answer.
const RELEASED_WITHIN: Duration = Duration::from_secs(2);

/// A lease of [`Leases`], until it is dropped, runs out or is lost. It is renewed by
/// [`keep`](PromptLockGuard::keep).
#[must_use]
pub struct Lease {
    leases: Leases,
    slot: SlotId,
    owner: LeaseOwner,
    state: Mutex<State>,
    /// Freed after the lease is given back: the next one of this process asks the store then.
    _turn: PromptLock,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// The store says that it is not ours, or was not asked.
    NotOurs,
    /// The store was asked, and nothing is known of the answer.
    Asked,
    /// Ours, counted from when the store was asked.
    Since(Time),
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("slot", &self.slot)
            .field("owner", &self.owner)
            .field("state", &*self.state())
            .finish_non_exhaustive()
    }
}

impl Lease {
    pub(super) const fn new(
        leases: Leases,
        slot: SlotId,
        owner: LeaseOwner,
        turn: PromptLock,
    ) -> Self {
        Self {
            leases,
            slot,
            owner,
            state: Mutex::new(State::NotOurs),
            _turn: turn,
        }
    }

    pub(super) const fn owner(&self) -> &LeaseOwner {
        &self.owner
    }

    /// Asks the store for it; returns whether it is held now.
    pub(super) async fn take(&mut self) -> Result<bool, StoreError> {
        let asked = self.leases.time();
        self.put(State::Asked);
        let (leases, ttl) = (&self.leases, self.leases.ttl);
        let take = leases.store.take(&self.slot, &self.owner, ttl);
        let is_ours = leases.answer(&self.slot, ttl, take).await?;
        self.put(if is_ours {
            State::Since(asked)
        } else {
            State::NotOurs
        });
        // an answer that came too late is worth nothing
        Ok(self.is_held())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // one assignment at a time: it is whole whatever happens
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, state: State) {
        *self.state() = state;
    }

    /// For how long the holder still counts on it.
    fn left(&self) -> Duration {
        let State::Since(asked) = *self.state() else {
            return Duration::ZERO;
        };
        let (counted, now) = (self.leases.counted(), self.leases.time());
        // a clock that never goes back may stand still while the machine sleeps; the wall clock
        // does not. Whichever says that more time is over is believed.
        let by_monotonic = now.monotonic.saturating_sub(asked.monotonic);
        let by_wall = now.wall.duration_since(asked.wall);
        counted.saturating_sub(by_monotonic.max(by_wall))
    }

    /// For how long it need not be renewed yet.
    fn rests(&self) -> Duration {
        let State::Since(asked) = *self.state() else {
            return Duration::ZERO;
        };
        let due = asked.monotonic.saturating_add(self.leases.renewed_after());
        due.saturating_sub(self.leases.clock.monotonic())
    }

    /// Whether the store may have it as ours; from now on it is not.
    fn end(&self) -> bool {
        let state = std::mem::replace(&mut *self.state(), State::NotOurs);
        !matches!(state, State::NotOurs)
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl PromptLockGuard for Lease {
    fn is_held(&self) -> bool {
        !self.left().is_zero()
    }

    async fn keep(&self) {
        let leases = &self.leases;
        loop {
            leases.clock.sleep(self.rests()).await;
            let (asked, left) = (leases.time(), self.left());
            if left.is_zero() {
                return;
            }
            let renew = leases.store.renew(&self.slot, &self.owner, leases.ttl);
            match leases.answer(&self.slot, left, renew).await {
                Ok(true) => self.put(State::Since(asked)),
                Ok(false) => {
                    self.put(State::NotOurs);
                    return;
                }
                Err(error) => {
                    tracing::debug!(slot = %self.slot, code = error.code(), "a lease is not renewed");
                    // it is tried again for as long as it is held
                    leases.clock.sleep(self.left().min(leases.ttl / 12)).await;
                }
            }
        }
    }

    async fn release(&self) {
        if !self.end() {
            return;
        }
        let leases = &self.leases;
        let release = leases.store.release(&self.slot, &self.owner);
        let within = RELEASED_WITHIN.min(leases.ttl);
        if let Err(error) = leases.answer(&self.slot, within, release).await {
            tracing::debug!(slot = %self.slot, code = error.code(), "a lease ends by itself");
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.end() {
            return;
        }
        let Some(spawn) = &self.leases.spawn else {
            return;
        };
        let (store, slot, owner) = (
            std::sync::Arc::clone(&self.leases.store),
            self.slot.clone(),
            self.owner.clone(),
        );
        spawn.spawn(Box::pin(async move {
            if let Err(error) = store.release(&slot, &owner).await {
                tracing::debug!(%slot, code = error.code(), "a lease ends by itself");
            }
        }));
    }
}
