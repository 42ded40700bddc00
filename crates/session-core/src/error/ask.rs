//! Why an issuer did not sign, or did not sign what was asked for.

use std::error::Error as StdError;

/// Why an issuer did not sign.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// The user declined to sign.
    #[error("the user declined")]
    Declined,
    /// The wallet cannot be reached, gave an unexpected answer, or failed.
    #[error("the wallet failed")]
    Failed(#[source] Box<dyn StdError + Send + Sync>),
}

impl AuthError {
    /// The wallet failed for this reason.
    pub fn failed(reason: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Failed(reason.into())
    }

    /// A stable name of the reason in snake case, for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Failed(_) => "wallet_failed",
        }
    }
}

/// How an answer differs from what was asked for, or why it is not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerProblem {
    /// A member is not the one that was asked for.
    #[error("{member} is not the one that was asked for")]
    Different {
        /// The member, named as on the wire.
        member: &'static str,
    },
    /// It is for another site than the one that asks.
    #[error("it is for the domain {found:?}, but {asked:?} was asked for")]
    OtherDomain {
        /// The domain of the answer.
        found: String,
        /// The domain of the request.
        asked: String,
    },
    /// It lasts longer than was asked for.
    #[error("it lasts longer than was asked for")]
    TooLong,
    /// It was not issued now.
    #[error("it was issued at {iat}, and not now: check the clocks")]
    NotIssuedNow {
        /// `iat` as it stands.
        iat: String,
    },
    /// It does not hold yet.
    #[error("it is not valid before {nbf}")]
    NotValidYet {
        /// `nbf` as it stands.
        nbf: String,
    },
    /// It ends before it begins, or at once.
    #[error("it ends at {exp}, which is not after it begins")]
    EndsBeforeItBegins {
        /// `exp` as it stands.
        exp: String,
    },
    /// It has expired.
    #[error("it expired at {exp}")]
    Expired {
        /// `exp` as it stands.
        exp: String,
    },
    /// It is not accepted, usually because of the issuer's signature.
    #[error("it is not accepted")]
    Refused(#[source] cacao::Error),
}

impl AnswerProblem {
    /// A stable name of the reason in snake case, for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Different { .. } | Self::OtherDomain { .. } => "answer_differs",
            Self::TooLong => "answer_lasts_too_long",
            Self::NotIssuedNow { .. } => "answer_not_issued_now",
            Self::NotValidYet { .. } => "answer_not_valid_yet",
            Self::EndsBeforeItBegins { .. } => "answer_ends_before_it_begins",
            Self::Expired { .. } => "answer_expired",
            Self::Refused(error) => error.code(),
        }
    }
}
