//! Issuers: an account (`did:pkh`) or a passkey (`did:key`).

use super::AccountId;
use crate::error::{Error, Problem};
use alloc::string::String;
use core::fmt;
use core::str::FromStr;
use didkey::DidKey;

const KEY: &str = "did:key:";

/// The issuer, who delegates: a blockchain account as `did:pkh` (did-pkh method, section 2), or a
/// passkey as its `did:key`.
///
/// Parses from a DID or, for accounts, from a CAIP-10 id; prints as its DID in the spelling that
/// was read. Equality is that of [`AccountId`] and [`DidKey`].
///
/// ```
/// use cacao::Issuer;
///
/// let a: Issuer = "did:pkh:eip155:1:0x974E944Be93674Bd5fa8EE45fA0C9fdC6B15DC44".parse()?;
/// let b: Issuer = "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44".parse()?;
/// assert_eq!(a, b);
/// assert_eq!(b.did(), "did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44");
/// # Ok::<_, cacao::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Issuer {
    /// An account, printed `did:pkh:<CAIP-10 id>`.
    Pkh(AccountId),
    /// A key of its own: a passkey.
    Key(DidKey),
}

impl Issuer {
    /// What a DID of an account begins with.
    pub(crate) const PKH: &str = "did:pkh:";

    /// The DID, in the spelling that was read.
    #[must_use]
    pub fn did(&self) -> String {
        match self {
            Self::Pkh(account) => [Self::PKH, account.as_str()].concat(),
            Self::Key(key) => String::from(key.as_str()),
        }
    }

    /// The same issuer in its one canonical spelling: fit to be a key in a store.
    #[must_use]
    pub fn normalized(&self) -> Self {
        match self {
            Self::Pkh(account) => Self::Pkh(account.normalized()),
            Self::Key(key) => Self::Key(key.clone()),
        }
    }

    /// The account, unless the issuer is a passkey.
    #[must_use]
    pub const fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Pkh(account) => Some(account),
            Self::Key(_) => None,
        }
    }

    /// What a prover claims: the account's CAIP-2 namespace, or `did:key`.
    #[must_use]
    pub fn namespace(&self) -> &str {
        match self {
            Self::Pkh(account) => account.namespace(),
            Self::Key(_) => "did:key",
        }
    }

    /// Parses a DID only, as `p.iss` must be one.
    pub(crate) fn from_did(text: &str) -> Result<Self, Problem> {
        if let Some(account) = text.strip_prefix(Self::PKH) {
            return match account.parse() {
                Ok(account) => Ok(Self::Pkh(account)),
                Err(Error::Value { problem, .. }) => Err(problem),
                Err(_) => Err(Problem::Did),
            };
        }
        if text.starts_with(KEY) {
            return text.parse().map(Self::Key).map_err(Problem::DidKey);
        }
        Err(Problem::Did)
    }
}

impl FromStr for Issuer {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parsed = if text.starts_with("did:") {
            Self::from_did(text)
        } else {
            return text.parse().map(Self::Pkh);
        };
        parsed.map_err(|problem| Error::Value {
            what: "issuer",
            problem,
        })
    }
}

impl From<AccountId> for Issuer {
    fn from(account: AccountId) -> Self {
        Self::Pkh(account)
    }
}

impl From<DidKey> for Issuer {
    fn from(key: DidKey) -> Self {
        Self::Key(key)
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pkh(account) => write!(f, "{}{account}", Self::PKH),
            Self::Key(key) => fmt::Display::fmt(key, f),
        }
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_dids() {
        for bad in [
            "",
            "did:",
            "did:pkh:",
            "did:key:",
            "did:web:example.com",
            "x did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44",
            "did:pkh:did:key:zDnaeS7oeZ9WPsTW5HSapFJrXXTWwGkLx9xEMief41hEeuDtx",
            "did:pkh:did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44",
            "did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44#key",
            "DID:PKH:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44",
        ] {
            assert!(bad.parse::<Issuer>().is_err(), "{bad:?}");
        }
        assert!(Issuer::from_did("eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44").is_err());
    }
}
