//! One flight at a time for each issuer, within one process: for stores that have nothing better.

use cacao::Issuer;
use futures_timer::Delay;
use futures_util::future::{Either, select};
use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use crate::store::StoreError;

/// Keyed locks: a ready-made [`flight`](crate::SessionStore::flight) for a store that lives in
/// one process. Clones share them.
///
/// ```
/// use session_core::Flights;
/// use std::time::Duration;
///
/// # async fn example(issuer: cacao::Issuer) -> Result<(), session_core::StoreError> {
/// let flights = Flights::default();
/// let guard = flights.acquire(&issuer, Duration::from_secs(1)).await?;
/// assert!(flights.acquire(&issuer, Duration::ZERO).await.is_err());
/// drop(guard);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Flights {
    locks: Arc<Mutex<HashMap<Issuer, Weak<AsyncMutex<()>>>>>,
}

impl Flights {
    /// Waits for the flight of an issuer, for at most `patience`; dropping the guard ends it.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when patience ends.
    pub async fn acquire(
        &self,
        issuer: &Issuer,
        patience: Duration,
    ) -> Result<OwnedMutexGuard<()>, StoreError> {
        let lock = self.lock_of(issuer);
        // a free flight is had even with no patience at all
        if let Ok(guard) = Arc::clone(&lock).try_lock_owned() {
            return Ok(guard);
        }
        match select(pin!(lock.lock_owned()), Delay::new(patience)).await {
            Either::Left((guard, _)) => Ok(guard),
            Either::Right(_) => Err(StoreError::Busy {
                issuer: issuer.did(),
                patience,
            }),
        }
    }

    fn lock_of(&self, issuer: &Issuer) -> Arc<AsyncMutex<()>> {
        // nobody panics while holding the map; were it so, it is still a map
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = locks.get(issuer).and_then(Weak::upgrade) {
            return lock;
        }
        locks.retain(|_, lock| lock.strong_count() > 0);
        let lock = Arc::new(AsyncMutex::new(()));
        locks.insert(issuer.normalized(), Arc::downgrade(&lock));
        lock
    }
}
