//! Where time comes from.

use cacao::{MaybeSend, MaybeSync, UnixTime};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Tells the time. Nothing else in the libraries reads a clock.
pub trait Clock: MaybeSend + MaybeSync {
    /// Now, by the wall clock, which people and time servers set.
    fn now(&self) -> UnixTime;

    /// The time since some moment that does not change, by a clock that never goes back: for how
    /// long somebody waits.
    fn monotonic(&self) -> Duration;
}

/// When something was said: by the wall clock, for what capabilities say, and by a clock that
/// never goes back, for how long somebody waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// By the wall clock.
    pub wall: UnixTime,
    /// Since some moment that does not change.
    pub monotonic: Duration,
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

    #[allow(clippy::disallowed_methods)] // this is the one place that reads it
    fn monotonic(&self) -> Duration {
        use std::sync::LazyLock;
        use std::time::Instant;
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }
}

/// A clock that stands until it is set: for tests, and for judging at another time.
#[derive(Debug)]
pub struct ManualClock(Mutex<Hands>);

#[derive(Clone, Copy, Debug)]
struct Hands {
    wall: UnixTime,
    monotonic: Duration,
}

impl ManualClock {
    /// A clock that stands at this time.
    #[must_use]
    pub const fn new(at: UnixTime) -> Self {
        Self(Mutex::new(Hands {
            wall: at,
            monotonic: Duration::ZERO,
        }))
    }

    /// Sets the wall clock, forwards or back, as a person or a time server does.
    pub fn set(&self, at: UnixTime) {
        self.hands().wall = at;
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        let mut hands = self.hands();
        hands.wall = hands.wall + by;
        hands.monotonic = hands.monotonic.saturating_add(by);
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixTime {
        self.hands().wall
    }

    fn monotonic(&self) -> Duration {
        self.hands().monotonic
    }
}
