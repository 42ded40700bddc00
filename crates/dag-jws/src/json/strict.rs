//! The only reader of JSON that is to be signed, or that was signed: it refuses what two readers
//! could read differently.

use super::numbers::{check_exact, scan};
use super::unique::read_unique;
use crate::error::Error;
use crate::limits::MAX_PAYLOAD_LEN;
use alloc::string::ToString;
use serde_json::Value;

/// A JSON value whose text every reader reads alike, whether it reads numbers as doubles or as
/// decimals.
///
/// [`parse`](Self::parse) refuses
/// - an object in which a name appears twice, at any depth, however it is escaped;
/// - a number whose decimal value is not the one that ECMAScript's `Number::toString` prints for
///   its double: `0.1` and `1e3` are read, `1152921504606846977`, `0.1000000000000000055` and
///   `1e400` are not;
/// - half of a surrogate pair as an escape, which is not a character;
/// - more than [`MAX_DEPTH`](crate::MAX_DEPTH) levels of lists and objects, and more than
///   [`MAX_PAYLOAD_LEN`] bytes.
///
/// ```
/// use dag_jws::StrictJson;
///
/// let read = StrictJson::parse(r#"{"amount": 0.1}"#)?;
/// assert_eq!(read.value()["amount"], 0.1);
/// for refused in [
///     r#"{"amount": 1, "amount": 1000}"#,
///     r#"{"amount": 1152921504606846977}"#,
///     r#"{"amount": "\ud83d"}"#,
/// ] {
///     assert!(StrictJson::parse(refused).is_err());
/// }
/// # Ok::<_, dag_jws::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct StrictJson(Value);

impl StrictJson {
    /// Reads a JSON text (RFC 8259).
    ///
    /// # Errors
    /// [`Error::InexactInteger`] and [`Error::InexactNumber`], [`Error::TooDeep`],
    /// [`Error::TooLarge`]; [`Error::Json`] for everything else that is refused.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_PAYLOAD_LEN {
            return Err(Error::TooLarge {
                what: "JSON",
                limit: MAX_PAYLOAD_LEN,
            });
        }
        scan(text, check_exact)?;
        let value = read_unique(text).map_err(|detail| Error::Json {
            what: "value",
            detail,
        })?;
        Ok(Self(value))
    }

    /// As [`parse`](Self::parse), of bytes, which must be UTF-8.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Error> {
        let text = core::str::from_utf8(bytes).map_err(|error| Error::Json {
            what: "value",
            detail: error.to_string(),
        })?;
        Self::parse(text)
    }

    /// The value.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.0
    }

    /// The value, by value.
    #[must_use]
    pub fn into_value(self) -> Value {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::MAX_DEPTH;
    use alloc::format;
    use alloc::string::String;

    fn code(text: &str) -> &'static str {
        StrictJson::parse(text).map_or_else(|error| error.code(), |_| "read")
    }

    #[test]
    fn what_two_readers_could_read_differently() {
        for (text, expected) in [
            (r#"{"a":{"b":1},"b":{"b":0.1}}"#, "read"),
            (r#" [1e3, "\ud83d\udc4d"] "#, "read"),
            (r#"{"a":1,"a":1}"#, "malformed_json"),
            (r#"[{"x":{"a":1,"\u0061":2}}]"#, "malformed_json"),
            (r#"["\ud83d"]"#, "malformed_json"),
            (r#"["\udc4d"]"#, "malformed_json"),
            (r#"["\udc4d\ud83d"]"#, "malformed_json"),
            (r#"{"\ud83d":1}"#, "malformed_json"),
            ("[1152921504606846977]", "inexact_integer"),
            ("[0.1000000000000000055]", "inexact_number"),
            ("[1e400]", "inexact_number"),
            ("[01]", "malformed_json"),
            ("", "malformed_json"),
            ("\u{feff}{}", "malformed_json"),
            ("{} {}", "malformed_json"),
        ] {
            assert_eq!(code(text), expected, "{text}");
        }
        assert!(StrictJson::from_slice(b"\"\xff\"").is_err());
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(code(&deep(MAX_DEPTH)), "read");
        assert_eq!(code(&deep(MAX_DEPTH + 1)), "too_deep");
        assert_eq!(code(&deep(100_000)), "too_deep");
        let large: String = format!("\"{}\"", "x".repeat(MAX_PAYLOAD_LEN));
        assert_eq!(code(&large), "too_large");
    }
}
