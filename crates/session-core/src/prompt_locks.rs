//! One prompt at a time for each slot, within one process: for stores that have nothing better.

use crate::store::{SlotId, StoreError};
use futures_timer::Delay;
use futures_util::future::{Either, select};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// Keyed locks: a ready-made [`lock_prompt`](crate::SessionStore::lock_prompt) for a store that
/// lives in one process. Clones share them.
///
/// A lock takes room as long as somebody holds it or waits for it, and taking one costs the same
/// however many others there are.
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
#[derive(Clone, Debug, Default)]
pub struct PromptLocks {
    table: Arc<Mutex<Table>>,
}

/// A lock of [`PromptLocks`], until this is dropped.
#[derive(Debug)]
pub struct PromptLock {
    // in this order: the lock is free before nobody knows it any more
    _guard: OwnedMutexGuard<()>,
    _user: User,
}

impl PromptLocks {
    /// Waits for the lock of a slot, for at most `max_wait`; dropping it frees it. A future that
    /// is dropped while it waits leaves nothing behind.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when somebody else still holds it.
    pub async fn acquire(
        &self,
        slot: &SlotId,
        max_wait: Duration,
    ) -> Result<PromptLock, StoreError> {
        let (user, lock) = User::enter(&self.table, slot);
        // a free lock is had even without any wait
        let guard = match Arc::clone(&lock).try_lock_owned() {
            Ok(guard) => guard,
            Err(_) => match select(pin!(lock.lock_owned()), Delay::new(max_wait)).await {
                Either::Left((guard, _)) => guard,
                Either::Right(_) => return Err(StoreError::busy(slot, max_wait)),
            },
        };
        Ok(PromptLock {
            _guard: guard,
            _user: user,
        })
    }
}

/// The locks that somebody holds or waits for.
type Table = HashMap<SlotId, Known>;

/// A lock, and how many hold it or wait for it.
#[derive(Debug)]
struct Known {
    lock: Arc<AsyncMutex<()>>,
    users: usize,
}

impl Known {
    /// How many use it; the only way to look at an entry, so that looks can be counted.
    fn users(&mut self) -> &mut usize {
        #[cfg(test)]
        tests::LOOKS.with(|looks| looks.set(looks.get() + 1));
        &mut self.users
    }
}

/// Somebody who holds the lock of a slot or waits for it. The last one who goes takes the entry
/// with him.
#[derive(Debug)]
struct User {
    table: Arc<Mutex<Table>>,
    slot: SlotId,
}

impl User {
    fn enter(table: &Arc<Mutex<Table>>, slot: &SlotId) -> (Self, Arc<AsyncMutex<()>>) {
        let mut known = open(table);
        let known = known.entry(slot.clone()).or_insert_with(|| Known {
            lock: Arc::default(),
            users: 0,
        });
        *known.users() += 1;
        let user = Self {
            table: Arc::clone(table),
            slot: slot.clone(),
        };
        (user, Arc::clone(&known.lock))
    }
}

impl Drop for User {
    fn drop(&mut self) {
        let mut table = open(&self.table);
        if let Entry::Occupied(mut known) = table.entry(self.slot.clone()) {
            let users = known.get_mut().users();
            *users -= 1;
            if *users == 0 {
                known.remove();
            }
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
        assert_eq!(open(&locks.table).len(), others.len());
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
        assert_eq!(*open(&locks.table).get_mut(&slot(0)).unwrap().users(), 1);
        drop(holder);
        assert!(open(&locks.table).is_empty());
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
        assert_eq!(open(&locks.table).len(), 1);
        drop(next);
        assert!(open(&locks.table).is_empty());
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
