//! Why a sealed store does not open, or one of its records does not.

use crate::names::{KeyKind, StoreId};
use session_core::{SlotId, StoreError};
use std::error::Error as StdError;
use std::path::PathBuf;

/// Why a sealed store does not open, or one of its records does not. Its text never has a secret.
///
/// It is the source of [`Slot::Unreadable`](session_core::Slot::Unreadable) for a record that does
/// not open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store has no seal: nothing in it is sealed.
    #[error("the store is not sealed")]
    NotSealed,
    /// The store has a seal already.
    #[error("the store is sealed already")]
    AlreadySealed,
    /// There are sealed records, and no seal: it was lost or taken away. A new one would not open
    /// them.
    #[error(
        "the store has sealed records, but its seal is missing, and no record opens without it"
    )]
    SealMissing,
    /// The seal is not what it should be.
    #[error("the seal is not valid: {problem}")]
    Seal {
        /// What is wrong.
        problem: String,
    },
    /// The key, or the passphrase, is another one.
    #[error("the store does not open: the key or passphrase is wrong, or the seal was altered")]
    WrongKey,
    /// The store is sealed with a key of another kind.
    #[error("the store is sealed with {wanted}, but {given} was given")]
    OtherKind {
        /// With what it is sealed.
        wanted: KeyKind,
        /// What was given.
        given: KeyKind,
    },
    /// The key opens the seal, yet the seal was altered.
    #[error("the seal was altered")]
    SealAltered,
    /// The store is another one than was expected.
    #[error("the store has the id {found}, but {expected} was expected")]
    OtherId {
        /// What was expected.
        expected: StoreId,
        /// What it has.
        found: StoreId,
    },
    /// Somebody else changed the seal in the meantime; nothing was written.
    #[error("the seal was changed in the meantime: open the store again")]
    Changed,
    /// A passphrase is empty.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// A file of a key or of a passphrase cannot be read.
    #[error("cannot read {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
    /// A file with a key or a passphrase is not valid.
    #[error("{path} {problem}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Who keeps the key (a token, the operating system's keyring) failed.
    #[error("the custodian of the key failed")]
    Custodian(#[source] Box<dyn StdError + Send + Sync>),
    /// The keyring of the operating system has something else under this name.
    #[error("the entry of the keyring is not a key of 32 bytes")]
    NotAKey,
    /// Nothing can be sealed: there is no randomness, for example.
    #[error("nothing can be sealed: {problem}")]
    Sealing {
        /// Why.
        problem: String,
    },
    /// The store beneath failed.
    #[error("the store that keeps the records failed")]
    Store(#[from] StoreError),
    /// The record was sealed for another store.
    #[error("the record of {slot} was sealed for another store, {store}")]
    OtherStore {
        /// Where it lies.
        slot: Box<SlotId>,
        /// For which it was sealed, as it says.
        store: StoreId,
    },
    /// The record was sealed for another slot, and moved here.
    #[error("the record of {slot} was sealed for {sealed_for}")]
    OtherSlot {
        /// Where it lies.
        slot: Box<SlotId>,
        /// For which it was sealed, as it says.
        sealed_for: Box<SlotId>,
    },
    /// The record does not open.
    #[error("the record of {slot} does not open: it was altered, or sealed with another key")]
    DoesNotOpen {
        /// Where it lies.
        slot: Box<SlotId>,
    },
    /// What was sealed is not a session string.
    #[error("the record of {slot} does not hold a session string")]
    Malformed {
        /// Where it lies.
        slot: Box<SlotId>,
        /// Why not.
        #[source]
        source: Option<session_core::Error>,
    },
    /// The record would not come back as it is: it is not written.
    #[error("the record cannot be written as a session string and read again")]
    NotRepresentable {
        /// Why not, if reading it back failed.
        #[source]
        source: Option<session_core::Error>,
    },
}

impl Error {
    /// A stable name of the reason in snake case, for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotSealed => "store_not_sealed",
            Self::AlreadySealed => "store_already_sealed",
            Self::SealMissing => "seal_missing",
            Self::Seal { .. } => "malformed_seal",
            Self::WrongKey => "wrong_seal_key",
            Self::OtherKind { .. } => "other_kind_of_seal_key",
            Self::SealAltered => "seal_altered",
            Self::OtherId { .. } => "other_store_id",
            Self::Changed => "seal_changed",
            Self::EmptyPassphrase => "empty_passphrase",
            Self::Io { .. } => "key_file_unreadable",
            Self::File { .. } => "malformed_key_file",
            Self::Custodian(_) => "custodian_failed",
            Self::NotAKey => "not_a_key",
            Self::Sealing { .. } => "cannot_seal",
            Self::Store(error) => error.code(),
            Self::OtherStore { .. } => "sealed_for_other_store",
            Self::OtherSlot { .. } => "sealed_for_other_slot",
            Self::DoesNotOpen { .. } => "does_not_open",
            Self::Malformed { .. } => "malformed_session",
            Self::NotRepresentable { .. } => "not_representable",
        }
    }

    #[allow(clippy::needless_pass_by_value)] // it is what `map_err` hands over
    pub(crate) fn sealing(problem: impl ToString) -> Self {
        Self::Sealing {
            problem: problem.to_string(),
        }
    }
}
