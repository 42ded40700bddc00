//! The text of a did:key: multibase base58btc of the multicodec code and the key's bytes.

use alloc::string::String;

use crate::{Error, KeyType, PublicKey};

/// What every did:key begins with.
pub(crate) const PREFIX: &str = "did:key:";

/// The longest `z…` text: base58btc of two bytes of code and the 67 bytes of a P-521 key.
pub(crate) const MAX_MULTIKEY_LENGTH: usize = 1 + 95;

/// The longest did:key.
pub(crate) const MAX_DID_KEY_LENGTH: usize = PREFIX.len() + MAX_MULTIKEY_LENGTH;

impl PublicKey {
    /// Reads the key of a `did:key:z…` text, without allocating.
    ///
    /// # Errors
    ///
    /// As [`DidKey`](crate::DidKey)'s `FromStr`.
    pub fn from_did_key(text: &str) -> Result<Self, Error> {
        from_did_key(text)
    }

    /// Reads the `z…` part of a did:key, which is also the `publicKeyMultibase` value of a
    /// Multikey.
    ///
    /// # Errors
    ///
    /// As [`DidKey`](crate::DidKey)'s `FromStr`, without [`Error::NotDidKey`].
    pub fn from_multikey(text: &str) -> Result<Self, Error> {
        from_multikey(text)
    }

    /// The `z…` part of the key's did:key.
    #[must_use]
    pub fn to_multikey(&self) -> String {
        to_text("", self)
    }
}

fn from_did_key(text: &str) -> Result<PublicKey, Error> {
    // Decoding base58 takes quadratic time: bound it before anything else.
    if text.len() > MAX_DID_KEY_LENGTH {
        return Err(Error::TooLong {
            length: text.len(),
            limit: MAX_DID_KEY_LENGTH,
        });
    }
    from_multikey(text.strip_prefix(PREFIX).ok_or(Error::NotDidKey)?)
}

fn from_multikey(text: &str) -> Result<PublicKey, Error> {
    if text.len() > MAX_MULTIKEY_LENGTH {
        return Err(Error::TooLong {
            length: text.len(),
            limit: MAX_MULTIKEY_LENGTH,
        });
    }
    let base58 = text.strip_prefix('z').ok_or(Error::Multibase)?;
    // Each character gives at most one byte, so this always suffices.
    let mut buffer = [0; MAX_MULTIKEY_LENGTH];
    let length = bs58::decode(base58)
        .onto(&mut buffer)
        .map_err(|error| match error {
            bs58::decode::Error::InvalidCharacter { index, .. }
            | bs58::decode::Error::NonAsciiCharacter { index } => Error::Base58 { index },
            _ => Error::TooLong {
                length: text.len(),
                limit: MAX_MULTIKEY_LENGTH,
            },
        })?;
    let bytes = buffer.get(..length).unwrap_or_default();
    let (code, key) = unsigned_varint::decode::u64(bytes).map_err(|_| Error::Varint)?;
    // The decoder refuses trailing zeros but drops bits beyond the 64th: compare the whole code,
    // so that it has one spelling. Base58 itself has one text per byte string.
    let mut varint = unsigned_varint::encode::u64_buffer();
    if bytes.strip_prefix(unsigned_varint::encode::u64(code, &mut varint)) != Some(key) {
        return Err(Error::Varint);
    }
    let key_type = KeyType::from_multicodec(code).ok_or(Error::UnknownMulticodec { code })?;
    PublicKey::from_bytes(key_type, key)
}

/// `prefix` followed by the key's `z…` text.
pub(crate) fn to_text(prefix: &str, key: &PublicKey) -> String {
    encode(prefix, key.key_type(), key.as_bytes())
}

pub(crate) fn encode(prefix: &str, key_type: KeyType, key: &[u8]) -> String {
    let mut varint = unsigned_varint::encode::u64_buffer();
    let code = unsigned_varint::encode::u64(key_type.multicodec(), &mut varint);
    let mut bytes = [0; MAX_MULTIKEY_LENGTH];
    let length = code.len() + key.len();
    for (to, from) in bytes.iter_mut().zip(code.iter().chain(key)) {
        *to = *from;
    }
    // on the stack: a text is made for each key that is used, and takes one allocation
    let mut base58 = [0; MAX_MULTIKEY_LENGTH];
    let encoded = bs58::encode(bytes.get(..length).unwrap_or_default()).onto(&mut base58[..]);
    let base58 = encoded.ok().and_then(|length| base58.get(..length));
    let base58 = base58.and_then(|ascii| core::str::from_utf8(ascii).ok());
    [prefix, "z", base58.unwrap_or_default()].concat()
}
