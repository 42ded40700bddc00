//! What a sealed store is called by: its id, and the kind of its key.

use data_encoding::HEXLOWER;
use std::fmt;
use std::str::FromStr;

/// The id of a sealed store: 16 random bytes, which are in its seal and in each record, and are not
/// secret. Its text is 32 digits of lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoreId([u8; 16]);

impl StoreId {
    /// The id of these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Display for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreId({self})")
    }
}

impl FromStr for StoreId {
    type Err = StoreIdError;

    fn from_str(text: &str) -> Result<Self, StoreIdError> {
        hex(text).map(Self).ok_or(StoreIdError)
    }
}

/// The text is not the id of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the id of a store is 32 digits of lower-case hex")]
pub struct StoreIdError;

/// The kind of key with which a store is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyKind {
    /// A passphrase.
    Passphrase,
    /// A key of 32 bytes.
    Key,
    /// A key that its custodian keeps, by its name.
    Custodian(String),
    /// A passphrase or a key of 32 bytes: a seal of the first format does not say which.
    PassphraseOrKey,
}

impl KeyKind {
    pub(crate) fn fits(&self, given: &Self) -> bool {
        match self {
            Self::PassphraseOrKey => matches!(given, Self::Passphrase | Self::Key),
            kind => kind == given,
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passphrase => f.write_str("a passphrase"),
            Self::Key => f.write_str("a key"),
            Self::Custodian(name) => write!(f, "the key {name:?} of a custodian"),
            Self::PassphraseOrKey => f.write_str("a passphrase or a key"),
        }
    }
}

pub(crate) fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_one_text() {
        let id = StoreId([0xab; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        for bad in ["", "ab", &"AB".repeat(16), &"ab".repeat(17)] {
            assert_eq!(bad.parse::<StoreId>(), Err(StoreIdError), "{bad}");
        }
    }
}
