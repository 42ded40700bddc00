//! c32check (SIP-005, section on addresses): Crockford's base 32 of a payload and four bytes of a
//! double SHA-256, with a version in front.

use super::double_sha256::checksum;
use crate::error::{Error, Problem};
use alloc::string::String;
use alloc::vec::Vec;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHECKSUM_LEN: usize = 4;
/// Longest text that is read: reading takes time in the square of it.
const MAX_TEXT_LEN: usize = 256;

/// Writes a version (0 to 31) and a payload. An address of Stacks is `S` and this text.
///
/// ```
/// assert_eq!(cacao::c32check::encode(12, b"hello world")?, "CD1JPRV3F41VPYWKCCGRMASC8");
/// # Ok::<_, cacao::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] when the version is above 31.
pub fn encode(version: u8, payload: &[u8]) -> Result<String, Error> {
    let letter = ALPHABET
        .get(usize::from(version))
        .ok_or(error("the version is above 31"))?;
    let mut versioned = Vec::with_capacity(1 + payload.len() + CHECKSUM_LEN);
    versioned.push(version);
    versioned.extend_from_slice(payload);
    let checksum = checksum(&versioned);
    versioned.extend_from_slice(&checksum);
    let mut text = String::with_capacity(2 + versioned.len() * 8 / 5);
    text.push(char::from(*letter));
    push_base32(&mut text, versioned.get(1..).unwrap_or_default());
    Ok(text)
}

/// Reads a version and a payload, in the one spelling that [`encode`] writes: upper case, and
/// none of the letters that Crockford's base 32 lets stand for others.
///
/// # Errors
/// [`Error::Value`] when the text is not valid c32check, has a wrong checksum, or is longer than
/// 256 letters.
pub fn decode(text: &str) -> Result<(u8, Vec<u8>), Error> {
    if text.len() > MAX_TEXT_LEN {
        return Err(error("its length"));
    }
    let digits: Option<Vec<u8>> = text.bytes().map(digit).collect();
    let digits = digits.ok_or(error("a letter outside 0-9 A-Z without I L O U"))?;
    let (version, digits) = digits.split_first().ok_or(error("its length"))?;
    let mut bytes = Vec::from([*version]);
    bytes.extend(bytes_of(digits));
    let (versioned, found) = bytes
        .split_last_chunk::<CHECKSUM_LEN>()
        .filter(|(versioned, _)| !versioned.is_empty())
        .ok_or(error("its length"))?;
    if checksum(versioned) != *found {
        return Err(error("its checksum"));
    }
    let payload = versioned.get(1..).unwrap_or_default();
    if encode(*version, payload)? != text {
        return Err(error("it is not in its one spelling"));
    }
    Ok((*version, payload.to_vec()))
}

/// The bytes as one number in base 32; each zero byte in front is one `0`.
fn push_base32(text: &mut String, bytes: &[u8]) {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let mut digits = Vec::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in bytes.iter().skip(zeros).rev() {
        bits |= u32::from(*byte) << held;
        held += 8;
        while held >= 5 {
            digits.push(bits & 31);
            bits >>= 5;
            held -= 5;
        }
    }
    digits.push(bits);
    while digits.last() == Some(&0) {
        digits.pop();
    }
    text.extend(core::iter::repeat_n('0', zeros));
    let letter = |digit: u32| ALPHABET.get(digit as usize).copied().unwrap_or_default();
    text.extend(digits.into_iter().rev().map(letter).map(char::from));
}

/// The inverse of [`push_base32`].
fn bytes_of(digits: &[u8]) -> Vec<u8> {
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    let mut bytes = Vec::with_capacity(digits.len());
    let (mut bits, mut held) = (0_u32, 0_u32);
    for digit in digits.iter().skip(zeros).rev() {
        bits |= u32::from(*digit) << held;
        held += 5;
        if held >= 8 {
            bytes.push(bits.to_le_bytes()[0]);
            bits >>= 8;
            held -= 8;
        }
    }
    bytes.push(bits.to_le_bytes()[0]);
    while bytes.last() == Some(&0) {
        bytes.pop();
    }
    bytes.extend(core::iter::repeat_n(0, zeros));
    bytes.reverse();
    bytes
}

fn digit(letter: u8) -> Option<u8> {
    let digit = ALPHABET.iter().position(|known| *known == letter)?;
    u8::try_from(digit).ok()
}

const fn error(detail: &'static str) -> Error {
    Error::Value {
        what: "c32check text",
        problem: Problem::Form(detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    /// The examples of the c32check library's own documentation and tests.
    #[test]
    fn published_vectors() {
        for (version, hex, text) in [
            (
                22,
                "a46ff88886c2ef9762d970b4d2c63678835bd39d",
                "P2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7",
            ),
            (
                22,
                "0000000000000000000000000000000000000000",
                "P000000000000000000002Q6VF78",
            ),
            (
                22,
                "0000000000000000000000000000000000000001",
                "P00000000000000000005JA84HQ",
            ),
            (
                22,
                "1000000000000000000000000000000000000001",
                "P80000000000000000000000000000004R0CMNV",
            ),
            (
                22,
                "1000000000000000000000000000000000000000",
                "P800000000000000000000000000000033H8YKK",
            ),
            (
                26,
                "a46ff88886c2ef9762d970b4d2c63678835bd39d",
                "T2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKQYAC0RQ",
            ),
            (12, "68656c6c6f20776f726c64", "CD1JPRV3F41VPYWKCCGRMASC8"),
        ] {
            let payload = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
            assert_eq!(encode(version, &payload).unwrap(), text);
            assert_eq!(decode(text).unwrap(), (version, payload));
        }
    }

    #[test]
    fn what_is_refused() {
        const TEXT: &str = "P2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7";
        for (text, detail) in [
            (TEXT.replace("J6Z", "J7Z"), "checksum"),
            (TEXT.replace('P', "T"), "checksum"),
            (TEXT.to_ascii_lowercase(), "letter"),
            // letters that others read as 0 and 1
            (TEXT.replace("GV1E", "GVIE"), "letter"),
            (TEXT.replace("GV1E", "GVLE"), "letter"),
            ("PO".to_string(), "letter"),
            (String::new(), "length"),
            ("P".to_string(), "length"),
            ("P123".to_string(), "length"),
            ("0".repeat(257), "length"),
            (std::format!("{TEXT} "), "letter"),
        ] {
            let found = decode(&text).unwrap_err().to_string();
            assert!(found.contains(detail), "{text}: {found}");
        }
        assert!(encode(32, &[]).is_err());
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(version in 0_u8..32, payload in prop::collection::vec(any::<u8>(), 0..40), zeros in 0_usize..5) {
            let payload = [std::vec![0; zeros], payload].concat();
            let text = encode(version, &payload).unwrap();
            prop_assert_eq!(decode(&text).unwrap(), (version, payload));
        }

        #[test]
        fn whatever_is_read_is_what_would_be_written(text in "[0-9A-HJKMNP-TV-Z]{0,50}") {
            if let Ok((version, payload)) = decode(&text) {
                prop_assert_eq!(encode(version, &payload).unwrap(), text);
            }
        }

        /// The number without its checksum, which random texts never have.
        #[test]
        fn base_32_has_one_spelling(digits in prop::collection::vec(0_u8..32, 0..50)) {
            let bytes = bytes_of(&digits);
            let mut text = String::new();
            push_base32(&mut text, &bytes);
            prop_assert_eq!(bytes_of(&text.bytes().map(|b| digit(b).unwrap()).collect::<Vec<_>>()), bytes);
        }
    }
}
