//! Revocation of what a store holds.

use super::*;

/// Sessions that ask these revocations, and what they tell.
fn sessions(
    world: &World,
    revocations: impl Revocations + 'static,
) -> (Sessions<MemoryStore>, Arc<Mutex<Vec<String>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&told);
    let observer = move |event: &Event<'_>| {
        let reason = event.kind.reason().unwrap_or_default();
        let line = format!("{} {reason}", event.kind.name());
        log.lock().unwrap().push(line.trim().to_owned());
    };
    let context = world.context.clone();
    let context = context
        .with_revocations(revocations)
        .with_observer(observer);
    (Sessions::with_context(MemoryStore::new(), context), told)
}

#[tokio::test]
async fn a_revoked_session_is_gone_and_the_wallet_is_asked_again() {
    let world = World::new();
    let (sessions, told) = sessions(&world, world.revocations.clone());
    let (wallet, request) = (wallet(7), Request::new(DOMAIN, ["notes"]));
    let session = sessions.get(&wallet, &request).await.unwrap();
    let statement = sessions.revoke(wallet.issuer()).await.unwrap();
    assert_eq!(
        *told.lock().unwrap(),
        [
            "warned resources",
            "asked",
            "granted",
            "reused",
            "signed",
            "revoked",
            "removed"
        ]
    );
    assert!(sessions.list().await.unwrap().is_empty());
    assert!(world.is_revoked(&session).await);
    let error = sessions.find(wallet.issuer(), &request).await.unwrap_err();
    assert_eq!(error.code(), "no_session");
    // another server learns it from the statement
    let elsewhere = World::new();
    let code = elsewhere.receive(&statement, session.cacao()).await;
    assert_eq!(code, "recorded");
    assert!(elsewhere.is_revoked(&session).await);
    // put back, it is not used
    sessions.put(&session).await.unwrap();
    let error = sessions.find(wallet.issuer(), &request).await.unwrap_err();
    assert!(
        matches!(&error, Error::NotUsable(reason) if matches!(**reason, NotUsable::Revoked)),
        "{error:?}"
    );
    assert_eq!(error.code(), "revoked");
    let fresh = sessions.get(&wallet, &request).await.unwrap();
    assert_ne!(fresh.cacao().identity(), session.cacao().identity());
    assert!(told.lock().unwrap().contains(&"refused revoked".to_owned()));
}

#[tokio::test]
async fn a_session_is_revoked_without_a_place_to_record_it() {
    let world = World::new();
    let sessions = Sessions::with_context(MemoryStore::new(), world.context.clone());
    let (wallet, request) = (wallet(7), Request::new(DOMAIN, ["notes"]));
    let session = sessions.get(&wallet, &request).await.unwrap();
    let statement = sessions.revoke(wallet.issuer()).await.unwrap();
    assert!(sessions.list().await.unwrap().is_empty());
    assert_eq!(world.receive(&statement, session.cacao()).await, "recorded");
    let error = sessions.revoke(wallet.issuer()).await.unwrap_err();
    assert_eq!(error.code(), "no_session");
}

/// Revocations that cannot be read or written.
struct Broken;

#[async_trait]
impl Revocations for Broken {
    async fn is_revoked(&self, _: &Cacao) -> Result<bool, StoreError> {
        Err(StoreError::medium("cannot read", "it is broken"))
    }

    async fn record(&self, _: &AcceptedRevocation) -> Result<(), StoreError> {
        Err(StoreError::medium("cannot write", "it is broken"))
    }

    async fn count(&self, _: &Issuer, _: &str) -> Result<usize, StoreError> {
        Err(StoreError::medium("cannot read", "it is broken"))
    }

    async fn purge(&self, _: UnixTime) -> Result<usize, StoreError> {
        Err(StoreError::medium("cannot write", "it is broken"))
    }
}

#[tokio::test]
async fn where_nothing_is_known_nothing_is_used() {
    let world = World::new();
    let (working, _) = sessions(&world, world.revocations.clone());
    let (wallet, request) = (wallet(7), Request::new(DOMAIN, ["notes"]));
    working.get(&wallet, &request).await.unwrap();
    let context = world.context.clone().with_revocations(Broken);
    let broken = Sessions::with_context(working.store().clone(), context);
    let codes = [
        broken.get(&wallet, &request).await.map(drop),
        broken.revoke(wallet.issuer()).await.map(drop),
    ];
    for outcome in codes {
        assert_eq!(outcome.unwrap_err().code(), "store_failed");
    }
    assert_eq!(working.list().await.unwrap().len(), 1);
    let armed = world.armed().await;
    let statement = armed.revocation_of_all(NOW).await.unwrap();
    let judged = judge_revocation(
        &statement,
        armed.cacao(),
        &world.rules,
        &world.context,
        &Broken,
    );
    assert_eq!(judged.await.unwrap_err().code(), "store_failed");
}

/// A session that could not be used is not asked for, by whichever way.
#[tokio::test]
async fn where_nothing_is_known_no_wallet_is_asked() {
    let world = World::new();
    let (broken, told) = sessions(&world, Broken);
    let (wallet, request) = (wallet(7), Request::new("app.example", ["app:notes"]));
    let codes = [
        broken.get(&wallet, &request).await.map(drop),
        broken.renew(&wallet, &request, DAY).await.map(drop),
        broken.sign_in(&Nobody, &request).await.map(drop),
    ];
    for outcome in codes {
        assert_eq!(outcome.unwrap_err().code(), "store_failed");
    }
    assert_eq!(*told.lock().unwrap(), [""; 0]);
    assert!(broken.list().await.unwrap().is_empty());
}

/// Who signs in, if anybody asks.
struct Nobody;

#[async_trait]
impl SignIn for Nobody {
    async fn sign_in(&self, _: &Pending) -> Result<Cacao, AuthError> {
        panic!("nobody is to be asked");
    }
}

/// Seven accounts end their sessions in every way, and there is room for five entries: what was ended
/// stays so, whatever else ends with it.
#[tokio::test]
async fn a_full_memory_ends_more_rather_than_to_forget() {
    let world = World::new();
    let small = MemoryRevocations::with_capacity(5);
    let asked = Request::new(DOMAIN, ["notes", REVOKE_RESOURCE]);
    let mut ended = Vec::new();
    // statements have whole seconds
    world.clock.advance(Duration::from_millis(942));
    for round in 0..120_u32 {
        world.clock.advance(MINUTE);
        let wallet = wallet(1 + u8::try_from(round * round % 7).unwrap());
        let (one, other) = (
            world.log_in(&wallet, &asked).await,
            world.log_in(&wallet, &asked).await,
        );
        let names = [one.cacao().identity(), other.cacao().identity()];
        let (statement, ends) = match round % 5 {
            0 => (one.revocation_of(names).await, vec![&one, &other]),
            1 => {
                let all = one.revocation_of_all(world.clock.now()).await;
                (all, vec![&one, &other])
            }
            2 => (one.revocation_of([names[1]]).await, vec![&other]),
            _ => (one.revocation_of_itself().await, vec![&one]),
        };
        let accepted = world.judge(&statement.unwrap(), one.cacao()).await.unwrap();
        small.record(&accepted).await.unwrap();
        ended.extend(ends.into_iter().map(|session| session.cacao().clone()));
        assert!(small.len() <= 5, "{}", small.len());
        for capability in &ended {
            assert!(small.is_revoked(capability).await.unwrap(), "{round}");
        }
    }
    // nor does it lock anybody out: who logs in later is served
    world.clock.advance(6 * MINUTE);
    let fresh = world.session().await;
    assert!(!small.is_revoked(fresh.cacao()).await.unwrap());
    // and what is over makes room
    small.purge(NOW + 30 * DAY).await.unwrap();
    assert!(small.len() < 5);
}

/// One account has as many entries as it likes: they are joined, and nobody else's are.
#[tokio::test]
async fn a_full_memory_joins_the_entries_of_whoever_has_most() {
    let world = World::new();
    let small = MemoryRevocations::with_capacity(80);
    let (honest, ended) = (world.session().await, world.session().await);
    let judge = async |statement: String, maker: &Session| {
        world.judge(&statement, maker.cacao()).await.unwrap()
    };
    let end = judge(ended.revocation_of_itself().await.unwrap(), &ended).await;
    small.record(&end).await.unwrap();
    let asked = Request::new(DOMAIN, ["notes", REVOKE_RESOURCE]);
    for seed in [8, 9, 10] {
        let flood = world.log_in(&wallet(seed), &asked).await;
        let names = (0..64_u8).map(|n| cacao::car::dag_cbor_cid(&[seed, n]));
        let named = flood.revocation_of(names).await.unwrap();
        small.record(&judge(named, &flood).await).await.unwrap();
        assert!(small.len() <= 80, "{}", small.len());
        assert!(small.is_revoked(ended.cacao()).await.unwrap());
        assert!(!small.is_revoked(honest.cacao()).await.unwrap());
        let count = small.count(flood.issuer(), DOMAIN).await.unwrap();
        // whoever flooded has ended their own sessions by it
        let is_revoked = small.is_revoked(flood.cacao()).await.unwrap();
        assert_eq!(is_revoked, count < 64, "{count}");
    }
}

/// A store in which somebody stores another session just before one is removed.
#[derive(Clone, Default)]
struct Overtaken {
    store: MemoryStore,
    newer: Arc<Mutex<Option<SessionRecord<Ed25519SigningKey>>>>,
}

#[async_trait]
impl SessionStore for Overtaken {
    type Key = Ed25519SigningKey;

    async fn generate_key(&self) -> Result<Ed25519SigningKey, StoreError> {
        self.store.generate_key().await
    }

    async fn load(&self, slot: &SlotId) -> Result<Slot<Ed25519SigningKey>, StoreError> {
        self.store.load(slot).await
    }

    async fn save(
        &self,
        slot: &SlotId,
        record: &SessionRecord<Ed25519SigningKey>,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError> {
        self.store.save(slot, record, expected).await
    }

    async fn remove(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<bool, StoreError> {
        let newer = self.newer.lock().unwrap().take();
        if let Some(newer) = newer {
            self.save(slot, &newer, ExpectedSlot::Anything).await?;
        }
        self.store.remove(slot, expected).await
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        self.store.list().await
    }

    async fn lock_prompt(
        &self,
        slot: &SlotId,
        max_wait: Duration,
    ) -> Result<Box<dyn PromptLockGuard>, StoreError> {
        self.store.lock_prompt(slot, max_wait).await
    }
}

#[tokio::test]
async fn a_session_that_came_meanwhile_is_not_removed_for_the_one_that_was_revoked() {
    let world = World::new();
    let context = world.context.clone();
    let context = context.with_revocations(world.revocations.clone());
    let sessions = Sessions::with_context(Overtaken::default(), context);
    let (wallet, request) = (wallet(7), Request::new(DOMAIN, ["notes"]));
    let newer = sessions.get(&wallet, &request).await.unwrap();
    let slot = SlotId::from(wallet.issuer());
    let Slot::Record { record, .. } = sessions.store().load(&slot).await.unwrap() else {
        panic!("it was saved");
    };
    sessions.remove(wallet.issuer()).await.unwrap();
    let revoked = sessions.get(&wallet, &request).await.unwrap();
    *sessions.store().newer.lock().unwrap() = Some(record);
    sessions.revoke(wallet.issuer()).await.unwrap();
    assert!(world.is_revoked(&revoked).await);
    let found = sessions.find(wallet.issuer(), &request).await.unwrap();
    assert_eq!(found.key_did(), newer.key_did());
}

#[tokio::test]
async fn the_session_that_is_told_of_is_the_one_that_was_removed() {
    let world = World::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&told);
    let context = world
        .context
        .clone()
        .with_observer(move |event: &Event<'_>| {
            let identity = event.capability.map(Cacao::identity);
            log.lock().unwrap().push((event.kind.name(), identity));
        });
    let sessions = Sessions::with_context(Overtaken::default(), context);
    let (wallet, request) = (wallet(7), Request::new(DOMAIN, ["app:notes"]));
    let newer = sessions.get(&wallet, &request).await.unwrap();
    let slot = SlotId::from(wallet.issuer());
    for all in [false, true] {
        sessions.put(&newer).await.unwrap();
        let Slot::Record { record, .. } = sessions.store().load(&slot).await.unwrap() else {
            panic!("it was saved");
        };
        sessions.remove(wallet.issuer()).await.unwrap();
        sessions.get(&wallet, &request).await.unwrap();
        *sessions.store().newer.lock().unwrap() = Some(record);
        told.lock().unwrap().clear();
        match all {
            true => assert_eq!(sessions.remove(wallet.issuer()).await.unwrap().len(), 1),
            false => assert!(sessions.remove_profile(wallet.issuer()).await.unwrap()),
        }
        let identity = newer.cacao().identity();
        assert_eq!(*told.lock().unwrap(), [("removed", Some(identity))]);
    }
}
