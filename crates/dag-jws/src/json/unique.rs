//! Reads JSON in which no member stands twice, at any depth: readers differ in which of two they
//! take.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use cacao::json_values::{Key, visit_number};
use core::fmt;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The value of a JSON text without duplicate members, at any depth. The error is what the
/// decoder met.
pub(crate) fn read_unique(text: &str) -> Result<Value, String> {
    serde_json::from_str::<Unique>(text)
        .map(|unique| unique.0)
        .map_err(|error| error.to_string())
}

/// An object without duplicate members, from any deserializer of JSON.
pub(crate) fn deserialize_object<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Map<String, Value>, D::Error> {
    match Unique::deserialize(deserializer)?.0 {
        Value::Object(object) => Ok(object),
        _ => Err(de::Error::custom("not an object")),
    }
}

/// A value without duplicate members, at any depth.
pub(crate) struct Unique(pub(crate) Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(UniqueVisitor).map(Self)
    }
}

pub(crate) struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("a number is not finite"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.into()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Unique(element)) = seq.next_element()? {
            list.push(element);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = access.next_key()? {
            let Key::Name(name) = key else {
                let text = access.next_value::<String>()?;
                return visit_number(&text, self);
            };
            let Unique(member) = access.next_value()?;
            if map.insert(name, member).is_some() {
                return Err(de::Error::custom("an object has a member twice"));
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn a_member_stands_once_at_every_depth() {
        for twice in [
            r#"{"a":1,"a":1}"#,
            r#"{"x":{"a":1,"b":2,"a":3}}"#,
            r#"[{"a":1,"\u0061":2}]"#,
        ] {
            assert!(read_unique(twice).is_err(), "{twice}");
        }
        assert!(read_unique(r#"{"a":{"a":1},"b":{"a":1}}"#).is_ok());
    }

    #[test]
    fn one_value_and_no_more() {
        for bad in [
            "",
            "{} {}",
            "{},",
            "nul",
            "[1,]",
            "{\"a\":1,}",
            "'a'",
            "01",
            "1e999",
            "NaN",
        ] {
            assert!(read_unique(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(read_unique(&deep(100)).is_ok());
        assert!(read_unique(&deep(100_000)).is_err());
    }
}
