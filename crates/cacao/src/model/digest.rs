//! What names the block of a capability.

use sha2::{Digest, Sha256};

/// What names the block of a capability.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockDigest {
    /// Its SHA-256, which is all that differs between CIDs of capabilities.
    pub(crate) digest: [u8; 32],
    /// Its length, in bytes.
    #[cfg_attr(not(feature = "std"), allow(dead_code))] // for the memory of known ones
    pub(crate) len: usize,
}

impl BlockDigest {
    pub(crate) fn of(block: &[u8]) -> Self {
        Self {
            digest: Sha256::digest(block).into(),
            len: block.len(),
        }
    }
}
