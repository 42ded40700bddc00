//! Where time comes from.

use cacao::{MaybeSend, MaybeSync, UnixTime};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

/// Tells the time. Nothing else in the libraries reads a clock.
pub trait Clock: MaybeSend + MaybeSync {
    /// Now.
    fn now(&self) -> UnixTime;
}

/// The clock of the operating system.
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // this is the one place that reads the wall clock
    fn now(&self) -> UnixTime {
        use std::time::SystemTime;
        match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => UnixTime::EPOCH + since,
            Err(before) => UnixTime::EPOCH - before.duration(),
        }
    }
}

/// A clock that stands until it is set: for tests, and for judging at another time.
#[derive(Debug)]
pub struct ManualClock(Mutex<UnixTime>);

impl ManualClock {
    /// A clock that stands at this time.
    #[must_use]
    pub const fn new(at: UnixTime) -> Self {
        Self(Mutex::new(at))
    }

    /// Sets the clock, forwards or back.
    pub fn set(&self, at: UnixTime) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// Moves the clock forwards.
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = *now + by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
