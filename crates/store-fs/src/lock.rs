//! Locks between processes: one for writing, one for asking the wallet, for each slot.
//!
//! A lock is an advisory lock of a file that stays for ever: were it deleted, two processes could
//! hold locks of two files of one name. It belongs to the open file, so it works between threads
//! too, and ends with the process.

use crate::lock_file::{LockFile, failed};
use crate::name::Stem;
use session_core::StoreError;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// How long a writer waits for another one. Each holds the lock for one write, so that more than
/// this is a process that hangs.
pub(crate) const MAX_WRITE_WAIT: Duration = Duration::from_secs(10);

/// What the files of these locks end in.
const WRITE: &str = "write";

/// How long a writer sleeps before it looks again whether a lock is free: at first, and at most.
const FIRST_NAP: Duration = Duration::from_micros(100);
const LONGEST_NAP: Duration = Duration::from_millis(5);

/// For whom something is written, and for how long at most it waits for its turn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn<'a> {
    given_up: Option<&'a AtomicBool>,
    max_wait: Duration,
}

impl<'a> Turn<'a> {
    /// For a caller who may give up, and for no longer than this.
    pub(crate) const fn new(given_up: &'a AtomicBool, max_wait: Duration) -> Self {
        Self {
            given_up: Some(given_up),
            max_wait,
        }
    }

    /// For what is written in any case.
    pub(crate) const fn in_any_case() -> Self {
        Self {
            given_up: None,
            max_wait: MAX_WRITE_WAIT,
        }
    }

    /// Fails when nobody waits for the result. Called under the lock: whatever its caller does
    /// next to the same slot comes after it.
    pub(crate) fn check_wanted(&self) -> Result<(), StoreError> {
        match self.given_up {
            Some(given_up) if given_up.load(Ordering::SeqCst) => Err(StoreError::medium(
                "given up",
                io::Error::from(io::ErrorKind::Interrupted),
            )),
            _ => Ok(()),
        }
    }
}

/// The right to change what lies in one slot.
pub(crate) struct WriteLock {
    _lock: LockFile,
    directory: PathBuf,
}

impl WriteLock {
    /// Waits for it: whoever has it only needs it for one write.
    pub(crate) fn take(directory: &Path, stem: &Stem, turn: Turn<'_>) -> Result<Self, StoreError> {
        let lock = LockFile::open(directory, stem, WRITE)?;
        wait(&lock, LockFile::try_lock, turn)?;
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

/// As long as it lasts, nobody seals the directory. Many have it at once.
pub(crate) struct Unsealed {
    _lock: LockFile,
}

impl Unsealed {
    /// Waits for whoever is writing the seal: each only needs it for that.
    pub(crate) fn take(directory: &Path, turn: Turn<'_>) -> Result<Self, StoreError> {
        let lock = LockFile::open(directory, &Stem::of_seal(), WRITE)?;
        wait(&lock, LockFile::try_lock_shared, turn)?;
        Ok(Self { _lock: lock })
    }
}

/// Tries to lock until it succeeds, or the turn is over.
fn wait(
    lock: &LockFile,
    try_lock: impl Fn(&LockFile) -> Result<bool, StoreError>,
    turn: Turn<'_>,
) -> Result<(), StoreError> {
    // no clock is needed: the naps add up
    let mut waited = Duration::ZERO;
    let mut nap = FIRST_NAP;
    while !try_lock(lock)? {
        turn.check_wanted()?;
        if waited >= turn.max_wait {
            let held = format!("another writer held it for {:?}", turn.max_wait);
            return Err(failed(
                lock.path(),
                io::Error::new(io::ErrorKind::TimedOut, held),
            ));
        }
        thread::sleep(nap);
        waited += nap;
        nap = (nap * 2).min(LONGEST_NAP);
    }
    turn.check_wanted()
}
