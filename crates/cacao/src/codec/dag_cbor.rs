//! DAG-CBOR, the one encoding that the CID is computed from.

use super::read::Wire;
use crate::error::Error;
use crate::limits::MAX_ENCODED_LEN;
use crate::model::Cacao;
use alloc::string::ToString;
use alloc::vec::Vec;
use cid::Cid;

impl Cacao {
    /// Reads the block of a capability: DAG-CBOR, in exactly the one encoding that
    /// [`to_dag_cbor`](Self::to_dag_cbor) writes, so that the bytes' CID is the capability's.
    ///
    /// # Errors
    /// [`Error::Cbor`] when it is no CBOR of this shape, [`Error::NotCanonical`] when it is
    /// another encoding of the same, [`Error::Field`] when a member has a value that is not
    /// allowed, [`Error::TooLarge`].
    pub fn from_dag_cbor(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_ENCODED_LEN {
            return Err(Error::TooLarge {
                what: "DAG-CBOR block",
                limit: MAX_ENCODED_LEN,
            });
        }
        let wire: Wire<'_> =
            serde_ipld_dagcbor::from_slice(bytes).map_err(|error| Error::Cbor {
                detail: error.to_string(),
            })?;
        let cacao = wire.into_cacao()?;
        if cacao.to_dag_cbor() != bytes {
            return Err(Error::NotCanonical);
        }
        Ok(cacao)
    }

    /// As [`from_dag_cbor`](Self::from_dag_cbor), where the block was hashed before.
    #[cfg(feature = "std")]
    pub(crate) fn from_dag_cbor_named(bytes: &[u8], identity: Identity) -> Result<Self, Error> {
        let cacao = Self::from_dag_cbor(bytes)?;
        cacao.identity().set(identity);
        Ok(cacao)
    }

    /// Writes the block of the capability.
    #[must_use]
    pub fn to_dag_cbor(&self) -> Vec<u8> {
        super::block::of_capability(self.header(), self.payload(), self.signature())
    }

    /// The CID of the block: version 1, dag-cbor, sha2-256. With `std` it is computed once.
    #[must_use]
    pub fn cid(&self) -> Cid {
        self.identity_now().cid
    }

    pub(crate) fn identity_now(&self) -> Identity {
        self.identity()
            .get_or_make(|| Identity::of_block(&self.to_dag_cbor()))
    }
}

/// What names a capability.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity {
    /// The CID of its block.
    pub(crate) cid: Cid,
    /// The length of its block, in bytes.
    #[cfg_attr(not(feature = "std"), allow(dead_code))] // for the memory of known ones
    pub(crate) len: usize,
}

impl Identity {
    pub(crate) fn of_block(block: &[u8]) -> Self {
        Self {
            cid: super::car::dag_cbor_cid(block),
            len: block.len(),
        }
    }
}

/// The bytes of the CID that stands for a payload without its issuer, under header `caip122`.
#[cfg(feature = "webauthn")]
pub(crate) fn cid_without_issuer(payload: &crate::Payload) -> Vec<u8> {
    let block = super::block::without_issuer(crate::HeaderType::Caip122, payload);
    super::car::dag_cbor_cid(&block).to_bytes()
}
