//! The proof that a capability was judged: only this crate makes one.

use crate::caip::Issuer;
use crate::dialect::{Dialect, Variation, Variations};
use crate::error::TextWarning;
use crate::model::{Cacao, Payload};
use crate::prove::{AccountKind, Block, Facts, Proven};
use crate::recap::{RecapStatement, SignedRecap, composed_statement};
use crate::siwx::SignedText;
use crate::time::UnixTime;
use alloc::borrow::Cow;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Whether the signed bytes say who the issuer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IssuerProof {
    /// They name the issuer, as every wallet text does.
    #[default]
    Signed,
    /// They do not, but the issuer is the one that the caller required.
    Expected,
    /// They do not, and the caller required no issuer: the issuer is only what the capability
    /// claims.
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
    recap: (Option<Arc<SignedRecap>>, RecapStatement),
    at: UnixTime,
}

impl VerifiedCacao {
    pub(super) const fn new(
        proven: Proven,
        issuer: IssuerProof,
        recap: (Option<Arc<SignedRecap>>, RecapStatement),
        at: UnixTime,
    ) -> Self {
        Self {
            proven,
            issuer,
            recap,
            at,
        }
    }

    /// The proof, by which the capability can be judged again.
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

    /// The issuer, who delegated.
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

    /// The ReCap whose abilities are granted, if there is one: the last resource, which the signed
    /// statement translates (ERC-5573).
    #[must_use]
    pub fn recap(&self) -> Option<&SignedRecap> {
        self.recap.0.as_deref()
    }

    /// What the signed statement says about the ReCap.
    #[must_use]
    pub const fn recap_statement(&self) -> RecapStatement {
        self.recap.1
    }

    /// The statement that was signed: the payload's, or a longer one that the wallet composed of it
    /// and the translation of the ReCap.
    #[must_use]
    pub fn signed_statement(&self) -> Option<Cow<'_, str>> {
        if self.facts().has_composed_statement() {
            composed_statement(self.payload()).map(Cow::Owned)
        } else {
            self.payload().statement().map(Cow::Borrowed)
        }
    }

    /// The layout of the signed text, if a text was signed.
    #[must_use]
    pub fn dialect(&self) -> Option<Dialect> {
        self.facts().dialect
    }

    /// The variations of the text and of the capability's spelling: how they differ from what this
    /// crate writes.
    pub fn variations(&self) -> impl Iterator<Item = Variation> {
        let text = self.dialect().map_or(Variations::NONE, Dialect::set);
        self.cacao().spelling().and(text).iter()
    }

    /// The text, if a [`SignedText`] was verified; [`cacao`](Self::cacao) is then its content, and
    /// not a capability that others could verify.
    #[must_use]
    pub fn signed_text(&self) -> Option<SignedText> {
        SignedText::of(self.cacao())
    }

    /// The network that the first line of the text names, as a wallet showed it; empty if the text
    /// was made from the payload.
    #[must_use]
    pub fn network(&self) -> &str {
        self.cacao().shown().map_or("", |shown| &shown.network)
    }

    /// Where a person may have misread the capability, or the first line of a sign-in text, and
    /// what is unusual about the domain; see
    /// [`Policy::with_strict_text`](crate::Policy::with_strict_text).
    #[must_use]
    pub fn warnings(&self) -> Vec<TextWarning> {
        self.cacao().text_warnings()
    }

    /// The block at which the issuer's contract was asked, if the issuer is a contract and its
    /// answer is pinned to a block.
    #[must_use]
    pub fn block(&self) -> Option<Block> {
        self.facts().contract?.block
    }

    /// What the account was found to be, if the issuer is an Ethereum account.
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
