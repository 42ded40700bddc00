//! The prompt lock between machines: a lease, which its holder renews, over three operations of a
//! store.

mod held;
mod owner;

pub use held::Lease;
pub use owner::LeaseOwner;

use crate::clock::{Clock, Time};
use crate::prompt_locks::PromptLocks;
use crate::store::{SlotId, StoreError};
use async_trait::async_trait;
use cacao::{MaybeSend, MaybeSync};
use futures_util::future::{Either, select};
use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// What a store does for a lease: each operation is one request, which the store decides in one
/// step.
///
/// A lease belongs to a slot, and has an owner and an end. The store's clock decides the end, never
/// that of the caller: `ttl` is a length of time. A lease that is over belongs to nobody.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait LeaseStore: MaybeSend + MaybeSync {
    /// Gives the lease of this slot to this owner for `ttl` from now, if it belongs to nobody or to
    /// this owner already. Returns whether this owner has it.
    ///
    /// # Errors
    /// When input or output fails; [`StoreError::Unknown`] when the reply was lost, after which it
    /// is called again with the same owner.
    async fn take(
        &self,
        slot: &SlotId,
        owner: &LeaseOwner,
        ttl: Duration,
    ) -> Result<bool, StoreError>;

    /// Makes the lease last for `ttl` from now, if it belongs to this owner; returns whether it
    /// does. A lease that is over is not renewed, even if nobody else has taken it.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    async fn renew(
        &self,
        slot: &SlotId,
        owner: &LeaseOwner,
        ttl: Duration,
    ) -> Result<bool, StoreError>;

    /// Frees the lease, if it belongs to this owner.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    async fn release(&self, slot: &SlotId, owner: &LeaseOwner) -> Result<(), StoreError>;
}

/// What a lease gives to the caller's executor: a release that must not wait for anybody.
#[cfg(not(target_family = "wasm"))]
pub type LeaseTask = futures_util::future::BoxFuture<'static, ()>;
/// What a lease gives to the caller's executor: a release that must not wait for anybody.
#[cfg(target_family = "wasm")]
pub type LeaseTask = futures_util::future::LocalBoxFuture<'static, ()>;

/// Runs tasks on the caller's executor.
trait Spawn: MaybeSend + MaybeSync {
    fn spawn(&self, task: LeaseTask);
}

impl<F: Fn(LeaseTask) + MaybeSend + MaybeSync> Spawn for F {
    fn spawn(&self, task: LeaseTask) {
        self(task);
    }
}

/// A ready-made [`lock_prompt`](crate::SessionStore::lock_prompt) for a store that several machines
/// share: a slot has at most one holder, for as long as the holder renews the lease. Clones share
/// their queue.
///
/// Callers of one process queue up first, so that a process asks the store only once at a time. A
/// lease that nobody renews ends by itself: this is how it becomes free when its holder dies, is
/// cancelled in the middle of [`acquire`](Self::acquire), or drops it when nothing can be sent. A
/// holder notices the end in time: it counts from before each request, and a fifth less than the
/// store does.
///
/// ```
/// use session_core::{LeaseStore, Leases, PromptLockGuard, SlotId, StoreError, SystemClock};
/// use std::{sync::Arc, time::Duration};
///
/// # async fn example(store: impl LeaseStore + 'static, slot: &SlotId) -> Result<(), StoreError> {
/// let leases = Leases::new(store, Arc::new(SystemClock)).with_spawner(|task| {
///     if let Ok(runtime) = tokio::runtime::Handle::try_current() {
///         runtime.spawn(task);
///     }
/// });
/// let lease = leases.acquire(slot, Duration::from_secs(10)).await?;
/// assert!(lease.is_held());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Leases {
    store: Arc<dyn LeaseStore>,
    clock: Arc<dyn Clock>,
    queue: PromptLocks,
    ttl: Duration,
    spawn: Option<Arc<dyn Spawn>>,
}

impl fmt::Debug for Leases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leases")
            .field("queue", &self.queue)
            .field("ttl", &self.ttl)
            .finish_non_exhaustive()
    }
}

/// How long a waiter sleeps before it asks again: at first, and at most.
const FIRST_NAP: Duration = Duration::from_millis(20);
const LONGEST_NAP: Duration = Duration::from_millis(500);

impl Leases {
    /// How long a lease lasts if nobody renews it, unless [`with_ttl`](Self::with_ttl) sets another
    /// time.
    pub const DEFAULT_TTL: Duration = Duration::from_secs(30);

    /// Leases of this store; waiting and renewing go by this clock.
    pub fn new(store: impl LeaseStore + 'static, clock: Arc<dyn Clock>) -> Self {
        Self {
            store: Arc::new(store),
            queue: PromptLocks::new(Arc::clone(&clock)),
            clock,
            ttl: Self::DEFAULT_TTL,
            spawn: None,
        }
    }

    /// Sets how long a lease lasts if nobody renews it, at least ten milliseconds. It is renewed
    /// three times in that time.
    #[must_use]
    pub fn with_ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl.max(Duration::from_millis(10));
        self
    }

    /// Frees a dropped lease at once, by a task that this runs. Without it, a dropped lease ends
    /// only when its time is over, unless it was [released](crate::PromptLockGuard::release)
    /// before.
    #[must_use]
    pub fn with_spawner(
        mut self,
        spawn: impl Fn(LeaseTask) + MaybeSend + MaybeSync + 'static,
    ) -> Self {
        self.spawn = Some(Arc::new(spawn));
        self
    }

    /// How long a lease lasts if nobody renews it.
    #[must_use]
    pub const fn ttl(&self) -> Duration {
        self.ttl
    }

    /// Waits for the lease of a slot, for at most `max_wait`, plus the time that the store takes to
    /// answer the last request. A future that is dropped on the way frees what it may have got.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another caller still holds it, [`StoreError::Key`] when there is
    /// no randomness, else what the store fails with.
    pub async fn acquire(&self, slot: &SlotId, max_wait: Duration) -> Result<Lease, StoreError> {
        let until = self.clock.monotonic().saturating_add(max_wait);
        let turn = self.queue.acquire(slot, max_wait).await?;
        let owner = LeaseOwner::random()?;
        let mut nap = FIRST_NAP;
        // from here on, dropping gives the lease back
        let mut lease = Lease::new(self.clone(), slot.clone(), owner, turn);
        loop {
            match lease.take().await {
                Ok(true) => return Ok(lease),
                // the same owner asks again: a take that arrived is found
                Ok(false) | Err(StoreError::Unknown { .. }) => {}
                Err(error) => return Err(error),
            }
            let left = until.saturating_sub(self.clock.monotonic());
            if left.is_zero() {
                return Err(StoreError::busy(slot, max_wait));
            }
            // those who wait for the same holder do not all ask at once
            let nap_now = nap.mul_f64(lease.owner().jitter());
            self.clock.sleep(nap_now.min(left)).await;
            nap = (nap * 2).min(LONGEST_NAP);
        }
    }

    fn time(&self) -> Time {
        Time {
            wall: self.clock.now(),
            monotonic: self.clock.monotonic(),
        }
    }

    /// Waits for an answer, for no longer than it is worth anything.
    async fn answer<T>(
        &self,
        slot: &SlotId,
        within: Duration,
        asked: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        match select(pin!(asked), self.clock.sleep(within)).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => Err(StoreError::medium(
                format!("cannot reserve the wallet of {slot}"),
                format!("the store did not answer within {within:?}"),
            )),
        }
    }

    /// For how long a holder counts on a lease, from before it asked: a fifth less than the store
    /// does, for clocks that do not run alike and for requests that are on their way.
    fn counted(&self) -> Duration {
        self.ttl / 5 * 4
    }

    fn renewed_after(&self) -> Duration {
        self.ttl / 3
    }
}

#[cfg(test)]
mod tests;
