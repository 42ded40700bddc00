//! Reads the JSON of a protected header: the members that are known where they stand, the others
//! as values.

use crate::json::{Unique, UniqueVisitor};
use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use core::fmt;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// What stands in a header. No member stands twice, at any depth.
#[derive(Default)]
pub(super) struct Members<'a> {
    pub(super) alg: Option<Known<'a>>,
    pub(super) kid: Option<Known<'a>>,
    pub(super) cap: Option<Known<'a>>,
    pub(super) others: Map<String, Value>,
}

/// The value of a member that must be a text.
pub(super) enum Known<'a> {
    Text(Cow<'a, str>),
    Other,
}

impl<'a> Members<'a> {
    /// Reads an object; the error is what the decoder met.
    pub(super) fn read(json: &'a [u8]) -> Result<Self, String> {
        serde_json::from_slice(json).map_err(|error| error.to_string())
    }

    /// Where a member of this name is kept; the others have no place of their own.
    fn place(&mut self, name: &str) -> Option<&mut Option<Known<'a>>> {
        match name {
            "alg" => Some(&mut self.alg),
            "kid" => Some(&mut self.kid),
            "cap" => Some(&mut self.cap),
            _ => None,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members<'de>, A::Error> {
        let mut members = Members::default();
        while let Some(Name(name)) = access.next_key()? {
            let is_second = match members.place(&name) {
                Some(place) => place.replace(access.next_value()?).is_some(),
                None => {
                    let Unique(value) = access.next_value()?;
                    members.others.insert(name.into_owned(), value).is_some()
                }
            };
            if is_second {
                return Err(de::Error::custom("an object has a member twice"));
            }
        }
        Ok(members)
    }
}

/// The name of a member, borrowed where nothing in it is escaped.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Known<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(KnownVisitor)
    }
}

struct KnownVisitor;

impl<'de> Visitor<'de> for KnownVisitor {
    type Value = Known<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        UniqueVisitor.expecting(f)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Known<'de>, E> {
        Ok(Known::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Known<'de>, E> {
        Ok(Known::Text(Cow::Owned(text.into())))
    }

    fn visit_unit<E>(self) -> Result<Known<'de>, E> {
        Ok(Known::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Known<'de>, E> {
        Ok(Known::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Known<'de>, E> {
        Ok(Known::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Known<'de>, E> {
        Ok(Known::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Known<'de>, E> {
        Ok(Known::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Known<'de>, A::Error> {
        UniqueVisitor.visit_seq(seq).map(|_| Known::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Known<'de>, A::Error> {
        UniqueVisitor.visit_map(map).map(|_| Known::Other)
    }
}
