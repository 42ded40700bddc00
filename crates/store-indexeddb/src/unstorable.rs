//! What is done if a browser cannot keep anything.

use crate::error::IndexedDbError;

/// What a store does if the browser cannot keep a session key: in some private windows, in
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
    /// Whether it says what to do after this error.
    pub(crate) fn spares(self, error: &IndexedDbError) -> bool {
        self == Self::KeepInMemory
            && matches!(
                error,
                IndexedDbError::KeyNotStorable { .. } | IndexedDbError::Unavailable { .. }
            )
    }
}
