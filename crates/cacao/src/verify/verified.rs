//! The proof that a capability was judged: only this crate makes one.

use super::{Block, Proof};
use crate::caip::Issuer;
use crate::model::{Cacao, Payload};
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
/// Made by [`Cacao::verify`] and [`Cacao::verify_async`] only.
#[derive(Clone, Debug)]
pub struct VerifiedCacao {
    cacao: Cacao,
    proof: Proof,
    at: UnixTime,
}

impl VerifiedCacao {
    pub(super) const fn new(cacao: Cacao, proof: Proof, at: UnixTime) -> Self {
        Self { cacao, proof, at }
    }

    /// The capability.
    #[must_use]
    pub const fn cacao(&self) -> &Cacao {
        &self.cacao
    }

    /// Its payload.
    #[must_use]
    pub fn payload(&self) -> &Payload {
        self.cacao.payload()
    }

    /// Who delegated.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        self.payload().issuer()
    }

    /// How firmly the issuer is known.
    #[must_use]
    pub const fn issuer_proof(&self) -> IssuerProof {
        self.proof.issuer
    }

    /// The layout of the signed text, where a text was signed.
    #[must_use]
    pub const fn dialect(&self) -> Option<Dialect> {
        self.proof.dialect
    }

    /// The block at which the issuer's contract was asked, where the issuer is a contract and its
    /// answer is pinned to a block.
    #[must_use]
    pub const fn block(&self) -> Option<Block> {
        self.proof.block
    }

    /// The time at which it was judged.
    #[must_use]
    pub const fn judged_at(&self) -> UnixTime {
        self.at
    }
}
