//! What a store is sealed with.

use crate::data_key::{DataKey, Secret, empty, secret, unwrap, wrap};
use crate::error::Error;
use crate::file;
use crate::header::{Had, MAX_NAME_LEN, MAX_WRAPPED_LEN, Stretching, Wrapped, context};
use crate::names::{KeyKind, StoreId};
use argon2::{Algorithm, Argon2, Params, Version};
use async_trait::async_trait;
use std::error::Error as StdError;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The key with which a store is sealed: a key that the application keeps, a passphrase that its
/// user knows, or a key that a custodian uses and does not give away. Clones share the secret,
/// which is wiped with the last of them.
#[derive(Clone)]
pub struct SealKey(Source);

#[derive(Clone)]
enum Source {
    Key(Arc<Secret>),
    Passphrase(Arc<Zeroizing<String>>),
    Custodian(Arc<dyn WrappingKey>),
}

/// A key that wraps data keys and never leaves its custodian: a token by PKCS#11, a key management
/// service.
///
/// Its answers are checked: the store's seal has a check value under the data key, so that a
/// custodian that unwraps to something else counts as a wrong key.
#[async_trait]
pub trait WrappingKey: Send + Sync {
    /// The name by which the key is found again, at most 512 bytes: a PKCS#11 URI, for example. It
    /// is in the seal, where everybody can read it, and a key with another name does not open the
    /// store.
    fn name(&self) -> String;

    /// Wraps a data key, to at most 1024 bytes.
    ///
    /// # Errors
    /// [`WrapError::Custodian`] when the custodian fails.
    async fn wrap(&self, data_key: &[u8; 32]) -> Result<Vec<u8>, WrapError>;

    /// Unwraps what [`wrap`](Self::wrap) wrapped.
    ///
    /// # Errors
    /// [`WrapError::Refused`] when this key did not wrap it, [`WrapError::Custodian`] when the
    /// custodian fails.
    async fn unwrap(&self, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, WrapError>;
}

/// Why a custodian did not wrap or unwrap a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WrapError {
    /// This key did not wrap it.
    #[error("this key did not wrap it")]
    Refused,
    /// The custodian failed: the token is away, for example.
    #[error("the custodian of the key failed")]
    Custodian(#[source] Box<dyn StdError + Send + Sync>),
}

impl From<WrapError> for Error {
    fn from(error: WrapError) -> Self {
        match error {
            WrapError::Refused => Self::WrongKey,
            WrapError::Custodian(source) => Self::Custodian(source),
        }
    }
}

impl SealKey {
    /// A key of 32 bytes that are random, and kept where an attacker who reads the medium cannot
    /// read them.
    #[must_use]
    pub fn from_bytes(key: &[u8; 32]) -> Self {
        Self::from_secret(secret(key))
    }

    pub(crate) fn from_secret(key: Secret) -> Self {
        Self(Source::Key(Arc::new(key)))
    }

    /// A passphrase. The key is made of it with Argon2id (RFC 9106, the second recommended
    /// parameters except for one lane) and a random salt that stands in the seal; that takes a
    /// fraction of a second and 64 MiB of memory, once for each opened store.
    ///
    /// # Errors
    /// [`Error::EmptyPassphrase`].
    pub fn from_passphrase(passphrase: &str) -> Result<Self, Error> {
        if passphrase.is_empty() {
            return Err(Error::EmptyPassphrase);
        }
        let passphrase = Zeroizing::new(passphrase.to_owned());
        Ok(Self(Source::Passphrase(Arc::new(passphrase))))
    }

    /// A key in a file: 32 raw bytes, or 64 digits of hex, or base64 (in either alphabet), which
    /// white space may follow. Only its owner may have the right to read or write the file (Unix);
    /// a pipe is read to its end.
    ///
    /// # Errors
    /// [`Error::Io`] and [`Error::File`], which name the file.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        file::key(path.as_ref()).map(Self::from_secret)
    }

    /// A passphrase in a file: its text without one line's end. The file is as private as one of
    /// [`from_file`](Self::from_file).
    ///
    /// # Errors
    /// [`Error::Io`] and [`Error::File`], which name the file, and [`Error::EmptyPassphrase`].
    pub fn from_passphrase_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::from_passphrase(&file::passphrase(path.as_ref())?)
    }

    /// A key that its custodian keeps.
    #[must_use]
    pub fn from_wrapping_key(key: Arc<dyn WrappingKey>) -> Self {
        Self(Source::Custodian(key))
    }

    /// The length in characters below which a passphrase [can be guessed](Self::is_guessable).
    pub const GUESSABLE: usize = 12;

    /// Whether it is a passphrase of fewer than 12 characters. Argon2id makes every guess slow, but
    /// somebody who copied the store has as much time as they like. Warn the user who chooses one.
    #[must_use]
    pub fn is_guessable(&self) -> bool {
        match &self.0 {
            Source::Passphrase(passphrase) => passphrase.chars().count() < Self::GUESSABLE,
            Source::Key(_) | Source::Custodian(_) => false,
        }
    }

    /// Of which kind it is.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        match &self.0 {
            Source::Key(_) => KeyKind::Key,
            Source::Passphrase(_) => KeyKind::Passphrase,
            Source::Custodian(key) => KeyKind::Custodian(key.name()),
        }
    }

    /// Wraps a data key for the store with this id.
    pub(crate) async fn wrap(&self, id: StoreId, data_key: &DataKey) -> Result<Wrapped, Error> {
        let (had, wrapped) = match &self.0 {
            Source::Key(key) => (Had::Given, wrap(key, data_key, &context(id, &Had::Given))?),
            Source::Passphrase(passphrase) => {
                let stretching = Stretching::new()?;
                let key = stretched(passphrase, &stretching).await?;
                let had = Had::Stretched(stretching);
                let wrapped = wrap(&key, data_key, &context(id, &had))?;
                (had, wrapped)
            }
            Source::Custodian(key) => {
                let wrapped = key.wrap(data_key.bytes()).await?;
                (Had::Kept(key.name()), wrapped)
            }
        };
        if wrapped.len() > MAX_WRAPPED_LEN {
            return Err(Error::sealing("the wrapped key is too long"));
        }
        if matches!(&had, Had::Kept(name) if name.len() > MAX_NAME_LEN) {
            return Err(Error::sealing("the name of the key is too long"));
        }
        Ok(Wrapped::new(id, had, wrapped, data_key))
    }

    /// The data key that this seal has, if this is the key to it.
    pub(crate) async fn unwrap(&self, seal: &Wrapped) -> Result<DataKey, Error> {
        let (wanted, given) = (seal.had.kind(), self.kind());
        if !wanted.fits(&given) {
            return Err(Error::OtherKind { wanted, given });
        }
        let context = context(seal.id, &seal.had);
        let data_key = match (&self.0, &seal.had) {
            (Source::Passphrase(passphrase), Had::Stretched(stretching)) => {
                let key = stretched(passphrase, stretching).await?;
                unwrap(&key, &seal.wrapped, &context)
            }
            (Source::Key(key), _) => unwrap(key, &seal.wrapped, &context),
            (Source::Custodian(key), _) => {
                let key = key.unwrap(&seal.wrapped).await?;
                let data_key = DataKey::new(secret(&key));
                // what a custodian answers need not be authentic
                return if seal.is_of(&data_key) {
                    Ok(data_key)
                } else {
                    Err(Error::WrongKey)
                };
            }
            (Source::Passphrase(_), _) => None,
        };
        let data_key = DataKey::new(data_key.ok_or(Error::WrongKey)?);
        if seal.is_of(&data_key) {
            Ok(data_key)
        } else {
            Err(Error::SealAltered)
        }
    }

    /// The key that sealed the records of a store before there were data keys.
    pub(crate) async fn of_first_format(&self, stretching: &Stretching) -> Result<DataKey, Error> {
        match &self.0 {
            Source::Key(key) => Ok(DataKey::new(Secret::clone(key))),
            Source::Passphrase(passphrase) => {
                Ok(DataKey::new(stretched(passphrase, stretching).await?))
            }
            Source::Custodian(_) => Err(Error::OtherKind {
                wanted: KeyKind::PassphraseOrKey,
                given: self.kind(),
            }),
        }
    }
}

/// Argon2id, on a thread that may take its time.
async fn stretched(
    passphrase: &Arc<Zeroizing<String>>,
    stretching: &Stretching,
) -> Result<Secret, Error> {
    let (passphrase, Stretching { salt, cost }) = (Arc::clone(passphrase), stretching.clone());
    blocking::unblock(move || {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32));
        let params = params.map_err(Error::sealing)?;
        let mut key = empty();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), &salt, &mut **key)
            .map_err(Error::sealing)?;
        Ok(key)
    })
    .await
}

/// Shows of which kind it is, and nothing of it.
impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Key(_) => f.write_str("SealKey(key)"),
            Source::Passphrase(_) => f.write_str("SealKey(passphrase)"),
            Source::Custodian(key) => write!(f, "SealKey(custodian {:?})", key.name()),
        }
    }
}
