//! The bytes of a signature, however `s.s` spells them: one rule for the kinds of every chain.
//!
//! A text is in the encoding of its kind, and in no other; a byte string and a list of numbers are
//! the bytes themselves. Lengths are exact, so that no signature has a second spelling that is
//! longer.

use crate::error::Error;
use crate::model::SignatureValue;
#[cfg(any(feature = "contract", feature = "webauthn"))]
use alloc::borrow::Cow;
#[cfg(any(feature = "ethereum", feature = "stacks"))]
use base16ct::mixed;
#[cfg(feature = "webauthn")]
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// What the texts of a kind are written in.
#[cfg(any(
    feature = "ethereum",
    feature = "solana",
    feature = "stacks",
    feature = "webauthn"
))]
#[derive(Clone, Copy, Debug)]
pub(super) enum Encoding {
    /// Two digits a byte, in either letter case, with or without `0x` in front.
    #[cfg(feature = "ethereum")]
    Hex,
    /// The same without `0x`, for chains that do not know it.
    #[cfg(feature = "stacks")]
    BareHex,
    /// base58 with the alphabet of Bitcoin, without a checksum.
    #[cfg(feature = "solana")]
    Base58Btc,
    /// base64url without padding (RFC 4648, section 5).
    #[cfg(feature = "webauthn")]
    Base64Url,
}

/// A text, for kinds whose signature is more than bytes.
#[cfg(feature = "tezos")]
pub(super) fn text(value: &SignatureValue) -> Result<&str, Error> {
    match value {
        SignatureValue::Text(text) => Ok(text),
        SignatureValue::Bytes(_) | SignatureValue::Numbers(_) => {
            Err(Error::MalformedSignature("it is not a text"))
        }
    }
}

/// Exactly `N` bytes. `length` says that there are more or fewer.
#[cfg(any(feature = "solana", feature = "stacks"))]
pub(super) fn exactly<const N: usize>(
    value: &SignatureValue,
    encoding: Encoding,
    length: &'static str,
) -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    let read = at_most(value, encoding, &mut bytes, length)?.len();
    if read == N {
        Ok(bytes)
    } else {
        Err(Error::MalformedSignature(length))
    }
}

/// As many bytes as there are, which fit in the buffer. `length` says that there are more.
#[cfg(any(feature = "ethereum", feature = "solana", feature = "stacks"))]
pub(super) fn at_most<'b>(
    value: &SignatureValue,
    encoding: Encoding,
    buffer: &'b mut [u8],
    length: &'static str,
) -> Result<&'b [u8], Error> {
    let read = match value {
        SignatureValue::Text(text) => encoding.decode_onto(text, buffer, length)?,
        SignatureValue::Bytes(raw) | SignatureValue::Numbers(raw) => {
            buffer
                .get_mut(..raw.len())
                .ok_or(Error::MalformedSignature(length))?
                .copy_from_slice(raw);
            raw.len()
        }
    };
    Ok(buffer.get(..read).unwrap_or_default())
}

/// The bytes of a kind whose signatures have any length. An empty text is none of them: no bytes
/// are written `0x`.
#[cfg(any(feature = "contract", feature = "webauthn"))]
pub(super) fn all(value: &SignatureValue, encoding: Encoding) -> Result<Cow<'_, [u8]>, Error> {
    let text = match value {
        SignatureValue::Text(text) => &**text,
        SignatureValue::Bytes(bytes) | SignatureValue::Numbers(bytes) => {
            return Ok(Cow::Borrowed(bytes));
        }
    };
    if text.is_empty() {
        return Err(Error::MalformedSignature("it is an empty text"));
    }
    let bytes = match encoding {
        #[cfg(feature = "ethereum")]
        Encoding::Hex => mixed::decode_vec(digits(text)).ok(),
        #[cfg(feature = "stacks")]
        Encoding::BareHex => mixed::decode_vec(text).ok(),
        #[cfg(feature = "solana")]
        Encoding::Base58Btc => bs58::decode(text).into_vec().ok(),
        #[cfg(feature = "webauthn")]
        Encoding::Base64Url => URL_SAFE_NO_PAD.decode(text).ok(),
    };
    bytes
        .map(Cow::Owned)
        .ok_or(Error::MalformedSignature(encoding.not_valid()))
}

#[cfg(feature = "ethereum")]
pub(super) fn digits(text: &str) -> &str {
    text.strip_prefix("0x").unwrap_or(text)
}

#[cfg(any(
    feature = "ethereum",
    feature = "solana",
    feature = "stacks",
    feature = "webauthn"
))]
impl Encoding {
    const fn not_valid(self) -> &'static str {
        match self {
            #[cfg(feature = "ethereum")]
            Self::Hex => "it is not valid hex",
            #[cfg(feature = "stacks")]
            Self::BareHex => "it is not valid hex without 0x in front",
            #[cfg(feature = "solana")]
            Self::Base58Btc => "it is not valid base58btc",
            #[cfg(feature = "webauthn")]
            Self::Base64Url => "it is not valid base64url without padding",
        }
    }

    /// Writes the bytes of a text to the front of the buffer, and says how many they are.
    #[cfg(any(feature = "ethereum", feature = "solana", feature = "stacks"))]
    fn decode_onto(
        self,
        text: &str,
        buffer: &mut [u8],
        length: &'static str,
    ) -> Result<usize, Error> {
        let not_valid = Error::MalformedSignature(self.not_valid());
        match self {
            #[cfg(feature = "ethereum")]
            Self::Hex => hex_onto(digits(text), buffer, length, not_valid),
            #[cfg(feature = "stacks")]
            Self::BareHex => hex_onto(text, buffer, length, not_valid),
            #[cfg(feature = "solana")]
            Self::Base58Btc => match bs58::decode(text).onto(buffer) {
                Ok(len) => Ok(len),
                Err(bs58::decode::Error::BufferTooSmall) => Err(Error::MalformedSignature(length)),
                Err(_) => Err(not_valid),
            },
            #[cfg(feature = "webauthn")]
            Self::Base64Url => {
                let len = text.len() / 4 * 3 + text.len() % 4 * 3 / 4;
                if text.len() % 4 != 1 && len > buffer.len() {
                    return Err(Error::MalformedSignature(length));
                }
                URL_SAFE_NO_PAD
                    .decode_slice(text, buffer)
                    .map_err(|_| not_valid)
            }
        }
    }
}

#[cfg(any(feature = "ethereum", feature = "stacks"))]
fn hex_onto(
    digits: &str,
    buffer: &mut [u8],
    length: &'static str,
    not_valid: Error,
) -> Result<usize, Error> {
    let len = digits.len() / 2;
    let bytes = buffer
        .get_mut(..len)
        .ok_or(Error::MalformedSignature(length))?;
    if digits.len() != 2 * len {
        return Err(not_valid);
    }
    match mixed::decode(digits, bytes) {
        Ok(bytes) => Ok(bytes.len()),
        Err(_) => Err(not_valid),
    }
}

#[cfg(test)]
#[cfg(all(
    feature = "contract",
    feature = "solana",
    feature = "stacks",
    feature = "webauthn"
))]
#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;
    use alloc::string::String;
    use proptest::prelude::*;

    const ALL: [Encoding; 4] = [
        Encoding::Hex,
        Encoding::BareHex,
        Encoding::Base58Btc,
        Encoding::Base64Url,
    ];

    fn encode(encoding: Encoding, bytes: &[u8]) -> String {
        match encoding {
            Encoding::Hex | Encoding::BareHex => data_encoding::HEXLOWER.encode(bytes),
            Encoding::Base58Btc => bs58::encode(bytes).into_string(),
            Encoding::Base64Url => URL_SAFE_NO_PAD.encode(bytes),
        }
    }

    fn reason<T: core::fmt::Debug>(read: Result<T, Error>) -> &'static str {
        match read {
            Err(Error::MalformedSignature(reason)) => reason,
            other => panic!("{other:?}"),
        }
    }

    fn text(text: &str) -> SignatureValue {
        SignatureValue::Text(text.into())
    }

    proptest! {
        /// Text, byte string and numbers are three spellings of one signature, for every kind.
        #[test]
        fn every_spelling_is_the_same_bytes(bytes in proptest::collection::vec(any::<u8>(), 1..80)) {
            for encoding in ALL {
                for value in [
                    text(&encode(encoding, &bytes)),
                    SignatureValue::Bytes(bytes.clone().into()),
                    SignatureValue::Numbers(bytes.clone().into()),
                ] {
                    prop_assert_eq!(&*all(&value, encoding).unwrap(), &bytes[..]);
                    let mut buffer = [0; 80];
                    prop_assert_eq!(at_most(&value, encoding, &mut buffer, "").unwrap(), &bytes[..]);
                    let mut short = [0; 80];
                    let short = &mut short[..bytes.len() - 1];
                    prop_assert_eq!(reason(at_most(&value, encoding, short, "long")), "long");
                }
            }
        }

        #[test]
        fn any_text_is_read_alike_by_both(any in "\\PC{0,12}") {
            for encoding in ALL {
                let value = text(&any);
                let mut buffer = [0; 80];
                let bounded = at_most(&value, encoding, &mut buffer, "").ok().map(<[u8]>::to_vec);
                let whole = all(&value, encoding).ok().map(Cow::into_owned);
                if !any.is_empty() {
                    prop_assert_eq!(bounded, whole);
                }
            }
        }
    }

    #[test]
    fn hex_has_either_letter_case_and_may_have_0x() {
        for spelling in ["abcd", "ABCD", "aBcD", "0xabcd", "0xABCD"] {
            assert_eq!(*all(&text(spelling), Encoding::Hex).unwrap(), [0xab, 0xcd]);
            let exact = exactly::<2>(&text(spelling), Encoding::Hex, "length");
            assert_eq!(exact.unwrap(), [0xab, 0xcd]);
        }
        for bad in [
            "0Xabcd", "0x0xab", "abc", "0xabc", "ab cd", "0xabcg", " 0xab", "0xab\n", "x",
        ] {
            assert_eq!(
                reason(all(&text(bad), Encoding::Hex)),
                "it is not valid hex"
            );
        }
        let prefixed = text("0xabcd");
        let bare = all(&prefixed, Encoding::BareHex);
        assert_eq!(reason(bare), "it is not valid hex without 0x in front");
        assert!(all(&text("0x"), Encoding::Hex).unwrap().is_empty());
        assert_eq!(reason(all(&text(""), Encoding::Hex)), "it is an empty text");
    }

    #[test]
    fn lengths_are_exact() {
        for encoding in ALL {
            for len in [1, 2, 4, 5] {
                let bytes = [7; 5][..len].to_owned();
                for value in [
                    text(&encode(encoding, &bytes)),
                    SignatureValue::Bytes(bytes.clone().into()),
                    SignatureValue::Numbers(bytes.into()),
                ] {
                    let read = exactly::<3>(&value, encoding, "it is not 3 bytes");
                    assert_eq!(reason(read), "it is not 3 bytes", "{encoding:?} {len}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_of_the_encoding_is_named() {
        let read = |text_of: &str, encoding| reason(all(&text(text_of), encoding));
        assert_eq!(
            read("0OIl", Encoding::Base58Btc),
            "it is not valid base58btc"
        );
        let base64 = "it is not valid base64url without padding";
        assert_eq!(read("ab+/", Encoding::Base64Url), base64);
        assert_eq!(read("YQ==", Encoding::Base64Url), base64);
        // a second spelling of the same byte
        assert_eq!(read("YR", Encoding::Base64Url), base64);
    }
}
