//! Stores that keep what the code above them sealed: bytes with a head that anybody may read.

use super::record::{RecordTag, SessionRecord, Slot};
use super::slot_id::{Profile, SlotId};
use base16ct::lower;
use cacao::{Issuer, UnixTime};
use didkey::Ed25519SigningKey;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// What a sealed record begins with, whatever its format.
const PREFIX: &[u8] = b"did-session sealed ";
/// What stands for the end of a record that never expires.
const NEVER: &str = "never";

/// A sealed record: a head that anybody may read, and what only the key opens.
///
/// The head is text, each line ended by one line feed:
///
/// ```text
/// did-session sealed 3
/// <the store's id, 32 digits of lower-case hex>
/// <the issuer's DID in its canonical spelling>
/// <the profile's name, or "default">
/// <the tag of the record, 64 digits of lower-case hex>
/// <when it expires, in seconds since 1970-01-01T00:00:00Z, or "never">
/// ```
///
/// Two older formats are read, too: `1` has neither profile, tag nor end, `2` has a profile. What
/// the head says is not proven: it is authenticated with what it stands before, by somebody who has
/// the key. A [`SealableStore`](crate::SealableStore) needs it to compare, to list and to forget.
///
/// ```
/// use session_core::{ExpectedSlot, SealedRecord};
///
/// assert!(SealedRecord::parse(b"a session string".to_vec()).is_none());
/// let bytes = b"did-session sealed 1\n000102030405060708090a0b0c0d0e0f\ndid:pkh:abc:1:x\n...";
/// let sealed = SealedRecord::parse(bytes.to_vec()).unwrap();
/// assert_eq!(sealed.slot().to_string(), "did:pkh:abc:1:x");
/// assert_eq!(sealed.ciphertext(), b"...");
/// ```
#[derive(Clone)]
pub struct SealedRecord {
    bytes: Arc<[u8]>,
    format: u8,
    store: [u8; 16],
    slot: SlotId,
    tag: RecordTag,
    expires_at: Option<UnixTime>,
    head_len: usize,
}

impl SealedRecord {
    /// The format that is written now.
    pub const FORMAT: u8 = 3;

    /// Takes bytes whose head is well formed; nothing is proven by it.
    #[must_use]
    pub fn parse(bytes: impl Into<Arc<[u8]>>) -> Option<Self> {
        let bytes = bytes.into();
        let mut lines = Lines(bytes.strip_prefix(PREFIX)?);
        let format = match lines.next()? {
            "1" => 1,
            "2" => 2,
            "3" => 3,
            _ => return None,
        };
        let store = hex(lines.next()?)?;
        let did = lines.next()?;
        let issuer: Issuer = did.parse().ok()?;
        let mut slot = SlotId::new(issuer);
        if format > 1 {
            let name = lines.next()?;
            let profile: Profile = name.parse().ok()?;
            // the default profile has no line in the second format
            if format == 2 && profile.is_default() {
                return None;
            }
            slot = slot.with_profile(profile);
        }
        let (tag, expires_at) = if format == 3 {
            let tag = RecordTag::from_bytes(hex(lines.next()?)?);
            let end = lines.next()?;
            let expires_at = match end {
                NEVER => None,
                secs => Some(UnixTime::from_secs(secs.parse().ok()?)),
            };
            (Some(tag), expires_at)
        } else {
            (None, None)
        };
        let head_len = bytes.len().checked_sub(lines.0.len())?;
        let sealed = Self {
            tag: tag.unwrap_or_else(|| RecordTag::of_unreadable(&bytes)),
            bytes: Arc::clone(&bytes),
            format,
            store,
            slot,
            expires_at,
            head_len,
        };
        // one head, one spelling
        let spelled = head(format, store, &sealed.slot, sealed.tag, expires_at);
        (bytes.get(..head_len)? == spelled.as_bytes()).then_some(sealed)
    }

    /// The head of a record in the format that is written now: what is authenticated with it.
    /// What `seal` makes of it is put behind it.
    ///
    /// # Errors
    /// Those of `seal`.
    pub fn seal<E>(
        store: [u8; 16],
        slot: &SlotId,
        record: &SessionRecord<Ed25519SigningKey>,
        seal: impl FnOnce(&str) -> Result<Vec<u8>, E>,
    ) -> Result<Self, E> {
        let tag = record.tag();
        let expires_at = record.capability().payload().expires_at();
        // a part of a second counts as a whole one: nothing is forgotten too early
        let expires_at = expires_at.map(|end| {
            let nanos = end.unix_time().as_nanos();
            let secs = nanos.div_euclid(NANOS) + i128::from(nanos.rem_euclid(NANOS) > 0);
            UnixTime::from_secs(i64::try_from(secs).unwrap_or(i64::MAX))
        });
        let head = head(Self::FORMAT, store, slot, tag, expires_at);
        let ciphertext = seal(&head)?;
        Ok(Self {
            bytes: [head.as_bytes(), &ciphertext].concat().into(),
            format: Self::FORMAT,
            store,
            slot: slot.clone(),
            tag,
            expires_at,
            head_len: head.len(),
        })
    }

    /// Whether bytes are those of a sealed record, of whatever format.
    #[must_use]
    pub fn is_sealed(bytes: &[u8]) -> bool {
        bytes.starts_with(PREFIX)
    }

    /// All of it, as a store keeps it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The number of its format.
    #[must_use]
    pub const fn format(&self) -> u8 {
        self.format
    }

    /// The id of the store that it was sealed for.
    #[must_use]
    pub const fn store(&self) -> [u8; 16] {
        self.store
    }

    /// The slot that it was sealed for.
    #[must_use]
    pub const fn slot(&self) -> &SlotId {
        &self.slot
    }

    /// The tag by which a store compares it: the one that the record has, which stands in the
    /// head. That of a record in an older format is of the bytes.
    #[must_use]
    pub const fn tag(&self) -> RecordTag {
        self.tag
    }

    /// When it expires; none if it never does, or if its format does not say.
    #[must_use]
    pub const fn expires_at(&self) -> Option<UnixTime> {
        self.expires_at
    }

    /// The lines of the head.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        self.bytes.get(..self.head_len).unwrap_or_default()
    }

    /// What stands behind the head.
    #[must_use]
    pub fn ciphertext(&self) -> &[u8] {
        self.bytes.get(self.head_len..).unwrap_or_default()
    }
}

const NANOS: i128 = 1_000_000_000;

fn head(
    format: u8,
    store: [u8; 16],
    slot: &SlotId,
    tag: RecordTag,
    expires_at: Option<UnixTime>,
) -> String {
    let prefix = String::from_utf8_lossy(PREFIX);
    let (store, issuer, profile) = (lower::encode_string(&store), slot.issuer(), slot.profile());
    let mut head = format!("{prefix}{format}\n{store}\n{issuer}\n");
    if format > 1 {
        head += &format!("{profile}\n");
    }
    if format > 2 {
        let end = expires_at.map_or_else(|| NEVER.to_owned(), |end| end.as_secs().to_string());
        head += &format!("{}\n{end}\n", lower::encode_string(&tag.to_bytes()));
    }
    head
}

fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    lower::decode_vec(text).ok()?.try_into().ok()
}

/// What is left to be read, of which lines are taken.
struct Lines<'a>(&'a [u8]);

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let end = self.0.iter().position(|byte| *byte == b'\n')?;
        let (line, rest) = self.0.split_at_checked(end)?;
        self.0 = rest.get(1..)?;
        str::from_utf8(line).ok()
    }
}

/// Shows the slot and the length.
impl fmt::Debug for SealedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedRecord")
            .field("format", &self.format)
            .field("slot", &self.slot)
            .field("tag", &self.tag)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// The content of a slot, for whoever seals.
#[derive(Debug)]
pub enum SealedSlot {
    /// Nothing.
    Empty,
    /// A sealed record, which nobody has opened yet.
    Sealed(SealedRecord),
    /// Something else, a record that is not sealed for example.
    Unreadable {
        /// The tag of what lies there; [`SessionStore::load`](crate::SessionStore::load) tells the same one.
        tag: RecordTag,
        /// Why it is not a sealed record, and where it lies.
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl SealedSlot {
    /// What these bytes of a slot are, for [`load_sealed`](crate::SealableStore::load_sealed).
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        if let Some(sealed) = SealedRecord::parse(bytes) {
            return Self::Sealed(sealed);
        }
        let source = if SealedRecord::is_sealed(bytes) {
            SealError::Format
        } else {
            SealError::NotSealed
        };
        Self::Unreadable {
            tag: tag_of_bytes(bytes),
            source: source.into(),
        }
    }

    /// The tag of what lies there, if anything does.
    #[must_use]
    pub const fn tag(&self) -> Option<RecordTag> {
        match self {
            Self::Empty => None,
            Self::Sealed(sealed) => Some(sealed.tag()),
            Self::Unreadable { tag, .. } => Some(*tag),
        }
    }
}

impl Slot<Ed25519SigningKey> {
    /// What these bytes of a slot are, for [`SessionStore::load`](crate::SessionStore::load) of a store that keeps what
    /// [`SessionRecord::to_stored_string`] writes: a record, or unreadable. A sealed record is
    /// unreadable by [`SealError::Sealed`].
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let source: Box<dyn StdError + Send + Sync> = if SealedRecord::is_sealed(bytes) {
            SealError::Sealed.into()
        } else {
            // what is not UTF-8 has a character that no session string has
            let text = str::from_utf8(bytes).unwrap_or("\u{fffd}");
            match SessionRecord::from_stored_string_unverified(text) {
                Ok(record) => {
                    let tag = record.tag();
                    return Self::Record { record, tag };
                }
                Err(error) => error.into(),
            }
        };
        Self::Unreadable {
            tag: tag_of_bytes(bytes),
            source,
        }
    }
}

/// The tag of what lies in a slot, sealed or not: whoever reads it computes the same one.
fn tag_of_bytes(bytes: &[u8]) -> RecordTag {
    if let Some(sealed) = SealedRecord::parse(bytes) {
        return sealed.tag();
    }
    let text = str::from_utf8(bytes).ok();
    let record = text.and_then(|text| SessionRecord::from_stored_string_unverified(text).ok());
    record.map_or_else(|| RecordTag::of_unreadable(bytes), |record| record.tag())
}

/// Why what lies in a store is not read, or not written, in the form that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The store, or the record, is sealed, yet was opened without a key. Nothing was written.
    #[error("it is sealed: it must be opened with its key")]
    Sealed,
    /// The record is not sealed, yet lies in a sealed store.
    #[error("the record is not sealed, but is in a sealed store")]
    NotSealed,
    /// It begins as a sealed record does, and does not go on as one.
    #[error("it is not a valid sealed record of a known format")]
    Format,
}

#[cfg(test)]
mod tests {
    use super::*;
    use cacao::{Cacao, HeaderType, Payload};

    fn record(slot: &SlotId, end: Option<&str>) -> SessionRecord<Ed25519SigningKey> {
        let key = Ed25519SigningKey::from_seed(&[1; 32]);
        let at = "2024-01-01T00:00:00.000Z".parse().unwrap();
        let issuer = slot.issuer().clone();
        let mut payload = Payload::builder(
            "app.example",
            issuer,
            key.did_key().as_str(),
            "nonce001",
            at,
        );
        if let Some(end) = end {
            payload = payload.with_expires_at(end.parse().unwrap());
        }
        let cacao = Cacao::new(HeaderType::Caip122, payload.build().unwrap(), None);
        SessionRecord::new(cacao, key)
    }

    fn slots() -> [SlotId; 2] {
        let issuer: Issuer = "eip155:1:0x974E944Be93674Bd5fa8EE45fa0C9fdc6B15DC44"
            .parse()
            .unwrap();
        let slot = SlotId::new(issuer);
        [slot.clone(), slot.with_profile("work".parse().unwrap())]
    }

    #[test]
    fn the_head_says_what_a_store_needs() {
        for slot in slots() {
            for (end, secs) in [
                (None, None),
                (Some("2024-01-01T00:00:01Z"), Some(1_704_067_201)),
                (Some("2024-01-01T00:00:01.001Z"), Some(1_704_067_202)),
            ] {
                let record = record(&slot, end);
                let seal = |head: &str| {
                    assert!(head.starts_with("did-session sealed 3\n") && head.ends_with('\n'));
                    Ok::<_, ()>(b"\nsecret\n".to_vec())
                };
                let sealed = SealedRecord::seal([7; 16], &slot, &record, seal).unwrap();
                let read = SealedRecord::parse(sealed.as_bytes()).unwrap();
                for sealed in [&sealed, &read] {
                    assert_eq!((sealed.format(), sealed.store()), (3, [7; 16]));
                    assert_eq!((sealed.slot(), sealed.tag()), (&slot, record.tag()));
                    assert_eq!(sealed.expires_at(), secs.map(UnixTime::from_secs));
                    assert_eq!(sealed.ciphertext(), b"\nsecret\n");
                    assert_eq!(
                        [sealed.head(), sealed.ciphertext()].concat(),
                        sealed.as_bytes()
                    );
                }
                // who reads plain records says that it is sealed, and means the same content
                match Slot::of_bytes(sealed.as_bytes()) {
                    Slot::Unreadable { tag, source } => {
                        assert_eq!(tag, sealed.tag());
                        assert_eq!(source.downcast_ref(), Some(&SealError::Sealed));
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    }

    #[test]
    fn what_is_not_sealed_has_the_tag_that_a_plain_store_tells() {
        let [slot, _] = slots();
        let record = record(&slot, None);
        let text = record.to_stored_string();
        for (bytes, error, tag) in [
            (text.as_bytes(), SealError::NotSealed, Some(record.tag())),
            (b"garbage", SealError::NotSealed, None),
            (b"\xff", SealError::NotSealed, None),
            (b"did-session sealed 4\n", SealError::Format, None),
            (b"did-session sealed 3\n", SealError::Format, None),
        ] {
            let SealedSlot::Unreadable { tag: found, source } = SealedSlot::of_bytes(bytes) else {
                panic!("{bytes:?}");
            };
            assert_eq!(source.downcast_ref(), Some(&error));
            assert_eq!(
                found,
                tag.unwrap_or_else(|| RecordTag::of_unreadable(bytes))
            );
            assert_eq!(Slot::of_bytes(bytes).tag(), Some(found));
        }
    }

    #[test]
    fn a_head_has_one_spelling() {
        let [_, slot] = slots();
        let record = record(&slot, Some("2030-01-01T00:00:00Z"));
        let seal = |_: &str| Ok::<_, ()>(b"secret".to_vec());
        let sealed = SealedRecord::seal([0xab; 16], &slot, &record, seal).unwrap();
        let text = str::from_utf8(sealed.as_bytes()).unwrap();
        for (from, to) in [
            ("sealed 3", "sealed 03"),
            ("sealed 3", "sealed 2"),
            ("sealed 3", "sealed 1"),
            ("abab", "ABab"),
            ("dc44", "DC44"),
            ("did:pkh:", ""),
            ("work", "Work"),
            ("1893456000", "+1893456000"),
            ("1893456000", "01893456000"),
            ("1893456000", "1893456000 "),
            ("1893456000", "Never"),
            ("\n", "\r\n"),
        ] {
            let other = text.replacen(from, to, 1);
            assert_ne!(other, text);
            let read = SealedRecord::parse(other.as_bytes());
            // an older format ends its head earlier, and says another tag
            assert!(
                read.is_none_or(|read| read.format() < 3 && read.tag() != sealed.tag()),
                "{other:?}"
            );
        }
        for end in 0..sealed.head().len() {
            assert!(SealedRecord::parse(&sealed.as_bytes()[..end]).is_none());
        }
    }
}
