//! Bytes as nodes write them.

use data_encoding::HEXLOWER_PERMISSIVE;

/// `0x` and hex of whole bytes.
pub(super) fn read(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x")?;
    HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()
}
