//! Why a revocation statement does not count.

use super::{MAX_REVOCATION_LEN, REVOCATION_TYPE, REVOKE_RESOURCE};
use crate::store::StoreError;
use std::time::Duration;

/// Why a revocation statement does not count.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RevocationError {
    /// It is longer than a statement can be.
    #[error("the revocation statement is longer than {MAX_REVOCATION_LEN} bytes")]
    TooLarge,
    /// It is not a JWS in compact form, or does not verify under its capability.
    #[error("the revocation statement is not accepted")]
    Jws(#[source] dag_jws::Error),
    /// It is a JWS of another type.
    #[error("the header member typ is {found}, not {REVOCATION_TYPE:?}")]
    OtherType {
        /// `typ` as it stands, or `absent`.
        found: String,
    },
    /// Header or payload are not those of a statement.
    #[error("the text is not a valid revocation statement: {problem}")]
    Malformed {
        /// What is wrong with it.
        problem: String,
    },
    /// It is about another issuer than that of its capability.
    #[error("the statement is about the issuer {statement}, but its capability is of {capability}")]
    OtherIssuer {
        /// The issuer in the statement.
        statement: String,
        /// The issuer of the capability.
        capability: String,
    },
    /// It is about another domain than that of its capability.
    #[error(
        "the statement is about the domain {statement:?}, but its capability is for {capability:?}"
    )]
    OtherDomain {
        /// The domain in the statement.
        statement: String,
        /// The domain of the capability.
        capability: String,
    },
    /// It was made in the future.
    #[error("the statement was made in the future: its iat is {iat}")]
    NotYetMade {
        /// `iat`, in seconds since the epoch.
        iat: u64,
    },
    /// It would revoke capabilities that are not signed yet.
    #[error(
        "the statement revokes everything until {all_before}, which is after it was made, at {iat}"
    )]
    RevokesTheFuture {
        /// `all_before`, in seconds since the epoch.
        all_before: u64,
        /// `iat`, in seconds since the epoch.
        iat: u64,
    },
    /// It is about other sessions than its own, and the capability does not grant that.
    #[error(
        "the capability does not grant {REVOKE_RESOURCE:?}, which revoking other sessions needs"
    )]
    NotGranted,
    /// It is about other sessions than its own, and the issuer signed the capability too long ago.
    #[error("the capability was signed {age:?} ago; to revoke other sessions, log in again")]
    LoginTooOld {
        /// How long ago.
        age: Duration,
    },
    /// It is about other sessions than its own, and the session that made it was revoked.
    #[error("the capability under which the statement is made was revoked")]
    MakerRevoked,
    /// It cannot be found out whether the session that made it was revoked.
    #[error("the revocations cannot be read")]
    Store(#[source] StoreError),
}

impl RevocationError {
    /// A stable name of the reason in snake case, for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Jws(error) => error.code(),
            Self::OtherType { .. } => "not_a_revocation",
            Self::Malformed { .. } => "malformed_revocation",
            Self::OtherIssuer { .. } => "issuer_mismatch",
            Self::OtherDomain { .. } => "domain_mismatch",
            Self::NotYetMade { .. } => "not_yet_valid",
            Self::RevokesTheFuture { .. } => "revokes_the_future",
            Self::NotGranted => "revocation_not_granted",
            Self::LoginTooOld { .. } => "login_too_old",
            Self::MakerRevoked => "revoked",
            Self::Store(error) => error.code(),
        }
    }
}
