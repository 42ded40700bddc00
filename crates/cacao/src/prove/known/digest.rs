//! The key of what is remembered.

/// The SHA-256 of a block, which is all that differs between CIDs of capabilities.
pub(super) type Digest = [u8; 32];
