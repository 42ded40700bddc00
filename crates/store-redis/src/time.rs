//! Times as the engine's scripts compute with them: whole milliseconds, which a double holds.

use cacao::UnixTime;
use std::time::Duration;

/// Further than any time that matters, and well within what a double holds exactly.
const END: i128 = 1 << 52;

/// Rounded towards the past.
pub(crate) fn millis(time: UnixTime) -> i64 {
    clamp(time.as_millis())
}

/// Rounded towards the future.
pub(crate) fn millis_up(time: UnixTime) -> i64 {
    clamp(time.as_nanos().saturating_add(999_999).div_euclid(1_000_000))
}

pub(crate) fn millis_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis().min(1 << 52)).unwrap_or(1 << 52)
}

fn clamp(millis: i128) -> i64 {
    i64::try_from(millis.clamp(-END, END)).unwrap_or_default()
}

/// As text, for an argument of a script.
pub(crate) fn text(number: i64) -> Vec<u8> {
    number.to_string().into_bytes()
}

/// How far before the epoch texts count from, in nanoseconds: further than any date has.
pub(crate) const BEFORE: i128 = 1_000_000_000_000_000_000_000;

/// As many digits as for any other time, so that texts are ordered as times are.
pub(crate) fn digits(time: UnixTime) -> String {
    format!("{:022}", time.as_nanos().clamp(-BEFORE, BEFORE) + BEFORE)
}
