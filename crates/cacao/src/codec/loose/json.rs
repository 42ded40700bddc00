//! JSON to a tree of values and back, as DAG-JSON has it. A name that comes twice is refused.

use crate::cid_text::{cid_text, read_cid};
use crate::error::Error;
use crate::json_values::{Key, visit_number};
use crate::limits::MAX_SIGNATURE_LEN;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use core::fmt;
use ipld_core::ipld::Ipld;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// The largest number of bytes of a capability that is read like this: a tree takes much more
/// memory than its encoding.
pub(super) const MAX_LEN: usize = 1 << 18;

/// Why a JSON text has no tree.
pub(super) enum NoTree {
    /// A name comes twice in it: which one, and where.
    Twice(Error),
    /// For another reason.
    Other,
}

/// How a name that comes twice is told, by `serde` of the names that it knows and here of all.
const TWICE: &str = "duplicate field";

/// The tree of a JSON text, with the bytes of a signature as bytes, however JavaScript printed
/// them.
pub(super) fn read(json: &str) -> Result<Ipld, NoTree> {
    if json.len() > MAX_LEN {
        return Err(NoTree::Other);
    }
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let read =
        Tree::deserialize(&mut deserializer).and_then(|tree| deserializer.end().map(|()| tree));
    let Tree(mut tree) = read.map_err(|error| {
        let detail = error.to_string();
        match detail.starts_with(TWICE) {
            true => NoTree::Twice(Error::Json { detail }),
            false => NoTree::Other,
        }
    })?;
    if let Ipld::Map(capability) = &mut tree
        && let Some(Ipld::Map(signature)) = capability.get_mut("s")
    {
        bytes_of_javascript(signature.get_mut("s"));
        if let Some(Ipld::Map(metadata)) = signature.get_mut("m") {
            bytes_of_javascript(metadata.get_mut("aad"));
        }
    }
    Ok(tree)
}

fn bytes_of_javascript(value: Option<&mut Ipld>) {
    if let Some(value) = value
        && let Ipld::Map(map) = &*value
        && let Some(bytes) = bytes_of(map)
    {
        *value = Ipld::Bytes(bytes);
    }
}

/// `{"type": "Buffer", "data": […]}` and `{"0": …, "1": …}` are how `JSON.stringify` prints bytes.
pub(super) fn bytes_of(map: &BTreeMap<String, Ipld>) -> Option<Vec<u8>> {
    let byte = |number: &Ipld| match number {
        Ipld::Integer(number) => u8::try_from(*number).ok(),
        _ => None,
    };
    match (map.get("type"), map.get("data")) {
        (Some(Ipld::String(kind)), Some(Ipld::List(data)))
            if kind == "Buffer" && map.len() == 2 && data.len() <= MAX_SIGNATURE_LEN =>
        {
            data.iter().map(byte).collect()
        }
        _ if (1..=MAX_SIGNATURE_LEN).contains(&map.len()) => (0..map.len())
            .map(|index| map.get(&index.to_string()).and_then(byte))
            .collect(),
        _ => None,
    }
}

/// What may be bytes has one spelling: its names come in one order.
fn is_in_order(names: &[String], members: &BTreeMap<String, Ipld>) -> bool {
    let indexes = (0..names.len()).map(|index| index.to_string());
    bytes_of(members).is_none()
        || names.first().is_some_and(|name| name == "type")
        || indexes.eq(names.iter().cloned())
}

struct Tree(Ipld);

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct TreeVisitor;

        impl<'de> Visitor<'de> for TreeVisitor {
            type Value = Tree;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value of DAG-JSON without fractions")
            }

            fn visit_unit<E>(self) -> Result<Tree, E> {
                Ok(Tree(Ipld::Null))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
                Ok(Tree(Ipld::Bool(value)))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
                Ok(Tree(Ipld::Integer(value.into())))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
                Ok(Tree(Ipld::Integer(value.into())))
            }

            fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
                Ok(Tree(Ipld::String(value.into())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree, A::Error> {
                let mut list = Vec::new();
                while let Some(Tree(value)) = seq.next_element()? {
                    list.push(value);
                }
                Ok(Tree(Ipld::List(list)))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
                let mut members = BTreeMap::new();
                let mut names = Vec::new();
                while let Some(key) = map.next_key()? {
                    let Key::Name(name) = key else {
                        let text = map.next_value::<String>()?;
                        return visit_number(&text, self);
                    };
                    let Tree(value) = map.next_value()?;
                    if members.contains_key(&name) {
                        return Err(de::Error::custom(format_args!("{TWICE} `{name}`")));
                    }
                    names.push(name.clone());
                    members.insert(name, value);
                }
                if !is_in_order(&names, &members) {
                    return Err(de::Error::custom("bytes are not in their order"));
                }
                if members.contains_key("/") {
                    return bytes_or_link(&members)
                        .map(Tree)
                        .ok_or_else(|| de::Error::custom("neither bytes nor a link"));
                }
                Ok(Tree(Ipld::Map(members)))
            }
        }

        d.deserialize_any(TreeVisitor)
    }
}

/// `{"/": {"bytes": "…"}}` or `{"/": "<CID>"}`. What was `{"bytes": …}` is a map until here, unless
/// it holds a `/` itself.
fn bytes_or_link(members: &BTreeMap<String, Ipld>) -> Option<Ipld> {
    match members.get("/").filter(|_| members.len() == 1)? {
        Ipld::String(text) => read_cid(text).map(Ipld::Link),
        Ipld::Map(inner) => match inner.get("bytes").filter(|_| inner.len() == 1)? {
            Ipld::String(text) => STANDARD_NO_PAD.decode(text).ok().map(Ipld::Bytes),
            _ => None,
        },
        _ => None,
    }
}

/// DAG-JSON, its members sorted.
pub(super) fn write(tree: &Ipld) -> String {
    // no fraction, and names that are texts: serde_json has nothing here that it could refuse
    serde_json::to_string(&Written(tree)).unwrap_or_default()
}

struct Written<'a>(&'a Ipld);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Ipld::Null | Ipld::Float(_) => serializer.serialize_unit(),
            Ipld::Bool(value) => serializer.serialize_bool(*value),
            Ipld::Integer(number) => match u64::try_from(*number) {
                Ok(number) => serializer.serialize_u64(number),
                Err(_) => serializer.serialize_i64(i64::try_from(*number).unwrap_or_default()),
            },
            Ipld::String(text) => serializer.serialize_str(text),
            Ipld::List(list) => serializer.collect_seq(list.iter().map(Written)),
            Ipld::Map(map) => {
                serializer.collect_map(map.iter().map(|(name, value)| (name, Written(value))))
            }
            Ipld::Link(cid) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("/", &cid_text(cid))?;
                map.end()
            }
            Ipld::Bytes(bytes) => {
                let text = Ipld::String(STANDARD_NO_PAD.encode(bytes));
                let inner = Ipld::Map(BTreeMap::from([(String::from("bytes"), text)]));
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("/", &Written(&inner))?;
                map.end()
            }
        }
    }
}
