//! Reads the JSON of a protected header: the members that are known where they stand, the others
//! as values.

use crate::json::Strict;
use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use core::fmt;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

/// What stands in a header. No member stands twice, at any depth.
#[derive(Default)]
pub(super) struct Members {
    pub(super) alg: Option<Value>,
    pub(super) kid: Option<Value>,
    pub(super) cap: Option<Value>,
    pub(super) others: Map<String, Value>,
}

impl Members {
    /// Reads an object; the error is what the decoder met.
    pub(super) fn read(json: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(json).map_err(|error| error.to_string())
    }

    /// Where a member of this name is kept; the others have no place of their own.
    fn place(&mut self, name: &str) -> Option<&mut Option<Value>> {
        match name {
            "alg" => Some(&mut self.alg),
            "kid" => Some(&mut self.kid),
            "cap" => Some(&mut self.cap),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members, A::Error> {
        let mut members = Members::default();
        while let Some(Name(name)) = access.next_key()? {
            let Strict(value) = access.next_value()?;
            let earlier = match members.place(&name) {
                Some(place) => place.replace(value),
                None => members.others.insert(name.into_owned(), value),
            };
            if earlier.is_some() {
                return Err(de::Error::custom("a member stands twice"));
            }
        }
        Ok(members)
    }
}

/// The name of a member, borrowed where nothing in it is escaped.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
