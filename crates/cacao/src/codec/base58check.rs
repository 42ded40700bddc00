//! Base58Check: base58btc of a prefix, a payload and four bytes of a double SHA-256.

use super::double_sha256::checksum;
use crate::error::{Error, Problem};
use alloc::string::String;
use alloc::vec::Vec;

/// Bytes of checksum at the end.
pub const CHECKSUM_LEN: usize = 4;

/// Writes a prefix and a payload. A prefix is chosen so that every text of its kind starts with
/// the same letters, `tz1` for example.
///
/// ```
/// // a Bitcoin address: prefix 0, twenty bytes of hash
/// assert_eq!(
///     cacao::base58check::encode(&[0], &[0; 20]),
///     "1111111111111111111114oLvT2",
/// );
/// ```
#[must_use]
pub fn encode(prefix: &[u8], payload: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(prefix.len() + payload.len() + CHECKSUM_LEN);
    bytes.extend_from_slice(prefix);
    bytes.extend_from_slice(payload);
    let checksum = checksum(&bytes);
    bytes.extend_from_slice(&checksum);
    bs58::encode(bytes).into_string()
}

/// Reads the payload that stands between this prefix and its checksum.
///
/// The buffer must have the exact length of prefix, payload and checksum; the payload is a part
/// of it. It may hold a secret afterwards, also after an error: wipe it where that matters.
///
/// ```
/// use cacao::base58check;
///
/// let mut buffer = [0; 1 + 20 + base58check::CHECKSUM_LEN];
/// let hash = base58check::decode(&[0], "1111111111111111111114oLvT2", &mut buffer)?;
/// assert_eq!(hash, [0; 20]);
/// # Ok::<_, cacao::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] when the text is not valid base58btc, has another length, another prefix or a wrong
/// checksum. The text is not quoted.
pub fn decode<'a>(prefix: &[u8], text: &str, buffer: &'a mut [u8]) -> Result<&'a [u8], Error> {
    let len = buffer.len();
    match bs58::decode(text).onto(&mut *buffer) {
        Ok(written) if written == len => {}
        Ok(_) | Err(bs58::decode::Error::BufferTooSmall) => return Err(error("its length")),
        Err(_) => return Err(error("it is not valid base58btc")),
    }
    let (bytes, found) = buffer
        .split_last_chunk::<CHECKSUM_LEN>()
        .ok_or(error("its length"))?;
    if checksum(bytes) != *found {
        return Err(error("its checksum"));
    }
    bytes.strip_prefix(prefix).ok_or(error("its prefix"))
}

const fn error(detail: &'static str) -> Error {
    Error::Value {
        what: "Base58Check text",
        problem: Problem::Form(detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    /// An address of the Bitcoin wiki's page on version 1 addresses, and Tezos' sandbox accounts.
    #[test]
    fn published_vectors() {
        let cases: [(&[u8], &str, &str); 4] = [
            (
                &[0],
                "010966776006953d5567439e5e39f86a0d273bee",
                "16UwLL9Risc3QfPqBUvKofHmBQ7wMtjvM",
            ),
            (
                &[6, 161, 159],
                "02298c03ed7d454a101eb7022bc95f7e5f41ac78",
                "tz1KqTpEZ7Yob7QbPE4Hy4Wo8fHG8LhKxZSx",
            ),
            (
                &[6, 161, 159],
                "e7670f32038107a59a2b9cfefae36ea21f5aa63c",
                "tz1gjaF81ZRRvdzjobyfVNsAeSC6PScjfQwN",
            ),
            (
                &[13, 15, 37, 217],
                "4798d2cc98473d7e250c898885718afd2e4efbcb1a1595ab9730761ed830de0f",
                "edpkuBknW28nW72KG6RoHtYW7p12T6GKc7nAbwYX5m8Wd9sDVC9yav",
            ),
        ];
        for (prefix, hex, text) in cases {
            let payload = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
            assert_eq!(encode(prefix, &payload), text);
            let mut buffer = std::vec![0; prefix.len() + payload.len() + CHECKSUM_LEN];
            assert_eq!(decode(prefix, text, &mut buffer).unwrap(), payload);
        }
    }

    #[test]
    fn what_is_refused() {
        const TEXT: &str = "tz1KqTpEZ7Yob7QbPE4Hy4Wo8fHG8LhKxZSx";
        const PREFIX: [u8; 3] = [6, 161, 159];
        let code = |prefix: &[u8], text: &str, len: usize| {
            decode(prefix, text, &mut std::vec![0; len])
                .unwrap_err()
                .to_string()
        };
        let changed = TEXT.replace("KqT", "KqU");
        for (prefix, text, len, detail) in [
            (&PREFIX[..], &*changed, 27, "checksum"),
            (&[6, 161, 160], TEXT, 27, "prefix"),
            (&PREFIX, TEXT, 26, "length"),
            (&PREFIX, TEXT, 28, "length"),
            (&PREFIX, &std::format!("1{TEXT}"), 27, "length"),
            (&PREFIX, &TEXT.replace('K', "0"), 27, "base58btc"),
            (&PREFIX, &std::format!("{TEXT} "), 27, "base58btc"),
            (&PREFIX, "", 0, "length"),
            (&PREFIX, "", 3, "length"),
        ] {
            let found = code(prefix, text, len);
            assert!(found.contains(detail), "{text}: {found}");
        }
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(prefix in "[a-z]{0,5}", payload in prop::collection::vec(any::<u8>(), 0..80)) {
            let text = encode(prefix.as_bytes(), &payload);
            let mut buffer = std::vec![0; prefix.len() + payload.len() + CHECKSUM_LEN];
            prop_assert_eq!(decode(prefix.as_bytes(), &text, &mut buffer).unwrap(), &payload[..]);
        }

        /// No two texts hold the same bytes, so what is accepted is what would be written.
        #[test]
        fn base58_has_one_spelling(text in "1{0,3}[1-9A-HJ-NP-Za-km-z]{0,50}") {
            let mut buffer = [0; 64];
            let len = bs58::decode(&text).onto(&mut buffer[..]).unwrap();
            prop_assert_eq!(bs58::encode(&buffer[..len]).into_string(), text);
        }
    }
}
