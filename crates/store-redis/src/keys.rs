//! Names of keys. What one operation touches has one hash tag, so that it lies in one slot of a
//! cluster.

use cacao::Issuer;
use sha2::{Digest, Sha256};

/// Into how many parts issuers are divided: each has its index, and lies in one slot of a cluster.
pub(crate) const PARTS: u16 = 256;

/// A key: the prefix, the hash tag, and what else.
pub(crate) fn key(prefix: &str, tag: &str, rest: &[&[u8]]) -> Vec<u8> {
    let mut key = format!("{prefix}{{{tag}}}").into_bytes();
    for part in rest {
        key.extend_from_slice(part);
    }
    key
}

/// The part of an issuer, by the DID in its canonical spelling.
pub(crate) fn part_of(did: &str) -> u16 {
    Sha256::digest(did).first().copied().map_or(0, u16::from)
}

/// The hash tag of a part.
pub(crate) fn tag(kind: char, part: u16) -> String {
    format!("{kind}{part:03}")
}

/// The DID of an issuer in its canonical spelling, by which it is found.
pub(crate) fn did(issuer: &Issuer) -> String {
    issuer.normalized().did()
}

/// Where a part of the sessions has the mark that they are sealed.
pub(crate) fn mark(prefix: &str, part: u16) -> Vec<u8> {
    key(prefix, &tag('s', part), &[b"sealed"])
}
