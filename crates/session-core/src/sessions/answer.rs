//! Is what the auth method answered what it was asked for?

/// How the answer of an auth method differs from what was asked, or why it proves nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerProblem {
    /// A member is not the one that was asked for.
    #[error("{member} is not the one asked for")]
    Different {
        /// The member, named as on the wire.
        member: &'static str,
    },
    /// It lasts longer than was asked for.
    #[error("it lasts longer than was asked for")]
    TooLong,
    /// It was not issued now.
    #[error("it was not issued now but at {iat}")]
    NotIssuedNow {
        /// `iat` as it stands.
        iat: String,
    },
    /// It does not hold yet.
    #[error("it does not hold before {nbf}")]
    NotValidYet {
        /// `nbf` as it stands.
        nbf: String,
    },
    /// It is not accepted, with the issuer's signature above all.
    #[error("it is not accepted")]
    Refused(#[source] cacao::Error),
}

impl AnswerProblem {
    /// A stable name of the reason in snake case, for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Different { .. } => "answer_differs",
            Self::TooLong => "answer_lasts_too_long",
            Self::NotIssuedNow { .. } => "answer_not_issued_now",
            Self::NotValidYet { .. } => "answer_not_valid_yet",
            Self::Refused(error) => error.code(),
        }
    }
}
