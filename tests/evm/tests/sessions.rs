//! Sessions of a contract wallet: had, found, used and verified, with a node that fails in between.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use cacao::contract::Contracts;
use cacao::{Policy, Provers, Requirement, UnixTime};
use dag_jws::{Jws, Verification};
use data_encoding::HEXLOWER;
use evm_tests::{Chain, creation_of, owner, personal_sign};
use session_core::{AuthMethod, Clock, Context, Error, ManualClock, Request, Sessions, verify_jws};
use session_wallets::ContractAuth;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use store_memory::MemoryStore;

const NOW: UnixTime = UnixTime::from_millis(1_680_797_719_058);
const MAX_AGE: Duration = Duration::from_secs(600);

/// A wallet on a chain, and who asks both.
struct World {
    chain: Arc<Chain>,
    wallet: [u8; 20],
    clock: Arc<ManualClock>,
    prompts: Arc<AtomicUsize>,
    request: Request,
}

impl World {
    fn new() -> Self {
        let chain = Arc::new(Chain::new());
        Self {
            wallet: chain.create(&creation_of("Wallet", &owner(1))),
            chain,
            clock: Arc::new(ManualClock::new(NOW)),
            prompts: Arc::default(),
            request: Request::new("app.example", ["ceramic://*"]),
        }
    }

    fn provers() -> Provers {
        Provers::none().with_contracts(Contracts::new()).unwrap()
    }

    fn context(&self) -> Context {
        let clock: Arc<dyn Clock> = self.clock.clone();
        Context::with_shared_clock(clock, Self::provers())
            .with_policy(Policy::default().with_max_contract_age(MAX_AGE))
            .with_rpc(Arc::clone(&self.chain))
    }

    /// The contract's account, for which this key signs.
    fn auth(&self, key: u8) -> impl AuthMethod + use<> {
        let account = format!("eip155:1:0x{}", HEXLOWER.encode(&self.wallet));
        let prompts = Arc::clone(&self.prompts);
        ContractAuth::new(&account.parse().unwrap(), move |text: String| {
            prompts.fetch_add(1, Ordering::Relaxed);
            async move { Ok(personal_sign(&owner(key), &text)) }
        })
        .unwrap()
    }

    fn prompts(&self) -> usize {
        self.prompts.load(Ordering::Relaxed)
    }

    /// The contract refuses everybody from now on.
    fn change_its_mind(&self) {
        self.chain.put(self.wallet, &[0x60, 0, 0x60, 0, 0xfd]);
    }
}

/// Why a session was not had.
fn code<T>(result: Result<T, Error>) -> &'static str {
    result.err().map_or("accepted", |error| error.code())
}

#[tokio::test]
async fn the_contract_is_asked_each_time_where_others_may_write_the_store() {
    let world = World::new();
    let sessions = Sessions::with_context(MemoryStore::new(), world.context());
    let (auth, request) = (world.auth(1), &world.request);
    let made = sessions.get(&auth, request).await.unwrap();
    let asked = world.chain.answered();
    assert!(asked > 0, "the contract was asked about the answer");
    let found = sessions.get(&auth, request).await.unwrap();
    assert_eq!(made.key_did(), found.key_did());
    assert!(
        sessions
            .has_session_for(auth.issuer(), request)
            .await
            .unwrap()
    );
    assert!(world.chain.answered() >= asked + 2, "and about the record");
    assert_eq!(world.prompts(), 1);

    world.change_its_mind();
    assert!(
        !sessions
            .has_session_for(auth.issuer(), request)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn what_the_contract_does_not_accept_is_not_kept() {
    let world = World::new();
    let sessions = Sessions::with_context(MemoryStore::new(), world.context());
    let stranger = world.auth(2);
    let refused = sessions.get(&stranger, &world.request).await;
    assert!(refused.is_err());
    assert!(sessions.list().await.unwrap().is_empty());
}

/// A store of its own keeps the contract's word, for as long as the policy lets it.
#[tokio::test]
async fn a_word_that_is_kept_ages() {
    let world = World::new();
    let context = world.context().with_own_store();
    let sessions = Sessions::with_context(MemoryStore::new(), context);
    let (auth, request) = (world.auth(1), &world.request);
    sessions.get(&auth, request).await.unwrap();
    let asked = world.chain.answered();
    world.change_its_mind();
    world.clock.advance(MAX_AGE);
    assert!(
        sessions
            .has_session_for(auth.issuer(), request)
            .await
            .unwrap()
    );
    assert_eq!(world.chain.answered(), asked, "nobody is asked");
    world.clock.advance(Duration::from_millis(1));
    assert!(
        !sessions
            .has_session_for(auth.issuer(), request)
            .await
            .unwrap()
    );
    assert!(world.chain.answered() > asked);
}

/// An outage is an error: no verdict, no prompt, nothing lost.
#[tokio::test]
async fn a_node_that_fails_in_between() {
    let world = World::new();
    let sessions = Sessions::with_context(MemoryStore::new(), world.context());
    let (auth, request) = (world.auth(1), &world.request);
    let made = sessions.get(&auth, request).await.unwrap();
    world.chain.set_down(true);
    assert_eq!(
        code(sessions.has_session_for(auth.issuer(), request).await),
        "chain_unavailable"
    );
    assert_eq!(
        code(sessions.get(&auth, request).await),
        "chain_unavailable"
    );
    assert_eq!(world.prompts(), 1);
    world.chain.set_down(false);
    let found = sessions.get(&auth, request).await.unwrap();
    assert_eq!(made.key_did(), found.key_did());
    assert_eq!(world.prompts(), 1);
}

/// A node that fails while the wallet is open: the answer is not kept.
#[tokio::test]
async fn a_node_that_fails_at_the_answer() {
    let world = World::new();
    world.chain.set_down(true);
    let sessions = Sessions::with_context(MemoryStore::new(), world.context());
    let (auth, request) = (world.auth(1), &world.request);
    assert!(sessions.get(&auth, request).await.is_err());
    assert!(sessions.list().await.unwrap().is_empty());
    world.chain.set_down(false);
    assert!(sessions.get(&auth, request).await.is_ok());
}

#[tokio::test]
async fn a_jws_in_one_call() {
    let world = World::new();
    let sessions = Sessions::with_context(MemoryStore::new(), world.context());
    let session = sessions.get(&world.auth(1), &world.request).await.unwrap();
    let message = serde_json::json!({ "hello": "world" });
    let jws = session.create_jws(&message).await.unwrap();
    let jws = Jws::parse(jws.as_compact()).unwrap();
    let (chain, clock) = (&world.chain, &world.clock);

    let for_domain = |domain| {
        let requirement = Requirement::for_domain(domain).with_issuer(session.issuer().clone());
        Verification::new(NOW, requirement)
            .with_provers(World::provers())
            .with_capability(session.cacao())
    };
    let ours = for_domain("app.example");
    let verified = verify_jws(&jws, &ours, chain, &**clock).await.unwrap();
    assert_eq!(verified.principal().did(), session.id());
    assert_eq!(verified.payload_json(), Some(message));

    // what the payload alone decides asks nobody
    let asked = chain.answered();
    let foreign = for_domain("other.example");
    let error = verify_jws(&jws, &foreign, chain, &**clock)
        .await
        .unwrap_err();
    assert_eq!(error.code(), "domain_mismatch");
    assert_eq!(chain.answered(), asked);

    chain.set_down(true);
    let error = verify_jws(&jws, &ours, chain, &**clock).await.unwrap_err();
    assert_eq!(error.code(), "chain_unavailable");
    chain.set_down(false);
    world.change_its_mind();
    let error = verify_jws(&jws, &ours, chain, &**clock).await.unwrap_err();
    assert_eq!(error.code(), "contract_reverted");
}
