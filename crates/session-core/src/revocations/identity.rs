//! Identities as text.

use cacao::car::read_cid;
use dag_jws::Cid;

/// Multicodecs of dag-cbor and sha2-256.
const DAG_CBOR: u64 = 0x71;
const SHA2_256: u64 = 0x12;

/// The identity that a text names, in its only spelling.
pub(crate) fn read_identity(text: &str) -> Option<Cid> {
    read_cid(text).filter(is_identity)
}

/// Whether a CID can be an identity: version 1, dag-cbor, sha2-256.
pub(crate) fn is_identity(cid: &Cid) -> bool {
    let hash = cid.hash();
    // version 0 has another codec
    cid.codec() == DAG_CBOR && hash.code() == SHA2_256 && hash.size() == 32
}
