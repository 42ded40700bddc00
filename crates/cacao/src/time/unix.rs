//! A point in time that can be compared and moved, without a text and without a clock.

use core::fmt;
use core::time::Duration;

const NANOS_PER_MILLI: i128 = 1_000_000;
const NANOS_PER_SEC: i128 = 1_000_000_000;

/// Nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted; negative before it.
///
/// It comes from a caller's clock or from a [`Timestamp`](crate::Timestamp); this crate reads no
/// clock.
///
/// ```
/// use cacao::UnixTime;
/// use core::time::Duration;
///
/// let at = UnixTime::from_secs(1_680_797_719);
/// assert_eq!((at + Duration::from_millis(58)).as_millis(), 1_680_797_719_058);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(i128);

impl UnixTime {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// From whole seconds since the epoch.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs as i128 * NANOS_PER_SEC)
    }

    /// From milliseconds since the epoch, what JavaScript calls a time value.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis as i128 * NANOS_PER_MILLI)
    }

    /// From nanoseconds since the epoch.
    #[must_use]
    pub const fn from_nanos(nanos: i128) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the epoch.
    #[must_use]
    pub const fn as_nanos(self) -> i128 {
        self.0
    }

    /// Whole milliseconds since the epoch, rounded towards the past.
    #[must_use]
    pub const fn as_millis(self) -> i128 {
        self.0.div_euclid(NANOS_PER_MILLI)
    }

    /// Whole seconds since the epoch, rounded towards the past.
    #[must_use]
    pub const fn as_secs(self) -> i128 {
        self.0.div_euclid(NANOS_PER_SEC)
    }

    /// The time that has passed since `earlier`; zero when `earlier` is later.
    #[must_use]
    pub fn duration_since(self, earlier: Self) -> Duration {
        let nanos = self.0.saturating_sub(earlier.0).max(0).unsigned_abs();
        let secs = u64::try_from(nanos / NANOS_PER_SEC.unsigned_abs()).unwrap_or(u64::MAX);
        let subsec = u32::try_from(nanos % NANOS_PER_SEC.unsigned_abs()).unwrap_or(0);
        Duration::new(secs, subsec)
    }
}

/// Later by a duration; stays at the end of the range.
impl core::ops::Add<Duration> for UnixTime {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(nanos(duration)))
    }
}

/// Earlier by a duration; stays at the beginning of the range.
impl core::ops::Sub<Duration> for UnixTime {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(nanos(duration)))
    }
}

/// Seconds since the epoch, `1680797719.058 s` for example.
impl fmt::Debug for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.as_millis();
        let sign = if millis < 0 { "-" } else { "" };
        let abs = millis.unsigned_abs();
        write!(f, "{sign}{}.{:03} s", abs / 1000, abs % 1000)
    }
}

fn nanos(duration: Duration) -> i128 {
    // u64 seconds and their nanoseconds fit an i128 many times over
    i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn sums_and_differences() {
        let t = UnixTime::from_secs(10);
        assert_eq!(
            t + Duration::from_millis(1500),
            UnixTime::from_millis(11_500)
        );
        assert_eq!(t - Duration::from_secs(11), UnixTime::from_secs(-1));
        assert_eq!(
            t.duration_since(UnixTime::from_millis(9_999)),
            Duration::from_millis(1)
        );
        assert_eq!(t.duration_since(UnixTime::from_secs(11)), Duration::ZERO);
        let end = UnixTime::from_nanos(i128::MAX);
        assert_eq!(end + Duration::MAX, end);
    }

    #[test]
    fn rounds_towards_the_past() {
        assert_eq!(UnixTime::from_nanos(-1).as_millis(), -1);
        assert_eq!(UnixTime::from_nanos(1_999_999).as_millis(), 1);
        for (millis, shown) in [(1_058, "1.058 s"), (0, "0.000 s"), (-1_500, "-1.500 s")] {
            assert_eq!(format!("{:?}", UnixTime::from_millis(millis)), shown);
        }
    }
}
