//! `cap`: the capability under which a key signs, by its CID.

use alloc::format;
use alloc::string::{String, ToString};
use cid::Cid;

/// What stands before the CID.
const SCHEME: &str = "ipfs://";
/// Multicodec of dag-cbor.
const DAG_CBOR: u64 = 0x71;

pub(super) fn write(cid: &Cid) -> String {
    format!("{SCHEME}{cid}")
}

/// One capability has one text: the scheme, and its CID in base32.
pub(super) fn read(text: &str) -> Option<Cid> {
    let name = text.strip_prefix(SCHEME)?;
    let cid = match sha256_cid(name) {
        Some(cid) => cid,
        None => name
            .parse()
            .ok()
            .filter(|cid: &Cid| cid.to_string() == name)?,
    };
    is_capability(&cid).then_some(cid)
}

/// A CID of the usual length, that of a SHA-256, in base32, of which there is one text.
fn sha256_cid(name: &str) -> Option<Cid> {
    let mut upper = <[u8; 58]>::try_from(name.strip_prefix('b')?.as_bytes()).ok()?;
    if !upper
        .iter()
        .all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
    {
        return None;
    }
    upper.make_ascii_uppercase();
    let mut bytes = [0; 36];
    data_encoding::BASE32_NOPAD
        .decode_mut(&upper, &mut bytes)
        .ok()?;
    // what follows a shorter hash, or a longer number, would be no part of the CID
    Cid::try_from(&bytes[..])
        .ok()
        .filter(|cid| cid.encoded_len() == bytes.len())
}

pub(super) fn is_capability(cid: &Cid) -> bool {
    cid.version() == cid::Version::V1 && cid.codec() == DAG_CBOR
}
