//! Bytes as nodes write them.

/// `0x` and hex of whole bytes.
pub(super) fn read(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x")?;
    base16ct::mixed::decode_vec(digits).ok()
}
