//! The store itself: each operation is one piece of blocking work.

use crate::codec::Form;
use crate::directory::Directory;
use crate::lock::{MAX_WRITE_WAIT, Turn};
use crate::lock_file::LockFile;
use async_trait::async_trait;
use cacao::{Issuer, UnixTime};
use didkey::Ed25519SigningKey;
use futures_timer::Delay;
use futures_util::future::{Either, select};
use session_core::{
    AlwaysHeld, ExpectedSlot, ListCursor, Listed, Page, Profile, PromptLockGuard, RecordTag,
    SealableStore, SealedRecord, SealedSlot, SessionRecord, SessionStore, Slot, SlotId, StoreError,
};
use std::num::NonZeroUsize;
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
            directory: Arc::new(Directory::new(directory.into())),
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

    /// The path of the record of this slot, if there is one. **The file holds a secret key**:
    /// anyone who reads it has the session.
    #[must_use]
    pub fn path_of(&self, slot: &SlotId) -> PathBuf {
        self.directory.path_of(slot, Form::Plain)
    }

    /// The path of the sealed record of this slot, if there is one.
    #[must_use]
    pub fn sealed_path_of(&self, slot: &SlotId) -> PathBuf {
        self.directory.path_of(slot, Form::Sealed)
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

    async fn may_save(&self, slot: Option<&SlotId>) -> Result<(), StoreError> {
        self.check_unsealed(slot).await
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

    async fn list_page(
        &self,
        after: Option<&ListCursor>,
        limit: NonZeroUsize,
    ) -> Result<Page, StoreError> {
        let after = after.cloned();
        self.run(move |directory| directory.list_page(after.as_ref(), limit))
            .await
    }

    async fn purge(&self, before: UnixTime) -> Result<usize, StoreError> {
        self.write(move |directory, turn| directory.purge(before, turn))
            .await
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

#[async_trait]
impl SealableStore for FsStore {
    async fn load_sealed(&self, slot: &SlotId) -> Result<SealedSlot, StoreError> {
        let slot = slot.clone();
        self.run(move |directory| directory.load_sealed(&slot))
            .await
    }

    async fn save_sealed(
        &self,
        record: &SealedRecord,
        expected: ExpectedSlot,
    ) -> Result<(), StoreError> {
        let record = record.clone();
        self.write(move |directory, turn| directory.save_sealed(&record, expected, turn))
            .await
    }

    async fn check_unsealed(&self, _: Option<&SlotId>) -> Result<(), StoreError> {
        self.run(Directory::check_unsealed).await
    }

    async fn load_seal(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.run(Directory::load_seal).await
    }

    async fn replace_seal(&self, seal: &[u8], expected: Option<&[u8]>) -> Result<bool, StoreError> {
        let (seal, expected) = (seal.to_vec(), expected.map(<[u8]>::to_vec));
        self.write(move |directory, turn| directory.replace_seal(&seal, expected.as_deref(), turn))
            .await
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
