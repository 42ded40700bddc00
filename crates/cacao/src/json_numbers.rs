//! Numbers of a JSON text as they stand: a reader of doubles must find the very value that is
//! written. For whatever is to be signed: ReCaps here, payloads in `dag-jws`.

use alloc::string::{String, ToString};
use serde::de::IgnoredAny;

/// What counts in a JSON text where values do not: its numbers, and how deep they lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// A number, as it stands.
    Number(&'a str),
    /// The beginning of a list or of an object.
    Open,
    /// The end of one.
    Close,
}

/// Calls back with every [`Token`] of a JSON text (RFC 8259), in its order. What is not valid JSON
/// is for its reader to refuse.
///
/// # Errors
/// What the callback answers.
pub fn scan<E>(text: &str, mut on: impl FnMut(Token<'_>) -> Result<(), E>) -> Result<(), E> {
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        let len = match first {
            b'"' => length_of_text(rest),
            b'-' | b'0'..=b'9' => {
                let len = rest.bytes().take_while(|byte| in_number(*byte)).count();
                on(Token::Number(rest.get(..len).unwrap_or_default()))?;
                len
            }
            b'[' | b'{' => {
                on(Token::Open)?;
                1
            }
            b']' | b'}' => {
                on(Token::Close)?;
                1
            }
            _ => 1,
        };
        // every byte that was passed is ASCII, or stands in a text that ends with one
        rest = rest.get(len..).unwrap_or_default();
    }
    Ok(())
}

/// Whether the decimal value of a number as it stands is that of the double nearest to it, as
/// ECMAScript's `Number::toString` (6.1.6.1.20) prints it: `0.1` and `1.50` are, and
/// `1152921504606846977`, `0.1000000000000000055`, `1e400` and `1e-400` are not. What is not a
/// number is for the reader to refuse.
#[must_use]
pub fn is_exact(number: &str) -> bool {
    // 15 digits of an integer are always exact
    if number.len() <= 15 && number.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    // by the reader of the rest: a second one that is exact has tables of ten kilobytes
    match serde_json::from_str::<f64>(number) {
        Ok(double) => same_value(number, ryu_js::Buffer::new().format_finite(double)),
        // one beyond all doubles is a number; what is none is for the reader to refuse
        Err(_) => serde_json::from_str::<IgnoredAny>(number).is_err(),
    }
}

fn in_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
}

/// The length of a text with its quotes; to the end where the second one is missing.
fn length_of_text(rest: &str) -> usize {
    let mut escaped = false;
    let inner = rest.bytes().skip(1).position(|byte| match byte {
        _ if escaped => {
            escaped = false;
            false
        }
        b'\\' => {
            escaped = true;
            false
        }
        byte => byte == b'"',
    });
    inner.map_or(rest.len(), |inner| inner + 2)
}

/// Whether two decimal texts have one value.
fn same_value(one: &str, other: &str) -> bool {
    let (one, other) = (Decimal::of(one), Decimal::of(other));
    if one.is_zero() || other.is_zero() {
        return one.is_zero() && other.is_zero();
    }
    one.is_negative == other.is_negative
        && one.magnitude() == other.magnitude()
        && one.significant().eq(other.significant())
}

struct Decimal<'a> {
    is_negative: bool,
    whole: &'a str,
    fraction: &'a str,
    exponent: i64,
}

impl<'a> Decimal<'a> {
    fn of(text: &'a str) -> Self {
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(text) => (true, text),
            None => (false, text),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        // beyond i64 there is no double but zero, and no digits that could make up for it
        let far = if exponent.starts_with('-') {
            i64::MIN / 2
        } else {
            i64::MAX / 2
        };
        Self {
            is_negative,
            whole,
            fraction,
            exponent: exponent
                .parse()
                .unwrap_or(far)
                .clamp(i64::MIN / 2, i64::MAX / 2),
        }
    }

    fn digits(&self) -> impl DoubleEndedIterator<Item = u8> + 'a {
        self.whole.bytes().chain(self.fraction.bytes())
    }

    fn is_zero(&self) -> bool {
        self.digits().all(|digit| digit == b'0')
    }

    fn leading_zeros(&self) -> usize {
        self.digits().take_while(|digit| *digit == b'0').count()
    }

    /// Where the point stands, counted from the first digit that is not zero.
    fn magnitude(&self) -> i64 {
        let whole = i64::try_from(self.whole.len()).unwrap_or(i64::MAX / 4);
        let zeros = i64::try_from(self.leading_zeros()).unwrap_or(i64::MAX / 4);
        self.exponent + whole - zeros
    }

    /// The digits without zeros at either end.
    fn significant(&self) -> impl Iterator<Item = u8> + 'a {
        let trailing = self
            .digits()
            .rev()
            .take_while(|digit| *digit == b'0')
            .count();
        let len = self.whole.len() + self.fraction.len() - trailing;
        self.digits().take(len).skip(self.leading_zeros())
    }
}

/// The start of a number, for messages.
#[must_use]
pub fn shown(number: &str) -> String {
    match number.get(..40) {
        Some(start) if number.len() > 48 => start.to_string() + "…",
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use alloc::{format, vec};

    #[test]
    fn a_number_is_the_one_that_its_double_prints() {
        let max = format!("{}", f64::MAX);
        for exact in [
            "0",
            "-0",
            "-0.0",
            "0e5",
            "0.000e-999999999999999999999",
            "1",
            "1.0",
            "1.50",
            "0.1",
            "100",
            "1e3",
            "1E+3",
            "1e-7",
            "0.0000001",
            "123456789012345",
            "9007199254740991",
            "9007199254740992",
            "100000000000000000000",
            "1e23",
            "5e-324",
            "4.35",
            "10e-1",
            "1.7976931348623157e308",
            &max,
            "12345678901234567000",
        ] {
            assert!(is_exact(exact), "{exact}");
        }
        for inexact in [
            "1152921504606846977",
            "9007199254740993",
            "-9007199254740993",
            // a double, but its text has other digits
            "1152921504606846976",
            "9007199254740993.0",
            "0.1000000000000000055",
            "0.30000000000000001",
            "-4.9E-324",
            "1e400",
            "-1e400",
            "1e-400",
            "1e99999999999999999999",
            "1e-99999999999999999999",
            "1e9223372036854775807",
            "1e-9223372036854775808",
        ] {
            assert!(!is_exact(inexact), "{inexact}");
        }
    }

    #[test]
    fn numbers_stand_outside_of_texts() {
        let text = r#"{"1":[-2,"3\"4\\",5.5e-6,true,"é7"],"x\\":8}"#;
        let mut found = Vec::new();
        let scanned: Result<(), ()> = scan(text, |token| {
            if let Token::Number(number) = token {
                found.push(number.to_string());
            }
            Ok(())
        });
        assert_eq!(
            (scanned, found),
            (
                Ok(()),
                vec!["-2".to_string(), "5.5e-6".to_string(), "8".to_string()]
            )
        );
    }

    #[test]
    fn what_is_not_json_ends() {
        for text in [
            "\"", "\"\\", "\"\\\"", "-", "1-2e.", "]]", "é", "\"é", "{\"a",
        ] {
            let scanned = scan(text, |token| match token {
                Token::Number(number) if !is_exact(number) => Err(()),
                _ => Ok(()),
            });
            assert!(scanned.is_ok(), "{text}");
        }
    }
}
