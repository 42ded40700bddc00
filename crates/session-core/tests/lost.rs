//! What a network may take away: the prompt lock under its holder, and the reply to a change.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::wallet;

use async_trait::async_trait;
use cacao::{Issuer, Provers};
use didkey::Ed25519SigningKey;
use session_core::{
    AuthMethod, Context, ExpectedSlot, Listed, ManualClock, Profile, PromptLockGuard, RecordTag,
    SessionKey, SessionRecord, SessionStore, Sessions, Slot, SlotId, StoreError,
};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store_memory::MemoryStore;
use wallet::{HOUR, NOW, Wallet, request};

type Record = SessionRecord<Ed25519SigningKey>;

#[derive(Clone, Copy, Debug)]
enum Lost {
    Request,
    Reply,
}

/// A store in memory behind a network.
#[derive(Clone)]
struct Remote {
    store: MemoryStore,
    clock: Arc<ManualClock>,
    /// What is lost of the next change.
    lost: Arc<Mutex<Option<Lost>>>,
    /// Whether the lock that was had last is held.
    held: Arc<Mutex<Arc<AtomicBool>>>,
    /// How many locks are lost while a key is made, and how long that takes.
    loses: Arc<AtomicUsize>,
    key_takes: Duration,
    locks: Arc<AtomicUsize>,
    kept: Arc<AtomicBool>,
    released: Arc<AtomicUsize>,
}

struct Guard {
    held: Arc<AtomicBool>,
    kept: Arc<AtomicBool>,
    released: Arc<AtomicUsize>,
    _lock: Box<dyn PromptLockGuard>,
}

#[async_trait]
impl PromptLockGuard for Guard {
    fn is_held(&self) -> bool {
        self.held.load(Ordering::SeqCst)
    }

    async fn keep(&self) {
        self.kept.store(true, Ordering::SeqCst);
        std::future::poll_fn(|context| {
            context.waker().wake_by_ref();
            match self.is_held() {
                true => std::task::Poll::Pending,
                false => std::task::Poll::Ready(()),
            }
        })
        .await;
    }

    async fn release(&self) {
        self.released.fetch_add(1, Ordering::SeqCst);
    }
}

impl Remote {
    fn lose_lock(&self) {
        self.held.lock().unwrap().store(false, Ordering::SeqCst);
    }

    fn lose(&self, lost: Lost) {
        *self.lost.lock().unwrap() = Some(lost);
    }

    fn locks(&self) -> usize {
        self.locks.load(Ordering::SeqCst)
    }

    async fn over_the_wire<T>(
        &self,
        slot: &SlotId,
        change: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let lost = self.lost.lock().unwrap().take();
        match lost {
            None => change.await,
            Some(Lost::Request) => Err(StoreError::unknown(slot)),
            Some(Lost::Reply) => {
                let _ = change.await;
                Err(StoreError::unknown(slot))
            }
        }
    }

    /// The key of what lies there.
    async fn stored(&self, slot: &SlotId) -> Option<String> {
        match self.store.load(slot).await.unwrap() {
            Slot::Record { record, .. } => Some(record.key().did().to_string()),
            _ => None,
        }
    }
}

#[async_trait]
impl SessionStore for Remote {
    type Key = Ed25519SigningKey;

    async fn generate_key(&self) -> Result<Ed25519SigningKey, StoreError> {
        let left = self.loses.load(Ordering::SeqCst);
        if left > 0 {
            self.loses.store(left - 1, Ordering::SeqCst);
            self.lose_lock();
        }
        self.clock.advance(self.key_takes);
        self.store.generate_key().await
    }

    async fn load(&self, slot: &SlotId) -> Result<Slot<Ed25519SigningKey>, StoreError> {
        self.store.load(slot).await
    }

    async fn save(
        &self,
        slot: &SlotId,
        record: &Record,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError> {
        let save = self.store.save(slot, record, expected);
        self.over_the_wire(slot, save).await
    }

    async fn remove(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<bool, StoreError> {
        let remove = self.store.remove(slot, expected);
        self.over_the_wire(slot, remove).await
    }

    async fn remove_issuer(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
        let remove = self.store.remove_issuer(issuer);
        self.over_the_wire(&SlotId::from(issuer), remove).await
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        self.store.list().await
    }

    async fn lock_prompt(
        &self,
        slot: &SlotId,
        max_wait: Duration,
    ) -> Result<Box<dyn PromptLockGuard>, StoreError> {
        let lock = self.store.lock_prompt(slot, max_wait).await?;
        self.locks.fetch_add(1, Ordering::SeqCst);
        let held = Arc::new(AtomicBool::new(true));
        *self.held.lock().unwrap() = Arc::clone(&held);
        Ok(Box::new(Guard {
            held,
            kept: Arc::clone(&self.kept),
            released: Arc::clone(&self.released),
            _lock: lock,
        }))
    }
}

fn remote(loses: usize, key_takes: Duration) -> Sessions<Remote> {
    let clock = Arc::new(ManualClock::new(NOW));
    let context = Context::with_shared_clock(Arc::clone(&clock) as _, Provers::all_compiled_in());
    let store = Remote {
        store: MemoryStore::with_clock(Arc::clone(&clock) as _),
        clock,
        lost: Arc::default(),
        held: Arc::default(),
        loses: Arc::new(AtomicUsize::new(loses)),
        key_takes,
        locks: Arc::default(),
        kept: Arc::default(),
        released: Arc::default(),
    };
    Sessions::with_context(store, context)
}

type Got = Result<String, &'static str>;

fn get(sessions: &Sessions<Remote>, wallet: &Arc<Wallet>) -> tokio::task::JoinHandle<Got> {
    let (sessions, wallet) = (sessions.clone(), Arc::clone(wallet));
    tokio::spawn(async move {
        let session = sessions.get(&*wallet, &request(["a"])).await;
        session
            .map(|session| session.key_did().to_string())
            .map_err(|error| error.code())
    })
}

fn slot(wallet: &Wallet) -> SlotId {
    wallet.issuer().into()
}

#[tokio::test]
async fn a_lock_is_kept_while_the_wallet_is_open_and_given_back() {
    let (sessions, wallet) = (remote(0, Duration::ZERO), Wallet::waiting());
    let call = get(&sessions, &wallet);
    wallet.until_asked(1).await;
    let store = sessions.store();
    while !store.kept.load(Ordering::SeqCst) {
        tokio::task::yield_now().await;
    }
    assert_eq!(store.released.load(Ordering::SeqCst), 0);
    wallet.open.add_permits(1);
    call.await.unwrap().unwrap();
    assert_eq!(
        (store.locks(), store.released.load(Ordering::SeqCst)),
        (1, 1)
    );
}

#[tokio::test]
async fn a_lock_that_is_lost_before_the_wallet_is_asked_is_taken_again() {
    let (sessions, wallet) = (remote(2, Duration::ZERO), Wallet::new());
    let key = get(&sessions, &wallet).await.unwrap().unwrap();
    let store = sessions.store();
    assert_eq!((wallet.asked(), store.locks()), (1, 3));
    assert_eq!(store.stored(&slot(&wallet)).await, Some(key));
    assert_eq!(store.released.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_lock_that_is_lost_again_and_again_is_somebody_elses() {
    let (sessions, wallet) = (remote(usize::MAX, HOUR), Wallet::new());
    assert_eq!(get(&sessions, &wallet).await.unwrap(), Err("busy"));
    assert_eq!(wallet.asked(), 0);
}

#[tokio::test]
async fn a_lock_that_is_lost_while_the_wallet_is_open_is_taken_again_before_the_save() {
    let (sessions, wallet) = (remote(0, Duration::ZERO), Wallet::waiting());
    let call = get(&sessions, &wallet);
    wallet.until_asked(1).await;
    sessions.store().lose_lock();
    wallet.open.add_permits(1);
    let key = call.await.unwrap().unwrap();
    assert_eq!((wallet.asked(), sessions.store().locks()), (1, 2));
    assert_eq!(sessions.store().stored(&slot(&wallet)).await, Some(key));
}

#[tokio::test]
async fn whoever_was_faster_while_the_lock_was_lost_is_found() {
    let (sessions, wallet) = (remote(0, Duration::ZERO), Wallet::waiting());
    let call = get(&sessions, &wallet);
    wallet.until_asked(1).await;
    let store = sessions.store();
    store.lose_lock();
    // another machine got the lock, asked, and saved
    let (theirs, other) = (remote(0, Duration::ZERO), Wallet::new());
    let faster = get(&theirs, &other).await.unwrap().unwrap();
    let Slot::Record { record, .. } = theirs.store().load(&slot(&other)).await.unwrap() else {
        panic!("nothing was stored");
    };
    let at = slot(&wallet);
    let saved = store.save(&at, &record, ExpectedSlot::Absent).await;
    saved.unwrap();
    wallet.open.add_permits(1);
    assert_eq!(call.await.unwrap(), Ok(faster));
    // what was seen before is gone, and nothing has come: the answer is not stored
    let again = sessions.clone();
    let call = tokio::spawn({
        let wallet = Arc::clone(&wallet);
        async move { again.get(&*wallet, &request(["b"])).await.map(drop) }
    });
    wallet.until_asked(2).await;
    store.lose_lock();
    sessions.remove(wallet.issuer()).await.unwrap();
    wallet.open.add_permits(1);
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.code(), "store_conflict");
    assert_eq!(store.stored(&slot(&wallet)).await, None);
}

#[tokio::test]
async fn a_save_whose_reply_is_lost_is_looked_for() {
    for lost in [Lost::Request, Lost::Reply] {
        let (sessions, wallet) = (remote(0, Duration::ZERO), Wallet::new());
        sessions.store().lose(lost);
        let got = get(&sessions, &wallet).await.unwrap();
        let stored = sessions.store().stored(&slot(&wallet)).await;
        match lost {
            Lost::Request => assert_eq!((got, stored), (Err("store_outcome_unknown"), None)),
            Lost::Reply => assert_eq!(got.ok(), stored),
        }
        assert_eq!(wallet.asked(), 1);
    }
}

#[tokio::test]
async fn a_renewal_whose_reply_is_lost_gives_what_lies_there() {
    for lost in [Lost::Request, Lost::Reply] {
        let (sessions, wallet) = (remote(0, Duration::ZERO), Wallet::new());
        let old = get(&sessions, &wallet).await.unwrap().unwrap();
        sessions.store().lose(lost);
        let request = request(["a"]);
        let renewed = sessions.renew(&*wallet, &request, HOUR * 24 * 365);
        let key = renewed.await.unwrap().key_did().to_string();
        assert_eq!(
            sessions.store().stored(&slot(&wallet)).await,
            Some(key.clone())
        );
        assert_eq!(key == old, matches!(lost, Lost::Request), "{lost:?}");
        assert_eq!(wallet.asked(), 2);
    }
}

#[tokio::test]
async fn a_removal_whose_reply_is_lost_is_made() {
    for lost in [Lost::Request, Lost::Reply] {
        let (sessions, wallet) = (remote(0, Duration::ZERO), Wallet::new());
        let (store, issuer) = (sessions.store(), wallet.issuer());
        get(&sessions, &wallet).await.unwrap().unwrap();
        store.lose(lost);
        assert!(sessions.remove_profile(issuer).await.unwrap(), "{lost:?}");
        assert_eq!(store.stored(&slot(&wallet)).await, None);

        get(&sessions, &wallet).await.unwrap().unwrap();
        store.lose(lost);
        let removed = sessions.remove(issuer).await.unwrap();
        assert_eq!(removed, [Profile::default()], "{lost:?}");
        assert_eq!(store.stored(&slot(&wallet)).await, None);

        get(&sessions, &wallet).await.unwrap().unwrap();
        store.lose(lost);
        sessions.revoke(issuer).await.unwrap();
        assert_eq!(store.stored(&slot(&wallet)).await, None);
    }
}

#[tokio::test]
async fn what_is_put_and_arrives_is_stored() {
    let (sessions, wallet) = (remote(0, Duration::ZERO), Wallet::new());
    let session = sessions.get(&*wallet, &request(["a"])).await.unwrap();
    sessions.remove(wallet.issuer()).await.unwrap();
    sessions.store().lose(Lost::Request);
    let error = sessions.put(&session).await.unwrap_err();
    assert_eq!(error.code(), "store_outcome_unknown");
    sessions.store().lose(Lost::Reply);
    sessions.put(&session).await.unwrap();
    let stored = sessions.store().stored(&slot(&wallet)).await;
    assert_eq!(stored, Some(session.key_did().to_string()));
}
