//! Lengths of time as arguments and in tables: `7d`, `12h`, `5m`, `1.5s`.

use std::time::Duration;

/// Units, longest first, with their length in seconds.
const UNITS: [(char, u64); 5] = [
    ('w', 604_800),
    ('d', 86_400),
    ('h', 3_600),
    ('m', 60),
    ('s', 1),
];

/// The longest duration that anybody means, in days: 100 years.
const MOST_DAYS: u64 = 36_500;

/// The largest difference of two clocks, in hours. Those that differ by more are set wrong, and
/// to allow for that is to accept what expired a day ago.
const MOST_SKEW_HOURS: u64 = 24;

/// Reads one number with one unit, a fraction allowed: `7d`, `1.5h`, `90m`, `30s`. A number alone
/// is refused, since people mean different units by it, and so is more than 100 years.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let duration = parse_any(text)?;
    if duration > Duration::from_secs(86_400 * MOST_DAYS) {
        return Err(format!("it is too long: at most {MOST_DAYS}d (100 years)"));
    }
    Ok(duration)
}

/// Reads how far two clocks may differ: at most a day.
pub(crate) fn parse_skew(text: &str) -> Result<Duration, String> {
    let duration = parse_any(text)?;
    if duration > Duration::from_secs(3_600 * MOST_SKEW_HOURS) {
        return Err(format!(
            "it is too long: the clocks may differ by at most {MOST_SKEW_HOURS}h"
        ));
    }
    Ok(duration)
}

fn parse_any(text: &str) -> Result<Duration, String> {
    const FORM: &str =
        "it is not a valid duration: write a number and one unit, such as 30s, 5m, 12h, 7d or 2w";
    let unit = UNITS
        .iter()
        .find_map(|(unit, secs)| Some((text.strip_suffix(*unit)?, *secs)));
    let (number, unit) = unit.unwrap_or((text, 1));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return Err(FORM.to_owned());
    }
    if number == text {
        return Err(format!(
            "it has no unit: write {text}s for seconds, or m, h, d or w behind it"
        ));
    }
    let too_long = || format!("it is too long: at most {MOST_DAYS}d (100 years)");
    let whole: u64 = whole.parse().map_err(|_| too_long())?;
    // nanoseconds are enough: what comes after the ninth digit does not count
    let nanos = fraction
        .bytes()
        .chain(std::iter::repeat(b'0'))
        .take(9)
        .fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    let secs = whole.checked_mul(unit).ok_or_else(too_long)?;
    // below 604800 * 10^9, which fits
    let part = Duration::from_nanos(nanos * unit);
    Duration::from_secs(secs)
        .checked_add(part)
        .ok_or_else(too_long)
}

/// Writes the two longest units that there are: `6d 23h`, `59m 3s`, `0s`. It is rounded to the
/// nearest of the shorter one: what was made for seven days a moment ago is shown as `7d`.
pub(crate) fn show(duration: Duration) -> String {
    let secs = duration.as_millis().saturating_add(500) / 1000;
    let secs = u64::try_from(secs).unwrap_or(u64::MAX);
    // the unit that stands second, behind days, hours or minutes
    let shorter = UNITS
        .windows(2)
        .skip(1)
        .find_map(|pair| (secs >= pair.first()?.1).then_some(pair.last()?.1))
        .unwrap_or(1);
    let mut rest = secs.saturating_add(shorter / 2) / shorter * shorter;
    let mut parts = Vec::new();
    for (unit, secs) in UNITS.into_iter().skip(1) {
        let count = rest / secs;
        rest %= secs;
        if count > 0 || !parts.is_empty() {
            parts.push((count, unit));
        }
    }
    let shown: Vec<_> = parts
        .into_iter()
        .take(2)
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    if shown.is_empty() {
        "0s".to_owned()
    } else {
        shown.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_units_and_fractions() {
        for (text, millis) in [
            ("0s", 0),
            ("30s", 30_000),
            ("1.5s", 1_500),
            ("0.001s", 1),
            ("90m", 5_400_000),
            ("1.5h", 5_400_000),
            ("36h", 129_600_000),
            ("7d", 604_800_000),
            ("2w", 1_209_600_000),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        assert_eq!(parse("0.0000000019s"), Ok(Duration::from_nanos(1)));
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            " ",
            "d",
            ".",
            "1.",
            ".5",
            "-1",
            "+1",
            "1e3",
            "7 d",
            "7days",
            "1h30m",
            "7D",
            "１d",
            "1.2.3",
            "99999999999999999999",
            "18446744073709551615w",
            "36501d",
            "36500.000000001d",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
        assert!(parse("36500d").is_ok());
        assert!(parse_skew("24h").is_ok() && parse_skew("24.1h").is_err());
        for text in ["0", "30", "1.5", "604800"] {
            let why = parse(text).unwrap_err();
            assert!(why.contains(&format!("{text}s")), "{why}");
        }
    }

    #[test]
    fn shows_two_units() {
        for (secs, text) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (3_601, "1h"),
            (3_660, "1h 1m"),
            (86_340, "23h 59m"),
            (86_369, "23h 59m"),
            (86_370, "1d"),
            (86_399, "1d"),
            (3_599, "59m 59s"),
            (601_199, "6d 23h"),
            (602_999, "6d 23h"),
            (603_000, "7d"),
            (604_799, "7d"),
            (604_800, "7d"),
            (u64::MAX, "213503982334601d 7h"),
        ] {
            assert_eq!(show(Duration::from_secs(secs)), text);
        }
        for (millis, text) in [
            (499, "0s"),
            (59_499, "59s"),
            (59_500, "1m"),
            (3_599_900, "1h"),
        ] {
            assert_eq!(show(Duration::from_millis(millis)), text);
        }
    }
}
