//! The store itself: each operation is one piece of blocking work.

use crate::directory::{Directory, Writing};
use crate::lock::{MAX_WRITE_WAIT, Turn};
use crate::lock_file::LockFile;
#[cfg(feature = "sealed")]
use crate::seal::{Seal, SealKey};
use async_trait::async_trait;
use cacao::Issuer;
use didkey::Ed25519SigningKey;
use futures_timer::Delay;
use futures_util::future::{Either, select};
use session_core::{
    AlwaysHeld, ExpectedSlot, Listed, Profile, PromptLockGuard, RecordTag, SessionRecord,
    SessionStore, Slot, SlotId, StoreError,
};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;

/// How long a waiter sleeps before it looks again whether a prompt lock is free: at first, and at most.
const FIRST_NAP: Duration = Duration::from_millis(5);
const LONGEST_NAP: Duration = Duration::from_millis(50);

/// A store in a directory, see the [crate](crate). Clones share it, and so do processes.
#[derive(Clone, Debug)]
pub struct FsStore {
    directory: Arc<Directory>,
    max_write_wait: Duration,
}

impl FsStore {
    /// The store in this directory, which need not exist: it is made by the first write, with
    /// mode 0700. Touches no disk. A relative path is taken from the working directory as it is
    /// now.
    #[must_use]
    pub fn open(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: Arc::new(Directory::new(directory.into(), Writing::Plain)),
            max_write_wait: MAX_WRITE_WAIT,
        }
    }

    /// The store of sealed records in this directory: each is encrypted and authenticated with
    /// XChaCha20-Poly1305 together with its slot and the store's id, so that nobody without the key
    /// reads or forges one, or moves one to another issuer, profile or store.
    ///
    /// Touches no disk. The first save writes `.seal` into the directory: the store's id and the
    /// salt for passphrases, no secrets, yet without it nothing opens. A record that the key does
    /// not open is [`Slot::Unreadable`], and so is one that is not sealed.
    ///
    /// ```
    /// use store_fs::{FsStore, SealKey};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let key = SealKey::from_passphrase("correct horse battery staple")?;
    /// let store = FsStore::open_sealed("/var/lib/app/sessions", key);
    /// # let _ = store;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "sealed")]
    #[must_use]
    pub fn open_sealed(directory: impl Into<PathBuf>, key: SealKey) -> Self {
        let writing = Writing::Sealed(Seal::new(key));
        Self {
            directory: Arc::new(Directory::new(directory.into(), writing)),
            max_write_wait: MAX_WRITE_WAIT,
        }
    }

    /// How long a save or a removal waits at most while another writer has the slot; ten seconds
    /// unless this is called. Each holds it for one write, so that one who holds it for longer
    /// hangs: the call fails with [`StoreError::Medium`] then, and nothing was changed.
    #[must_use]
    pub const fn with_max_write_wait(mut self, max_wait: Duration) -> Self {
        self.max_write_wait = max_wait;
        self
    }

    /// The directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Where the record of this slot lies, if there is one. **The file holds a secret key**:
    /// whoever reads it has the session.
    #[must_use]
    pub fn path_of(&self, slot: &SlotId) -> PathBuf {
        self.directory.path_of(slot)
    }

    /// Runs a piece of work where it may block.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Directory) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let directory = Arc::clone(&self.directory);
        blocking(self.directory(), move || work(&directory)).await
    }

    /// Runs a change, unless its caller gives up before its turn comes.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Directory, Turn<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (_caller, given_up) = GivesUpOnDrop::new();
        let max_wait = self.max_write_wait;
        self.run(move |directory| work(directory, Turn::new(&given_up, max_wait)))
            .await
    }
}

/// Runs a piece of work where it may block.
pub(crate) async fn blocking<T: Send + 'static>(
    directory: &Path,
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let action = || format!("cannot use {}", directory.display());
    let runtime = Handle::try_current().map_err(|error| StoreError::medium(action(), error))?;
    match runtime.spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(StoreError::medium(action(), error)),
    }
}

/// Tells a piece of work that its caller has gone.
struct GivesUpOnDrop(Arc<AtomicBool>);

impl GivesUpOnDrop {
    fn new() -> (Self, Arc<AtomicBool>) {
        let given_up = Arc::new(AtomicBool::new(false));
        (Self(Arc::clone(&given_up)), given_up)
    }
}

impl Drop for GivesUpOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[async_trait]
impl SessionStore for FsStore {
    type Key = Ed25519SigningKey;

    async fn generate_key(&self) -> Result<Ed25519SigningKey, StoreError> {
        Ed25519SigningKey::generate().map_err(|error| StoreError::Key {
            reason: error.to_string(),
        })
    }

    async fn load(&self, slot: &SlotId) -> Result<Slot<Ed25519SigningKey>, StoreError> {
        let slot = slot.clone();
        self.run(move |directory| directory.load(&slot)).await
    }

    async fn save(
        &self,
        slot: &SlotId,
        record: &SessionRecord<Ed25519SigningKey>,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError> {
        let (slot, record) = (slot.clone(), record.clone());
        self.write(move |directory, turn| directory.save(&slot, &record, expected, turn))
            .await
    }

    async fn remove(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<bool, StoreError> {
        let slot = slot.clone();
        self.write(move |directory, turn| directory.remove(&slot, expected, turn))
            .await
    }

    async fn remove_issuer(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
        let issuer = issuer.clone();
        self.write(move |directory, turn| directory.remove_issuer(&issuer, turn))
            .await
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        self.run(Directory::list).await
    }

    async fn lock_prompt(
        &self,
        slot: &SlotId,
        max_wait: Duration,
    ) -> Result<Box<dyn PromptLockGuard>, StoreError> {
        let owned = slot.clone();
        let first = self
            .run(move |directory| try_lock(directory.prompt_lock(&owned)?))
            .await?;
        let lock = match first {
            Attempt::Locked(lock) => return Ok(Box::new(AlwaysHeld(lock))),
            Attempt::Held(lock) => lock,
        };
        // No thread waits: each look is a short piece of work, and one whose waiter has gone
        // drops the lock with its result.
        match select(pin!(self.wait(lock)), Delay::new(max_wait)).await {
            Either::Left((lock, _)) => Ok(Box::new(AlwaysHeld(lock?))),
            Either::Right(_) => Err(StoreError::busy(slot, max_wait)),
        }
    }
}

impl FsStore {
    async fn wait(&self, mut lock: LockFile) -> Result<LockFile, StoreError> {
        let mut nap = FIRST_NAP;
        loop {
            Delay::new(nap).await;
            nap = (nap * 2).min(LONGEST_NAP);
            lock = match blocking(self.directory(), move || try_lock(lock)).await? {
                Attempt::Locked(lock) => return Ok(lock),
                Attempt::Held(lock) => lock,
            };
        }
    }
}

enum Attempt {
    Locked(LockFile),
    /// By somebody else.
    Held(LockFile),
}

fn try_lock(lock: LockFile) -> Result<Attempt, StoreError> {
    Ok(if lock.try_lock()? {
        Attempt::Locked(lock)
    } else {
        Attempt::Held(lock)
    })
}
