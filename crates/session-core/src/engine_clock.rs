//! The clock of a store's engine, by which a change that arrives too late does nothing.

use crate::clock::{Clock, SystemClock};
use cacao::UnixTime;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What the clock of a store's engine shows, as far as its last answer tells. For stores whose
/// changes carry the time until which their callers wait: the engine compares that with its own
/// clock, and does nothing when the change arrives later.
#[derive(Debug, Default)]
pub struct EngineClock(Mutex<Option<Seen>>);

#[derive(Clone, Copy, Debug)]
struct Seen {
    engine: UnixTime,
    /// When the answer arrived, by the clock that never goes back.
    here: Duration,
}

impl EngineClock {
    /// Takes what the engine answered just now. It said so a moment ago, so that its clock is ahead
    /// of what is counted here, never behind.
    pub fn set(&self, shown: UnixTime) {
        *self.seen() = Some(Seen {
            engine: shown,
            here: SystemClock.monotonic(),
        });
    }

    /// What the engine's clock shows when so much time has passed, or a little less; `None` as long
    /// as the engine was not asked.
    pub fn after(&self, time: Duration) -> Option<UnixTime> {
        let seen = *self.seen();
        seen.map(|Seen { engine, here }| {
            let passed = SystemClock.monotonic().saturating_sub(here);
            engine + passed.saturating_add(time)
        })
    }

    // nobody panics while holding it
    fn seen(&self) -> MutexGuard<'_, Option<Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_from_the_answer_on() {
        let clock = EngineClock::default();
        assert_eq!(clock.after(Duration::ZERO), None);
        let (shown, hour) = (
            UnixTime::from_millis(1_700_000_000_123),
            Duration::from_secs(3600),
        );
        clock.set(shown);
        let (first, later) = (clock.after(hour).unwrap(), clock.after(hour).unwrap());
        assert!(
            shown + hour <= first && first <= later,
            "{first:?} {later:?}"
        );
        assert!(later < shown + hour * 2, "{later:?}");
        assert!(
            clock.after(Duration::MAX).unwrap() > later,
            "it is the end of time"
        );
    }
}
