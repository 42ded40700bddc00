//! `cap`: the capability under which a key signs, by its CID.

use alloc::string::String;
use cacao::car::{cid_text, read_cid};
use cid::Cid;

/// What stands before the CID.
const SCHEME: &str = "ipfs://";
/// Multicodec of dag-cbor.
const DAG_CBOR: u64 = 0x71;

pub(super) fn write(cid: &Cid) -> String {
    String::from(SCHEME) + &cid_text(cid)
}

/// One capability has one text: the scheme, and its CID in base32.
pub(super) fn read(text: &str) -> Option<Cid> {
    let name = text.strip_prefix(SCHEME)?;
    read_cid(name).filter(is_capability)
}

pub(super) fn is_capability(cid: &Cid) -> bool {
    cid.version() == cid::Version::V1 && cid.codec() == DAG_CBOR
}
