//! How large an input may be before it is refused unread, and an output before it is not made.

/// The largest number of bytes of a protected header, as JSON.
pub const MAX_HEADER_LEN: usize = 1 << 14;
/// The largest number of bytes of a payload, decoded.
pub const MAX_PAYLOAD_LEN: usize = 1 << 24;
/// The largest number of bytes of a linked block, of a dag-jose block, or of DAG-JSON.
pub const MAX_BLOCK_LEN: usize = 1 << 20;
/// The largest number of levels of lists and maps in each other.
pub const MAX_DEPTH: usize = 100;

/// The largest number of signatures of one JWS.
pub(crate) const MAX_SIGNATURES: usize = 100;
/// The largest number of bytes of a signature, those of P-521.
pub(crate) const MAX_SIGNATURE_LEN: usize = 132;
/// The largest number of bytes of a JWS in any form: its parts in base64url, and room for JSON
/// around them.
pub(crate) const MAX_JWS_LEN: usize = (MAX_HEADER_LEN + MAX_PAYLOAD_LEN) / 3 * 4 + (1 << 12);

/// The length of so many bytes in unpadded base64url, for everything within the limits.
pub(crate) const fn base64url_len(len: usize) -> usize {
    (len * 4).div_ceil(3)
}

/// How many bytes so many characters of unpadded base64url are; none for a length that it has not.
pub(crate) const fn decoded_len(len: usize) -> Option<usize> {
    match len % 4 {
        1 => None,
        rest => Some(len / 4 * 3 + rest * 3 / 4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::BASE64URL_NOPAD;

    #[test]
    fn lengths_are_those_of_the_encoder() {
        let ends = [MAX_PAYLOAD_LEN - 2, MAX_PAYLOAD_LEN - 1, MAX_PAYLOAD_LEN];
        for len in (0..1000).chain(ends) {
            assert_eq!(base64url_len(len), BASE64URL_NOPAD.encode_len(len), "{len}");
            assert_eq!(
                decoded_len(len),
                BASE64URL_NOPAD.decode_len(len).ok(),
                "{len}"
            );
        }
        // and for them no target overflows
        assert!(u32::try_from(MAX_PAYLOAD_LEN).is_ok_and(|len| len.checked_mul(4).is_some()));
    }
}
