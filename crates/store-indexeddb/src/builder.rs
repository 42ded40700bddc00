//! Choosing how a store behaves.

use crate::error::IndexedDbError;
use crate::key::WebCryptoAlgorithm;
use crate::store::IndexedDbStore;
use session_core::StoreError;

/// The database that the npm package `did-session` uses, too: P-256 only.
pub(crate) const SHARED_DATABASE: &str = "did-session";
const ED25519_DATABASE: &str = "did-session-ed25519";

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

/// Makes an [`IndexedDbStore`] that is not the usual one.
///
/// ```no_run
/// use store_indexeddb::{IndexedDbStore, Unstorable, WebCryptoAlgorithm};
///
/// let store = IndexedDbStore::builder()
///     .with_algorithm(WebCryptoAlgorithm::Ed25519)
///     .with_unstorable(Unstorable::KeepInMemory)
///     .build()?;
/// # Ok::<_, session_core::StoreError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder {
    pub(crate) database: Option<String>,
    pub(crate) algorithm: WebCryptoAlgorithm,
    pub(crate) unstorable: Unstorable,
    pub(crate) web_locks: bool,
}

impl Builder {
    pub(crate) const fn new() -> Self {
        Self {
            database: None,
            algorithm: WebCryptoAlgorithm::P256,
            unstorable: Unstorable::Refuse,
            web_locks: true,
        }
    }

    /// Names the database; otherwise it is `did-session`, or `did-session-ed25519` for Ed25519
    /// keys. Stores over one database share their sessions.
    pub fn with_database(mut self, name: impl Into<String>) -> Self {
        self.database = Some(name.into());
        self
    }

    /// Makes and keeps keys of this kind.
    pub const fn with_algorithm(mut self, algorithm: WebCryptoAlgorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// Says what to do where the browser cannot keep a session key.
    pub const fn with_unstorable(mut self, unstorable: Unstorable) -> Self {
        self.unstorable = unstorable;
        self
    }

    /// Uses leases in a database in place of Web Locks, as it happens anyway where there are no
    /// Web Locks.
    pub const fn without_web_locks(mut self) -> Self {
        self.web_locks = false;
        self
    }

    /// Makes the store. Nothing is opened yet.
    ///
    /// # Errors
    /// [`StoreError::Key`] for keys other than P-256 in the database `did-session`: whoever else
    /// uses that database could not use them.
    pub fn build(self) -> Result<IndexedDbStore, StoreError> {
        if self.algorithm != WebCryptoAlgorithm::P256
            && self.database.as_deref() == Some(SHARED_DATABASE)
        {
            return Err(StoreError::Key {
                reason: format!(
                    "the database {SHARED_DATABASE} holds P-256 keys, not {}",
                    self.algorithm
                ),
            });
        }
        Ok(IndexedDbStore::from_builder(&self))
    }

    pub(crate) fn database_name(&self) -> String {
        self.database.clone().unwrap_or_else(|| {
            match self.algorithm {
                WebCryptoAlgorithm::P256 => SHARED_DATABASE,
                WebCryptoAlgorithm::Ed25519 => ED25519_DATABASE,
            }
            .to_owned()
        })
    }
}
