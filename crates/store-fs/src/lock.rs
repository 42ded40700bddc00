//! Locks between processes: one for writing, one for asking the wallet, for each slot.
//!
//! A lock is an advisory lock of a file that stays for ever: were it deleted, two processes could
//! hold locks of two files of one name. It belongs to the open file, so it works between threads
//! too, and ends with the process.

use crate::durable;
use crate::name::{LOCKS, Stem};
use session_core::StoreError;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// What the file of the right to ask the wallet ends in; programs that came before us look for it
/// under this name, too.
const PROMPT: &str = "flight";

/// The right to change what lies in one slot.
pub(crate) struct WriteLock {
    _lock: LockFile,
    directory: PathBuf,
}

impl WriteLock {
    /// Waits for it: whoever has it only needs it for one write.
    pub(crate) fn take(directory: &Path, stem: &Stem) -> Result<Self, StoreError> {
        let lock = LockFile::open(directory, stem, "write")?;
        lock.wait()?;
        Ok(Self {
            _lock: lock,
            directory: directory.to_owned(),
        })
    }

    /// The directory in which it is valid.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }
}

/// A file to be locked. Dropping it unlocks it.
#[derive(Debug)]
pub(crate) struct LockFile {
    file: File,
    path: PathBuf,
}

impl LockFile {
    /// The file of the right to ask the wallet.
    pub(crate) fn of_prompt(directory: &Path, stem: &Stem) -> Result<Self, StoreError> {
        Self::open(directory, stem, PROMPT)
    }

    /// Opens the file, and makes what is missing of it.
    fn open(directory: &Path, stem: &Stem, kind: &str) -> Result<Self, StoreError> {
        let locks = directory.join(LOCKS);
        let path = locks.join(format!("{stem}.{kind}"));
        let opened = match open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                durable::make_directory(&locks)?;
                open(&path)
            }
            opened => opened,
        };
        match opened {
            Ok(file) => Ok(Self { file, path }),
            Err(error) => Err(failed(&path, error)),
        }
    }

    fn wait(&self) -> Result<(), StoreError> {
        loop {
            match self.file.lock() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                locked => return locked.map_err(|error| failed(&self.path, error)),
            }
        }
    }

    /// Locks it if nobody else has; answers whether it did.
    pub(crate) fn try_lock(&self) -> Result<bool, StoreError> {
        match self.file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(failed(&self.path, error)),
        }
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // Closing would do, but for a program that is just being started and still has the file
        // open. What cannot be unlocked is unlocked when it is closed.
        let _ = self.file.unlock();
    }
}

fn failed(path: &Path, error: io::Error) -> StoreError {
    StoreError::medium(format!("cannot lock {}", path.display()), error)
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // never truncated: a lock has no content, and a link must not cost anybody theirs
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600).custom_flags(crate::read::NOFOLLOW);
    }
    options.open(path)
}
