//! What was found when a signature was proven: facts, by which a policy may decide.

use super::{AccountKind, Block};
use crate::dialect::{Dialect, StatementForm};
use crate::error::Error;
use crate::model::Cacao;
use crate::siwx::SignedText;
use crate::time::UnixTime;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;

/// How a signature was found to be the issuer's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Facts {
    /// The layout of the signed text, where a text was signed.
    pub dialect: Option<Dialect>,
    /// Whether the signed bytes name the issuer, as every wallet text does.
    pub names_issuer: bool,
    /// What a passkey and its browser said, where a passkey signed.
    pub passkey: Option<Box<PasskeyFacts>>,
    /// When, and at which block, a contract accepted the signature, where one was asked.
    pub contract: Option<ContractWord>,
    /// What the account was found to be, where it is one of Ethereum: a key's or a contract's.
    pub account: Option<AccountKind>,
}

impl Facts {
    /// Bytes that name the issuer were signed.
    #[must_use]
    pub const fn of_bytes() -> Self {
        Self {
            dialect: None,
            names_issuer: true,
            passkey: None,
            contract: None,
            account: None,
        }
    }

    /// A text in this dialect was signed; the text names the issuer.
    #[must_use]
    pub fn of_text(dialect: Dialect) -> Self {
        Self {
            dialect: Some(dialect),
            ..Self::of_bytes()
        }
    }

    /// The key of an Ethereum account signed a text in this dialect.
    #[must_use]
    pub fn of_key(dialect: Dialect) -> Self {
        Self {
            account: Some(AccountKind::ExternallyOwned),
            ..Self::of_text(dialect)
        }
    }

    /// A passkey signed, which does not sign who the issuer is.
    #[must_use]
    pub fn of_passkey(passkey: PasskeyFacts) -> Self {
        Self {
            names_issuer: false,
            passkey: Some(Box::new(passkey)),
            ..Self::of_bytes()
        }
    }

    /// A contract accepted the signature of a text in this dialect.
    #[must_use]
    pub fn of_contract(dialect: Dialect, word: ContractWord) -> Self {
        Self {
            contract: Some(word),
            account: Some(AccountKind::Contract),
            ..Self::of_text(dialect)
        }
    }

    /// Whether the statement in the signed text is longer than the payload's, because the wallet
    /// added the words of the ReCap (ERC-5573).
    #[must_use]
    pub fn has_composed_statement(&self) -> bool {
        self.dialect
            .is_some_and(|dialect| dialect.statement == StatementForm::Composed)
    }

    /// The same, with another way in which the account was found to have signed.
    #[must_use]
    pub fn with_account(mut self, account: AccountKind) -> Self {
        self.account = Some(account);
        self
    }
}

/// What a passkey and its browser said (WebAuthn, sections 5.8.1 and 6.1). That the challenge is
/// that of the payload was proven; whether the rest is welcome is for the policy to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyFacts {
    /// `origin`: the page on which the passkey was used.
    pub origin: String,
    /// `crossOrigin`: whether that page was a frame within a page of another site.
    pub cross_origin: bool,
    /// `topOrigin`: the page that held the frame.
    pub top_origin: Option<String>,
    /// SHA-256 of the relying party's id.
    pub rp_id_hash: [u8; 32],
    /// Whether the authenticator tested that a user was present.
    pub user_present: bool,
    /// Whether the authenticator verified its user, by a PIN or a fingerprint.
    pub user_verified: bool,
}

/// That a contract accepted a signature. A contract may change its mind, so its word ages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContractWord {
    /// The block at which it was asked; none for the latest of that time.
    pub block: Option<Block>,
    /// When it was asked.
    pub asked_at: UnixTime,
}

/// A capability whose issuer is proven to have signed its payload, and how that was found.
///
/// It says nothing of times, audiences and resources: [`judge`](Self::judge) it to know whether
/// it holds. Only proving makes one; it is never read from bytes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Proven(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    cacao: Cacao,
    facts: Facts,
}

impl Proven {
    pub(crate) fn new(cacao: Cacao, facts: Facts) -> Self {
        Self(Arc::new(Parts { cacao, facts }))
    }

    /// The capability.
    #[must_use]
    pub fn cacao(&self) -> &Cacao {
        &self.0.cacao
    }

    /// The same proof, for the capability that a proven [`SignedText`] stands for; a proof of a
    /// capability is one already.
    ///
    /// # Errors
    /// As [`SignedText::to_cacao`].
    pub fn of_capability(&self) -> Result<Self, Error> {
        match SignedText::of(self.cacao()) {
            Some(text) => Ok(Self::new(text.to_cacao()?, self.facts().clone())),
            None => Ok(self.clone()),
        }
    }

    /// How its signature was proven.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.0.facts
    }
}
