//! The real thing, driven by the script: scripted clock, wallets and store under `Sessions`.

use crate::reference::{At, Model, Outcome, Slot as Expected, usable};
use crate::script::{Answer, ISSUERS, PROCESSES, RESOURCES, Transition, Wish, lifetime};
use async_trait::async_trait;
use cacao::{Cacao, HeaderType, Issuer, Payload, Provers, Signature, Timestamp, UnixTime, siwx};
use didkey::Ed25519SigningKey;
use proptest_state_machine::StateMachineTest;
use session_core::{
    AuthError, AuthMethod, Context, ExpectedSlot, Listed, ManualClock, Pending, PromptLockGuard,
    PromptLocks, RecordTag, Request, SessionRecord, SessionStore, Sessions, Slot, SlotId,
    StoreError,
};
use session_wallets::EthereumWallet;
use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::time::Duration;

type Record = SessionRecord<Ed25519SigningKey>;
type Call = Pin<Box<dyn Future<Output = Result<String, &'static str>>>>;

/// Gives way once, so that the schedule decides what comes in between.
async fn give_way() {
    let mut gone = false;
    poll_fn(|_| {
        if std::mem::replace(&mut gone, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

fn poll<T>(future: &mut Pin<Box<dyn Future<Output = T> + '_>>) -> Poll<T> {
    let mut context = std::task::Context::from_waker(Waker::noop());
    future.as_mut().poll(&mut context)
}

/// For what never waits for anybody.
fn finish<T>(future: impl Future<Output = T>) -> T {
    let mut future: Pin<Box<dyn Future<Output = T> + '_>> = Box::pin(future);
    for _ in 0..10 {
        if let Poll::Ready(value) = poll(&mut future) {
            return value;
        }
    }
    panic!("it waits for somebody");
}

#[derive(Clone)]
enum Content {
    Record(Record),
    Junk(Vec<u8>),
}

impl Content {
    fn tag(&self) -> RecordTag {
        match self {
            Self::Record(record) => record.tag(),
            Self::Junk(bytes) => RecordTag::of_unreadable(bytes),
        }
    }
}

/// A store that gives way before each step.
#[derive(Clone, Default)]
struct Store {
    slots: Arc<Mutex<HashMap<SlotId, Content>>>,
    next_save_fails: Arc<Mutex<bool>>,
    prompts: PromptLocks,
}

#[async_trait]
impl SessionStore for Store {
    type Key = Ed25519SigningKey;

    async fn generate_key(&self) -> Result<Ed25519SigningKey, StoreError> {
        give_way().await;
        Ok(Ed25519SigningKey::generate().unwrap())
    }

    async fn load(&self, slot: &SlotId) -> Result<Slot<Ed25519SigningKey>, StoreError> {
        give_way().await;
        let content = self.slots.lock().unwrap().get(slot).cloned();
        Ok(match content {
            None => Slot::Empty,
            Some(content) => match (content.tag(), content) {
                (tag, Content::Record(record)) => Slot::Record { record, tag },
                (tag, Content::Junk(_)) => Slot::Unreadable {
                    tag,
                    source: "junk".into(),
                },
            },
        })
    }

    async fn save(
        &self,
        slot: &SlotId,
        record: &Record,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError> {
        give_way().await;
        if std::mem::take(&mut *self.next_save_fails.lock().unwrap()) {
            return Err(StoreError::medium("cannot write", "broken"));
        }
        let mut slots = self.slots.lock().unwrap();
        if !expected.allows(slots.get(slot).map(Content::tag)) {
            return Err(StoreError::conflict(slot));
        }
        slots.insert(slot.clone(), Content::Record(record.clone()));
        Ok(record.tag())
    }

    async fn remove(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<bool, StoreError> {
        give_way().await;
        let mut slots = self.slots.lock().unwrap();
        if !expected.allows(slots.get(slot).map(Content::tag)) {
            return Err(StoreError::conflict(slot));
        }
        Ok(slots.remove(slot).is_some())
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        let slots = self.slots.lock().unwrap();
        Ok(slots.keys().cloned().map(Listed::Slot).collect())
    }

    async fn lock_prompt(
        &self,
        slot: &SlotId,
        max_wait: Duration,
    ) -> Result<Box<dyn PromptLockGuard>, StoreError> {
        give_way().await;
        Ok(Box::new(self.prompts.acquire(slot, max_wait).await?))
    }
}

type Prompt = Arc<Mutex<Option<Answer>>>;

/// A wallet whose prompt stays open until the script answers it.
struct Wallet {
    own: EthereumWallet,
    other: EthereumWallet,
    asked: Mutex<usize>,
    prompt: Mutex<Prompt>,
    /// The session keys in the order in which somebody was asked to delegate to them.
    keys: Arc<Mutex<Vec<String>>>,
}

impl Wallet {
    fn sign(&self, by: &EthereumWallet, payload: Payload) -> Cacao {
        let text = siwx::render(&payload, siwx::Dialect::default()).unwrap();
        let signature = Signature::eip191(&by.personal_sign(text.as_bytes()));
        Cacao::new(HeaderType::Eip4361, payload, Some(signature))
    }

    /// Stored by another program, which takes no locks.
    fn foreign(&self, wish: &Wish, now: i64) -> Record {
        let key = Ed25519SigningKey::generate().unwrap();
        let audience = key.did_key().as_str();
        self.keys.lock().unwrap().push(audience.to_owned());
        let life = wish.life.unwrap_or(crate::script::DEFAULT_LIFE);
        let payload = Payload::builder(
            "app.example",
            self.own.issuer().clone(),
            audience,
            "foreign1",
            time(now),
        )
        .with_expires_at(time(now + life))
        .with_resources(names(wish))
        .build()
        .unwrap();
        SessionRecord::new(self.sign(&self.own, payload), key)
    }
}

#[async_trait]
impl AuthMethod for Wallet {
    fn issuer(&self) -> &Issuer {
        self.own.issuer()
    }

    async fn authorize(&self, pending: &Pending) -> Result<Cacao, AuthError> {
        let asked = pending
            .payload_for(self.issuer())
            .map_err(AuthError::failed)?;
        *self.asked.lock().unwrap() += 1;
        self.keys.lock().unwrap().push(asked.audience().to_owned());
        let prompt = Prompt::default();
        *self.prompt.lock().unwrap() = Arc::clone(&prompt);
        let answer = poll_fn(|_| match prompt.lock().unwrap().take() {
            Some(answer) => Poll::Ready(answer),
            None => Poll::Pending,
        })
        .await;
        let exp = asked.expires_at().unwrap().unix_time();
        let rebuilt = |nonce: &str, exp: UnixTime| {
            Payload::builder(
                asked.domain(),
                asked.issuer().clone(),
                asked.audience(),
                nonce,
                asked.issued_at().clone(),
            )
            .with_expires_at(Timestamp::from_unix_time(exp).unwrap())
            .with_resources(asked.resources())
            .build()
            .unwrap()
        };
        let short = asked.issued_at().unix_time() + Duration::from_secs(300);
        let longer = exp + Duration::from_secs(1);
        Ok(match answer {
            Answer::Decline => return Err(AuthError::Declined),
            Answer::Fail => return Err(AuthError::failed("no battery")),
            Answer::Sign => self.sign(&self.own, asked),
            Answer::OtherAccount => self.sign(&self.other, asked),
            Answer::SignShorter => self.sign(&self.own, rebuilt(asked.nonce(), exp.min(short))),
            Answer::Longer => self.sign(&self.own, rebuilt(asked.nonce(), longer)),
            Answer::OtherNonce => self.sign(&self.own, rebuilt("another1", exp)),
        })
    }
}

fn time(secs: i64) -> Timestamp {
    Timestamp::from_unix_time(UnixTime::from_secs(secs)).unwrap()
}

fn names(wish: &Wish) -> Vec<&'static str> {
    let wanted = |bit: &usize| wish.resources & (1 << bit) != 0;
    (0..RESOURCES.len())
        .filter(wanted)
        .map(|bit| RESOURCES[bit])
        .collect()
}

fn request(wish: &Wish) -> Request {
    // no timer ends while the test runs, wherever the script sets the clock
    let mut request =
        Request::new("app.example", names(wish)).with_max_wait(Duration::from_secs(1 << 32));
    if let Some(life) = lifetime(wish) {
        request = request.with_lifetime(life);
    }
    if wish.exact {
        request = request.with_exact_resources();
    }
    request
}

pub(crate) struct World {
    clock: Arc<ManualClock>,
    store: Store,
    processes: Vec<Sessions<Store>>,
    wallets: Vec<Arc<Wallet>>,
    keys: Arc<Mutex<Vec<String>>>,
    calls: Vec<Option<Call>>,
    damages: u64,
}

impl World {
    fn new(now: i64) -> Self {
        let clock = Arc::new(ManualClock::new(UnixTime::from_secs(now)));
        let (store, keys) = (Store::default(), Arc::default());
        let sessions = |_| {
            let context =
                Context::with_shared_clock(Arc::clone(&clock) as _, Provers::all_compiled_in());
            Sessions::with_context(store.clone(), context)
        };
        let wallet = |issuer: usize| {
            let chain = "eip155:1".parse().unwrap();
            let seed = u8::try_from(issuer).unwrap() * 2 + 1;
            let wallet = |seed| EthereumWallet::from_secret(&[seed; 32], &chain).unwrap();
            Arc::new(Wallet {
                own: wallet(seed),
                other: wallet(seed + 1),
                asked: Mutex::default(),
                prompt: Mutex::default(),
                keys: Arc::clone(&keys),
            })
        };
        Self {
            processes: (0..PROCESSES).map(sessions).collect(),
            wallets: (0..ISSUERS).map(wallet).collect(),
            clock,
            store,
            keys,
            calls: Vec::new(),
            damages: 0,
        }
    }

    fn call(&self, process: usize, issuer: usize, wish: &Wish) -> Call {
        let sessions = self.processes[process].clone();
        let (wallet, request) = (Arc::clone(&self.wallets[issuer]), request(wish));
        Box::pin(async move {
            match sessions.get(&*wallet, &request).await {
                Ok(session) => Ok(session.key_did().to_string()),
                Err(error) => Err(error.code()),
            }
        })
    }

    fn step(&mut self, id: usize, model: &Model) {
        let expected = match &model.callers[id].at {
            At::Done(outcome) => Poll::Ready(self.named(outcome)),
            _ => Poll::Pending,
        };
        let found = poll(self.calls[id].as_mut().unwrap());
        assert_eq!(found, expected, "caller {id}: {:?}", model.callers[id]);
        if found.is_ready() {
            self.calls[id] = None;
        }
    }

    /// An outcome of the model with the key in the place of the number.
    fn named(&self, outcome: &Outcome) -> Result<String, &'static str> {
        outcome.map(|number| self.keys.lock().unwrap()[number].clone())
    }

    fn issuer(&self, issuer: usize) -> &Issuer {
        self.wallets[issuer].own.issuer()
    }
}

impl StateMachineTest for World {
    type SystemUnderTest = Self;
    type Reference = Model;

    fn init_test(model: &Model) -> Self {
        Self::new(model.now)
    }

    fn apply(mut world: Self, model: &Model, transition: Transition) -> Self {
        match transition {
            Transition::Call {
                process,
                issuer,
                wish,
            } => {
                let call = world.call(process, issuer, &wish);
                world.calls.push(Some(call));
            }
            Transition::Step(id) => world.step(id, model),
            Transition::Cancel(id) => world.calls[id] = None,
            Transition::Answer(issuer, answer) => {
                let prompt = world.wallets[issuer].prompt.lock().unwrap().clone();
                *prompt.lock().unwrap() = Some(answer);
            }
            Transition::LogOut { process, issuer } => {
                let removed = world.processes[process].remove(world.issuer(issuer));
                finish(removed).unwrap();
            }
            Transition::StoreForeign { issuer, wish } => {
                let record = world.wallets[issuer].foreign(&wish, model.now);
                let mut slots = world.store.slots.lock().unwrap();
                slots.insert(world.issuer(issuer).into(), Content::Record(record));
            }
            Transition::Damage(issuer) => {
                world.damages += 1;
                let junk = Content::Junk(world.damages.to_be_bytes().to_vec());
                let mut slots = world.store.slots.lock().unwrap();
                slots.insert(world.issuer(issuer).into(), junk);
            }
            Transition::BreakNextSave => *world.store.next_save_fails.lock().unwrap() = true,
            Transition::Clock(_) => world.clock.set(UnixTime::from_secs(model.now)),
            Transition::Ask {
                process,
                issuer,
                wish,
            } => {
                let wishes = request(&wish);
                let asked = world.processes[process].has_session_for(world.issuer(issuer), &wishes);
                let expected = usable(model.slots[issuer], &wish, model.now).is_some();
                assert_eq!(finish(asked).unwrap(), expected, "{wish:?}");
            }
        }
        world
    }

    /// The store holds what the model says, hence nothing that no issuer signed; wallets were
    /// asked as often as the model says, and one prompt for each issuer is open at most.
    fn check_invariants(world: &Self, model: &Model) {
        let slots = world.store.slots.lock().unwrap();
        for issuer in 0..ISSUERS {
            let wallet = &world.wallets[issuer];
            assert_eq!(*wallet.asked.lock().unwrap(), model.asked[issuer]);
            let open = model
                .callers
                .iter()
                .filter(|caller| caller.issuer == issuer && matches!(caller.at, At::Prompt(..)));
            assert!(open.count() <= 1);
            match (slots.get(&world.issuer(issuer).into()), model.slots[issuer]) {
                (None, Expected::Empty) | (Some(Content::Junk(_)), Expected::Damaged(_)) => {}
                (Some(Content::Record(record)), Expected::Session(session)) => {
                    let key = &world.keys.lock().unwrap()[session.number];
                    assert_eq!(record.key().did_key().as_str(), key);
                    let payload = record.capability().payload();
                    assert_eq!(payload.audience(), key);
                    let exp = UnixTime::from_secs(session.exp);
                    assert_eq!(payload.expires_at().unwrap().unix_time(), exp);
                }
                (found, expected) => {
                    let found = found.map(Content::tag);
                    panic!("{expected:?} is expected in the slot of issuer {issuer}: {found:?}");
                }
            }
        }
    }
}
