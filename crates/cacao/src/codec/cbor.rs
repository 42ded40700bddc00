//! The items of DAG-CBOR that a capability is made of: unsigned numbers, bytes, texts, lists and
//! maps, read strictly and written in their one spelling.
//!
//! Specification: DAG-CBOR, section "Strictness"; RFC 8949, sections 3 and 4.2.1.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

const UNSIGNED: u8 = 0;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const LIST: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

/// The tag of links.
const LINK: usize = 42;

/// What begins a text of indefinite length, and what ends it.
const TEXT_IN_PARTS: u8 = TEXT << 5 | 31;
const BREAK: u8 = 0xff;

/// Why bytes are not the DAG-CBOR of a capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault(pub(super) &'static str);

const CUT_OFF: Fault = Fault("the block is cut off");

/// Reads items from the front.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    /// Whether a text came in parts: what it holds can be told, yet it has another spelling.
    in_parts: bool,
}

/// An item that may be one of several types.
pub(super) enum Item<'a> {
    Text(Cow<'a, str>),
    Bytes(&'a [u8]),
    /// A list of this many items, which come next.
    List(u64),
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            in_parts: false,
        }
    }

    /// What was not read yet.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether everything so far stood in its only spelling.
    pub(super) const fn is_canonical(&self) -> bool {
        !self.in_parts
    }

    /// A map: the number of its members.
    pub(super) fn map(&mut self) -> Result<u64, Fault> {
        self.expect(MAP, "a map is wanted")
    }

    /// A list: the number of its items.
    pub(super) fn list(&mut self) -> Result<u64, Fault> {
        self.expect(LIST, "a list is wanted")
    }

    /// A byte string.
    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Fault> {
        let len = self.expect(BYTES, "bytes are wanted")?;
        self.take(len)
    }

    /// A number below 256.
    pub(super) fn byte(&mut self) -> Result<u8, Fault> {
        let number = self.expect(UNSIGNED, "a number is wanted")?;
        u8::try_from(number).map_err(|_| Fault("a number is not below 256"))
    }

    /// A text.
    pub(super) fn text(&mut self) -> Result<Cow<'a, str>, Fault> {
        if self.rest.first() == Some(&TEXT_IN_PARTS) {
            return self.parts().map(Cow::Owned);
        }
        let len = self.expect(TEXT, "a text is wanted")?;
        utf8(self.take(len)?).map(Cow::Borrowed)
    }

    /// A text, bytes or a list.
    pub(super) fn any(&mut self) -> Result<Item<'a>, Fault> {
        match self.head()? {
            (TEXT, len) => Ok(Item::Text(Cow::Borrowed(utf8(self.take(len)?)?))),
            (BYTES, len) => self.take(len).map(Item::Bytes),
            (LIST, len) => Ok(Item::List(len)),
            _ => Err(Fault("a text, bytes or a list of numbers is wanted")),
        }
    }

    fn expect(&mut self, major: u8, otherwise: &'static str) -> Result<u64, Fault> {
        if self.rest.first().is_some_and(|first| first >> 5 != major) {
            return Err(Fault(otherwise));
        }
        self.head().map(|(_, argument)| argument)
    }

    /// The type of the next item and its argument, which stands in the fewest bytes.
    fn head(&mut self) -> Result<(u8, u64), Fault> {
        let (first, argument) = self.loose_head()?;
        let fewest = match first & 31 {
            24 => 24,
            25 => 1 << 8,
            26 => 1 << 16,
            27 => 1 << 32,
            _ => 0,
        };
        if argument < fewest {
            return Err(Fault("a length or a number is not in its shortest form"));
        }
        Ok((first >> 5, argument))
    }

    /// The first byte of the next item and its argument, in however many bytes.
    fn loose_head(&mut self) -> Result<(u8, u64), Fault> {
        let [first] = self.array()?;
        let argument = match first & 31 {
            small @ 0..=23 => u64::from(small),
            24 => self.array().map(u8::from_be_bytes)?.into(),
            25 => self.array().map(u16::from_be_bytes)?.into(),
            26 => self.array().map(u32::from_be_bytes)?.into(),
            27 => self.array().map(u64::from_be_bytes)?,
            31 => return Err(Fault("an item has no length")),
            _ => return Err(Fault("an item begins with a reserved byte")),
        };
        Ok((first, argument))
    }

    /// A text in parts, each of which may have a longer length than it needs: read to the end, so
    /// that what else is wrong is told first.
    #[cold]
    fn parts(&mut self) -> Result<String, Fault> {
        self.in_parts = true;
        self.take(1)?;
        let mut bytes = Vec::new();
        while self.rest.first() != Some(&BREAK) {
            match self.loose_head()? {
                (first, len) if first >> 5 == TEXT => bytes.extend_from_slice(self.take(len)?),
                _ => return Err(Fault("a part of a text is not a text")),
            }
        }
        self.take(1)?;
        String::from_utf8(bytes).map_err(|_| Fault("a text is not UTF-8"))
    }

    fn take(&mut self, len: u64) -> Result<&'a [u8], Fault> {
        let len = usize::try_from(len).map_err(|_| CUT_OFF)?;
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(CUT_OFF)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(CUT_OFF)?;
        self.rest = rest;
        Ok(*taken)
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, Fault> {
    core::str::from_utf8(bytes).map_err(|_| Fault("a text is not UTF-8"))
}

/// Writes items at the end.
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }

    /// The head of a map with so many members.
    pub(super) fn map(&mut self, len: usize) {
        self.head(MAP, len);
    }

    /// The head of a list of so many items.
    pub(super) fn list(&mut self, len: usize) {
        self.head(LIST, len);
    }

    pub(super) fn byte(&mut self, number: u8) {
        self.head(UNSIGNED, number.into());
    }

    /// A link: bytes with the tag of CIDs, and a zero before those of the CID (DAG-CBOR
    /// specification, section "Links").
    pub(super) fn link(&mut self, cid: &[u8]) {
        self.head(TAG, LINK);
        self.head(BYTES, cid.len() + 1);
        self.0.push(0);
        self.0.extend_from_slice(cid);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.head(BYTES, bytes.len());
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.text_of(["", text]);
    }

    /// One text of two parts.
    pub(super) fn text_of(&mut self, parts: [&str; 2]) {
        self.head(TEXT, parts.iter().map(|part| part.len()).sum());
        for part in parts {
            self.0.extend_from_slice(part.as_bytes());
        }
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "each arm has what fits it only"
    )]
    fn head(&mut self, major: u8, argument: usize) {
        let major = major << 5;
        match argument {
            0..=23 => self.0.push(major | argument as u8),
            24..=0xff => self.0.extend([major | 24, argument as u8]),
            0x100..=0xffff => {
                self.0.push(major | 25);
                self.0.extend((argument as u16).to_be_bytes());
            }
            // nothing here is as long as 4 GiB: texts, lists and signatures are bounded
            _ => {
                self.0.push(major | 26);
                self.0.extend((argument as u32).to_be_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;

    /// Heads of every length are what a general encoder writes, and are read back.
    #[test]
    fn lengths_have_one_spelling() {
        for len in [0, 1, 23, 24, 255, 256, 65_535, 65_536] {
            let text = "x".repeat(len);
            let mut writer = Writer::with_capacity(0);
            writer.text(&text);
            let written = writer.finish();
            assert_eq!(written, serde_ipld_dagcbor::to_vec(&text).unwrap());
            let mut reader = Reader::new(&written);
            assert_eq!(reader.text().unwrap(), text);
            assert!(reader.rest().is_empty() && reader.is_canonical());
        }
    }

    #[test]
    fn what_is_refused_and_why() {
        let text = |bytes: &[u8]| Reader::new(bytes).text().map(Cow::into_owned);
        for (bytes, why) in [
            (&b""[..], "cut off"),
            (b"\x62a", "cut off"),
            (b"\x78", "cut off"),
            (b"\x7b\xff\xff\xff\xff\xff\xff\xff\xff", "cut off"),
            (b"\x78\x01a", "shortest"),
            (b"\x79\x00\x01a", "shortest"),
            (b"\x7a\x00\x00\x00\x01a", "shortest"),
            (b"\x7b\x00\x00\x00\x00\x00\x00\x00\x01a", "shortest"),
            (b"\x7c", "reserved"),
            (b"\x61\xff", "UTF-8"),
            (b"\x41a", "text is wanted"),
            (b"\xf6", "text is wanted"),
            (b"\xfb\x3f\xf0\x00\x00\x00\x00\x00\x00", "text is wanted"),
            (b"\xd8\x2a\x61a", "text is wanted"),
            (b"\x7f\x61a", "cut off"),
            (b"\x7f\x41a\xff", "not a text"),
            (b"\x7f\x7f\x61a\xff\xff", "no length"),
        ] {
            let found = text(bytes).unwrap_err().0;
            assert!(found.contains(why), "{bytes:?}: {found}");
        }
        assert!(Reader::new(b"\xbf\xff").map().is_err());
        assert!(Reader::new(b"\x9f\xff").list().is_err());
        assert!(Reader::new(b"\x5f\xff").bytes().is_err());
        assert!(Reader::new(b"\x19\x01\x00").byte().is_err());
        assert!(Reader::new(b"\x20").byte().is_err());
    }

    #[test]
    fn a_text_in_parts_is_told_and_has_another_spelling() {
        let mut reader = Reader::new(b"\x7f\x61a\x78\x01b\xff");
        assert_eq!(reader.text(), Ok(Cow::Owned("ab".to_owned())));
        assert!(!reader.is_canonical());
    }
}
