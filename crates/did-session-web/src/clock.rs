//! A clock that can be held still while an answer is judged.

use cacao::UnixTime;
use session_core::Clock;
use std::sync::{Mutex, PoisonError};
use store_indexeddb::DateClock;

/// `Date.now()`, except while it stands.
///
/// An answer whose issuer is known only once it is there is judged as of the time at which it was
/// asked for: the user may take minutes.
#[derive(Default)]
pub(crate) struct StoppableClock {
    stands_at: Mutex<Option<UnixTime>>,
}

impl StoppableClock {
    pub(crate) fn stopped(at: UnixTime) -> Self {
        Self {
            stands_at: Mutex::new(Some(at)),
        }
    }

    pub(crate) fn go_on(&self) {
        *self
            .stands_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Clock for StoppableClock {
    fn now(&self) -> UnixTime {
        let stands_at = *self
            .stands_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        stands_at.unwrap_or_else(|| DateClock.now())
    }
}
