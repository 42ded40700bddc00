//! How large an input may be before it is refused unread, and an output before it is not made.

/// Most bytes of a protected header, as JSON.
pub const MAX_HEADER_LEN: usize = 1 << 14;
/// Most bytes of a payload, decoded.
pub const MAX_PAYLOAD_LEN: usize = 1 << 24;
/// Most bytes of a linked block, of a dag-jose block, or of DAG-JSON.
pub const MAX_BLOCK_LEN: usize = 1 << 20;
/// Most levels of lists and maps in each other.
pub const MAX_DEPTH: usize = 100;

/// Most bytes of a signature, those of P-521.
pub(crate) const MAX_SIGNATURE_LEN: usize = 132;
/// Most bytes of a JWS in either form: its parts in base64url, and room for JSON around them.
pub(crate) const MAX_JWS_LEN: usize = (MAX_HEADER_LEN + MAX_PAYLOAD_LEN) / 3 * 4 + (1 << 12);
