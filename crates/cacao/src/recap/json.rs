//! JSON as a ReCap needs it: read in the order that was signed and without names that stand twice,
//! written in the one canonical form (RFC 8785).

use super::RecapError;
use super::order::{is_array_index, utf16};
use crate::json_values::{Key, visit_number};
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// The largest number of levels of lists and objects in a ReCap, its own four among them.
pub const MAX_RECAP_DEPTH: usize = 16;

/// Levels above a restriction: the ReCap, `att`, the target, the list.
const ABOVE_RESTRICTIONS: usize = 4;

/// Beyond it two integers are one double.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// A value of JSON, its members in the order of the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// As ECMAScript prints it.
    Number(Box<str>),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Json {
    pub(super) fn parse(text: &str) -> Result<Self, RecapError> {
        Self::parse_levels(text, MAX_RECAP_DEPTH)
    }

    /// As [`parse`](Self::parse), of something that stands in a restriction's place.
    pub(super) fn parse_restriction(text: &str) -> Result<Self, RecapError> {
        Self::parse_levels(text, MAX_RECAP_DEPTH - ABOVE_RESTRICTIONS)
    }

    fn parse_levels(text: &str, limit: usize) -> Result<Self, RecapError> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let mut too_deep = false;
        let level = Level {
            left: limit,
            too_deep: &mut too_deep,
        };
        let read = level
            .deserialize(&mut reader)
            .and_then(|value| reader.end().map(|()| value));
        let value = read.map_err(|error| {
            if too_deep {
                RecapError::TooDeep { limit }
            } else {
                let detail = error.to_string();
                RecapError::Json { detail }
            }
        })?;
        value.check_unique()?;
        Ok(value)
    }

    fn check_unique(&self) -> Result<(), RecapError> {
        match self {
            Self::List(list) => list.iter().try_for_each(Self::check_unique),
            Self::Object(members) => {
                let mut names: Vec<&str> = members.iter().map(|(name, _)| &**name).collect();
                names.sort_unstable();
                let twice = names.windows(2).find_map(|pair| match pair {
                    [one, other] if one == other => Some(*one),
                    _ => None,
                });
                if let Some(name) = twice {
                    let name = name.to_string();
                    return Err(RecapError::DuplicateName { name });
                }
                members
                    .iter()
                    .try_for_each(|(_, value)| value.check_unique())
            }
            _ => Ok(()),
        }
    }

    /// Whether a name in it, at any depth, is one that JavaScript moves to the front of its object,
    /// so that the order is not what was written.
    pub(super) fn has_array_index(&self) -> bool {
        match self {
            Self::List(list) => list.iter().any(Self::has_array_index),
            Self::Object(members) => members
                .iter()
                .any(|(name, value)| is_array_index(name) || value.has_array_index()),
            _ => false,
        }
    }

    /// Writes the canonical form: names sorted by UTF-16 code units, no spaces.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(number) => out.push_str(number),
            Self::Text(text) => push_text(out, text),
            Self::List(list) => {
                out.push('[');
                for (i, value) in list.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    value.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                members.sort_by(|(one, _), (other, _)| utf16(one, other));
                out.push('{');
                for (i, (name, value)) in members.into_iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    push_text(out, name);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// A text between quotes: `serde_json` escapes what RFC 8785, section 3.2.2.2 wants escaped, and
/// nothing else.
pub(super) fn push_text(out: &mut String, text: &str) {
    // texts always have a JSON form
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// Reads a value with so many levels left.
struct Level<'a> {
    left: usize,
    too_deep: &'a mut bool,
}

impl Level<'_> {
    fn below<E: de::Error>(&mut self) -> Result<Level<'_>, E> {
        let Some(left) = self.left.checked_sub(1) else {
            *self.too_deep = true;
            return Err(E::custom("too deep"));
        };
        Ok(Level {
            left,
            too_deep: self.too_deep,
        })
    }
}

impl<'de> DeserializeSeed<'de> for Level<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Json, E> {
        integer(value.unsigned_abs(), &value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Json, E> {
        integer(value, &value)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Json, E> {
        if !value.is_finite() {
            return Err(E::custom("a number is not finite"));
        }
        let mut buffer = ryu_js::Buffer::new();
        Ok(Json::Number(buffer.format_finite(value).into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_string()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        loop {
            let below = self.below()?;
            match seq.next_element_seed(below)? {
                Some(value) => list.push(value),
                None => return Ok(Json::List(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        loop {
            let key = map.next_key()?;
            // a number is no level
            if key == Some(Key::Number) {
                let text = map.next_value::<String>()?;
                return visit_number(&text, self);
            }
            let below = self.below()?;
            match key {
                Some(Key::Name(name)) => members.push((name, map.next_value_seed(below)?)),
                _ => return Ok(Json::Object(members)),
            }
        }
    }
}

/// Integers that are not one double each are read in two ways, so that they are refused.
fn integer<E: de::Error>(magnitude: u64, value: &impl ToString) -> Result<Json, E> {
    if magnitude > MAX_SAFE_INTEGER {
        return Err(E::custom("an integer is beyond 2^53 - 1"));
    }
    Ok(Json::Number(value.to_string().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        let mut out = String::new();
        Json::parse(text).unwrap().write(&mut out);
        out
    }

    #[test]
    fn it_is_written_as_rfc_8785_has_it() {
        // the example of section 3.2.2, and of 3.2.3 for the order
        let text = r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
            "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#;
        let expected = "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,\
                        0.002,1e-27],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(canonical(text), expected);
        let text = r#"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}"#;
        let expected = "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\u{fb33}\":3}";
        assert_eq!(canonical(text), expected);
        assert_eq!(canonical("[1.0,-0,-0.0,1e2,10]"), "[1,0,0,100,10]");
    }

    #[test]
    fn what_two_readers_could_read_differently() {
        for twice in [r#"{"a":1,"a":1}"#, r#"[{"x":{"a":1,"b":2,"\u0061":2}}]"#] {
            let name = "a".to_string();
            assert_eq!(Json::parse(twice), Err(RecapError::DuplicateName { name }));
        }
        for bad in [
            "9007199254740992",
            "-9007199254740992",
            "1e400",
            "{} {}",
            "",
            "[01]",
            r#""\ud83d""#,
        ] {
            let error = Json::parse(bad).unwrap_err();
            assert!(matches!(error, RecapError::Json { .. }), "{bad}: {error}");
        }
        assert!(Json::parse("[9007199254740991,-9007199254740991]").is_ok());
    }

    #[test]
    fn depth_is_bounded() {
        let deep = |levels| "[".repeat(levels) + &"]".repeat(levels);
        assert!(Json::parse(&deep(MAX_RECAP_DEPTH)).is_ok());
        let limit = MAX_RECAP_DEPTH;
        for levels in [MAX_RECAP_DEPTH + 1, 20_000] {
            let objects = "{\"a\":".repeat(levels) + "1" + &"}".repeat(levels);
            for text in [deep(levels), objects] {
                assert_eq!(Json::parse(&text), Err(RecapError::TooDeep { limit }));
            }
        }
    }
}
