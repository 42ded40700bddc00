//! A value of the IPLD data model that is told piece by piece, and its DAG-CBOR block: no tree of the
//! value is built, and no general serializer is needed.

use super::block::{NOT_64_BITS, check_len};
use crate::error::{Error, NOT_FINITE};
use crate::limits::MAX_DEPTH;
use alloc::string::String;
use alloc::vec::Vec;
use cbor4ii::core::enc::{self, Encode};
use cbor4ii::core::types;
use cid::Cid;
use core::convert::Infallible;
use core::mem;

/// Tag of a CID in CBOR (DAG-CBOR specification, section "Links").
const LINK: u64 = 42;
/// What stands before the bytes of a CID: multibase's identity.
const BINARY: u8 = 0;

/// Writes the DAG-CBOR block of one value, depth first: maps sorted by the length of their keys, then
/// by the keys; floats in 64 bits; what the data model forbids is refused at the end. Of two members
/// of one name the last counts.
///
/// ```
/// use dag_jws::BlockWriter;
///
/// let mut writer = BlockWriter::new();
/// writer.map();
/// writer.name("hello");
/// writer.text("world");
/// writer.close();
/// assert_eq!(writer.finish()?, b"\xa1\x65hello\x65world");
/// # Ok::<_, dag_jws::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct BlockWriter {
    open: Vec<Open>,
    done: Option<Vec<u8>>,
    fault: Option<Error>,
}

/// A list or a map whose end was not told yet.
#[derive(Debug)]
enum Open {
    List(usize, Vec<u8>),
    Map(Vec<(String, Vec<u8>)>, String),
}

/// Takes whatever is written; a `Vec` cannot fail.
struct Bytes(Vec<u8>);

impl enc::Write for Bytes {
    type Error = Infallible;

    fn push(&mut self, input: &[u8]) -> Result<(), Self::Error> {
        self.0.extend_from_slice(input);
        Ok(())
    }
}

fn encoded(value: &impl Encode) -> Vec<u8> {
    let mut bytes = Bytes(Vec::new());
    // neither the encoder nor a Vec has anything to refuse here
    let _ = value.encode(&mut bytes);
    bytes.0
}

impl BlockWriter {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn put(&mut self, value: Vec<u8>) {
        match self.open.last_mut() {
            None => self.done = Some(value),
            Some(Open::List(count, items)) => {
                *count += 1;
                items.extend_from_slice(&value);
            }
            Some(Open::Map(members, name)) => members.push((mem::take(name), value)),
        }
    }

    /// The first fault is the one that is told.
    fn refuse(&mut self, fault: Error) {
        self.fault.get_or_insert(fault);
    }

    /// `null`.
    pub fn null(&mut self) {
        self.put(encoded(&types::Null));
    }

    /// A boolean.
    pub fn bool(&mut self, value: bool) {
        self.put(encoded(&value));
    }

    /// A float, which must be finite. There is one zero.
    pub fn float(&mut self, value: f64) {
        if !value.is_finite() {
            self.refuse(NOT_FINITE);
        }
        self.put(encoded(&if value == 0.0 { 0.0 } else { value }));
    }

    /// An integer from -2^64 to 2^64 - 1.
    pub fn integer(&mut self, value: i128) {
        let bytes = match (u64::try_from(value), u64::try_from(-1 - value)) {
            (Ok(positive), _) => encoded(&positive),
            (_, Ok(negative)) => encoded(&types::Negative(negative)),
            _ => return self.refuse(NOT_64_BITS),
        };
        self.put(bytes);
    }

    /// A text.
    pub fn text(&mut self, value: &str) {
        self.put(encoded(&value));
    }

    /// Bytes.
    pub fn bytes(&mut self, value: &[u8]) {
        self.put(encoded(&types::Bytes(value)));
    }

    /// A link.
    pub fn link(&mut self, cid: &Cid) {
        let mut bytes = Vec::from([BINARY]);
        bytes.extend(cid.to_bytes());
        self.put(encoded(&types::Tag(LINK, types::Bytes(&*bytes))));
    }

    /// Begins a list; [`close`](Self::close) ends it.
    pub fn list(&mut self) {
        self.deeper(Open::List(0, Vec::new()));
    }

    /// Begins a map, each of whose members is a [`name`](Self::name) and a value;
    /// [`close`](Self::close) ends it.
    pub fn map(&mut self) {
        self.deeper(Open::Map(Vec::new(), String::new()));
    }

    fn deeper(&mut self, open: Open) {
        if self.open.len() >= MAX_DEPTH {
            self.refuse(Error::TooDeep { limit: MAX_DEPTH });
        }
        self.open.push(open);
    }

    /// The name of the member whose value is told next.
    pub fn name(&mut self, name: impl Into<String>) {
        if let Some(Open::Map(_, next)) = self.open.last_mut() {
            *next = name.into();
        }
    }

    /// Ends the list or the map that was begun last.
    pub fn close(&mut self) {
        let mut bytes = Bytes(Vec::new());
        match self.open.pop() {
            Some(Open::List(count, items)) => {
                let _ = types::Array::bounded(count, &mut bytes);
                bytes.0.extend_from_slice(&items);
            }
            Some(Open::Map(mut members, _)) => {
                // stable, so that the last of one name stays the last
                members.sort_by(|(a, _), (b, _)| (a.len(), a).cmp(&(b.len(), b)));
                let is_last = |place: usize| {
                    let next = members.get(place + 1);
                    next.is_none_or(|(next, _)| *next != members[place].0)
                };
                let kept: Vec<usize> = (0..members.len()).filter(|place| is_last(*place)).collect();
                let _ = types::Map::bounded(kept.len(), &mut bytes);
                for place in kept {
                    let (name, value) = &members[place];
                    let _ = name.encode(&mut bytes);
                    bytes.0.extend_from_slice(value);
                }
            }
            None => return,
        }
        self.put(bytes.0);
    }

    /// The block.
    ///
    /// # Errors
    /// [`Error::Value`] for what the data model forbids, and where no whole value was told.
    /// [`Error::TooDeep`], [`Error::TooLarge`].
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let whole = self.done.filter(|_| self.open.is_empty());
        let block = whole.ok_or(Error::Value {
            detail: "it has no end",
        })?;
        check_len("linked block", &block)?;
        Ok(block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dag::block;
    use alloc::borrow::ToOwned;
    use alloc::collections::BTreeMap;
    use alloc::vec;
    use ipld_core::ipld::Ipld;
    use proptest::prelude::*;

    fn tell(writer: &mut BlockWriter, value: &Ipld) {
        match value {
            Ipld::Null => writer.null(),
            Ipld::Bool(value) => writer.bool(*value),
            Ipld::Integer(value) => writer.integer(*value),
            Ipld::Float(value) => writer.float(*value),
            Ipld::String(value) => writer.text(value),
            Ipld::Bytes(value) => writer.bytes(value),
            Ipld::Link(cid) => writer.link(cid),
            Ipld::List(items) => {
                writer.list();
                items.iter().for_each(|item| tell(writer, item));
                writer.close();
            }
            Ipld::Map(members) => {
                writer.map();
                for (name, member) in members {
                    writer.name(name.as_str());
                    tell(writer, member);
                }
                writer.close();
            }
        }
    }

    fn written(value: &Ipld) -> Result<Vec<u8>, Error> {
        let mut writer = BlockWriter::new();
        tell(&mut writer, value);
        writer.finish()
    }

    fn values() -> impl Strategy<Value = Ipld> {
        let leaf = prop_oneof![
            Just(Ipld::Null),
            any::<bool>().prop_map(Ipld::Bool),
            any::<i64>().prop_map(|value| Ipld::Integer(value.into())),
            any::<i128>().prop_map(Ipld::Integer),
            (0i128..70_000).prop_map(Ipld::Integer),
            any::<f64>().prop_map(Ipld::Float),
            prop_oneof![Just(0.0), Just(-0.0), Just(f64::NAN)].prop_map(Ipld::Float),
            ".{0,300}".prop_map(Ipld::String),
            prop::collection::vec(any::<u8>(), 0..300).prop_map(Ipld::Bytes),
            any::<Vec<u8>>().prop_map(|block| Ipld::Link(cacao::car::dag_cbor_cid(&block))),
        ];
        leaf.prop_recursive(4, 64, 30, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..30).prop_map(Ipld::List),
                prop::collection::btree_map("[a-zé]{0,3}", inner, 0..30).prop_map(Ipld::Map),
            ]
        })
    }

    proptest! {
        /// What a general encoder writes of the whole tree, and the same refusals.
        #[test]
        fn one_block_for_a_value(value in values()) {
            match (written(&value), block::encode(&value)) {
                (Ok(written), Ok(expected)) => prop_assert_eq!(written, expected),
                (Err(refused), Err(expected)) => prop_assert_eq!(refused.code(), expected.code()),
                (written, expected) => prop_assert!(false, "{:?} {:?}", written, expected),
            }
        }
    }

    #[test]
    fn depth_and_length_are_bounded() {
        let deep = |levels| (0..levels).fold(Ipld::Null, |inner, _| Ipld::List(vec![inner]));
        let code = |value: &Ipld| written(value).unwrap_err().code();
        assert!(written(&deep(MAX_DEPTH)).is_ok());
        assert_eq!(code(&deep(MAX_DEPTH + 1)), "too_deep");
        let long = Ipld::Bytes(vec![0; crate::limits::MAX_BLOCK_LEN + 1]);
        assert_eq!(code(&long), "too_large");
        for integer in [1 << 64, -(1 << 64) - 1, i128::MIN, i128::MAX] {
            assert_eq!(code(&Ipld::Integer(integer)), "unsupported_value");
        }
    }

    #[test]
    fn what_is_no_value() {
        let mut open = BlockWriter::new();
        open.list();
        let mut twice = BlockWriter::new();
        twice.close();
        for writer in [BlockWriter::new(), open, twice] {
            assert_eq!(writer.finish().unwrap_err().code(), "unsupported_value");
        }
    }

    #[test]
    fn the_last_of_one_name_counts() {
        let mut writer = BlockWriter::new();
        writer.map();
        for (name, value) in [("bb", 1), ("a", 2), ("bb", 3)] {
            writer.name(name);
            writer.integer(value);
        }
        writer.close();
        let members = [("a", 2), ("bb", 3)];
        let members = members.map(|(name, value)| (name.to_owned(), Ipld::Integer(value)));
        let expected = Ipld::Map(BTreeMap::from(members));
        assert_eq!(writer.finish().unwrap(), block::encode(&expected).unwrap());
    }
}
