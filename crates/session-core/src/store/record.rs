//! What lies in a store: a record in a slot, and the tag that tells one content from another.

use crate::key::SessionKey;
use cacao::{Cacao, Issuer};
use didkey::DidKey;
use sha2::{Digest, Sha256};
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// A capability and the key that it delegates to, as a store keeps them: unjudged.
pub struct SessionRecord<K: ?Sized> {
    capability: Cacao,
    key: Arc<K>,
}

impl<K: SessionKey + ?Sized> SessionRecord<K> {
    /// A record from its parts. Whether the key is the capability's audience is judged when the
    /// record is used.
    pub fn new(capability: Cacao, key: impl Into<Arc<K>>) -> Self {
        Self {
            capability,
            key: key.into(),
        }
    }

    /// The capability, which nothing proves yet.
    #[must_use]
    pub const fn capability(&self) -> &Cacao {
        &self.capability
    }

    /// The session key.
    #[must_use]
    pub const fn key(&self) -> &Arc<K> {
        &self.key
    }

    /// The tag of this content.
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
        }
    }
}

/// The key shows its DID only.
impl<K: SessionKey + ?Sized> fmt::Debug for SessionRecord<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionRecord")
            .field("capability", &self.capability)
            .field("key", &self.key.did().as_str())
            .finish()
    }
}

/// Tells the content of a slot from any other content, across processes and formats.
///
/// It is derived from what is stored, so that no format needs a counter.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordTag([u8; 32]);

impl RecordTag {
    /// The tag of a record: of its capability's CID and its key's DID.
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

    /// The tag of something unreadable: of the bytes that lie there.
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
            data_encoding::HEXLOWER.encode(&self.0[..8])
        )
    }
}

/// What lies in the slot of an issuer.
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

/// What a save must find in the slot, else it fails and changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedSlot {
    /// Whatever: replace it.
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
    /// There is a record of this issuer, readable or not.
    Issuer(Issuer),
    /// Something lies in the store that belongs to no issuer; its name.
    Foreign(String),
}
