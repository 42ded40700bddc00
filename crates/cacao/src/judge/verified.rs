//! The proof that a capability was judged: only this crate makes one.

use crate::caip::Issuer;
use crate::model::{Cacao, Payload};
use crate::prove::{AccountKind, Block, Facts, Proven};
use crate::siwx::Dialect;
use crate::time::UnixTime;

/// Whether the signed bytes say who the issuer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IssuerProof {
    /// They name the issuer, as every wallet text does.
    #[default]
    Signed,
    /// They do not, but the issuer is the one that the caller expected.
    Expected,
    /// They do not, and the caller expected nobody: the issuer is what the capability claims.
    Claimed,
}

/// A capability that was accepted, and how it was judged. Cheap to clone.
///
/// Made by [`Cacao::verify`], [`Proven::judge`] and [`Inquiry::answer`](crate::Inquiry::answer)
/// only.
#[derive(Clone, Debug)]
pub struct VerifiedCacao {
    proven: Proven,
    issuer: IssuerProof,
    at: UnixTime,
}

impl VerifiedCacao {
    pub(super) const fn new(proven: Proven, issuer: IssuerProof, at: UnixTime) -> Self {
        Self { proven, issuer, at }
    }

    /// What was proven, to be judged again.
    #[must_use]
    pub const fn proven(&self) -> &Proven {
        &self.proven
    }

    /// The capability.
    #[must_use]
    pub fn cacao(&self) -> &Cacao {
        self.proven.cacao()
    }

    /// Its payload.
    #[must_use]
    pub fn payload(&self) -> &Payload {
        self.cacao().payload()
    }

    /// Who delegated.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        self.payload().issuer()
    }

    /// How firmly the issuer is known.
    #[must_use]
    pub const fn issuer_proof(&self) -> IssuerProof {
        self.issuer
    }

    /// How the signature was proven.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        self.proven.facts()
    }

    /// The layout of the signed text, where a text was signed.
    #[must_use]
    pub fn dialect(&self) -> Option<Dialect> {
        self.facts().dialect
    }

    /// The block at which the issuer's contract was asked, where the issuer is a contract and its
    /// answer is pinned to a block.
    #[must_use]
    pub fn block(&self) -> Option<Block> {
        self.facts().contract?.block
    }

    /// What the account was found to be, where the issuer is one of Ethereum.
    #[must_use]
    pub fn account(&self) -> Option<AccountKind> {
        self.facts().account
    }

    /// The time at which it was judged.
    #[must_use]
    pub const fn judged_at(&self) -> UnixTime {
        self.at
    }
}
