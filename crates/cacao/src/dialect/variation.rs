//! What a signed text, or the capability that stands for it, does otherwise than a writer here
//! would, each by its name.

use crate::error::{Error, Problem};
use core::fmt;
use core::str::FromStr;

/// A way in which honest software writes differently from this library. It is read, kept, and
/// reported by name; a policy can forbid it
/// ([`Policy::with_forbidden_dialect`](crate::Policy::with_forbidden_dialect)).
///
/// The first ones are about the text ([`Dialect::variations`](crate::siwx::Dialect::variations)),
/// the others about how a capability is spelled ([`Cacao::variations`](crate::Cacao::variations)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Variation {
    /// An `eip155` address in lower case.
    LowerCaseAddress,
    /// An `eip155` address as the issuer spells it, neither in lower case nor in checksum case.
    AddressAsIssued,
    /// `Chain ID` at the end, as until 2022-09-20.
    LegacyOrder,
    /// `Chain ID` at the end, as the text that CAIP-122 proposes has it.
    Caip122Order,
    /// Two blank lines where there is no statement.
    TwoBlankLines,
    /// Three blank lines: a statement that is there and empty.
    ThreeBlankLines,
    /// The words of a ReCap, which the wallet added after the payload's own statement.
    ComposedStatement,
    /// A line `Resources:` with nothing below it.
    BareResources,
    /// `Request ID: ` with nothing after it.
    BareRequestId,
    /// `Chain ID: eip155:1` in place of `Chain ID: 1`.
    WholeChainId,
    /// Another name for the network than that of its namespace.
    OtherNetworkName,
    /// In an off-chain message of Solana ([`Envelope::SolanaOffchain`](crate::siwx::Envelope)).
    SolanaOffchain,
    /// The same in its first layout.
    SolanaOffchainLegacy,
    /// The same with the format of ASCII without line breaks, which the text has.
    SolanaOffchainAscii,
    /// `version` as the integer 1.
    IntegerVersion,
    /// An optional member that is there and holds nothing: null, or an empty text.
    EmptyMembers,
    /// `uri` in place of `aud`, `request_id` in place of `requestId`, or both of a pair.
    OtherNames,
    /// The scheme in a member of its own, and not in front of the domain.
    SchemeMember,
    /// A member that is not signed and that the schema does not know.
    UnsignedMembers,
}

impl Variation {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::LowerCaseAddress,
        Self::AddressAsIssued,
        Self::LegacyOrder,
        Self::Caip122Order,
        Self::TwoBlankLines,
        Self::ThreeBlankLines,
        Self::ComposedStatement,
        Self::BareResources,
        Self::BareRequestId,
        Self::WholeChainId,
        Self::OtherNetworkName,
        Self::SolanaOffchain,
        Self::SolanaOffchainLegacy,
        Self::SolanaOffchainAscii,
        Self::IntegerVersion,
        Self::EmptyMembers,
        Self::OtherNames,
        Self::SchemeMember,
        Self::UnsignedMembers,
    ];

    /// Its name, in lower case with hyphens.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LowerCaseAddress => "lower-case-address",
            Self::AddressAsIssued => "address-as-issued",
            Self::LegacyOrder => "legacy-order",
            Self::Caip122Order => "caip122-order",
            Self::TwoBlankLines => "two-blank-lines",
            Self::ThreeBlankLines => "three-blank-lines",
            Self::ComposedStatement => "composed-statement",
            Self::BareResources => "bare-resources",
            Self::BareRequestId => "bare-request-id",
            Self::WholeChainId => "whole-chain-id",
            Self::OtherNetworkName => "other-network-name",
            Self::SolanaOffchain => "solana-offchain",
            Self::SolanaOffchainLegacy => "solana-offchain-legacy",
            Self::SolanaOffchainAscii => "solana-offchain-ascii",
            Self::IntegerVersion => "integer-version",
            Self::EmptyMembers => "empty-members",
            Self::OtherNames => "other-names",
            Self::SchemeMember => "scheme-member",
            Self::UnsignedMembers => "unsigned-members",
        }
    }
}

impl fmt::Display for Variation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Variation {
    type Err = Error;

    /// By its [`name`](Self::name).
    fn from_str(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|known| known.name() == name);
        found.ok_or(Error::Value {
            what: "dialect",
            problem: Problem::Unregistered,
        })
    }
}

/// A set of them; with [`Variation::EmptyMembers`] it tells which members that are printed hold
/// nothing, by bits that have no name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Variations(u32);

const EMPTY_STATEMENT: u32 = 1 << 31;
const EMPTY_REQUEST_ID: u32 = 1 << 30;
const _: () = assert!(Variation::ALL.len() <= 30);

impl Variations {
    pub(crate) const NONE: Self = Self(0);

    /// A statement is there, and holds nothing.
    pub(crate) const fn with_empty_statement(self) -> Self {
        Self(self.with(Variation::EmptyMembers).0 | EMPTY_STATEMENT)
    }

    /// A request id is there, and holds nothing.
    pub(crate) const fn with_empty_request_id(self) -> Self {
        Self(self.with(Variation::EmptyMembers).0 | EMPTY_REQUEST_ID)
    }

    pub(crate) const fn has_empty_statement(self) -> bool {
        self.0 & EMPTY_STATEMENT != 0
    }

    pub(crate) const fn has_empty_request_id(self) -> bool {
        self.0 & EMPTY_REQUEST_ID != 0
    }

    pub(crate) const fn with(self, variation: Variation) -> Self {
        Self(self.0 | 1 << variation as u32)
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) const fn has(self, variation: Variation) -> bool {
        self.0 & (1 << variation as u32) != 0
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Variation> {
        Variation::ALL
            .into_iter()
            .filter(move |variation| self.has(*variation))
    }

    /// The first that is in both.
    pub(crate) fn shared(self, other: Self) -> Option<Variation> {
        Self(self.0 & other.0).iter().next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_name_and_a_place_of_its_own() {
        let mut set = Variations::NONE;
        for (at, variation) in Variation::ALL.into_iter().enumerate() {
            assert_eq!(variation as usize, at);
            assert_eq!(variation.name().parse::<Variation>().unwrap(), variation);
            assert!(!set.has(variation));
            set = set.with(variation);
            assert!(set.has(variation));
        }
        assert!(set.iter().eq(Variation::ALL));
        assert!(!set.has_empty_statement() && !set.has_empty_request_id());
        for set in [
            Variations::NONE.with_empty_statement(),
            Variations::NONE.with_empty_request_id(),
        ] {
            assert!(set.iter().eq([Variation::EmptyMembers]));
            assert_ne!(set.has_empty_statement(), set.has_empty_request_id());
        }
        assert_eq!(
            "no-such".parse::<Variation>().unwrap_err().code(),
            "invalid_value"
        );
    }
}
