//! Why a store did not do what it was asked.

use super::slot_id::SlotId;
use std::error::Error as StdError;
use std::time::Duration;

/// Why a store did not do what it was asked. Its text names what and where, never a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The slot is not as it was expected: changed or removed in the meantime.
    #[error("the stored session of {slot} was changed or removed in the meantime")]
    Conflict {
        /// Which slot.
        slot: Box<SlotId>,
    },
    /// Somebody else is still asking the wallet for this slot.
    #[error(
        "another caller has been asking the wallet of {slot} for longer than {max_wait:?}; try again later"
    )]
    Busy {
        /// Which slot.
        slot: Box<SlotId>,
        /// How long was waited.
        max_wait: Duration,
    },
    /// The reply of the medium was lost: the change was made or not. Load again to know.
    #[error(
        "the reply of the store was lost, so it is not known whether the session of {slot} was changed"
    )]
    Unknown {
        /// Which slot.
        slot: Box<SlotId>,
    },
    /// No key of the store's custody can be made, or a key of another custody cannot be kept.
    #[error("the session key cannot be made or kept here: {reason}")]
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
    /// The slot is not as it was expected.
    #[must_use]
    pub fn conflict(slot: &SlotId) -> Self {
        Self::Conflict {
            slot: Box::new(slot.clone()),
        }
    }

    /// Somebody else still holds the prompt lock of this slot, after `max_wait`.
    #[must_use]
    pub fn busy(slot: &SlotId, max_wait: Duration) -> Self {
        Self::Busy {
            slot: Box::new(slot.clone()),
            max_wait,
        }
    }

    /// The reply to a change of this slot was lost.
    #[must_use]
    pub fn unknown(slot: &SlotId) -> Self {
        Self::Unknown {
            slot: Box::new(slot.clone()),
        }
    }

    /// The session key cannot be made or kept here, for this reason.
    pub fn key(reason: impl Into<String>) -> Self {
        Self::Key {
            reason: reason.into(),
        }
    }

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
            Self::Unknown { .. } => "store_outcome_unknown",
            Self::Key { .. } => "no_session_key",
            Self::Medium { .. } => "store_failed",
        }
    }
}
