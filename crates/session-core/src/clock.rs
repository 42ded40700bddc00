//! Where time comes from.

use async_trait::async_trait;
use cacao::{MaybeSend, MaybeSync, UnixTime};
use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

/// Tells the time, and lets it pass. Nothing else in the libraries reads a clock or sets a timer.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait Clock: MaybeSend + MaybeSync {
    /// The time of the wall clock, which people and time servers set.
    fn now(&self) -> UnixTime;

    /// The time since some fixed moment, by a clock that never goes back. It is used to measure how
    /// long somebody waits.
    fn monotonic(&self) -> Duration;

    /// Waits until this much time has passed, by the clock that never goes back. Dropping the
    /// future ends the wait.
    async fn sleep(&self, time: Duration);
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
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
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

    async fn sleep(&self, time: Duration) {
        futures_timer::Delay::new(time).await;
    }
}

/// A clock that does not move until it is set: for tests, and for judging at another time. A caller
/// that waits by it waits until it is [advanced](Self::advance) far enough.
#[derive(Debug)]
pub struct ManualClock(Mutex<Hands>);

#[derive(Debug)]
struct Hands {
    wall: UnixTime,
    monotonic: Duration,
    waiting: Vec<Waker>,
}

impl ManualClock {
    /// A clock that shows this time.
    #[must_use]
    pub const fn new(at: UnixTime) -> Self {
        Self(Mutex::new(Hands {
            wall: at,
            monotonic: Duration::ZERO,
            waiting: Vec::new(),
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
        let waiting = std::mem::take(&mut hands.waiting);
        drop(hands);
        waiting.into_iter().for_each(Waker::wake);
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl Clock for ManualClock {
    fn now(&self) -> UnixTime {
        self.hands().wall
    }

    fn monotonic(&self) -> Duration {
        self.hands().monotonic
    }

    async fn sleep(&self, time: Duration) {
        let until = self.monotonic().saturating_add(time);
        poll_fn(|context| {
            let mut hands = self.hands();
            if hands.monotonic >= until {
                return Poll::Ready(());
            }
            let waker = context.waker();
            if !hands.waiting.iter().any(|known| known.will_wake(waker)) {
                hands.waiting.push(waker.clone());
            }
            Poll::Pending
        })
        .await;
    }
}
