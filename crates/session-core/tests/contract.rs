//! Contract wallets: their chain is asked, what it said ages, and an outage is no verdict.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::wallet;

use async_trait::async_trait;
use cacao::contract::Contracts;
use cacao::{CallOutcome, EthCall, Policy, Provers, Requirement};
use dag_jws::Verification;
use session_core::flow::{Flow, Input, Step, Time, View};
use session_core::{
    AuthMethod, Context, DidSession, Error, EthereumRpc, Evidence, ManualClock, Outage, SessionKey,
    SessionStore, Sessions, Slot, SlotId, verify_jws,
};
use session_wallets::ContractAuth;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store_memory::MemoryStore;
use wallet::{NOW, request};

const ACCOUNT: &str = "eip155:1:0x4e59b44847b379578588920ca78fbf26c0b4956c";
/// As the default policy has it.
const AGE: Duration = Policy::DEFAULT_MAX_CONTRACT_AGE;
const MILLI: Duration = Duration::from_millis(1);

#[derive(Clone, Copy)]
enum Says {
    Yes,
    No,
    Nothing,
}

/// A chain that says what the test wants, and counts how often it is asked.
struct Chain(Mutex<Says>, AtomicUsize);

impl Chain {
    fn will(&self, says: Says) {
        *self.0.lock().unwrap() = says;
    }

    fn asked(&self) -> usize {
        self.1.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl EthereumRpc for Chain {
    async fn eth_calls(&self, calls: &[EthCall]) -> Result<Vec<CallOutcome>, Outage> {
        self.1.fetch_add(1, Ordering::SeqCst);
        let mut word = vec![0; 32];
        match *self.0.lock().unwrap() {
            Says::Yes => word[..4].copy_from_slice(&[0x16, 0x26, 0xba, 0x7e]),
            Says::No => word[..4].copy_from_slice(&[0xff; 4]),
            Says::Nothing => return Err(Outage::new("1", "no connection")),
        }
        Ok(calls
            .iter()
            .map(|_| CallOutcome::Returned(word.clone()))
            .collect())
    }
}

struct World {
    sessions: Sessions<MemoryStore>,
    clock: Arc<ManualClock>,
    chain: Arc<Chain>,
    prompts: Arc<AtomicUsize>,
    auth: Box<dyn AuthMethod>,
}

fn provers() -> Provers {
    Provers::none().with_contracts(Contracts::new()).unwrap()
}

fn world(configure: fn(Context) -> Context) -> World {
    let clock = Arc::new(ManualClock::new(NOW));
    let chain = Arc::new(Chain(Mutex::new(Says::Yes), AtomicUsize::new(0)));
    let context = Context::with_shared_clock(Arc::clone(&clock) as _, provers());
    let context = configure(context.with_rpc(Arc::clone(&chain)));
    let prompts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&prompts);
    let auth = ContractAuth::new(&ACCOUNT.parse().unwrap(), move |_: String| {
        let counted = Arc::clone(&counted);
        async move {
            counted.fetch_add(1, Ordering::SeqCst);
            Ok(vec![1, 2, 3])
        }
    });
    World {
        sessions: Sessions::with_context(MemoryStore::new(), context),
        clock,
        chain,
        prompts,
        auth: Box::new(auth.unwrap()),
    }
}

impl World {
    async fn get(&self) -> Result<DidSession<didkey::Ed25519SigningKey>, Error> {
        self.sessions.get(&*self.auth, &request(["a"])).await
    }

    async fn has(&self) -> Result<bool, Error> {
        let issuer = self.auth.issuer();
        self.sessions.has_session_for(issuer, &request(["a"])).await
    }

    async fn evidence(&self) -> Option<Evidence> {
        let slot = self.auth.issuer().into();
        match self.sessions.store().load(&slot).await.unwrap() {
            Slot::Record { record, .. } => record.evidence().cloned(),
            slot => panic!("{slot:?}"),
        }
    }

    /// How often the chain and the wallet were asked.
    fn asked(&self) -> (usize, usize) {
        (self.chain.asked(), self.prompts.load(Ordering::SeqCst))
    }
}

#[tokio::test]
async fn what_the_contract_said_counts_until_it_is_too_old() {
    let world = world(Context::with_own_store);
    world.get().await.unwrap();
    assert_eq!(world.asked(), (1, 1));
    let first = world.evidence().await.unwrap();

    world.clock.set(NOW + AGE);
    assert!(world.has().await.unwrap());
    world.get().await.unwrap();
    assert_eq!(world.asked(), (1, 1), "within the policy's age");

    world.clock.advance(MILLI);
    assert!(world.has().await.unwrap());
    assert_eq!(world.asked(), (2, 1), "after it");
    assert_ne!(
        world.evidence().await.unwrap(),
        first,
        "the new answer is kept"
    );
    world.get().await.unwrap();
    assert_eq!(world.asked(), (2, 1));
}

/// What is kept already is not written again with each use.
#[tokio::test]
async fn an_answer_is_kept_once() {
    let world = world(Context::with_own_store);
    world.get().await.unwrap();
    let slot: SlotId = world.auth.issuer().into();
    let Slot::Record { record, tag } = world.sessions.store().load(&slot).await.unwrap() else {
        panic!("there is a session");
    };
    let view = |evidence: Option<&Evidence>| View::Record {
        capability: record.capability().clone(),
        key: record.key().did().clone(),
        tag,
        evidence: evidence.and_then(|kept| cacao::Evidence::from_json(kept.as_str()).ok()),
    };
    let time = Time {
        wall: NOW,
        monotonic: Duration::ZERO,
    };
    let look = |evidence| {
        let any = Requirement::any_domain();
        let mut flow = Flow::find(slot.clone(), any, &provers(), &Policy::default());
        flow.on(Input::Start, time);
        let step = flow.on(Input::Loaded(view(evidence)), time);
        (flow, step)
    };
    let (_, step) = look(record.evidence());
    assert!(matches!(step, Step::Done(Ok(_))), "{step:?}");
    // a new answer is
    let (mut flow, step) = look(None);
    let Step::AskChain(calls) = step else {
        panic!("{step:?}");
    };
    let answered = world.chain.eth_calls(&calls).await.into();
    let step = flow.on(Input::Chain(answered), time);
    assert!(matches!(step, Step::Refresh { .. }), "{step:?}");
    let step = flow.on(Input::Refreshed, time);
    assert!(matches!(step, Step::Done(Ok(_))), "{step:?}");
}

#[tokio::test]
async fn evidence_counts_only_in_the_callers_own_store() {
    let world = world(|context| context);
    world.get().await.unwrap();
    assert!(world.evidence().await.is_some());
    for times in 2..4 {
        assert!(world.has().await.unwrap());
        assert_eq!(world.asked(), (times, 1));
    }
}

#[tokio::test]
async fn a_contract_that_says_no_longer_ends_the_session() {
    let world = world(Context::with_own_store);
    world.get().await.unwrap();
    world.clock.set(NOW + AGE + MILLI);
    world.chain.will(Says::No);
    assert!(!world.has().await.unwrap());
    let found = world
        .sessions
        .find(world.auth.issuer(), &request(["a"]))
        .await;
    assert_eq!(found.unwrap_err().code(), "signature_mismatch");
    assert_eq!(world.prompts.load(Ordering::SeqCst), 1);
    // the wallet is asked, and its answer is refused by the contract, too
    assert_eq!(world.get().await.unwrap_err().code(), "signature_mismatch");
    assert_eq!(world.prompts.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn an_outage_is_an_error_and_neither_a_verdict_nor_a_prompt() {
    let world = world(Context::with_own_store);
    world.get().await.unwrap();
    world.clock.set(NOW + AGE + MILLI);
    world.chain.will(Says::Nothing);
    for error in [world.has().await.map(drop), world.get().await.map(drop)] {
        let error = error.unwrap_err();
        assert!(matches!(error, Error::Capability(_)), "{error:?}");
    }
    assert_eq!(world.prompts.load(Ordering::SeqCst), 1);
    world.chain.will(Says::Yes);
    assert!(world.has().await.unwrap(), "nothing was lost");
}

#[tokio::test]
async fn an_answer_is_not_stored_while_its_contract_cannot_be_asked() {
    let world = world(Context::with_own_store);
    world.chain.will(Says::Nothing);
    let error = world.get().await.unwrap_err();
    assert!(matches!(error, Error::Capability(_)), "{error:?}");
    assert!(world.sessions.list().await.unwrap().is_empty());
    // nobody was named who could ask
    let silent = Context::with_shared_clock(Arc::clone(&world.clock) as _, provers());
    let silent = Sessions::with_context(MemoryStore::new(), silent);
    let error = silent.get(&*world.auth, &request(["a"])).await.unwrap_err();
    assert!(matches!(error, Error::Capability(_)), "{error:?}");
}

#[tokio::test]
async fn a_session_string_is_restored_by_asking() {
    let world = world(Context::with_own_store);
    let session = world.get().await.unwrap();
    let (context, text) = (world.sessions.context(), session.serialize());
    let error = DidSession::from_session(context, &text).unwrap_err();
    assert!(matches!(error, Error::Capability(_)), "{error:?}");
    let restored = DidSession::restore(context, &text).await.unwrap();
    assert_eq!(restored.cacao(), session.cacao());
    assert_eq!(world.asked(), (2, 1));
    world.chain.will(Says::No);
    let error = DidSession::restore(context, &text).await.unwrap_err();
    assert_eq!(error.code(), "signature_mismatch");

    // what is put by hand keeps what was just found
    world.sessions.remove(world.auth.issuer()).await.unwrap();
    world.sessions.put(&restored).await.unwrap();
    assert!(world.evidence().await.is_some());
    assert!(world.has().await.unwrap());
}

#[tokio::test]
async fn a_jws_is_verified_in_one_call() {
    let world = world(Context::with_own_store);
    let session = world.get().await.unwrap();
    let jws = session
        .create_jws(&serde_json::json!({ "a": 1 }))
        .await
        .unwrap();
    let issuer = world.auth.issuer().clone();
    let verification = |domain: &str| {
        Verification::new(
            NOW,
            Requirement::for_domain(domain).with_issuer(issuer.clone()),
        )
        .with_provers(provers())
        .with_capability(session.cacao())
    };
    let verify = async |domain: &str| {
        verify_jws(&jws, &verification(domain), &*world.chain, &*world.clock).await
    };
    let verified = verify("app.example").await.unwrap();
    assert_eq!(verified.principal().issuer(), Some(world.auth.issuer()));
    assert_eq!(world.chain.asked(), 2);
    assert_eq!(
        verify("evil.example").await.unwrap_err().code(),
        "domain_mismatch"
    );
    assert_eq!(
        world.chain.asked(),
        2,
        "what the payload decides costs no question"
    );
    world.chain.will(Says::No);
    assert_eq!(
        verify("app.example").await.unwrap_err().code(),
        "signature_mismatch"
    );
    world.chain.will(Says::Nothing);
    let error = verify("app.example").await.unwrap_err();
    assert!(
        !["signature_mismatch", "domain_mismatch"].contains(&error.code()),
        "{error:?}"
    );
}
