//! What can be wrong with the browser's storage, and with what lies there.

use crate::algorithm::WebCryptoAlgorithm;
use std::fmt;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};

/// Why the browser's storage did not do what it was asked. The source of
/// [`StoreError::Medium`](session_core::StoreError::Medium), which
/// [`of`](Self::of) finds again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IndexedDbError {
    /// There is no such storage here, or this page may not use it.
    #[error("there is no {what} here: {reason}")]
    Unavailable {
        /// What is missing, `IndexedDB` for example.
        what: &'static str,
        /// What the browser said.
        reason: String,
    },
    /// The database was made by a later version of somebody's code.
    #[error("the database {database} has version {}, but this code knows only version {known}: load the page again", Found(.found))]
    NewerVersion {
        /// Its name.
        database: String,
        /// Its version, where the browser tells.
        found: Option<u64>,
        /// The version that we know.
        known: u32,
    },
    /// The database exists, but is not ours: the object store is missing.
    #[error("the database {database} has no object store {expected}; it has {found:?}")]
    NoObjectStore {
        /// Its name.
        database: String,
        /// The object store that is missing.
        expected: &'static str,
        /// Those that it has.
        found: Vec<String>,
    },
    /// The database did not open in time: another tab is deleting or upgrading it.
    #[error("the database {database} did not open within {waited:?}")]
    Blocked {
        /// Its name.
        database: String,
        /// How long was waited.
        waited: Duration,
    },
    /// This browser cannot keep a `CryptoKey` in IndexedDB.
    #[error("this browser cannot store a session key: {reason}")]
    KeyNotStorable {
        /// What the browser said.
        reason: String,
    },
    /// The browser threw or answered an exception.
    #[error("{name}: {message}")]
    Exception {
        /// The exception's name, `QuotaExceededError` for example.
        name: String,
        /// Its message.
        message: String,
    },
}

struct Found<'a>(&'a Option<u64>);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(version) => write!(f, "{version}"),
            None => write!(f, "a later one"),
        }
    }
}

impl IndexedDbError {
    /// The browser's error behind a store's error.
    #[must_use]
    pub fn of(error: &session_core::StoreError) -> Option<&Self> {
        match error {
            session_core::StoreError::Medium { source, .. } => source.downcast_ref(),
            _ => None,
        }
    }

    /// A stable name of the reason in snake case, for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "storage_unavailable",
            Self::NewerVersion { .. } => "database_newer",
            Self::NoObjectStore { .. } => "database_foreign",
            Self::Blocked { .. } => "database_blocked",
            Self::KeyNotStorable { .. } => "key_not_storable",
            Self::Exception { .. } => "store_failed",
        }
    }

    /// Whatever JavaScript threw.
    pub(crate) fn thrown(value: &JsValue) -> Self {
        let (name, message) = if let Some(exception) = value.dyn_ref::<web_sys::DomException>() {
            (exception.name(), exception.message())
        } else if let Some(error) = value.dyn_ref::<js_sys::Error>() {
            (String::from(error.name()), String::from(error.message()))
        } else {
            let text = value.as_string().unwrap_or_else(|| format!("{value:?}"));
            (String::from("Error"), text)
        };
        Self::Exception { name, message }
    }

    pub(crate) fn exception(name: &str, message: &str) -> Self {
        Self::Exception {
            name: name.to_owned(),
            message: message.to_owned(),
        }
    }

    pub(crate) fn is_exception(&self, wanted: &str) -> bool {
        matches!(self, Self::Exception { name, .. } if name == wanted)
    }
}

/// Why a record cannot be read. What was found is described, never shown: it might be a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The browser could not give the record back.
    #[error("the browser cannot read it")]
    Browser(#[source] IndexedDbError),
    /// The record is not an object.
    #[error("it is not an object but {found}")]
    NotAnObject {
        /// What it is.
        found: String,
    },
    /// A member of the record is missing.
    #[error("{member} is missing")]
    Missing {
        /// `cacao`, `keypair`, `keypair.privateKey` or `keypair.publicKey`.
        member: &'static str,
    },
    /// A member is not what it should be.
    #[error("{member} is not a valid {expected} but {found}")]
    WrongType {
        /// The member.
        member: &'static str,
        /// What it should be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// The private key could be copied by any script: it is not trusted with a session.
    #[error("keypair.privateKey is extractable")]
    ExtractablePrivateKey,
    /// The public key cannot be exported, so nobody can tell which one it is.
    #[error("keypair.publicKey is not extractable")]
    HiddenPublicKey,
    /// A key is of another kind than this store keeps.
    #[error("{member} is a key for {found}, not for {expected}")]
    WrongAlgorithm {
        /// The member.
        member: &'static str,
        /// The store's own kind.
        expected: WebCryptoAlgorithm,
        /// The key's kind.
        found: String,
    },
    /// The private key may not sign.
    #[error("keypair.privateKey has the usages {found:?}, not \"sign\"")]
    WrongUsages {
        /// What it may do.
        found: Vec<String>,
    },
    /// The private key is not that of the public key.
    #[error("keypair.privateKey is not the one of keypair.publicKey")]
    NoPair,
    /// The public key is not one that a `did:key` can name.
    #[error("keypair.publicKey is not a usable key")]
    PublicKey(#[source] didkey::Error),
    /// The capability cannot be read.
    #[error("cacao is not a valid capability")]
    Capability(#[source] cacao::Error),
    /// The evidence cannot be read.
    #[error("evidence is not valid")]
    Evidence(#[source] session_core::EvidenceError),
}

impl RecordError {
    pub(crate) fn no_web_crypto() -> Self {
        Self::Browser(IndexedDbError::Unavailable {
            what: "WebCrypto",
            reason: "it needs a secure context (https)".to_owned(),
        })
    }
}
