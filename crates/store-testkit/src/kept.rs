//! A store together with what must live as long as it does.

use async_trait::async_trait;
use cacao::{Issuer, MaybeSend, MaybeSync, UnixTime};
use session_core::{
    ExpectedSlot, ListCursor, Listed, Page, Profile, PromptLockGuard, RecordTag, SealableStore,
    SealedRecord, SealedSlot, SessionRecord, SessionStore, Slot, SlotId, StoreError,
};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

/// A store together with what must live as long as it does, its temporary directory for example.
/// It is a store itself, and whatever is kept is dropped with its last clone.
///
/// ```
/// use store_memory::MemoryStore;
/// use store_testkit::Kept;
///
/// let directory = String::from("a temporary directory");
/// let kept = Kept::new(MemoryStore::default(), directory);
/// assert_eq!(kept.guard(), "a temporary directory");
/// # let _ = kept.store();
/// ```
#[derive(Debug)]
pub struct Kept<S, G> {
    store: S,
    guard: Arc<G>,
}

impl<S, G> Kept<S, G> {
    /// Keeps `guard` as long as the store.
    pub fn new(store: S, guard: G) -> Self {
        let guard = Arc::new(guard);
        Self { store, guard }
    }

    /// The store.
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// What is kept.
    pub fn guard(&self) -> &G {
        &self.guard
    }

    /// Drops the store, and returns what was kept beside it, for the next store: for `reopen`.
    #[must_use]
    pub fn reopen<T>(self, open: impl FnOnce(&G) -> T) -> Kept<T, G> {
        let Self { store, guard } = self;
        drop(store);
        let store = open(&guard);
        Kept { store, guard }
    }
}

impl<S: Clone, G> Clone for Kept<S, G> {
    fn clone(&self) -> Self {
        Self {
            store: self.store.clone(),
            guard: Arc::clone(&self.guard),
        }
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<S: SessionStore, G: MaybeSend + MaybeSync> SessionStore for Kept<S, G> {
    type Key = S::Key;

    async fn generate_key(&self) -> Result<Self::Key, StoreError> {
        self.store.generate_key().await
    }

    async fn load(&self, slot: &SlotId) -> Result<Slot<Self::Key>, StoreError> {
        self.store.load(slot).await
    }

    async fn may_save(&self, slot: Option<&SlotId>) -> Result<(), StoreError> {
        self.store.may_save(slot).await
    }

    async fn save(
        &self,
        slot: &SlotId,
        record: &SessionRecord<Self::Key>,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError> {
        self.store.save(slot, record, expected).await
    }

    async fn remove(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<bool, StoreError> {
        self.store.remove(slot, expected).await
    }

    async fn profiles(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
        self.store.profiles(issuer).await
    }

    async fn remove_issuer(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
        self.store.remove_issuer(issuer).await
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        self.store.list().await
    }

    async fn list_page(
        &self,
        after: Option<&ListCursor>,
        limit: NonZeroUsize,
    ) -> Result<Page, StoreError> {
        self.store.list_page(after, limit).await
    }

    async fn purge(&self, before: UnixTime) -> Result<usize, StoreError> {
        self.store.purge(before).await
    }

    async fn lock_prompt(
        &self,
        slot: &SlotId,
        max_wait: Duration,
    ) -> Result<Box<dyn PromptLockGuard>, StoreError> {
        self.store.lock_prompt(slot, max_wait).await
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<S: SealableStore, G: MaybeSend + MaybeSync> SealableStore for Kept<S, G> {
    async fn load_sealed(&self, slot: &SlotId) -> Result<SealedSlot, StoreError> {
        self.store.load_sealed(slot).await
    }

    async fn save_sealed(
        &self,
        record: &SealedRecord,
        expected: ExpectedSlot,
    ) -> Result<(), StoreError> {
        self.store.save_sealed(record, expected).await
    }

    async fn check_unsealed(&self, slot: Option<&SlotId>) -> Result<(), StoreError> {
        self.store.check_unsealed(slot).await
    }

    async fn load_seal(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.load_seal().await
    }

    async fn replace_seal(&self, seal: &[u8], expected: Option<&[u8]>) -> Result<bool, StoreError> {
        self.store.replace_seal(seal, expected).await
    }
}
