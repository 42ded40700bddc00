//! CACAO: header, payload and signature together.

use super::{BlockDigest, HeaderType, Payload, Signature};
use crate::dialect::{Dialect, Variation, Variations};
use crate::once::Once;
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use didkey::DidKey;

/// A Chain Agnostic CApability Object (CAIP-74), as it was read or made: nothing about it is
/// proven until [`Cacao::verify`] says so.
///
/// Immutable, and cheap to clone. One that was read from DAG-CBOR keeps its block, and one that was
/// read from JSON in another spelling than would be written ([`variations`](Self::variations)) has
/// the block of that spelling.
///
/// With `std` its block, its CID, its identity and the key that it delegates to are computed once,
/// for all clones.
#[derive(Clone)]
pub struct Cacao(Arc<Parts>);

struct Parts {
    header: HeaderType,
    payload: Payload,
    signature: Option<Signature>,
    /// How its block is spelled otherwise than it would be written.
    variations: Variations,
    /// The text that was signed, where it is what was read.
    shown: Option<Box<Shown>>,
    memory: Memory,
}

/// The text that a wallet showed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) text: Box<str>,
    pub(crate) dialect: Dialect,
    /// How it calls the network.
    pub(crate) network: Box<str>,
}

/// What is kept beside the parts.
pub(crate) struct Memory {
    /// The block that was read, or else the one that would be written.
    pub(crate) block: Once<Arc<[u8]>>,
    /// What names the block.
    pub(crate) block_digest: Once<BlockDigest>,
    /// The SHA-256 of what the identity names.
    pub(crate) identity: Once<[u8; 32]>,
    audience_key: Once<Option<DidKey>>,
}

impl Memory {
    const fn new(block: Once<Arc<[u8]>>, block_digest: Once<BlockDigest>) -> Self {
        Self {
            block,
            block_digest,
            identity: Once::new(),
            audience_key: Once::new(),
        }
    }
}

impl Cacao {
    /// A capability from its parts.
    #[must_use]
    pub fn new(header: HeaderType, payload: Payload, signature: Option<Signature>) -> Self {
        let memory = Memory::new(Once::new(), Once::new());
        Self(Arc::new(Parts {
            header,
            payload,
            signature,
            variations: Variations::NONE,
            shown: None,
            memory,
        }))
    }

    /// What a text says and who signed it, as a capability that knows its text.
    pub(crate) fn of_text(
        (header, payload, signature): (HeaderType, Payload, Option<Signature>),
        shown: Shown,
    ) -> Self {
        Self(Arc::new(Parts {
            header,
            payload,
            signature,
            variations: Variations::NONE,
            shown: Some(Box::new(shown)),
            memory: Memory::new(Once::new(), Once::new()),
        }))
    }

    /// A capability that was read from this block, whose digest may be known.
    pub(crate) fn of_block(
        (header, payload, signature): (HeaderType, Payload, Option<Signature>),
        variations: Variations,
        block: Arc<[u8]>,
        digest: Option<BlockDigest>,
    ) -> Self {
        let digest = digest.map_or_else(Once::new, Once::with);
        Self(Arc::new(Parts {
            header,
            payload,
            signature,
            variations,
            shown: None,
            memory: Memory::new(Once::with(block), digest),
        }))
    }

    /// `h.t`.
    #[must_use]
    pub fn header(&self) -> HeaderType {
        self.0.header
    }

    /// `p`.
    #[must_use]
    pub fn payload(&self) -> &Payload {
        &self.0.payload
    }

    /// `s`, absent from a capability that is not signed yet.
    #[must_use]
    pub fn signature(&self) -> Option<&Signature> {
        self.0.signature.as_ref()
    }

    /// The key that `aud` names, if it is a `did:key` in its canonical spelling.
    #[must_use]
    pub fn audience_key(&self) -> Option<DidKey> {
        let read = || self.payload().audience().parse().ok();
        self.0.memory.audience_key.get_or_make(read)
    }

    /// How its block is spelled otherwise than this library would write it: an integer `version`,
    /// members that are not signed, and the like. None for nearly all.
    pub fn variations(&self) -> impl Iterator<Item = Variation> {
        self.spelling().iter()
    }

    pub(crate) fn spelling(&self) -> Variations {
        self.0.variations
    }

    /// The text that was signed, where it is what was read.
    pub(crate) fn shown(&self) -> Option<&Shown> {
        self.0.shown.as_deref()
    }

    pub(crate) fn memory(&self) -> &Memory {
        &self.0.memory
    }
}

/// Equal parts, in the same spelling.
impl PartialEq for Cacao {
    fn eq(&self, other: &Self) -> bool {
        let one_spelling = || {
            self.spelling() == other.spelling()
                && (self.spelling().is_empty() || self.block() == other.block())
        };
        Arc::ptr_eq(&self.0, &other.0)
            || (self.header() == other.header()
                && self.signature() == other.signature()
                && self.payload() == other.payload()
                && self.shown() == other.shown()
                && one_spelling())
    }
}

impl Eq for Cacao {}

impl fmt::Debug for Cacao {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cacao")
            .field("header", &self.header())
            .field("payload", self.payload())
            .field("signature", &self.signature())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::car::dag_cbor_cid;

    /// A block that would be written otherwise keeps its bytes, and with them its CID.
    #[test]
    fn the_block_that_was_read_is_the_one_that_is_named() {
        let payload = Payload::builder(
            "app.example",
            "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44"
                .parse()
                .unwrap(),
            "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn",
            "HPiCXGTXHI",
            "2023-04-06T16:15:19.058Z".parse().unwrap(),
        );
        let payload = payload.build().unwrap();
        let made = Cacao::new(HeaderType::Eip4361, payload.clone(), None);
        assert_eq!(made.cid(), dag_cbor_cid(&made.to_dag_cbor()));

        let block: Arc<[u8]> = Arc::from(*b"spelt otherwise");
        let read = Cacao::of_block(
            (HeaderType::Eip4361, payload, None),
            Variations::NONE,
            block.clone(),
            None,
        );
        assert_eq!(read, made);
        assert!(Arc::ptr_eq(&read.clone().block(), &block));
        assert_eq!(read.cid(), dag_cbor_cid(b"spelt otherwise"));
        assert_eq!(read.identity(), made.identity());
        let car = crate::car::Car::from_base64url(&read.to_car_base64url()).unwrap();
        assert_eq!(car.block(&read.cid()), Some(&b"spelt otherwise"[..]));
    }
}
