//! Revocation by the sessions of a contract wallet: the contract is asked whether the maker of a
//! statement is its session, and a chain that does not answer is an error and no verdict.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use cacao::contract::Contracts;
use cacao::{Policy, Provers, Requirement};
use data_encoding::HEXLOWER;
use didkey::Ed25519SigningKey;
use evm_tests::making::NOW;
use evm_tests::{Chain, creation_of, owner, personal_sign};
use session_core::revoke::{REVOKE_RESOURCE, RevocationRules, Revocations, judge_revocation};
use session_core::{Clock, Context, DidSession, ManualClock, Request, Sessions};
use session_wallets::ContractAuth;
use std::sync::Arc;
use std::time::Duration;
use store_memory::{MemoryRevocations, MemoryStore};

const DOMAIN: &str = "app.example";
const SECOND: Duration = Duration::from_secs(1);

type Session = DidSession<Ed25519SigningKey>;

/// A wallet on a chain, and a server.
struct World {
    chain: Arc<Chain>,
    wallet: [u8; 20],
    clock: Arc<ManualClock>,
    revocations: Arc<MemoryRevocations>,
}

impl World {
    fn new() -> Self {
        let chain = Arc::new(Chain::new());
        Self {
            wallet: chain.create(&creation_of("Wallet", &owner(1))),
            chain,
            clock: Arc::new(ManualClock::new(NOW)),
            revocations: Arc::new(MemoryRevocations::new()),
        }
    }

    /// With nobody to ask.
    fn offline(&self) -> Context {
        let clock: Arc<dyn Clock> = self.clock.clone();
        let provers = Provers::none().with_contracts(Contracts::new()).unwrap();
        // what the contract said a moment ago counts no longer
        let policy = Policy::default().with_max_contract_age(Duration::ZERO);
        Context::with_shared_clock(clock, provers).with_policy(policy)
    }

    fn context(&self) -> Context {
        self.offline().with_rpc(Arc::clone(&self.chain))
    }

    fn auth(&self) -> impl session_core::AuthMethod + use<> {
        let account = format!("eip155:1:0x{}", HEXLOWER.encode(&self.wallet));
        ContractAuth::new(&account.parse().unwrap(), |text: String| async move {
            Ok(personal_sign(&owner(1), &text))
        })
        .unwrap()
    }

    async fn log_in(&self, resources: &[&str]) -> Session {
        let request = Request::new(DOMAIN, resources.iter().copied());
        DidSession::authorize(&self.context(), &self.auth(), &request)
            .await
            .unwrap()
    }

    /// Receives a statement as a server does; the code of the refusal, or `recorded`.
    async fn receive(&self, context: &Context, statement: &str, maker: &Session) -> &'static str {
        let rules = RevocationRules::new(Requirement::for_domain(DOMAIN));
        let revocations = &*self.revocations;
        match judge_revocation(statement, maker.cacao(), &rules, context, revocations).await {
            Ok(accepted) => {
                self.revocations.record(&accepted).await.unwrap();
                "recorded"
            }
            Err(error) => error.code(),
        }
    }

    async fn is_revoked(&self, session: &Session) -> bool {
        self.revocations.is_revoked(session.cacao()).await.unwrap()
    }

    /// The contract refuses everybody from now on.
    fn change_its_mind(&self) {
        self.chain.put(self.wallet, &[0x60, 0, 0x60, 0, 0xfd]);
    }
}

#[tokio::test]
async fn a_session_ends_itself_and_no_other() {
    let world = World::new();
    let (one, other) = (
        world.log_in(&["notes"]).await,
        world.log_in(&["notes"]).await,
    );
    let asked = world.chain.answered();
    let of_other = one.revocation_of([other.cacao().identity()]).await.unwrap();
    let context = world.context();
    assert_eq!(
        world.receive(&context, &of_other, &one).await,
        "revocation_not_granted"
    );
    let statement = one.revocation_of_itself().await.unwrap();
    assert_eq!(world.receive(&context, &statement, &one).await, "recorded");
    assert!(
        world.chain.answered() >= asked + 2,
        "the contract was asked each time"
    );
    assert!(world.is_revoked(&one).await);
    assert!(!world.is_revoked(&other).await);
}

#[tokio::test]
async fn a_login_with_the_grant_ends_others() {
    let world = World::new();
    let old = world.log_in(&["notes"]).await;
    let older = world.log_in(&["notes"]).await;
    world.clock.advance(60 * SECOND);
    let armed = world.log_in(&["notes", REVOKE_RESOURCE]).await;
    let context = world.context();
    let one = armed.revocation_of([old.cacao().identity()]).await.unwrap();
    assert_eq!(world.receive(&context, &one, &armed).await, "recorded");
    assert!(world.is_revoked(&old).await);
    assert!(!world.is_revoked(&older).await);
    let before = world.clock.now() - 30 * SECOND;
    let all = armed.revocation_of_all(before).await.unwrap();
    assert_eq!(world.receive(&context, &all, &armed).await, "recorded");
    assert!(world.is_revoked(&older).await);
    assert!(!world.is_revoked(&armed).await);
    // a login that is no longer fresh ends nobody
    world.clock.advance(6 * 60 * SECOND);
    let late = world.log_in(&["notes"]).await;
    let statement = armed
        .revocation_of([late.cacao().identity()])
        .await
        .unwrap();
    assert_ne!(
        world.receive(&context, &statement, &armed).await,
        "recorded"
    );
    assert!(!world.is_revoked(&late).await);
}

/// What the contract says no to any more is not its session, and what it states counts for nothing.
#[tokio::test]
async fn a_contract_that_says_no_later() {
    let world = World::new();
    let victim = world.log_in(&["notes"]).await;
    let armed = world.log_in(&["notes", REVOKE_RESOURCE]).await;
    let of_itself = armed.revocation_of_itself().await.unwrap();
    let of_victim = armed
        .revocation_of([victim.cacao().identity()])
        .await
        .unwrap();
    world.change_its_mind();
    let context = world.context();
    for statement in [of_itself, of_victim] {
        let code = world.receive(&context, &statement, &armed).await;
        assert_eq!(code, "contract_reverted");
    }
    assert!(!world.is_revoked(&victim).await);
    assert!(!world.is_revoked(&armed).await);
}

/// An outage decides nothing, and the same statement counts when the chain is back. What is already
/// recorded is revoked without a chain.
#[tokio::test]
async fn an_outage_is_an_error_and_no_verdict() {
    let world = World::new();
    let victim = world.log_in(&["notes"]).await;
    let armed = world.log_in(&["notes", REVOKE_RESOURCE]).await;
    let of_victim = armed
        .revocation_of([victim.cacao().identity()])
        .await
        .unwrap();
    let of_itself = armed.revocation_of_itself().await.unwrap();
    world.chain.set_down(true);
    for context in [world.context(), world.offline()] {
        for statement in [&of_victim, &of_itself] {
            let code = world.receive(&context, statement, &armed).await;
            assert_eq!(code, "chain_unavailable");
        }
    }
    assert!(!world.is_revoked(&victim).await);
    assert!(!world.is_revoked(&armed).await);
    // what the statement alone decides needs no chain
    let code = world.receive(&world.context(), &of_itself, &victim).await;
    assert_ne!(code, "chain_unavailable");

    world.chain.set_down(false);
    let context = world.context();
    assert_eq!(
        world.receive(&context, &of_victim, &armed).await,
        "recorded"
    );
    world.chain.set_down(true);
    assert!(world.is_revoked(&victim).await);
}

/// A revoked session of a contract is not handed out again.
#[tokio::test]
async fn a_revoked_session_is_asked_for_anew() {
    let world = World::new();
    let revocations: Arc<MemoryRevocations> = Arc::clone(&world.revocations);
    let context = world.context().with_revocations(revocations);
    let sessions = Sessions::with_context(MemoryStore::new(), context.clone());
    let (auth, request) = (world.auth(), Request::new(DOMAIN, ["notes"]));
    let first = sessions.get(&auth, &request).await.unwrap();
    let statement = first.revocation_of_itself().await.unwrap();
    assert_eq!(
        world.receive(&context, &statement, &first).await,
        "recorded"
    );
    world.clock.advance(SECOND);
    let second = sessions.get(&auth, &request).await.unwrap();
    assert_ne!(first.key_did(), second.key_did());
}
