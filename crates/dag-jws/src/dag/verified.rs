//! The proof that a DagJWS was judged together with its block.

use super::block;
use crate::error::Error;
use crate::verify::{Principal, VerifiedJws};
use alloc::vec::Vec;
use cid::Cid;
use didkey::DidKey;
use ipld_core::ipld::Ipld;

/// A DagJWS that was accepted, with the block that was signed by its CID.
///
/// Only [`DagJws::verify`](crate::DagJws::verify) and
/// [`SignedDagJws::verify`](crate::SignedDagJws::verify) make one.
#[derive(Clone, Debug)]
pub struct VerifiedDagJws {
    jws: VerifiedJws,
    link: Cid,
    linked_block: Vec<u8>,
}

impl VerifiedDagJws {
    pub(super) const fn new(jws: VerifiedJws, link: Cid, linked_block: Vec<u8>) -> Self {
        Self {
            jws,
            link,
            linked_block,
        }
    }

    /// The verdict on the JWS.
    #[must_use]
    pub const fn jws(&self) -> &VerifiedJws {
        &self.jws
    }

    /// The key that signed.
    #[must_use]
    pub const fn key(&self) -> &DidKey {
        self.jws.key()
    }

    /// The principal for whom it was signed.
    #[must_use]
    pub const fn principal(&self) -> &Principal {
        self.jws.principal()
    }

    /// The CID that was signed.
    #[must_use]
    pub const fn link(&self) -> &Cid {
        &self.link
    }

    /// The block that has this CID.
    #[must_use]
    pub fn linked_block(&self) -> &[u8] {
        &self.linked_block
    }

    /// The block decoded as DAG-CBOR.
    ///
    /// # Errors
    /// [`Error::DagCbor`] when it is not DAG-CBOR, or the link names another codec.
    pub fn to_ipld(&self) -> Result<Ipld, Error> {
        const DAG_CBOR: u64 = 0x71;
        if self.link.codec() != DAG_CBOR {
            return Err(Error::DagCbor {
                detail: "the link names another codec".into(),
            });
        }
        block::decode(&self.linked_block)
    }
}
