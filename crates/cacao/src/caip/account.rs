//! CAIP-10: which account on which chain.

use super::{EIP155, chain};
use crate::error::{Error, Problem};
use alloc::boxed::Box;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

/// An account id of CAIP-10, `eip155:1:0xab16…` for example.
///
/// It keeps the spelling in which it was read, since that is part of what was signed. Two ids are
/// equal when they name the same account: addresses of `eip155` accounts are compared without
/// regard to letter case (EIP-55 case is a checksum), all other addresses exactly.
///
/// ```
/// use cacao::AccountId;
///
/// let checksum: AccountId = "eip155:1:0x974E944Be93674Bd5fa8EE45fA0C9fdC6B15DC44".parse()?;
/// let lower: AccountId = "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44".parse()?;
/// assert_eq!(checksum, lower);
/// assert_eq!(checksum.normalized().as_str(), lower.as_str());
/// # Ok::<_, cacao::Error>(())
/// ```
#[derive(Clone)]
pub struct AccountId {
    text: Box<str>,
    namespace_end: usize,
    chain_end: usize,
}

impl AccountId {
    /// The chain's namespace, `eip155` for example.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.text.get(..self.namespace_end).unwrap_or_default()
    }

    /// The chain within the namespace.
    #[must_use]
    pub fn reference(&self) -> &str {
        self.text
            .get(self.namespace_end + 1..self.chain_end)
            .unwrap_or_default()
    }

    /// The address, in the spelling that was read.
    #[must_use]
    pub fn address(&self) -> &str {
        self.text.get(self.chain_end + 1..).unwrap_or_default()
    }

    /// The whole id, in the spelling that was read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same account in its one canonical spelling: an `eip155` address in lower case.
    #[must_use]
    pub fn normalized(&self) -> Self {
        let mut text = self.text.clone();
        if self.ignores_case() {
            text.make_ascii_lowercase();
        }
        Self { text, ..*self }
    }

    /// Whether letter case does not count.
    fn ignores_case(&self) -> bool {
        self.namespace() == EIP155
    }

    /// The text of [`normalized`](Self::normalized), byte for byte.
    fn normalized_bytes(&self) -> impl Iterator<Item = u8> {
        let ignores_case = self.ignores_case();
        self.text.bytes().map(move |byte| {
            if ignores_case {
                byte.to_ascii_lowercase()
            } else {
                byte
            }
        })
    }
}

impl FromStr for AccountId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        check(text).map_err(|reason| Error::Value {
            what: "account id",
            problem: Problem::AccountId(reason),
        })
    }
}

fn check(text: &str) -> Result<AccountId, &'static str> {
    let (chain, address) = memchr::memrchr(b':', text.as_bytes())
        .and_then(|colon| Some((text.get(..colon)?, text.get(colon + 1..)?)))
        .ok_or("the form is <namespace>:<reference>:<address>")?;
    let namespace_end = chain::check(chain)?;
    let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'%');
    if !(1..=128).contains(&address.len()) || !address.bytes().all(word) {
        return Err("the address has 1 to 128 of a-z A-Z 0-9 - . %");
    }
    if chain.starts_with("eip155:") {
        let hex = address.strip_prefix("0x").unwrap_or_default();
        if hex.len() != 40 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err("an eip155 address is 0x and 40 hex digits");
        }
    }
    Ok(AccountId {
        text: text.into(),
        namespace_end,
        chain_end: chain.len(),
    })
}

impl PartialEq for AccountId {
    fn eq(&self, other: &Self) -> bool {
        if self.ignores_case() {
            self.text.eq_ignore_ascii_case(&other.text)
        } else {
            self.text == other.text
        }
    }
}

impl Eq for AccountId {}

impl PartialOrd for AccountId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for AccountId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.normalized_bytes().cmp(other.normalized_bytes())
    }
}

impl Hash for AccountId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // as `normalized`, without memory for it, and in parts: a byte at a time is slow
        let ignores_case = self.ignores_case();
        for part in self.text.as_bytes().chunks(64) {
            let mut lower = [0; 64];
            let lower = lower.get_mut(..part.len()).unwrap_or_default();
            lower.copy_from_slice(part);
            if ignores_case {
                lower.make_ascii_lowercase();
            }
            state.write(lower);
        }
        state.write_u8(0xff);
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;

    const LOWER: &str = "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44";
    const SOLANA: &str =
        "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:6BcW5WQdw2PkjMDfqLVRX8q2dNQWNdYgeW7VZv1iMBxP";

    #[test]
    fn parts() {
        let id: AccountId = SOLANA.parse().unwrap();
        assert_eq!(id.namespace(), "solana");
        assert_eq!(id.reference(), "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp");
        assert_eq!(id.address(), "6BcW5WQdw2PkjMDfqLVRX8q2dNQWNdYgeW7VZv1iMBxP");
        assert_eq!(id.normalized().as_str(), SOLANA);
    }

    #[test]
    fn equal_accounts_hash_equally() {
        use core::hash::BuildHasher as _;
        let hasher = core::hash::BuildHasherDefault::<std::hash::DefaultHasher>::default();
        let hash = |text: &str| hasher.hash_one(text.parse::<AccountId>().unwrap());
        let upper = LOWER.replace("dc44", "DC44");
        assert_eq!(hash(LOWER), hash(&upper));
        assert_ne!(hash(LOWER), hash(&LOWER.replace("dc44", "dc45")));
        // longer than the part that is hashed at once, and of a chain that tells case apart
        assert_ne!(hash(SOLANA), hash(&SOLANA.replace("MBxP", "MBxp")));
        assert_ne!(hash(SOLANA), hash(&SOLANA.replace("6BcW", "6bcW")));
    }

    #[test]
    fn grammar() {
        for bad in [
            "",
            "eip155:1",
            "eip155:1:",
            "eip155:1:0x12",
            "eip155:1:974e944be93674bd5fa8ee45fa0c9fdc6b15dc44",
            "eip155:1:0X974e944be93674bd5fa8ee45fa0c9fdc6b15dc44",
            "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc4g",
            "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44:1",
            "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44 ",
            "did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44",
            "did:key:zDnaeS7oeZ9WPsTW5HSapFJrXXTWwGkLx9xEMief41hEeuDtx",
            "abc:1:a_b",
            "abc:1:é",
        ] {
            assert!(bad.parse::<AccountId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn only_eip155_addresses_fold_their_case() {
        let id = |text: &str| text.parse::<AccountId>().unwrap();
        let upper = LOWER.replace("974e944be", "974E944BE");
        assert_eq!(id(LOWER), id(&upper));
        assert_eq!(BTreeSet::from([id(LOWER), id(&upper)]).len(), 1);
        assert_ne!(id(SOLANA), id(&SOLANA.to_ascii_lowercase()));
        assert_ne!(id(LOWER), id(&LOWER.replace("eip155:1:", "eip155:5:")));
    }
}
