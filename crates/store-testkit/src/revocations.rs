//! The contract of [`Revocations`] as tests, one for each numbered sentence.

use crate::Kept;
use cacao::{
    Cacao, HeaderType, Issuer, MaybeSend, MaybeSync, Policy, Provers, Requirement, Signature,
    UnixTime, eip191::Eip191,
};
use didkey::Ed25519SigningKey;
use futures_util::future::join_all;
use session_core::revoke::{
    AcceptedRevocation, REVOKE_RESOURCE, RevocationRules, Revocations, judge_revocation,
};
use session_core::{Context, DidSession, ManualClock, Request, StoreError};
use session_wallets::EthereumWallet;
use std::sync::Arc;
use std::time::Duration;

const DOMAIN: &str = "app.example";
const START: UnixTime = UnixTime::from_secs(1_700_000_000);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

type Session = DidSession<Ed25519SigningKey>;

/// Issuers, and a server that accepts their statements. Nothing is revoked for it.
struct World {
    clock: Arc<ManualClock>,
    context: Context,
}

impl World {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new(START));
        let provers = Provers::none().with(Eip191).expect("a set of provers");
        let policy = Policy::default().with_max_lifetime(30 * DAY);
        let context = Context::with_shared_clock(Arc::clone(&clock) as _, provers);
        let context = context.with_policy(policy);
        Self { clock, context }
    }

    async fn session_of(&self, seed: u8, domain: &str) -> Session {
        let chain = "eip155:1".parse().expect("a chain");
        let wallet = EthereumWallet::from_secret(&[seed; 32], &chain).expect("a scalar");
        let request = Request::new(domain, [REVOKE_RESOURCE]);
        let session = DidSession::authorize(&self.context, &wallet, &request).await;
        session.expect("a session")
    }

    async fn session(&self) -> Session {
        self.session_of(7, DOMAIN).await
    }

    async fn accept(&self, statement: String, maker: &Session) -> AcceptedRevocation {
        let rules = RevocationRules::new(Requirement::any_domain());
        let (maker, context) = (maker.cacao(), &self.context);
        let accepted = judge_revocation(&statement, maker, &rules, context, &Nothing).await;
        accepted.expect("an accepted statement")
    }

    async fn end_of(&self, session: &Session) -> AcceptedRevocation {
        let statement = session.revocation_of_itself().await.expect("a statement");
        self.accept(statement, session).await
    }

    async fn end_of_all(&self, maker: &Session, before: UnixTime) -> AcceptedRevocation {
        let statement = maker.revocation_of_all(before).await.expect("a statement");
        self.accept(statement, maker).await
    }
}

/// Knows of no revocation.
struct Nothing;

#[cfg_attr(not(target_family = "wasm"), async_trait::async_trait)]
#[cfg_attr(target_family = "wasm", async_trait::async_trait(?Send))]
impl Revocations for Nothing {
    async fn is_revoked(&self, _: &Cacao) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn record(&self, _: &AcceptedRevocation) -> Result<(), StoreError> {
        Ok(())
    }

    async fn count(&self, _: &Issuer, _: &str) -> Result<usize, StoreError> {
        Ok(0)
    }

    async fn purge(&self, _: UnixTime) -> Result<usize, StoreError> {
        Ok(0)
    }
}

async fn is_revoked<R: Revocations>(revocations: &R, session: &Session) -> bool {
    let revoked = revocations.is_revoked(session.cacao()).await;
    revoked.expect("revocations that can be read")
}

async fn record<R: Revocations>(revocations: &R, accepted: &AcceptedRevocation) {
    let recorded = revocations.record(accepted).await;
    recorded.expect("revocations that can be written");
}

async fn purge<R: Revocations>(revocations: &R, now: UnixTime) -> usize {
    let purged = revocations.purge(now).await;
    purged.expect("revocations that can be written")
}

#[cfg_attr(not(target_family = "wasm"), async_trait::async_trait)]
#[cfg_attr(target_family = "wasm", async_trait::async_trait(?Send))]
impl<R: Revocations, G: MaybeSend + MaybeSync> Revocations for Kept<R, G> {
    async fn is_revoked(&self, capability: &Cacao) -> Result<bool, StoreError> {
        self.store().is_revoked(capability).await
    }

    async fn record(&self, revocation: &AcceptedRevocation) -> Result<(), StoreError> {
        self.store().record(revocation).await
    }

    async fn count(&self, issuer: &Issuer, domain: &str) -> Result<usize, StoreError> {
        self.store().count(issuer, domain).await
    }

    async fn purge(&self, now: UnixTime) -> Result<usize, StoreError> {
        self.store().purge(now).await
    }
}

/// 1. What was not recorded is not revoked.
///
/// # Panics
/// When the sentence does not hold.
pub async fn revocations_1_what_was_not_recorded_is_not_revoked<R: Revocations>(revocations: R) {
    let world = World::new();
    let session = world.session().await;
    assert!(!is_revoked(&revocations, &session).await);
    assert_eq!(purge(&revocations, START).await, 0);
    let _ = world.end_of(&session).await;
    assert!(!is_revoked(&revocations, &session).await);
}

/// 2. What was recorded is revoked in every spelling, and nothing else is.
///
/// # Panics
/// When the sentence does not hold.
pub async fn revocations_2_exactly_what_was_recorded_is_revoked<R: Revocations>(revocations: R) {
    let world = World::new();
    let (ended, other) = (world.session().await, world.session().await);
    record(&revocations, &world.end_of(&ended).await).await;
    assert!(is_revoked(&revocations, &ended).await);
    assert!(!is_revoked(&revocations, &other).await);
    let respelled = Cacao::new(
        HeaderType::Caip122,
        ended.cacao().payload().clone(),
        Some(Signature::eip191(&[7; 65])),
    );
    let revoked = revocations.is_revoked(&respelled).await;
    assert!(revoked.expect("revocations that can be read"));
    // names of others, which are not the issuer's or not the domain's
    let victim = world.session_of(8, DOMAIN).await;
    let elsewhere = world.session_of(7, "other.example").await;
    let named = [&victim, &elsewhere].map(|session| session.cacao().identity());
    let statement = other.revocation_of(named).await.expect("a statement");
    record(&revocations, &world.accept(statement, &other).await).await;
    record(&revocations, &world.end_of_all(&other, START).await).await;
    assert!(is_revoked(&revocations, &other).await);
    for other in [&victim, &elsewhere] {
        assert!(!is_revoked(&revocations, other).await);
    }
    world.clock.advance(Duration::from_millis(1));
    assert!(!is_revoked(&revocations, &world.session().await).await);
}

/// 3. Recording again changes nothing, and nothing makes a revocation smaller.
///
/// # Panics
/// When the sentence does not hold.
pub async fn revocations_3_nothing_un_revokes<R: Revocations>(revocations: R) {
    let world = World::new();
    let session = world.session().await;
    let all = world.end_of_all(&session, START).await;
    let less = world.end_of_all(&session, START - DAY).await;
    for accepted in [&all, &less, &all, &less] {
        record(&revocations, accepted).await;
        assert!(is_revoked(&revocations, &session).await);
    }
    assert_eq!(purge(&revocations, START + 29 * DAY).await, 0);
    assert!(is_revoked(&revocations, &session).await);
    assert_eq!(purge(&revocations, START + 365 * DAY).await, 1);
}

/// 4. `purge` forgets what need not be kept any longer, and nothing else.
///
/// # Panics
/// When the sentence does not hold.
pub async fn revocations_4_purge_forgets_what_is_over<R: Revocations>(revocations: R) {
    let world = World::new();
    let early = world.session().await;
    record(&revocations, &world.end_of(&early).await).await;
    world.clock.advance(DAY);
    let late = world.session().await;
    record(&revocations, &world.end_of(&late).await).await;
    let over = START + Request::DEFAULT_LIFETIME + Policy::DEFAULT_SKEW;
    assert_eq!(purge(&revocations, over).await, 0);
    assert!(is_revoked(&revocations, &early).await);
    assert_eq!(purge(&revocations, over + Duration::from_secs(1)).await, 1);
    assert!(!is_revoked(&revocations, &early).await);
    assert!(is_revoked(&revocations, &late).await);
}

/// 5. Clones share what is known; of concurrent calls of `record` none is lost.
///
/// # Panics
/// When the sentence does not hold.
pub async fn revocations_5_no_record_is_lost<R: Revocations + Clone>(revocations: R) {
    let world = World::new();
    let sessions = join_all((0..16).map(|_| world.session())).await;
    let ends = join_all(sessions.iter().map(|session| world.end_of(session))).await;
    let clones: Vec<_> = ends.iter().map(|_| revocations.clone()).collect();
    let recorded = clones.iter().zip(&ends);
    join_all(recorded.map(|(clone, end)| record(clone, end))).await;
    for session in &sessions {
        assert!(is_revoked(&revocations, session).await);
    }
}

/// 7. `count` is how many entries there are of an issuer and a domain, at the least.
///
/// # Panics
/// When the sentence does not hold.
pub async fn revocations_7_entries_are_counted<R: Revocations>(revocations: R) {
    let world = World::new();
    let count = async |session: &Session| {
        let counted = revocations.count(session.issuer(), DOMAIN).await;
        counted.expect("revocations that can be read")
    };
    let (ended, other) = (world.session().await, world.session().await);
    assert_eq!(count(&ended).await, 0);
    record(&revocations, &world.end_of(&ended).await).await;
    assert_eq!(count(&ended).await, 1);
    let never_seen = [1_u8, 2].map(|n| cacao::car::dag_cbor_cid(&[n]));
    let statement = other.revocation_of(never_seen).await.expect("a statement");
    let named = world.accept(statement, &other).await;
    record(&revocations, &named).await;
    record(&revocations, &world.end_of_all(&other, START).await).await;
    // three identities and all, each once
    record(&revocations, &named).await;
    assert_eq!(count(&other).await, 4);
    let elsewhere = world.session_of(7, "other.example").await;
    record(&revocations, &world.end_of(&elsewhere).await).await;
    assert!((4..=5).contains(&count(&other).await));
    // of somebody else
    assert_eq!(count(&world.session_of(11, DOMAIN).await).await, 0);
}
