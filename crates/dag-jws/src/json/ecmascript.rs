//! Writes JSON as ECMAScript's `JSON.stringify` does for an object whose members were inserted in
//! sorted order: the bytes that are signed.

use crate::error::{Error, NOT_FINITE};
use crate::limits::MAX_DEPTH;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt::{Display, Write};
use serde_json::{Number, Value};

/// Largest integer below which every integer is a double of its own (ECMA-262,
/// `Number.MAX_SAFE_INTEGER`).
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// Members that look like array indices come first, ascending (ECMA-262, 10.1.11.1), the others
/// in the order of their UTF-16 code units; numbers as `Number::toString` (6.1.6.1.20), texts as
/// `QuoteJSONString` (25.5.2.3); no white space.
pub(crate) fn to_ecmascript(value: &Value) -> Result<String, Error> {
    let mut out = String::with_capacity(128);
    write_value(value, &mut out, MAX_DEPTH)?;
    Ok(out)
}

fn write_value(value: &Value, out: &mut String, depth: usize) -> Result<(), Error> {
    let deeper = || {
        depth
            .checked_sub(1)
            .ok_or(Error::TooDeep { limit: MAX_DEPTH })
    };
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(number, out)?,
        Value::String(text) => write_string(text, out),
        Value::Array(list) => {
            let depth = deeper()?;
            out.push('[');
            for (i, element) in list.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_value(element, out, depth)?;
            }
            out.push(']');
        }
        Value::Object(map) => {
            let depth = deeper()?;
            // serde_json's maps are usually in this order already
            if map.keys().is_sorted_by(|a, b| compare_names(a, b).is_le()) {
                return write_members(map.iter(), out, depth);
            }
            let mut members: Vec<_> = map.iter().collect();
            members.sort_by(|(a, _), (b, _)| compare_names(a, b));
            return write_members(members.into_iter(), out, depth);
        }
    }
    Ok(())
}

fn write_members<'a>(
    members: impl Iterator<Item = (&'a String, &'a Value)>,
    out: &mut String,
    depth: usize,
) -> Result<(), Error> {
    out.push('{');
    for (i, (name, member)) in members.enumerate() {
        if i > 0 {
            out.push(',');
        }
        write_string(name, out);
        out.push(':');
        write_value(member, out, depth)?;
    }
    out.push('}');
    Ok(())
}

fn compare_names(a: &str, b: &str) -> Ordering {
    match (array_index(a), array_index(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.encode_utf16().cmp(b.encode_utf16()),
    }
}

/// An array index (ECMA-262, 6.1.7): the one decimal text of an integer below 2^32 - 1.
fn array_index(name: &str) -> Option<u32> {
    let canonical = match name.as_bytes() {
        [b'0'] => true,
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    let index = name.parse().ok().filter(|_| canonical)?;
    (index < u32::MAX).then_some(index)
}

/// Integers that a double cannot hold are refused: what is signed must be what was handed over.
fn write_number(number: &Number, out: &mut String) -> Result<(), Error> {
    if let Some(integer) = number.as_i64() {
        // beyond 2^53 the shortest text of the double need not be the integer
        #[allow(clippy::cast_precision_loss)]
        return write_integer(integer.unsigned_abs(), integer as f64, &integer, out);
    }
    if let Some(integer) = number.as_u64() {
        #[allow(clippy::cast_precision_loss)]
        return write_integer(integer, integer as f64, &integer, out);
    }
    match number.as_f64().filter(|double| double.is_finite()) {
        Some(double) => {
            out.push_str(ryu_js::Buffer::new().format_finite(double));
            Ok(())
        }
        None => Err(NOT_FINITE),
    }
}

fn write_integer(
    abs: u64,
    double: f64,
    exact: &impl Display,
    out: &mut String,
) -> Result<(), Error> {
    if abs <= MAX_SAFE_INTEGER {
        // writing to a String cannot fail
        let _ = write!(out, "{exact}");
        return Ok(());
    }
    let mut buffer = ryu_js::Buffer::new();
    let text = buffer.format_finite(double);
    let value = exact.to_string();
    if text != value {
        return Err(Error::InexactInteger { value });
    }
    out.push_str(text);
    Ok(())
}

/// A text in quotes; only what must be escaped is, with lower-case digits.
pub(crate) fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest
        .bytes()
        .position(|b| b < 0x20 || b == b'"' || b == b'\\')
    {
        // the byte is ASCII, so both cuts are at character boundaries
        let (plain, from) = rest.split_at(at);
        let (special, after) = from.split_at(1);
        out.push_str(plain);
        match special {
            "\"" => out.push_str("\\\""),
            "\\" => out.push_str("\\\\"),
            "\u{8}" => out.push_str("\\b"),
            "\t" => out.push_str("\\t"),
            "\n" => out.push_str("\\n"),
            "\u{c}" => out.push_str("\\f"),
            "\r" => out.push_str("\\r"),
            control => {
                for byte in control.bytes() {
                    let _ = write!(out, "\\u{byte:04x}");
                }
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(value: &Value) -> String {
        to_ecmascript(value).unwrap()
    }

    #[test]
    fn array_indices_are_canonical_and_below_the_last() {
        for (name, index) in [("0", 0), ("7", 7), ("10", 10), ("4294967294", u32::MAX - 1)] {
            assert_eq!(array_index(name), Some(index), "{name}");
        }
        for name in [
            "",
            "00",
            "01",
            "-1",
            "+1",
            "1.0",
            "1e1",
            " 1",
            "4294967295",
            "99999999999",
        ] {
            assert_eq!(array_index(name), None, "{name:?}");
        }
    }

    #[test]
    fn indices_first_then_utf_16() {
        let value = json!({"b": 1, "10": 2, "9": 3, "\u{ffff}": 4, "\u{10000}": 5, "a": 6});
        assert_eq!(
            text(&value),
            "{\"9\":3,\"10\":2,\"a\":6,\"b\":1,\"\u{10000}\":5,\"\u{ffff}\":4}"
        );
    }

    #[test]
    fn an_integer_keeps_its_digits_or_is_refused() {
        assert_eq!(text(&json!(9_007_199_254_740_992_u64)), "9007199254740992");
        assert_eq!(
            text(&json!(-9_007_199_254_740_992_i64)),
            "-9007199254740992"
        );
        assert_eq!(
            text(&json!(12_345_678_901_234_567_000_u64)),
            "12345678901234567000"
        );
        for inexact in [
            json!(9_007_199_254_740_993_u64),
            json!(-9_007_199_254_740_993_i64),
            // a double, but ECMAScript prints it with other digits
            json!(1_152_921_504_606_846_976_u64),
            json!(u64::MAX),
            json!(i64::MIN),
        ] {
            let error = to_ecmascript(&inexact).unwrap_err();
            assert_eq!(error.code(), "inexact_integer", "{inexact}");
        }
    }

    #[test]
    fn floats_print_as_numbers() {
        assert_eq!(
            text(&json!([1.0, -0.0, 1e21, 1e-7, 0.1])),
            "[1,0,1e+21,1e-7,0.1]"
        );
    }

    #[test]
    fn depth_is_bounded() {
        let deep = |levels| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        assert!(to_ecmascript(&deep(MAX_DEPTH)).is_ok());
        assert_eq!(
            to_ecmascript(&deep(MAX_DEPTH + 1)).unwrap_err().code(),
            "too_deep"
        );
    }
}
