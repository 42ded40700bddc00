//! CAIP-2: which chain.

use super::EIP155;
use crate::error::{Error, Problem};
use alloc::boxed::Box;
use core::fmt;
use core::str::FromStr;

/// A chain id of CAIP-2, `eip155:1` for example: a namespace and a reference within it.
///
/// The reference of an `eip155` chain must be a decimal number without leading zeros, as the
/// namespace's profile has it, so that one chain has one spelling. No namespace is `did`, so that
/// no DID is taken for an account.
///
/// ```
/// let chain: cacao::ChainId = "eip155:137".parse()?;
/// assert_eq!((chain.namespace(), chain.reference()), ("eip155", "137"));
/// # Ok::<_, cacao::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainId {
    text: Box<str>,
    colon: usize,
}

impl ChainId {
    /// The namespace, `eip155` for example.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.text.get(..self.colon).unwrap_or_default()
    }

    /// The chain within the namespace.
    #[must_use]
    pub fn reference(&self) -> &str {
        self.text.get(self.colon + 1..).unwrap_or_default()
    }

    /// The whole id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for ChainId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let colon = check(text).map_err(|reason| Error::Value {
            what: "chain id",
            problem: Problem::ChainId(reason),
        })?;
        Ok(Self {
            text: text.into(),
            colon,
        })
    }
}

impl fmt::Display for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Checks `namespace ":" reference`; answers where the colon stands.
pub(super) fn check(text: &str) -> Result<usize, &'static str> {
    let (namespace, reference) = memchr::memchr(b':', text.as_bytes())
        .and_then(|colon| Some((text.get(..colon)?, text.get(colon + 1..)?)))
        .ok_or("the form is <namespace>:<reference>")?;
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if !(3..=8).contains(&namespace.len()) || !namespace.bytes().all(plain) {
        return Err("the namespace has 3 to 8 of a-z 0-9 -");
    }
    // the grammar lets it pass; a DID would be an account, and one text would name two issuers
    if namespace == "did" {
        return Err("a DID is neither a chain nor an account");
    }
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if !(1..=32).contains(&reference.len()) || !reference.bytes().all(word) {
        return Err("the reference has 1 to 32 of a-z A-Z 0-9 - _");
    }
    if namespace == EIP155 {
        let digits = reference.bytes().all(|b| b.is_ascii_digit());
        if !digits || (reference.len() > 1 && reference.starts_with('0')) {
            return Err("an eip155 reference is a decimal number without leading zeros");
        }
    }
    Ok(namespace.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grammar() {
        for good in [
            "eip155:1",
            "eip155:0",
            "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",
            "abc:_-9",
        ] {
            assert_eq!(good.parse::<ChainId>().unwrap().as_str(), good);
        }
        for bad in [
            "",
            ":",
            "eip155",
            "eip155:",
            "eip155:01",
            "eip155:0x1",
            "eip155:+1",
            "ab:1",
            "toolongns:1",
            "EIP155:1",
            "eip155:1:2",
            "did:key",
            "abc:a b",
            "abc:123456789012345678901234567890123",
            " eip155:1",
            "eip155:1\n",
        ] {
            assert!(bad.parse::<ChainId>().is_err(), "{bad:?}");
        }
    }
}
