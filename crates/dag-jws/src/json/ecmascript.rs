//! Writes JSON as ECMAScript's `JSON.stringify` does for an object whose members were inserted in
//! sorted order: the bytes that are signed.

use crate::error::Error;
use crate::limits::MAX_DEPTH;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt::Write;
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
            let mut members: Vec<_> = map.iter().collect();
            members.sort_by(|(a, _), (b, _)| compare_names(a, b));
            out.push('{');
            for (i, (name, member)) in members.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_string(name, out);
                out.push(':');
                write_value(member, out, depth)?;
            }
            out.push('}');
        }
    }
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
        return write_integer(integer.unsigned_abs(), integer as f64, number, out);
    }
    if let Some(integer) = number.as_u64() {
        #[allow(clippy::cast_precision_loss)]
        return write_integer(integer, integer as f64, number, out);
    }
    match number.as_f64().filter(|double| double.is_finite()) {
        Some(double) => {
            out.push_str(ryu_js::Buffer::new().format_finite(double));
            Ok(())
        }
        None => Err(Error::Value {
            detail: "a number is not finite",
        }),
    }
}

fn write_integer(abs: u64, double: f64, exact: &Number, out: &mut String) -> Result<(), Error> {
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
