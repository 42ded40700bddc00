//! Why a stored session is not used.

use super::Error;
use std::error::Error as StdError;
use std::sync::Arc;

/// Why a stored session is not used for a request.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotUsable {
    /// There is none.
    #[error("there is no stored session")]
    Absent,
    /// What lies there cannot be read.
    #[error("the stored session cannot be read")]
    Unreadable(#[source] Arc<dyn StdError + Send + Sync>),
    /// It cannot be what the issuer signed for this key: it would never work.
    #[error("the stored session is not accepted")]
    Refused(#[source] Error),
    /// It was revoked.
    #[error("the stored session was revoked")]
    Revoked,
    /// It has expired, or is about to.
    #[error("the stored session expires at {at}")]
    Expired {
        /// `exp` as it stands.
        at: String,
    },
    /// It was signed for another site.
    #[error("the stored session was signed for the domain {found:?}")]
    OtherDomain {
        /// The domain of the session.
        found: String,
    },
    /// It answers another challenge.
    #[error("the stored session has another nonce than the one asked for")]
    OtherNonce,
    /// It answers another request.
    #[error("the stored session has another request id than the one asked for")]
    OtherRequestId,
    /// It does not grant everything that is asked for.
    #[error("the stored session does not grant {resource:?}")]
    NotGranted {
        /// The first resource that is missing.
        resource: String,
    },
    /// It grants other resources than exactly those that are asked for.
    #[error("the stored session grants other resources than exactly those asked for")]
    NotExact,
    /// It ends sooner than asked for.
    #[error("the stored session ends too soon, at {at}")]
    EndsTooSoon {
        /// `exp` as it stands.
        at: String,
    },
    /// It lasts longer than the caller asks for.
    #[error("the stored session lasts longer than asked for")]
    LastsTooLong,
}

impl NotUsable {
    /// A stable name of the reason in snake case, for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Absent => "no_session",
            Self::Unreadable(_) => "unreadable_record",
            Self::Refused(error) => error.code(),
            Self::Revoked => "revoked",
            Self::Expired { .. } => "expired",
            Self::OtherDomain { .. } => "other_domain",
            Self::OtherNonce => "other_nonce",
            Self::OtherRequestId => "other_request_id",
            Self::NotGranted { .. } => "resource_not_granted",
            Self::NotExact => "not_exact",
            Self::EndsTooSoon { .. } => "ends_too_soon",
            Self::LastsTooLong => "lasts_too_long",
        }
    }
}

/// What the judgement of a stored session says about it.
impl From<cacao::Error> for NotUsable {
    fn from(error: cacao::Error) -> Self {
        use cacao::Error as E;
        match error {
            E::Expired { time } => Self::Expired { at: time },
            E::DomainMismatch { found, .. } => Self::OtherDomain { found },
            E::NonceMismatch => Self::OtherNonce,
            E::RequestIdMismatch => Self::OtherRequestId,
            E::ResourceNotGranted { resource } => Self::NotGranted { resource },
            E::NotExact => Self::NotExact,
            E::EndsTooSoon { time } => Self::EndsTooSoon { at: time },
            E::LastsTooLong => Self::LastsTooLong,
            other => Self::Refused(other.into()),
        }
    }
}
