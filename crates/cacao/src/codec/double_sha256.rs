//! The checksum that Base58Check and c32check share.

use sha2::{Digest, Sha256};

/// The first four bytes of SHA-256 over SHA-256.
pub(super) fn checksum(bytes: &[u8]) -> [u8; 4] {
    let [a, b, c, d, ..] = <[u8; 32]>::from(Sha256::digest(Sha256::digest(bytes)));
    [a, b, c, d]
}
