//! Keys in the keyring of the operating system.

use crate::data_key::{random_secret, secret};
use crate::error::Error;
use crate::key::SealKey;
use keyring_core::Entry;
use zeroize::Zeroizing;

impl SealKey {
    /// The key in this entry: 32 bytes.
    ///
    /// Which keyring it is in is the entry's: `keyring-core` has a crate for each (the Secret
    /// Service by D-Bus, the keychain of macOS, the credential store of Windows); for the key
    /// retention service of Linux there is `from_keyutils`. Blocks as long as the keyring
    /// does, which may ask its user.
    ///
    /// # Errors
    /// [`Error::Custodian`] when the keyring fails or has no such entry, [`Error::NotAKey`] when
    /// something else is there.
    pub fn from_keyring(entry: &Entry) -> Result<Self, Error> {
        let bytes = entry.get_secret().map(Zeroizing::new).map_err(failed)?;
        let key = <&[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| Error::NotAKey)?;
        Ok(Self::from_secret(secret(key)))
    }

    /// The key in this entry; a random one is put there if it is empty.
    ///
    /// # Errors
    /// As [`from_keyring`](Self::from_keyring), and [`Error::Sealing`] without randomness.
    pub fn from_keyring_or_new(entry: &Entry) -> Result<Self, Error> {
        match entry.get_secret().map(Zeroizing::new) {
            Err(keyring_core::Error::NoEntry) => {
                entry.set_secret(&**random_secret()?).map_err(failed)?;
            }
            Err(error) => return Err(failed(error)),
            Ok(_) => {}
        }
        // what lies there counts: somebody else may have been first
        Self::from_keyring(entry)
    }

    /// The key of this service and user in the key retention service of Linux (keyutils), which
    /// needs no D-Bus; a random one is put there if nothing is. **It is kept in memory**: a
    /// restart of the machine loses it, and with it whatever was sealed. So it suits sessions that
    /// may end then.
    ///
    /// # Errors
    /// As [`from_keyring_or_new`](Self::from_keyring_or_new).
    #[cfg(all(feature = "keyutils", target_os = "linux"))]
    pub fn from_keyutils(service: &str, user: &str) -> Result<Self, Error> {
        use keyring_core::api::CredentialStore;
        use std::sync::Arc;
        let store: Arc<CredentialStore> =
            linux_keyutils_keyring_store::Store::new().map_err(failed)?;
        let entry = Entry::new_in_store(&store, service, user).map_err(failed)?;
        Self::from_keyring_or_new(&entry)
    }
}

/// What a keyring says may quote what lies there.
fn failed(error: keyring_core::Error) -> Error {
    match error {
        keyring_core::Error::BadEncoding(bytes) | keyring_core::Error::BadDataFormat(bytes, _) => {
            drop(Zeroizing::new(bytes));
            Error::NotAKey
        }
        error => Error::Custodian(error.into()),
    }
}
