//! A record as it lies in the engine: a head by which scripts compare and expire, and a session
//! string or a sealed record.

use crate::error::Error;
use cacao::{Timestamp, UnixTime};
use didkey::Ed25519SigningKey;
use session_core::{ExpectedSlot, RecordTag, SealedRecord, SessionRecord};
use zeroize::Zeroizing;

/// A record with the keys of this store.
pub(crate) type Record = SessionRecord<Ed25519SigningKey>;

const MAGIC: &[u8] = b"DSR1";
/// Of magic, tag, time and SHA-1; the scripts know these numbers.
const HEAD: usize = 98;

/// What tags of what cannot be read begin with: the rest is a SHA-1, which scripts compute, too.
/// The tag of a record is a SHA-256, which does not begin so.
const UNREADABLE: &[u8; 12] = b"unreadable\0\0";

/// A record, to be put into a slot.
pub(crate) struct Written {
    pub(crate) tag: RecordTag,
    pub(crate) expires: String,
    pub(crate) body: Zeroizing<Vec<u8>>,
    pub(crate) expires_at: Option<UnixTime>,
    /// Whether it may lie in a store that is sealed.
    pub(crate) is_sealed: bool,
}

impl Written {
    pub(crate) fn of(record: &Record) -> Result<Self, Error> {
        // what would not come back is not written in the first place; its own words could quote
        // a secret
        let written = record.to_checked_stored_string();
        let (body, tag) = written.map_err(|_| Error::Damaged {
            expected: "a record that its session string gives back",
        })?;
        let expires_at = record.capability().payload().expires_at();
        let expires_at = expires_at.map(Timestamp::unix_time);
        Ok(Self {
            tag,
            expires: expires(expires_at),
            body: Zeroizing::new(body.as_bytes().to_vec()),
            expires_at,
            is_sealed: false,
        })
    }

    pub(crate) fn sealed(record: &SealedRecord) -> Self {
        Self {
            tag: record.tag(),
            expires: expires(record.expires_at()),
            body: Zeroizing::new(record.as_bytes().to_vec()),
            expires_at: record.expires_at(),
            is_sealed: true,
        }
    }
}

/// The time of a head, which is of one length.
fn expires(at: Option<UnixTime>) -> String {
    at.map_or_else(|| "-".repeat(22), crate::time::digits)
}

/// The content of a slot.
pub(crate) enum Read {
    Record(Box<Record>, RecordTag),
    Sealed(SealedRecord),
    Unreadable(RecordTag, Error),
}

impl Read {
    pub(crate) fn of(value: &[u8]) -> Self {
        read(value).unwrap_or_else(|error| Self::Unreadable(tag_of_unreadable(value), error))
    }
}

fn read(value: &[u8]) -> Result<Read, Error> {
    let damaged = |expected| Error::Damaged { expected };
    let head = value.get(..HEAD).filter(|head| head.starts_with(MAGIC));
    let head = head.ok_or_else(|| damaged("a record of this store"))?;
    let body = value.get(HEAD..).unwrap_or_default();
    if head.get(58..) != Some(sha1(body).as_bytes()) {
        return Err(damaged("a record that is whole"));
    }
    let tag = head
        .get(4..36)
        .and_then(|tag| <[u8; 32]>::try_from(tag).ok());
    let tag = tag.ok_or_else(|| damaged("a record of this store"))?;
    let tag = RecordTag::from_bytes(tag);
    if SealedRecord::is_sealed(body) {
        let sealed = SealedRecord::parse(body).filter(|sealed| sealed.tag() == tag);
        return sealed
            .map(Read::Sealed)
            .ok_or_else(|| damaged("a sealed record of a known format with its own tag"));
    }
    // its own words could quote a secret
    let text = str::from_utf8(body).map_err(|_| damaged("a session string"))?;
    let record = Record::from_stored_string_unverified(text);
    let record = record.map_err(|_| damaged("a session string"))?;
    if record.tag() != tag {
        return Err(damaged("a record with its own tag"));
    }
    Ok(Read::Record(Box::new(record), tag))
}

fn tag_of_unreadable(value: &[u8]) -> RecordTag {
    let digest = sha1_smol::Sha1::from(value).digest().bytes();
    let mut tag = [0; 32];
    for (to, from) in tag.iter_mut().zip(UNREADABLE.iter().chain(&digest)) {
        *to = *from;
    }
    RecordTag::from_bytes(tag)
}

fn sha1(bytes: &[u8]) -> String {
    sha1_smol::Sha1::from(bytes).digest().to_string()
}

/// What is expected of a slot, as the two arguments of a script.
pub(crate) fn expected(expected: ExpectedSlot) -> (&'static [u8], Vec<u8>) {
    match expected {
        ExpectedSlot::Anything => (b"any", Vec::new()),
        ExpectedSlot::Absent => (b"absent", Vec::new()),
        ExpectedSlot::Tag(tag) => match tag.as_bytes().strip_prefix(UNREADABLE) {
            None => (b"tag", tag.as_bytes().to_vec()),
            Some(digest) => (
                b"bytes",
                data_encoding::HEXLOWER.encode(digest).into_bytes(),
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_record_is_unreadable_and_keeps_its_tag() {
        for value in [&b""[..], b"DSR1", b"garbage", &[b'-'; 200]] {
            let Read::Unreadable(tag, _) = Read::of(value) else {
                panic!("{value:?} was read");
            };
            assert_eq!(tag, tag_of_unreadable(value));
            let (what, which) = expected(ExpectedSlot::Tag(tag));
            assert_eq!(what, b"bytes");
            assert_eq!(which, sha1(value).into_bytes());
        }
        let other = RecordTag::of_unreadable(b"x");
        assert_eq!(expected(ExpectedSlot::Tag(other)).0, b"tag");
    }
}
