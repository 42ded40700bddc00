//! The dialects in which one payload may have been rendered.

use crate::time::UnixTime;

/// 2022-09-20T00:00:00Z: until then, issuing software wrote the legacy order.
pub(crate) const LEGACY_UNTIL: UnixTime = UnixTime::from_secs(1_663_632_000);

/// How a payload is laid out as text. The default is what a writer picks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Dialect {
    /// The spelling of an `eip155` address; other addresses have one spelling.
    pub address: AddressCase,
    /// Where `Chain ID` stands.
    pub order: FieldOrder,
    /// How much room a missing statement leaves.
    pub gap: Gap,
    /// What stands around the text in the bytes that are signed.
    pub envelope: Envelope,
}

/// The letter case of an `eip155` address in the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AddressCase {
    /// EIP-55 checksum case, as EIP-4361 wants it.
    #[default]
    Checksum,
    /// Lower case.
    Lower,
}

/// The order of the fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FieldOrder {
    /// `Chain ID` after `Version`, as EIP-4361 has it.
    #[default]
    Current,
    /// `Chain ID` after `Request ID`, and `Resources:` printed even for an empty list. Only for
    /// `eip155` capabilities issued until 2022-09-20T00:00:00Z.
    Legacy,
}

/// What stands between address and `URI:` where there is no statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Gap {
    /// One blank line.
    #[default]
    OneLine,
    /// Two blank lines, as the grammar of EIP-4361 has it. Not combined with the legacy order.
    TwoLines,
}

/// What stands around the text in the bytes that an account signs, beyond what the kind of its
/// signature always has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Envelope {
    /// Nothing.
    #[default]
    Bare,
    /// The header of Solana's off-chain messages, version 0: application domain, format, one signer
    /// and length.
    SolanaOffchain,
    /// The same in its first layout, which has format and length only: that of Solana's command
    /// line and of older hardware wallets.
    SolanaOffchainLegacy,
}
