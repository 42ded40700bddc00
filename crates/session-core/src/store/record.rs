//! What lies in a store: a record in a slot, and the tag that tells one content from another.

use super::evidence::Evidence;
use super::slot_id::SlotId;
use crate::key::SessionKey;
use cacao::{Cacao, UnixTime, VerifiedCacao};
use didkey::DidKey;
use sha2::{Digest, Sha256};
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// A capability and the key to which it delegates, as a store keeps them: unjudged. A record may
/// also have the [`Evidence`] of an earlier proof.
pub struct SessionRecord<K: ?Sized> {
    capability: Cacao,
    key: Arc<K>,
    evidence: Option<Evidence>,
}

impl<K: SessionKey + ?Sized> SessionRecord<K> {
    /// A record from its parts. Whether the key is the capability's audience is judged when the
    /// record is used.
    pub fn new(capability: Cacao, key: impl Into<Arc<K>>) -> Self {
        Self {
            capability,
            key: key.into(),
            evidence: None,
        }
    }

    /// The record of a session that was judged just now: what a contract said is kept beside it.
    pub(crate) fn of(verified: &VerifiedCacao, key: Arc<K>) -> Self {
        let said = cacao::Evidence::of(verified.proven());
        Self {
            capability: verified.cacao().clone(),
            key,
            evidence: said.as_ref().and_then(Evidence::of),
        }
    }

    /// The same record with this evidence, or without any.
    #[must_use]
    pub fn with_evidence(mut self, evidence: impl Into<Option<Evidence>>) -> Self {
        self.evidence = evidence.into();
        self
    }

    /// The capability, which is not verified.
    #[must_use]
    pub const fn capability(&self) -> &Cacao {
        &self.capability
    }

    /// The session key.
    #[must_use]
    pub const fn key(&self) -> &Arc<K> {
        &self.key
    }

    /// What was found when the capability was proven, if anything was kept of it. It proves
    /// nothing.
    #[must_use]
    pub const fn evidence(&self) -> Option<&Evidence> {
        self.evidence.as_ref()
    }

    /// Whether its capability says that it expired before this time. A capability without `exp`
    /// never expires.
    #[must_use]
    pub fn expired_before(&self, time: UnixTime) -> bool {
        let exp = self.capability.payload().expires_at();
        exp.is_some_and(|exp| exp.unix_time() < time)
    }

    /// The tag of this content; evidence is not part of it.
    #[must_use]
    pub fn tag(&self) -> RecordTag {
        RecordTag::of_record(&self.capability, self.key.did())
    }
}

/// Shares the key.
impl<K: ?Sized> Clone for SessionRecord<K> {
    fn clone(&self) -> Self {
        Self {
            capability: self.capability.clone(),
            key: Arc::clone(&self.key),
            evidence: self.evidence.clone(),
        }
    }
}

/// The key shows its DID only.
impl<K: SessionKey + ?Sized> fmt::Debug for SessionRecord<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionRecord")
            .field("capability", &self.capability)
            .field("key", &self.key.did().as_str())
            .field("evidence", &self.evidence)
            .finish()
    }
}

/// Tells the content of a slot from any other content, across processes and formats.
///
/// It is derived from what is stored, so that no format needs a counter, and stays the same in
/// every process and version: a store may keep its bytes beside the record, and compare them in
/// the request that writes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordTag([u8; 32]);

impl RecordTag {
    /// A tag that was kept as bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes, to be kept.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Its bytes, to be kept.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    /// The tag of a record: of its capability's CID and its key's DID. SHA-256 over `record`, a
    /// byte 0, the bytes of the CID, and the DID.
    #[must_use]
    pub fn of_record(capability: &Cacao, key: &DidKey) -> Self {
        let hasher = Sha256::new_with_prefix(b"record\0");
        Self(
            hasher
                .chain_update(capability.cid().to_bytes())
                .chain_update(key.as_str())
                .finalize()
                .into(),
        )
    }

    /// The tag of something unreadable: of the bytes that lie there. SHA-256 over `unreadable`, a
    /// byte 0, and the bytes.
    #[must_use]
    pub fn of_unreadable(bytes: &[u8]) -> Self {
        Self(
            Sha256::new_with_prefix(b"unreadable\0")
                .chain_update(bytes)
                .finalize()
                .into(),
        )
    }
}

impl fmt::Debug for RecordTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "RecordTag({})",
            base16ct::lower::encode_string(&self.0[..8])
        )
    }
}

/// The content of a slot.
#[derive(Debug)]
pub enum Slot<K: SessionKey> {
    /// Nothing.
    Empty,
    /// A record, unjudged.
    Record {
        /// The record.
        record: SessionRecord<K>,
        /// Its tag.
        tag: RecordTag,
    },
    /// Something that cannot be read.
    Unreadable {
        /// The tag of what lies there.
        tag: RecordTag,
        /// Why it cannot be read, and where it lies.
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl<K: SessionKey> Slot<K> {
    /// The tag of what lies there, if anything does.
    #[must_use]
    pub const fn tag(&self) -> Option<RecordTag> {
        match self {
            Self::Empty => None,
            Self::Record { tag, .. } | Self::Unreadable { tag, .. } => Some(*tag),
        }
    }

    /// What a later [`save`](crate::SessionStore::save) must find to replace this.
    #[must_use]
    pub const fn expected(&self) -> ExpectedSlot {
        match self.tag() {
            None => ExpectedSlot::Absent,
            Some(tag) => ExpectedSlot::Tag(tag),
        }
    }
}

/// What a save must find in the slot; otherwise it fails and changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedSlot {
    /// Anything: replace it.
    Anything,
    /// Nothing.
    Absent,
    /// Exactly this content.
    Tag(RecordTag),
}

impl ExpectedSlot {
    /// Whether a slot with this content is as expected.
    #[must_use]
    pub fn allows(&self, found: Option<RecordTag>) -> bool {
        match self {
            Self::Anything => true,
            Self::Absent => found.is_none(),
            Self::Tag(tag) => found == Some(*tag),
        }
    }
}

/// One entry of [`list`](crate::SessionStore::list).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Listed {
    /// This slot has a record, readable or not.
    Slot(SlotId),
    /// Something in the store belongs to no slot; this is its name.
    Foreign(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use cacao::{HeaderType, Payload};

    /// What a store keeps beside a record is compared by later versions, too.
    #[test]
    fn tags_are_the_same_in_every_version() {
        let key = didkey::Ed25519SigningKey::from_seed(&[1; 32]);
        let at = "2024-01-01T00:00:00.000Z".parse().unwrap();
        let issuer: cacao::Issuer = "abc:1:alice".parse().unwrap();
        let did = key.did_key();
        let payload = Payload::builder("app.example", issuer, did.as_str(), "nonce001", at);
        let capability = Cacao::new(HeaderType::Caip122, payload.build().unwrap(), None);
        let hex = |tag: RecordTag| data_encoding::HEXLOWER.encode(tag.as_bytes());
        let mut content = b"record\0".to_vec();
        content.extend(capability.cid().to_bytes());
        content.extend(did.as_str().as_bytes());
        let tag = RecordTag::of_record(&capability, did);
        assert_eq!(tag.as_bytes()[..], Sha256::digest(&content)[..]);
        assert_eq!(
            hex(RecordTag::of_unreadable(b"junk")),
            "ac39f911d921659cce40515b420a63fa00768b3500bda61b39f359c4b193d0fa"
        );
        let record = SessionRecord::new(capability, key);
        assert_eq!(RecordTag::from_bytes(record.tag().to_bytes()), record.tag());
    }

    #[test]
    fn a_record_without_end_never_expires() {
        let key = didkey::Ed25519SigningKey::from_seed(&[1; 32]);
        let record = |exp: Option<&str>| {
            let at = "2024-01-01T00:00:00Z".parse().unwrap();
            let issuer: cacao::Issuer = "abc:1:alice".parse().unwrap();
            let did = key.did_key().as_str();
            let mut payload = Payload::builder("app.example", issuer, did, "nonce001", at);
            if let Some(exp) = exp {
                payload = payload.with_expires_at(exp.parse().unwrap());
            }
            let capability = Cacao::new(HeaderType::Caip122, payload.build().unwrap(), None);
            SessionRecord::new(capability, key.clone())
        };
        let time = UnixTime::from_secs(1_800_000_000);
        assert!(record(Some("2024-01-02T00:00:00Z")).expired_before(time));
        assert!(!record(Some("2999-01-02T00:00:00Z")).expired_before(time));
        assert!(!record(Some("2027-01-15T08:00:00Z")).expired_before(time));
        assert!(!record(None).expired_before(time));
    }
}
