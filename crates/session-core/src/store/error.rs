//! Why a store did not do what it was asked.

use std::error::Error as StdError;
use std::time::Duration;

/// Why a store did not do what it was asked. Its text names what and where, never a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The slot is not as it was expected: changed or removed in the meantime.
    #[error("the stored session of {issuer} was changed or removed in the meantime")]
    Conflict {
        /// The issuer's DID.
        issuer: String,
    },
    /// Somebody else is asking the wallet of this issuer, and patience ended.
    #[error("somebody else is asking the wallet of {issuer}; waited {patience:?}")]
    Busy {
        /// The issuer's DID.
        issuer: String,
        /// How long was waited.
        patience: Duration,
    },
    /// No key of the store's custody can be made.
    #[error("no session key can be made: {reason}")]
    Key {
        /// Why.
        reason: String,
    },
    /// The medium failed, or is not what it should be.
    #[error("{action}")]
    Medium {
        /// What was tried, and where: `cannot write /path/to/file`.
        action: String,
        /// What the medium said.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl StoreError {
    /// The medium failed at `action`, which says what was tried and where.
    pub fn medium(
        action: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::Medium {
            action: action.into(),
            source: source.into(),
        }
    }

    /// A stable name of the reason in snake case, for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Conflict { .. } => "store_conflict",
            Self::Busy { .. } => "busy",
            Self::Key { .. } => "no_session_key",
            Self::Medium { .. } => "store_failed",
        }
    }
}
