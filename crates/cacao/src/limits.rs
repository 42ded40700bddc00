//! How large an input may be before it is refused unread.
//!
//! A capability is a page of text; a bound far above that keeps a hostile one from costing
//! memory or time.

/// The largest number of bytes of an encoded capability (DAG-CBOR, DAG-JSON) or of a wallet text.
pub const MAX_ENCODED_LEN: usize = 1 << 20;
/// The largest number of bytes of one text member; a statement may be this long.
pub const MAX_TEXT_LEN: usize = 1 << 16;
/// The largest number of entries of the resource list.
pub const MAX_RESOURCES: usize = 4096;
/// The largest number of bytes of a signature or of a signature's metadata.
pub const MAX_SIGNATURE_LEN: usize = 1 << 15;
/// The largest number of blocks of a CAR.
pub const MAX_CAR_BLOCKS: usize = 64;
