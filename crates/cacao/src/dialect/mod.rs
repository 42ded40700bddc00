//! The dialects in which one payload may have been rendered, and the names of what differs.

mod variation;

pub use variation::Variation;
pub(crate) use variation::Variations;

/// How a payload is laid out as text. The default is the layout that is written.
///
/// Each way in which it differs from that has a name, a [`Variation`], by which a policy can
/// forbid it.
///
/// ```
/// use cacao::siwx::{Dialect, Gap, Variation};
///
/// let dialect = Dialect { gap: Gap::TwoLines, ..Dialect::default() };
/// assert_eq!(dialect.variations().collect::<Vec<_>>(), [Variation::TwoBlankLines]);
/// assert_eq!(Dialect::default().variations().count(), 0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Dialect {
    /// The spelling of an `eip155` address; other addresses have one spelling.
    pub address: AddressCase,
    /// Where `Chain ID` stands.
    pub order: FieldOrder,
    /// How much room a missing statement leaves.
    pub gap: Gap,
    /// Which statement stands there.
    pub statement: StatementForm,
    /// What stands for an empty list of resources.
    pub empty_list: EmptyList,
    /// What stands for a request id that is there and empty.
    pub empty_id: EmptyId,
    /// How the chain is written.
    pub chain: ChainForm,
    /// How the text calls the network.
    pub network: NetworkName,
    /// What stands around the text in the bytes that are signed.
    pub envelope: Envelope,
}

impl Dialect {
    /// The names of what differs from the default.
    pub fn variations(self) -> impl Iterator<Item = Variation> {
        self.set().iter()
    }

    /// The same layout of the text alone.
    pub(crate) fn without_envelope(self) -> Self {
        Self {
            envelope: Envelope::default(),
            ..self
        }
    }

    pub(crate) fn set(self) -> Variations {
        let found = [
            (
                self.address == AddressCase::Lower,
                Variation::LowerCaseAddress,
            ),
            (
                self.address == AddressCase::AsIssued,
                Variation::AddressAsIssued,
            ),
            (self.order == FieldOrder::Legacy, Variation::LegacyOrder),
            (self.order == FieldOrder::Caip122, Variation::Caip122Order),
            (self.gap == Gap::TwoLines, Variation::TwoBlankLines),
            (self.gap == Gap::ThreeLines, Variation::ThreeBlankLines),
            (
                self.statement == StatementForm::Composed,
                Variation::ComposedStatement,
            ),
            (
                self.empty_list == EmptyList::Heading,
                Variation::BareResources,
            ),
            (self.empty_id == EmptyId::Line, Variation::BareRequestId),
            (self.chain == ChainForm::Whole, Variation::WholeChainId),
            (
                self.network == NetworkName::Other,
                Variation::OtherNetworkName,
            ),
            (
                self.envelope == Envelope::SolanaOffchain,
                Variation::SolanaOffchain,
            ),
            (
                self.envelope == Envelope::SolanaOffchainLegacy,
                Variation::SolanaOffchainLegacy,
            ),
            (
                self.envelope == Envelope::SolanaOffchainAscii,
                Variation::SolanaOffchainAscii,
            ),
        ];
        let there = found.into_iter().filter(|(differs, _)| *differs);
        there.fold(Variations::NONE, |set, (_, name)| set.with(name))
    }
}

/// The letter case of an `eip155` address in the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AddressCase {
    /// EIP-55 checksum case, as EIP-4361 wants it.
    #[default]
    Checksum,
    /// Lower case.
    Lower,
    /// As the issuer spells it, where that is neither of the two (CAIP-74).
    AsIssued,
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
    /// `Chain ID` after `Request ID`, as the text that CAIP-122 proposes has it (Examples). For all
    /// that is not of the legacy order.
    Caip122,
}

/// What stands between address and `URI:` where there is no statement, or an empty one, which says
/// the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Gap {
    /// One blank line.
    #[default]
    OneLine,
    /// Two blank lines, as the grammar of EIP-4361 has it for a missing statement.
    TwoLines,
    /// Three blank lines, as the grammar of EIP-4361 has it for an empty statement.
    ThreeLines,
}

/// Which statement stands in the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum StatementForm {
    /// That of the payload.
    #[default]
    AsGiven,
    /// A longer one: the wallet put the words of the last resource, a ReCap (ERC-5573), behind that
    /// of the payload.
    Composed,
}

/// What stands for a list of resources that is there and empty. In the legacy order it always has
/// its heading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EmptyList {
    /// Nothing, as for no list.
    #[default]
    Nothing,
    /// A line `Resources:` with nothing below it.
    Heading,
}

/// What stands for a request id that is there and empty, which says as much as none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EmptyId {
    /// Nothing, as for no request id.
    #[default]
    Nothing,
    /// `Request ID: ` with nothing behind it, as the grammar of EIP-4361 has it.
    Line,
}

/// How the text writes the chain of the account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ChainForm {
    /// Its reference alone: `1`.
    #[default]
    Reference,
    /// The whole id of CAIP-2: `eip155:1`.
    Whole,
}

/// How the text calls the network of the account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum NetworkName {
    /// By the name of its namespace: `Ethereum`, `Solana`, `Tezos`, `Stacks`.
    #[default]
    Namespace,
    /// By another name, which the wallet chose freely. A capability does not hold it, so that only
    /// a [`SignedText`](crate::SignedText) is proven under it.
    Other,
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
    /// As [`SolanaOffchain`](Self::SolanaOffchain), with the format of restricted ASCII (0) although
    /// the text has line breaks: that of hardware wallets.
    SolanaOffchainAscii,
}
