//! Another key for the same store, and what a crash in the middle leaves.

use crate::common::{files, key, record_of, save};
use async_trait::async_trait;
use cacao::Issuer;
use didkey::Ed25519SigningKey;
use session_core::{
    ExpectedSlot, Listed, Profile, PromptLockGuard, RecordTag, SealableStore, SealedRecord,
    SealedSlot, SessionRecord, SessionStore, Slot, SlotId, StoreError,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;
use store_memory::MemoryStore;
use store_sealed::{Error, SealKey, SealedStore};
use store_testkit::fixtures::TestIssuer;

#[tokio::test]
async fn the_new_key_opens_and_the_old_one_does_not() {
    let (store, _home) = files(1).await;
    let issuer = TestIssuer::ethereum();
    let record = save(&store, &issuer).await;
    let passphrase = SealKey::from_passphrase("correct horse battery staple").unwrap();
    for (new, old) in [(key(2), key(1)), (passphrase, key(2))] {
        store.rekey(&new).await.unwrap();
        let refused = SealedStore::open(store.inner().clone(), &old)
            .await
            .unwrap_err();
        assert!(matches!(refused, Error::WrongKey | Error::OtherKind { .. }));
        let again = SealedStore::open(store.inner().clone(), &new)
            .await
            .unwrap();
        assert_eq!(again.id(), store.id());
        assert_eq!(record_of(&again, issuer.slot()).await.tag(), record.tag());
        // whoever had it open goes on
        let saved = save(&store, &issuer).await;
        assert_eq!(record_of(&again, issuer.slot()).await.tag(), saved.tag());
        again
            .save(issuer.slot(), &record, ExpectedSlot::Anything)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn of_two_who_change_the_key_at_once_one_is_told() {
    let (store, _home) = files(1).await;
    let keys = (10..18).map(key).collect::<Vec<_>>();
    let tasks = keys.clone().into_iter().map(|key| {
        let store = store.clone();
        tokio::spawn(async move { store.rekey(&key).await })
    });
    let mut done = 0;
    for task in tasks.collect::<Vec<_>>() {
        match task.await.unwrap() {
            Ok(()) => done += 1,
            Err(error) => assert!(matches!(error, Error::Changed), "{error:?}"),
        }
    }
    let mut open = 0;
    for key in &keys {
        open += usize::from(SealedStore::open(store.inner().clone(), key).await.is_ok());
    }
    assert!(done >= 1 && open == 1, "{done} changed it, {open} open");
}

#[tokio::test]
async fn the_seal_of_another_store_is_not_overwritten() {
    let (store, _home) = files(1).await;
    let (other, _other_home) = files(1).await;
    let seal = other.inner().load_seal().await.unwrap().unwrap();
    std::fs::write(store.inner().directory().join(".seal"), &seal).unwrap();
    let error = store.rekey(&key(2)).await.unwrap_err();
    assert_eq!(error.code(), "seal_altered");
    assert_eq!(store.inner().load_seal().await.unwrap(), Some(seal));
}

/// At each request of changing the key the process dies, or the reply is lost.
#[tokio::test]
async fn a_crash_leaves_a_store_that_opens_with_the_old_key_or_the_new() {
    let issuer = TestIssuer::ethereum();
    let (mut old, mut new) = (0, 0);
    for crash in 1..=4 {
        let inner = Crashing::default();
        let store = SealedStore::create(inner.clone(), &key(1)).await.unwrap();
        let record = save(&store, &issuer).await;
        inner.crash_at.store(crash, Ordering::SeqCst);
        let failed = store.rekey(&key(2)).await.is_err();
        assert_eq!(failed, inner.crash_at.swap(0, Ordering::SeqCst) == 0);
        let with_old = SealedStore::open(inner.clone(), &key(1)).await;
        let with_new = SealedStore::open(inner.clone(), &key(2)).await;
        assert_ne!(with_old.is_ok(), with_new.is_ok(), "crash at {crash}");
        old += usize::from(with_old.is_ok());
        new += usize::from(with_new.is_ok());
        let opened = with_old.or(with_new).unwrap();
        assert_eq!(record_of(&opened, issuer.slot()).await.tag(), record.tag());
        // and the change can be made once more
        opened.rekey(&key(3)).await.unwrap();
        let opened = SealedStore::open(inner, &key(3)).await.unwrap();
        assert_eq!(record_of(&opened, issuer.slot()).await.tag(), record.tag());
    }
    // before it is read, before it is written, after it is written, and never
    assert_eq!((old, new), (2, 2));
}

/// A store that dies at a point in the handling of its seal.
#[derive(Clone, Default)]
struct Crashing {
    inner: MemoryStore,
    crash_at: Arc<AtomicU8>,
}

impl Crashing {
    /// The next point at which it could die.
    fn point(&self) -> Result<(), StoreError> {
        match self.crash_at.load(Ordering::SeqCst) {
            0 => Ok(()),
            left => {
                self.crash_at.store(left - 1, Ordering::SeqCst);
                if left == 1 {
                    return Err(StoreError::medium("crash", "the process died"));
                }
                Ok(())
            }
        }
    }
}

#[async_trait]
impl SessionStore for Crashing {
    type Key = Ed25519SigningKey;

    async fn generate_key(&self) -> Result<Ed25519SigningKey, StoreError> {
        self.inner.generate_key().await
    }

    async fn load(&self, slot: &SlotId) -> Result<Slot<Ed25519SigningKey>, StoreError> {
        self.inner.load(slot).await
    }

    async fn save(
        &self,
        slot: &SlotId,
        record: &SessionRecord<Ed25519SigningKey>,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError> {
        self.inner.save(slot, record, expected).await
    }

    async fn remove(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<bool, StoreError> {
        self.inner.remove(slot, expected).await
    }

    async fn remove_issuer(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
        self.inner.remove_issuer(issuer).await
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        self.inner.list().await
    }

    async fn lock_prompt(
        &self,
        slot: &SlotId,
        max_wait: Duration,
    ) -> Result<Box<dyn PromptLockGuard>, StoreError> {
        self.inner.lock_prompt(slot, max_wait).await
    }
}

#[async_trait]
impl SealableStore for Crashing {
    async fn load_sealed(&self, slot: &SlotId) -> Result<SealedSlot, StoreError> {
        self.inner.load_sealed(slot).await
    }

    async fn save_sealed(
        &self,
        record: &SealedRecord,
        expected: ExpectedSlot,
    ) -> Result<(), StoreError> {
        self.inner.save_sealed(record, expected).await
    }

    async fn load_seal(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.point()?;
        self.inner.load_seal().await
    }

    async fn replace_seal(&self, seal: &[u8], expected: Option<&[u8]>) -> Result<bool, StoreError> {
        self.point()?;
        let replaced = self.inner.replace_seal(seal, expected).await?;
        self.point()?;
        Ok(replaced)
    }
}
