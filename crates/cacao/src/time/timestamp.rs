//! RFC 3339 date-times as signed text: parsed strictly, never reformatted.

use super::UnixTime;
use crate::error::{Error, Problem};
use alloc::format;
use core::fmt;
use core::str::FromStr;
use time::{Date, Month, Time};

const WHAT: &str = "date-time";
/// Bounds the digits of a fraction; the grammar of RFC 3339 does not.
const MAX_LEN: usize = 64;
const TOO_LONG: &str = "longer than 64 characters";
const SECS_PER_DAY: i64 = 86_400;
/// 1970-01-01 as a Julian day.
const EPOCH_JULIAN_DAY: i32 = 2_440_588;

/// A date-time of RFC 3339 section 5.6 that keeps its exact text, since the text is what was
/// signed.
///
/// Strict: four-digit year, a real calendar day, an offset (`Z` or `±hh:mm`), no leap second
/// (clocks that a window is compared with have none). Lower-case `t` and `z` are allowed by the
/// grammar and read; `-00:00` is read as UTC. Digits of the fraction beyond the ninth do not count
/// in comparisons.
///
/// ```
/// use cacao::Timestamp;
///
/// let a: Timestamp = "2023-04-06T16:15:19.058Z".parse()?;
/// let b: Timestamp = "2023-04-06T18:15:19.058000+02:00".parse()?;
/// assert_eq!(a.unix_time(), b.unix_time());
/// assert_ne!(a, b, "the text is part of what was signed");
/// assert!("2023-02-30T00:00:00Z".parse::<Timestamp>().is_err());
/// # Ok::<_, cacao::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Timestamp {
    /// ASCII, and zeros behind it: a date is short, so that no memory of its own is taken for it.
    text: [u8; MAX_LEN],
    len: u8,
    unix: UnixTime,
}

impl Timestamp {
    /// The exact text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let text = self.text.get(..usize::from(self.len)).unwrap_or_default();
        core::str::from_utf8(text).unwrap_or_default()
    }

    /// The point in time.
    #[must_use]
    pub const fn unix_time(&self) -> UnixTime {
        self.unix
    }

    /// Writes a point in time the way JavaScript's `toISOString` does: UTC, three digits of
    /// fraction (the rest is cut off), `Z`.
    ///
    /// # Errors
    /// [`Error::Value`] outside the years 0000 to 9999.
    pub fn from_unix_time(at: UnixTime) -> Result<Self, Error> {
        let out_of_range = || error("outside the years 0000 to 9999");
        let secs = i64::try_from(at.as_secs()).map_err(|_| out_of_range())?;
        let day = i32::try_from(secs.div_euclid(SECS_PER_DAY)).map_err(|_| out_of_range())?;
        let julian = day.checked_add(EPOCH_JULIAN_DAY).ok_or_else(out_of_range)?;
        let date = Date::from_julian_day(julian).map_err(|_| out_of_range())?;
        let (year, month, day) = date.to_calendar_date();
        if !(0..=9999).contains(&year) {
            return Err(out_of_range());
        }
        let of_day = secs.rem_euclid(SECS_PER_DAY);
        let text = format!(
            "{year:04}-{:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
            u8::from(month),
            of_day / 3600,
            of_day / 60 % 60,
            of_day % 60,
            at.as_millis().rem_euclid(1000),
        );
        text.parse()
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let unix = parse(text).map_err(error)?;
        let too_long = || error(TOO_LONG);
        let len = u8::try_from(text.len()).map_err(|_| too_long())?;
        let mut kept = [0; MAX_LEN];
        let place = kept.get_mut(..text.len()).ok_or_else(too_long)?;
        place.copy_from_slice(text.as_bytes());
        Ok(Self {
            text: kept,
            len,
            unix,
        })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

const fn error(reason: &'static str) -> Error {
    Error::Value {
        what: WHAT,
        problem: Problem::DateTime(reason),
    }
}

/// date "T" time offset, RFC 3339 section 5.6.
fn parse(text: &str) -> Result<UnixTime, &'static str> {
    const FORM: &str = "the form is YYYY-MM-DDThh:mm:ss[.fff](Z|±hh:mm)";
    let bytes = text.as_bytes();
    if bytes.len() > MAX_LEN {
        return Err(TOO_LONG);
    }
    let (head, rest) = bytes.split_at_checked(19).ok_or(FORM)?;
    let &[
        y1,
        y2,
        y3,
        y4,
        b'-',
        m1,
        m2,
        b'-',
        d1,
        d2,
        b'T' | b't',
        h1,
        h2,
        b':',
        n1,
        n2,
        b':',
        s1,
        s2,
    ] = head
    else {
        return Err(FORM);
    };
    let year = two(y1, y2)
        .zip(two(y3, y4))
        .map(|(a, b)| i32::from(a) * 100 + i32::from(b));
    let pairs = (
        two(m1, m2),
        two(d1, d2),
        two(h1, h2),
        two(n1, n2),
        two(s1, s2),
    );
    let (Some(year), (Some(month), Some(day), Some(hour), Some(minute), Some(second))) =
        (year, pairs)
    else {
        return Err(FORM);
    };
    let (nanos, rest) = fraction(rest).ok_or(FORM)?;
    let offset = offset_secs(rest).ok_or(FORM)?;
    if second == 60 {
        return Err("leap seconds are not accepted");
    }
    let month = Month::try_from(month).map_err(|_| "the month is not a valid one")?;
    let date = Date::from_calendar_date(year, month, day)
        .map_err(|_| "the day is not a valid one of its month")?;
    let time = Time::from_hms_nano(hour, minute, second, nanos)
        .map_err(|_| "the time of day is not a valid one")?;
    let days = i64::from(date.to_julian_day() - EPOCH_JULIAN_DAY);
    let (h, m, s) = time.as_hms();
    let of_day = i64::from(h) * 3600 + i64::from(m) * 60 + i64::from(s);
    let secs = days * SECS_PER_DAY + of_day - offset;
    Ok(UnixTime::from_nanos(
        UnixTime::from_secs(secs).as_nanos() + i128::from(nanos),
    ))
}

/// Two ASCII digits as a number.
fn two(a: u8, b: u8) -> Option<u8> {
    (a.is_ascii_digit() && b.is_ascii_digit()).then(|| (a - b'0') * 10 + (b - b'0'))
}

/// `"." 1*DIGIT`, or nothing: nanoseconds and what follows.
fn fraction(rest: &[u8]) -> Option<(u32, &[u8])> {
    let Some((b'.', digits)) = rest.split_first() else {
        return Some((0, rest));
    };
    let len = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    let (digits, rest) = digits.split_at_checked(len)?;
    if digits.is_empty() {
        return None;
    }
    let nanos = digits
        .iter()
        .chain(core::iter::repeat(&b'0'))
        .take(9)
        .fold(0_u32, |sum, b| sum * 10 + u32::from(b - b'0'));
    Some((nanos, rest))
}

/// `"Z"` or `("+" / "-") hh ":" mm`, in seconds east of UTC.
fn offset_secs(rest: &[u8]) -> Option<i64> {
    match *rest {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (two(h1, h2)?, two(m1, m2)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let secs = i64::from(hours) * 3600 + i64::from(minutes) * 60;
            Some(if sign == b'-' { -secs } else { secs })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    fn millis(text: &str) -> Option<i128> {
        text.parse::<Timestamp>()
            .ok()
            .map(|t| t.unix_time().as_millis())
    }

    #[test]
    fn reads_the_grammar() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2023-04-06T16:15:19.058Z", 1_680_797_719_058),
            ("2023-04-06t16:15:19.058z", 1_680_797_719_058),
            ("2023-04-06T18:15:19.058+02:00", 1_680_797_719_058),
            ("2023-04-06T16:15:19.058-00:00", 1_680_797_719_058),
            ("2023-04-06T16:15:19.0589999999Z", 1_680_797_719_058),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
            ("9999-12-31T23:59:59-23:59", 253_402_387_139_000),
            ("0000-01-01T00:00:00Z", -62_167_219_200_000),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000),
        ] {
            assert_eq!(millis(text), Some(expected), "{text}");
            assert_eq!(text.parse::<Timestamp>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "2023-04-06",
            "2023-04-06T16:15:19",
            "2023-04-06T16:15Z",
            "2023-04-06 16:15:19Z",
            "2023-04-06T16:15:19.Z",
            "2023-04-06T16:15:19,5Z",
            "2023-04-06T16:15:19+0200",
            "2023-04-06T16:15:19+24:00",
            "2023-04-06T16:15:19+02:60",
            "2023-04-06T16:15:19ZZ",
            "2023-04-06T16:15:19Z ",
            " 2023-04-06T16:15:19Z",
            "2023-04-0:T16:15:19Z",
            "2023-04-:6T16:15:19Z",
            "2023-04-06T16:15:60Z",
            "2016-12-31T23:59:60Z",
            "2023-04-06T24:00:00Z",
            "2023-02-30T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2023-13-01T00:00:00Z",
            "2023-00-01T00:00:00Z",
            "+002023-04-06T16:15:19Z",
            "Thu, 06 Apr 2023 16:15:19 GMT",
            "２023-04-06T16:15:19Z",
            "2023-04-06T16:15:19.058Z\nExpiration Time: 2023-04-13T16:15:19.058Z",
        ] {
            assert_eq!(millis(text), None, "{text:?}");
        }
        let of_len = |len: usize| alloc::format!("2023-04-06T16:15:19.{}Z", "0".repeat(len - 21));
        assert!(millis(&of_len(MAX_LEN)).is_some());
        assert_eq!(millis(&of_len(MAX_LEN + 1)), None);
    }

    #[test]
    fn writes_like_to_iso_string() {
        let written = |ms| Timestamp::from_unix_time(UnixTime::from_millis(ms)).unwrap();
        assert_eq!(written(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(alloc::format!("{:?}", written(0)), written(0).as_str());
        assert_eq!(
            written(1_680_797_719_058).as_str(),
            "2023-04-06T16:15:19.058Z"
        );
        assert_eq!(written(-1).as_str(), "1969-12-31T23:59:59.999Z");
        assert!(Timestamp::from_unix_time(UnixTime::from_millis(253_402_300_800_000)).is_err());
        assert!(Timestamp::from_unix_time(UnixTime::from_nanos(i128::MAX)).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(ms in -62_167_219_200_000_i64..=253_402_300_799_999) {
            let at = UnixTime::from_millis(ms);
            prop_assert_eq!(Timestamp::from_unix_time(at).unwrap().unix_time(), at);
        }

        #[test]
        fn never_panics(text in "[0-9TtZz:.+ -]{0,40}") {
            let _ = text.parse::<Timestamp>();
        }
    }
}
