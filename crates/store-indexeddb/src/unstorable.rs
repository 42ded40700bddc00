//! What is done where a browser keeps nothing.

use crate::error::IndexedDbError;

/// What a store does where the browser cannot keep a session key: in some private windows, in
/// frames without storage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unstorable {
    /// Saving fails; the error's [`code`](crate::IndexedDbError::code) is `key_not_storable` or
    /// `storage_unavailable`.
    #[default]
    Refuse,
    /// Sessions live in memory, as long as the page: the user is asked again after a reload.
    KeepInMemory,
}

impl Unstorable {
    /// Whether there is an answer to this error.
    pub(crate) fn spares(self, error: &IndexedDbError) -> bool {
        self == Self::KeepInMemory
            && matches!(
                error,
                IndexedDbError::KeyNotStorable { .. } | IndexedDbError::Unavailable { .. }
            )
    }
}
