//! The engine's clock, by which a change that arrives too late does nothing.

use crate::error::Error;
use crate::reply::{array, bytes};
use redis::Value;
use session_core::{Clock, SystemClock};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What the engine's clock showed, in milliseconds since 1970, and when that was.
#[derive(Debug, Default)]
pub(crate) struct EngineClock(Mutex<Option<(i64, Duration)>>);

impl EngineClock {
    /// Takes the answer to `TIME`, as if it were said just now: it is later there than we count,
    /// never earlier.
    pub(crate) fn set(&self, said: Value) -> Result<(), Error> {
        const EXPECTED: &str = "a time";
        let mut numbers = array(said, EXPECTED)?.into_iter().map(|number| {
            let number = bytes(number, EXPECTED)?.and_then(|text| String::from_utf8(text).ok());
            let number = number.and_then(|text| text.parse::<i64>().ok());
            number.ok_or(Error::Answer { expected: EXPECTED })
        });
        let mut next = || {
            let number = numbers.next();
            number.unwrap_or(Err(Error::Answer { expected: EXPECTED }))
        };
        let (seconds, micros) = (next()?, next()?);
        let now = seconds.saturating_mul(1000).saturating_add(micros / 1000);
        let seen = (now, SystemClock.monotonic());
        // nobody panics while holding it
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        Ok(())
    }

    /// What the engine's clock shows when so much time has passed, or a little less; 0 as long as
    /// nobody knows.
    pub(crate) fn after(&self, time: Duration) -> i64 {
        let seen = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.map_or(0, |(engine, seen)| {
            let passed = SystemClock.monotonic().saturating_sub(seen);
            let millis = passed.saturating_add(time).as_millis();
            engine.saturating_add(i64::try_from(millis).unwrap_or(i64::MAX))
        })
    }
}
