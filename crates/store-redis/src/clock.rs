//! The engine's clock, by which a change that arrives too late does nothing.

use crate::error::Error;
use crate::reply::{array, bytes};
use cacao::UnixTime;
use redis::Value;
use std::time::Duration;

/// What the engine's clock shows, in milliseconds since 1970.
#[derive(Debug, Default)]
pub(crate) struct EngineClock(session_core::EngineClock);

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
        self.0.set(UnixTime::from_millis(now));
        Ok(())
    }

    /// What the engine's clock shows when so much time has passed, or a little less; 0 as long as
    /// nobody knows.
    pub(crate) fn after(&self, time: Duration) -> i64 {
        let shown = self.0.after(time).map_or(0, UnixTime::as_millis);
        i64::try_from(shown).unwrap_or(i64::MAX)
    }
}
