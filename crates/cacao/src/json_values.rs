//! What a decoder of JSON hands over, whatever features of `serde_json` the other crates of a build
//! enable. For whatever reads values of any kind: capabilities and ReCaps here, payloads and headers
//! in `dag-jws`.
//!
//! With its feature `arbitrary_precision` `serde_json` hands over a number, unless it is a short
//! integer, as an object of one member, whose value is the number's text. A [`Key`] tells that member
//! from one that stands in the text, and [`visit_number`] hands the number over as it comes without
//! the feature. With `raw_value` and `arbitrary_precision` a `serde_json::Value` takes objects with
//! certain names for something else; [`AnyValue`] takes none.

use alloc::string::String;
use core::fmt;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// What `serde_json` calls the one member of an object that is a number.
const NUMBER: &str = "$serde_json::private::Number";

/// The key of a member, as a visitor of maps asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// The name of a member that stands in the text.
    Name(String),
    /// There is no object: the value is the text of a number, for [`visit_number`].
    Number,
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a member")
            }

            // a name that stands in a text is offered as what a new type is made of
            fn visit_newtype_struct<D: Deserializer<'de>>(self, d: D) -> Result<Key, D::Error> {
                String::deserialize(d).map(Key::Name)
            }

            // and one that was made up is not
            fn visit_str<E>(self, name: &str) -> Result<Key, E> {
                Ok(match name {
                    NUMBER => Key::Number,
                    name => Key::Name(name.into()),
                })
            }
        }

        d.deserialize_newtype_struct("Key", KeyVisitor)
    }
}

/// A number, as a visitor is handed it.
enum Number {
    Unsigned(u64),
    Signed(i64),
    Double(f64),
}

impl Number {
    /// As `serde_json` reads it: an integer where it is one of 64 bits, else a double.
    #[inline(never)]
    fn of(text: &str) -> Option<Self> {
        if let Ok(unsigned) = serde_json::from_str(text) {
            return Some(Self::Unsigned(unsigned));
        }
        if let Ok(signed) = serde_json::from_str(text) {
            return Some(Self::Signed(signed));
        }
        serde_json::from_str(text).ok().map(Self::Double)
    }
}

/// Hands over a number that came as its text.
///
/// # Errors
/// What the visitor answers; for what is not a number, and for one beyond all doubles.
pub fn visit_number<'de, V: Visitor<'de>, E: de::Error>(
    text: &str,
    visitor: V,
) -> Result<V::Value, E> {
    match Number::of(text) {
        Some(Number::Unsigned(value)) => visitor.visit_u64(value),
        Some(Number::Signed(value)) => visitor.visit_i64(value),
        Some(Number::Double(value)) => visitor.visit_f64(value),
        None => Err(E::custom("number out of range")),
    }
}

/// Any value of JSON, which was read to its end and is not kept: as strictly as if it were, since
/// what a decoder skips may be no Unicode, and no number that a double can hold.
#[derive(Clone, Copy, Debug)]
pub struct AnyValue;

impl<'de> Deserialize<'de> for AnyValue {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(AnyVisitor)
    }
}

struct AnyVisitor;

impl<'de> Visitor<'de> for AnyVisitor {
    type Value = AnyValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<AnyValue, E> {
        Ok(AnyValue)
    }

    fn visit_bool<E>(self, _: bool) -> Result<AnyValue, E> {
        Ok(AnyValue)
    }

    fn visit_i64<E>(self, _: i64) -> Result<AnyValue, E> {
        Ok(AnyValue)
    }

    fn visit_u64<E>(self, _: u64) -> Result<AnyValue, E> {
        Ok(AnyValue)
    }

    fn visit_f64<E>(self, _: f64) -> Result<AnyValue, E> {
        Ok(AnyValue)
    }

    fn visit_str<E>(self, _: &str) -> Result<AnyValue, E> {
        Ok(AnyValue)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<AnyValue, A::Error> {
        while seq.next_element::<AnyValue>()?.is_some() {}
        Ok(AnyValue)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AnyValue, A::Error> {
        while let Some(key) = map.next_key::<Key>()? {
            if key == Key::Number {
                let text = map.next_value::<String>()?;
                return visit_number(&text, self);
            }
            map.next_value::<AnyValue>()?;
        }
        Ok(AnyValue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use serde::de::value::{Error, MapDeserializer};

    /// As `serde_json` hands over a number, with its feature.
    fn any_of_number(text: &str) -> Result<AnyValue, Error> {
        AnyVisitor.visit_map(MapDeserializer::new([(NUMBER, text)].into_iter()))
    }

    #[test]
    fn a_number_is_what_it_is_without_the_feature() {
        let of = |text: &str| match Number::of(text) {
            Some(Number::Unsigned(value)) => format!("u{value}"),
            Some(Number::Signed(value)) => format!("i{value}"),
            Some(Number::Double(value)) => format!("f{value:?}"),
            None => "none".into(),
        };
        for (text, expected) in [
            ("0", "u0"),
            ("-0", "f-0.0"),
            ("-1", "i-1"),
            ("1.0", "f1.0"),
            ("1e3", "f1000.0"),
            ("18446744073709551615", "u18446744073709551615"),
            ("18446744073709551616", "f1.8446744073709552e19"),
            ("-9223372036854775808", "i-9223372036854775808"),
            ("-9223372036854775809", "f-9.223372036854776e18"),
            ("1e400", "none"),
            ("", "none"),
            ("NaN", "none"),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
        assert!(any_of_number("1.5").is_ok());
        assert!(any_of_number("1e400").is_err());
    }

    #[test]
    fn any_value_is_read_to_its_end() {
        for (text, is_read) in [
            (r#"{"a":[1,-1,1.5,true,null,"b\n",{"c":{}}]}"#, true),
            (r#"{"$serde_json::private::Number":"x"}"#, true),
            (r#"{"$serde_json::private::RawValue":"not JSON"}"#, true),
            (r#"["\ud83d"]"#, false),
            (r#"{"\ud83d":1}"#, false),
            ("[1e400]", false),
            ("[1,]", false),
        ] {
            let read = serde_json::from_str::<AnyValue>(text);
            assert_eq!(read.is_ok(), is_read, "{text}: {read:?}");
        }
    }
}
