//! What an account is, whatever the label of its signature says.

use crate::model::SignatureKind;

/// What an Ethereum account was found to be when its signature was proven. The label of the
/// signature (`s.t`) is not signed, and does not decide this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AccountKind {
    /// An externally owned account: its key made the signature, and no chain was asked. If the
    /// account delegates to code (EIP-7702), that code is not asked either, since the key that
    /// signed can replace it at any time.
    ExternallyOwned,
    /// A contract at the account's address, which accepted the signature (ERC-1271).
    Contract,
    /// A counterfactual contract: the signature came with a call that deploys the contract or makes
    /// it ready, after which the contract accepted it (ERC-6492). It may be deployed by now.
    Counterfactual,
}

impl AccountKind {
    /// A stable name in snake case, for machines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ExternallyOwned => "externally_owned",
            Self::Contract => "contract",
            Self::Counterfactual => "counterfactual",
        }
    }

    /// The account of this name.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        [Self::ExternallyOwned, Self::Contract, Self::Counterfactual]
            .into_iter()
            .find(|account| account.name() == name)
    }

    /// The label (`s.t`) that says the same.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::ExternallyOwned => "eip191",
            Self::Contract => "eip1271",
            Self::Counterfactual => "eip6492",
        }
    }

    /// Whether this label is one of those under which a contract may have signed.
    pub(super) fn may_be_a_contract_s(label: &SignatureKind) -> bool {
        matches!(label.as_str(), "eip191" | "eip1271" | "eip6492")
    }
}
