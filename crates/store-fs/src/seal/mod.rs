//! Sealing at rest: XChaCha20-Poly1305 with issuer and store as associated data.

mod key;
mod sealer;
mod settings;

pub use key::SealKey;
pub(crate) use sealer::{Sealer, issuer_of};

use crate::error::Error;
use crate::lock::{Turn, WriteLock};
use crate::name::{SEAL, Stem};
use crate::read::{Content, read};
use session_core::StoreError;
use settings::Settings;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// A key, and what it becomes together with the settings of the directory.
#[derive(Debug)]
pub(crate) struct Seal {
    key: SealKey,
    /// Made once: a passphrase takes its time. The lock is held meanwhile, by blocking work only.
    sealer: Mutex<Option<Arc<Sealer>>>,
}

impl Seal {
    pub(crate) const fn new(key: SealKey) -> Self {
        Self {
            key,
            sealer: Mutex::new(None),
        }
    }

    /// What opens the records of this directory, unless nothing was ever sealed in it.
    pub(crate) fn of(&self, directory: &Path) -> Result<Option<Arc<Sealer>>, StoreError> {
        let mut sealer = self.sealer.lock().unwrap_or_else(PoisonError::into_inner);
        if sealer.is_none()
            && let Some(settings) = read_settings(directory)?
        {
            *sealer = Some(self.with(directory, &settings)?);
        }
        Ok(sealer.clone())
    }

    /// What seals the records of this directory, and opens them.
    pub(crate) fn of_or_new(
        &self,
        directory: &Path,
        turn: Turn<'_>,
    ) -> Result<Arc<Sealer>, StoreError> {
        if let Some(sealer) = self.of(directory)? {
            return Ok(sealer);
        }
        let lock = WriteLock::take(directory, &Stem::of_seal(), turn)?;
        // somebody else may have been first
        if let Some(sealer) = self.of(directory)? {
            return Ok(sealer);
        }
        let settings = Settings::new().map_err(|error| failed(directory, error))?;
        // a passphrase that gives no key leaves no settings behind
        let sealer = self.with(directory, &settings)?;
        lock.replace(SEAL, settings.to_json().as_bytes(), None)?;
        *self.sealer.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&sealer));
        Ok(sealer)
    }

    /// There are sealed records, but nothing that says how they were sealed.
    pub(crate) fn missing(directory: &Path) -> Error {
        Error::Settings {
            path: directory.join(SEAL),
            problem: "it is missing".to_owned(),
        }
    }

    fn with(&self, directory: &Path, settings: &Settings) -> Result<Arc<Sealer>, StoreError> {
        let key = self
            .key
            .with(settings)
            .map_err(|error| failed(directory, error))?;
        Ok(Arc::new(Sealer::new(key, settings.store())))
    }
}

fn read_settings(directory: &Path) -> Result<Option<Settings>, StoreError> {
    let path = directory.join(SEAL);
    match read(&path)? {
        Content::Nothing => Ok(None),
        Content::Bytes(bytes) => Settings::from_json(&bytes)
            .map(Some)
            .map_err(|problem| failed(directory, Error::Settings { path, problem })),
        Content::Unreadable { error, .. } => Err(failed(directory, error)),
    }
}

fn failed(directory: &Path, error: Error) -> StoreError {
    StoreError::medium(
        format!("cannot use the sealed store {}", directory.display()),
        error,
    )
}
