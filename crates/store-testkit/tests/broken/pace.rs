//! Time that a busy machine does not take away from a test.
//!
//! A lease of a second is lost when the process does not get to run for most of a second, however right
//! its store is. So these stores go by a time that goes on only while they look at it: it passes as
//! usual, but what passes between two looks counts for a little at most.

use async_trait::async_trait;
use cacao::UnixTime;
use session_core::{Clock, SystemClock};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What passes between two looks counts for no more than this: a store that waits looks more often.
const STEP: Duration = Duration::from_millis(50);
const BEGAN: UnixTime = UnixTime::from_secs(1_700_000_000);
/// In nanoseconds.
const MINUTE: i128 = 60_000_000_000;

/// The time that all stores of one medium have in common.
#[derive(Clone)]
pub(crate) struct Pace(Arc<Mutex<Looked>>);

struct Looked {
    at: Duration,
    gone: Duration,
}

impl Pace {
    pub(crate) fn new() -> Self {
        let at = SystemClock.monotonic();
        let gone = Duration::ZERO;
        Self(Arc::new(Mutex::new(Looked { at, gone })))
    }

    /// How much time has gone since it began.
    fn gone(&self) -> Duration {
        let mut looked = self.0.lock().unwrap();
        let at = SystemClock.monotonic();
        let passed = at.saturating_sub(looked.at).min(STEP);
        looked.gone += passed;
        looked.at = at;
        looked.gone
    }

    /// A clock that is as far ahead of the system's as this one, and goes on at this pace.
    pub(crate) fn clock(&self, like: &dyn Clock) -> Arc<dyn Clock> {
        // by whole minutes: what passed between the two looks is none
        let ahead = like.now().as_nanos() - SystemClock.now().as_nanos();
        let ahead = (ahead + MINUTE / 2).div_euclid(MINUTE) * MINUTE;
        Arc::new(Paced {
            pace: self.clone(),
            began: UnixTime::from_nanos(BEGAN.as_nanos() + ahead),
            monotonic: Duration::from_nanos(ahead.unsigned_abs().try_into().unwrap()),
        })
    }
}

struct Paced {
    pace: Pace,
    began: UnixTime,
    monotonic: Duration,
}

#[async_trait]
impl Clock for Paced {
    fn now(&self) -> UnixTime {
        self.began + self.pace.gone()
    }

    fn monotonic(&self) -> Duration {
        self.monotonic + self.pace.gone()
    }

    async fn sleep(&self, time: Duration) {
        let end = self.pace.gone() + time;
        loop {
            let left = end.saturating_sub(self.pace.gone());
            if left.is_zero() {
                return;
            }
            SystemClock.sleep(left.min(STEP / 10)).await;
        }
    }
}
