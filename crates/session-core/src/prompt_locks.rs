//! One prompt at a time for each slot, within one process: for stores that have nothing better.

use crate::clock::Clock;
use crate::store::{PromptLockGuard, SlotId, StoreError};
use async_trait::async_trait;
use futures_util::future::{Either, select};
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// Keyed locks: a ready-made [`lock_prompt`](crate::SessionStore::lock_prompt) for a store that
/// lives in one process. Clones share them.
///
/// A lock takes room only while somebody holds it, and taking one costs the same however many
/// others there are. Waiting callers get it in turn.
///
/// ```
/// use session_core::{PromptLocks, SlotId};
/// use std::time::Duration;
///
/// # async fn example(issuer: cacao::Issuer) -> Result<(), session_core::StoreError> {
/// let (locks, slot) = (PromptLocks::default(), SlotId::new(issuer));
/// let guard = locks.acquire(&slot, Duration::from_secs(1)).await?;
/// assert!(locks.acquire(&slot, Duration::ZERO).await.is_err());
/// drop(guard);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PromptLocks {
    table: Arc<Mutex<Table>>,
    clock: Arc<dyn Clock>,
}

/// A lock of [`PromptLocks`], or a place in the queue for it, until this is dropped.
#[derive(Debug)]
pub struct PromptLock {
    table: Arc<Mutex<Table>>,
    slot: SlotId,
    ticket: u64,
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl PromptLockGuard for PromptLock {
    fn is_held(&self) -> bool {
        true
    }
}

/// Locks whose waits go by the clock of the operating system.
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
impl Default for PromptLocks {
    fn default() -> Self {
        Self::new(Arc::new(crate::clock::SystemClock))
    }
}

impl fmt::Debug for PromptLocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PromptLocks")
            .field("held", &open(&self.table).held.len())
            .finish_non_exhaustive()
    }
}

impl PromptLocks {
    /// Locks whose waits go by this clock.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            table: Arc::default(),
            clock,
        }
    }

    /// Waits for the lock of a slot, for at most `max_wait`; dropping it frees it. A future that
    /// is dropped while it waits leaves nothing behind.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another caller still holds it.
    pub async fn acquire(
        &self,
        slot: &SlotId,
        max_wait: Duration,
    ) -> Result<PromptLock, StoreError> {
        let lock = PromptLock::enter(&self.table, slot);
        // looked at first: a free lock is had even without any wait
        let turn = poll_fn(|context| lock.poll(context));
        match select(pin!(turn), self.clock.sleep(max_wait)).await {
            Either::Left(_) => {}
            Either::Right(_) => return Err(StoreError::busy(slot, max_wait)),
        }
        Ok(lock)
    }
}

/// The locks that somebody holds.
#[derive(Debug, Default)]
struct Table {
    held: HashMap<SlotId, Held>,
    tickets: u64,
}

/// Who holds a lock, and who waits for it, by ticket; the first that came is the next.
#[derive(Debug)]
struct Held {
    holder: u64,
    waiting: VecDeque<(u64, Option<Waker>)>,
}

impl Table {
    /// The only way to look at an entry, so that looks can be counted.
    fn of(&mut self, slot: &SlotId) -> Option<&mut Held> {
        #[cfg(test)]
        tests::LOOKS.with(|looks| looks.set(looks.get() + 1));
        self.held.get_mut(slot)
    }
}

impl PromptLock {
    /// Takes a free lock, or the last place in the queue.
    fn enter(table: &Arc<Mutex<Table>>, slot: &SlotId) -> Self {
        let mut open = open(table);
        open.tickets += 1;
        let ticket = open.tickets;
        if let Some(held) = open.of(slot) {
            held.waiting.push_back((ticket, None));
        } else {
            let held = Held {
                holder: ticket,
                waiting: VecDeque::new(),
            };
            open.held.insert(slot.clone(), held);
        }
        Self {
            table: Arc::clone(table),
            slot: slot.clone(),
            ticket,
        }
    }

    /// Ready when the lock is held.
    fn poll(&self, context: &Context<'_>) -> Poll<()> {
        let mut table = open(&self.table);
        let Some(held) = table.held.get_mut(&self.slot) else {
            return Poll::Ready(());
        };
        let mut waiting = held.waiting.iter_mut();
        match waiting.find(|(ticket, _)| *ticket == self.ticket) {
            None => Poll::Ready(()),
            Some((_, waker)) => {
                *waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for PromptLock {
    fn drop(&mut self) {
        let mut table = open(&self.table);
        let Some(held) = table.of(&self.slot) else {
            return;
        };
        if held.holder != self.ticket {
            held.waiting.retain(|(ticket, _)| *ticket != self.ticket);
        } else if let Some((next, waker)) = held.waiting.pop_front() {
            held.holder = next;
            drop(table);
            if let Some(waker) = waker {
                waker.wake();
            }
        } else {
            table.held.remove(&self.slot);
        }
    }
}

fn open(table: &Mutex<Table>) -> MutexGuard<'_, Table> {
    // nobody panics while holding the table; were it so, it is still a table
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cacao::Issuer;
    use futures_util::FutureExt;
    use std::cell::Cell;

    thread_local!(pub(super) static LOOKS: Cell<usize> = const { Cell::new(0) });

    const LONG: Duration = Duration::from_secs(3600);

    fn slot(n: usize) -> SlotId {
        let issuer: Issuer = format!("abc:1:{n}").parse().unwrap();
        SlotId::new(issuer)
    }

    fn held(locks: &PromptLocks, n: usize) -> PromptLock {
        let slot = slot(n);
        let lock = locks.acquire(&slot, Duration::ZERO);
        lock.now_or_never().unwrap().unwrap()
    }

    /// Entries that are looked at while one more lock is taken and freed.
    fn looks_beside(others: usize) -> usize {
        let locks = PromptLocks::default();
        let others: Vec<_> = (0..others).map(|n| held(&locks, n)).collect();
        LOOKS.set(0);
        drop(held(&locks, usize::MAX));
        let looks = LOOKS.get();
        assert_eq!(open(&locks.table).held.len(), others.len());
        looks
    }

    #[test]
    fn a_lock_costs_the_same_beside_twenty_and_twenty_thousand() {
        assert_eq!(looks_beside(20), 2);
        assert_eq!(looks_beside(20_000), 2);
    }

    #[test]
    fn nothing_is_kept_of_whoever_has_gone() {
        let locks = PromptLocks::default();
        for n in 0..3 {
            drop(held(&locks, n));
        }
        let holder = held(&locks, 0);
        // given up before its first step, while it waits, and when its time is over
        drop(locks.acquire(&slot(0), LONG));
        assert!(locks.acquire(&slot(0), LONG).now_or_never().is_none());
        let late = async { locks.acquire(&slot(0), Duration::from_millis(1)).await };
        let late = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(late);
        assert!(matches!(late, Err(StoreError::Busy { .. })), "{late:?}");
        assert!(open(&locks.table).of(&slot(0)).unwrap().waiting.is_empty());
        drop(holder);
        assert!(open(&locks.table).held.is_empty());
    }

    #[test]
    fn a_waiter_that_is_dropped_when_its_turn_has_come_frees_the_lock() {
        let (locks, slot) = (PromptLocks::default(), slot(0));
        let holder = held(&locks, 0);
        let mut waiter = Box::pin(locks.acquire(&slot, LONG));
        assert!(waiter.as_mut().now_or_never().is_none());
        let mut next = Box::pin(locks.acquire(&slot, LONG));
        assert!(next.as_mut().now_or_never().is_none());
        drop(holder); // the lock is the waiter's, who does not know yet
        drop(waiter);
        let next = next.now_or_never().unwrap().unwrap();
        assert_eq!(open(&locks.table).held.len(), 1);
        drop(next);
        assert!(open(&locks.table).held.is_empty());
    }

    #[test]
    fn a_lock_is_that_of_one_profile() {
        let locks = PromptLocks::default();
        let _default = held(&locks, 0);
        let work = slot(0).with_profile("work".parse().unwrap());
        let other = locks.acquire(&work, Duration::ZERO).now_or_never();
        assert!(other.unwrap().is_ok());
    }
}
