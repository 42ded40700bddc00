//! What a store is sealed with.

use super::settings::Settings;
use crate::error::Error;
use argon2::{Algorithm, Argon2, Params, Version};
use std::fmt;
use zeroize::Zeroizing;

/// What a store is sealed with: a key that the application keeps, or a passphrase that its user
/// knows.
pub struct SealKey(Secret);

enum Secret {
    Key(Zeroizing<[u8; 32]>),
    Passphrase(Zeroizing<String>),
}

impl SealKey {
    /// A key of 32 bytes that are random, and kept where an attacker who reads the directory
    /// cannot read them, in the keychain of the operating system for example.
    #[must_use]
    pub fn from_bytes(key: &[u8; 32]) -> Self {
        Self(Secret::Key(Zeroizing::new(*key)))
    }

    /// A passphrase. The key is made of it with Argon2id (RFC 9106, the second recommended
    /// parameters but for one lane) and a random salt that lies in the directory; that takes a
    /// fraction of a second and 64 MiB of memory, once for each opened store.
    ///
    /// # Errors
    /// [`Error::Sealing`] for an empty passphrase.
    pub fn from_passphrase(passphrase: &str) -> Result<Self, Error> {
        if passphrase.is_empty() {
            return Err(Error::Sealing {
                problem: "the passphrase is empty".to_owned(),
            });
        }
        Ok(Self(Secret::Passphrase(Zeroizing::new(
            passphrase.to_owned(),
        ))))
    }

    /// The key for a directory with these settings.
    pub(super) fn with(&self, settings: &Settings) -> Result<Zeroizing<[u8; 32]>, Error> {
        match &self.0 {
            Secret::Key(key) => Ok(key.clone()),
            Secret::Passphrase(passphrase) => {
                let failed = |error: argon2::Error| Error::Sealing {
                    problem: error.to_string(),
                };
                let cost = settings.argon2id();
                let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32))
                    .map_err(failed)?;
                let mut key = Zeroizing::new([0; 32]);
                Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                    .hash_password_into(passphrase.as_bytes(), settings.salt(), &mut *key)
                    .map_err(failed)?;
                Ok(key)
            }
        }
    }
}

/// Shows which of the two it is, and nothing of it.
impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Secret::Key(_) => "SealKey(key)",
            Secret::Passphrase(_) => "SealKey(passphrase)",
        })
    }
}
