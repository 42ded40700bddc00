//! Why there is no session: the one error type of the crate, and why a stored session is not used.

mod ask;

pub use ask::{AnswerProblem, AuthError};

use crate::key::SigningError;
use crate::store::StoreError;
use cacao::Cacao;
use didkey::DidKey;
use std::error::Error as StdError;
use std::sync::Arc;

/// Why there is no session, or why an operation of a session failed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An option of the caller is not allowed.
    #[error("the option {option} {problem}")]
    InvalidOption {
        /// The option's name.
        option: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The stored session cannot be used, and the caller did not want the wallet to be asked for
    /// another.
    #[error("there is no usable session")]
    NotUsable(#[source] Box<NotUsable>),
    /// The text is not a session string. The text itself is never quoted: it is a secret.
    #[error("the text is not a session string: {problem}")]
    SessionString {
        /// What is wrong with it, and where.
        problem: String,
    },
    /// The capability of a session cannot be read, or is refused.
    #[error("the capability of the session is not accepted")]
    Capability(#[source] Arc<cacao::Error>),
    /// The session key is not the one that the capability delegates to.
    #[error("the session key is {key}, but the capability delegates to {audience}")]
    KeyMismatch {
        /// The key's `did:key`.
        key: String,
        /// The capability's audience.
        audience: String,
    },
    /// The session has expired, and cannot sign any more.
    #[error("the session expired at {at}")]
    Expired {
        /// `exp` as it stands.
        at: String,
    },
    /// The auth method did not give a capability.
    #[error("the issuer did not sign")]
    Auth(#[source] Arc<AuthError>),
    /// The auth method gave a capability that is not what was asked for.
    #[error("the wallet's answer is not what was asked for")]
    Answer(#[source] Arc<AnswerProblem>),
    /// The store failed.
    #[error("the store failed")]
    Store(#[source] Arc<StoreError>),
    /// The session key did not sign.
    #[error("the session key did not sign")]
    Signing(#[source] Arc<SigningError>),
    /// The payload cannot be signed.
    #[error("no signature can be made")]
    Jws(#[source] Arc<dag_jws::Error>),
    /// The state machine was given an input that does not answer its last step: a fault of the code
    /// that drives it.
    #[error("the flow was given an input that does not answer its last step: {detail}")]
    OutOfStep {
        /// Which input it was given, and which step it had wanted.
        detail: String,
    },
    /// The operating system gave no randomness.
    #[error("the operating system gave no randomness: {reason}")]
    Randomness {
        /// What it said.
        reason: String,
    },
}

impl Error {
    /// A stable name of the reason in snake case, for machines.
    #[must_use]
    #[inline(never)]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidOption { .. } => "invalid_option",
            Self::NotUsable(reason) => reason.code(),
            Self::OutOfStep { .. } => "out_of_step",
            Self::SessionString { .. } => "malformed_session",
            Self::Capability(error) => error.code(),
            Self::KeyMismatch { .. } => "key_mismatch",
            Self::Expired { .. } => "expired",
            Self::Auth(error) => error.code(),
            Self::Answer(problem) => problem.code(),
            Self::Store(error) => error.code(),
            Self::Signing(_) => "signing_failed",
            Self::Jws(error) => error.code(),
            Self::Randomness { .. } => "no_randomness",
        }
    }
}

impl Error {
    /// The key of a record is not the audience of its capability.
    pub(crate) fn key_mismatch(key: &DidKey, capability: &Cacao) -> Self {
        Self::KeyMismatch {
            key: key.to_string(),
            audience: capability.payload().audience().to_owned(),
        }
    }
}

macro_rules! from {
    ($($variant:ident($source:ty)),+ $(,)?) => {$(
        impl From<$source> for Error {
            fn from(source: $source) -> Self {
                Self::$variant(Arc::new(source))
            }
        }
    )+};
}

from!(
    Capability(cacao::Error),
    Auth(AuthError),
    Answer(AnswerProblem),
    Store(StoreError),
    Signing(SigningError),
    Jws(dag_jws::Error),
);

/// Why a stored session is not used for a request.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotUsable {
    /// There is none.
    #[error("{}", Self::ABSENT)]
    Absent,
    /// What lies there cannot be read.
    #[error("the stored session cannot be read")]
    Unreadable(#[source] Arc<dyn StdError + Send + Sync>),
    /// It is not what the issuer signed for this key, so it can never be used.
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
    /// It has another nonce than the request.
    #[error("the stored session has another nonce than the one that is asked for")]
    OtherNonce,
    /// It has another request id than the request.
    #[error("the stored session has another request id than the one that is asked for")]
    OtherRequestId,
    /// It does not grant everything that is asked for.
    #[error("the stored session does not grant {resource:?}")]
    NotGranted {
        /// The first resource that is missing.
        resource: String,
    },
    /// It does not grant exactly the resources that are asked for.
    #[error("the stored session does not grant exactly the resources that are asked for")]
    NotExact,
    /// It ends sooner than asked for.
    #[error("the stored session ends too soon, at {at}")]
    EndsTooSoon {
        /// `exp` as it stands.
        at: String,
    },
    /// It lasts longer than the caller asks for.
    #[error("the stored session lasts longer than is asked for")]
    LastsTooLong,
}

impl NotUsable {
    /// What [`Absent`](Self::Absent) says, for whoever knows that without a flow.
    pub const ABSENT: &str = "there is no stored session";
    /// Its [`code`](Self::code).
    pub const ABSENT_CODE: &str = "no_session";

    /// A stable name of the reason in snake case, for machines.
    #[must_use]
    #[inline(never)]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Absent => Self::ABSENT_CODE,
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
            E::NonceMismatch { .. } => Self::OtherNonce,
            E::RequestIdMismatch { .. } => Self::OtherRequestId,
            E::ResourceNotGranted { resource } => Self::NotGranted { resource },
            E::NotExact => Self::NotExact,
            E::EndsTooSoon { time } => Self::EndsTooSoon { at: time },
            E::LastsTooLong => Self::LastsTooLong,
            other => Self::Refused(other.into()),
        }
    }
}
