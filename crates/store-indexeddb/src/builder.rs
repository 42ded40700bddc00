//! Choosing how a store behaves.

use crate::algorithm::WebCryptoAlgorithm;
use crate::store::{IndexedDbStore, Settings};
use crate::unstorable::Unstorable;
use session_core::StoreError;

/// The database that the npm package `did-session` uses, too: P-256 only.
pub(crate) const SHARED_DATABASE: &str = "did-session";
const ED25519_DATABASE: &str = "did-session-ed25519";

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
    database: Option<String>,
    algorithm: WebCryptoAlgorithm,
    unstorable: Unstorable,
    web_locks: bool,
}

impl Builder {
    const fn new() -> Self {
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

    /// Says what to do if the browser cannot keep a session key.
    pub const fn with_unstorable(mut self, unstorable: Unstorable) -> Self {
        self.unstorable = unstorable;
        self
    }

    /// Uses leases in a database instead of Web Locks. A browser without Web Locks uses leases in
    /// any case.
    pub const fn without_web_locks(mut self) -> Self {
        self.web_locks = false;
        self
    }

    /// Makes the store. Nothing is opened yet.
    ///
    /// # Errors
    /// [`StoreError::Key`] for keys other than P-256 in the database `did-session`: the npm
    /// package of that name uses the same database, and could not use them.
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
        Ok(self.store())
    }

    fn store(&self) -> IndexedDbStore {
        IndexedDbStore::with_settings(Settings {
            database: self.database_name(),
            algorithm: self.algorithm,
            unstorable: self.unstorable,
            web_locks: self.web_locks,
        })
    }

    fn database_name(&self) -> String {
        self.database.clone().unwrap_or_else(|| {
            match self.algorithm {
                WebCryptoAlgorithm::P256 => SHARED_DATABASE,
                WebCryptoAlgorithm::Ed25519 => ED25519_DATABASE,
            }
            .to_owned()
        })
    }
}

impl IndexedDbStore {
    /// P-256 keys in the database `did-session`, which the npm package of that name uses, too.
    #[must_use]
    pub fn new() -> Self {
        Builder::new().store()
    }

    /// A store with another database, other keys, another policy.
    pub const fn builder() -> Builder {
        Builder::new()
    }
}
