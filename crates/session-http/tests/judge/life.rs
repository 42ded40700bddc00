//! Logging in, registering, the list of devices, logging out: what is compared, kept and ended.

use crate::world::{DOMAIN, START, Signer, URI, World, car, proven, wallet, world};
use async_trait::async_trait;
use cacao::eip191::Eip191;
use cacao::{Cacao, Issuer, Policy, Provers, UnixTime};
use dag_jws::Cid;
use data_encoding::BASE64URL_NOPAD;
use didkey::Ed25519SigningKey;
use session_core::revoke::{AcceptedRevocation, REVOKE_RESOURCE, Revocations};
use session_core::server::Capabilities;
use session_core::{Context, DidSession, Request, StoreError};
use session_http::client::ProofSigner;
use session_http::{
    CHALLENGE_LIFE, Logout, Refusal, Registered, Route, Server, ServerBuilder, State,
};
use session_wallets::EthereumWallet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store_memory::MemoryRevocations;

const WRITE: &str = "app://notes/write";

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn state() -> State {
    State::in_memory(UnixTime::from_secs(1_699_990_000)).unwrap()
}

fn asked(resources: &[&str]) -> Request {
    Request::new(DOMAIN, resources.iter().copied())
}

async fn register(world: &World, signer: &Signer) -> Result<Registered, Refusal> {
    let (from, car) = world.registering(signer).await;
    world.server.register(&from, &car).await
}

async fn log_in(world: &World, signer: &Signer) -> Result<Registered, Refusal> {
    let (from, car) = world.registering(signer).await;
    world.server.log_in(&from, &car).await
}

/// A session that answers a challenge, and did not log in yet.
async fn challenged(world: &World, wallet: &EthereumWallet) -> Signer {
    let key = Ed25519SigningKey::generate().unwrap();
    let challenge = world.server.challenge(key.did_key().as_str()).unwrap();
    let asked = asked(&[WRITE]).with_nonce(challenge.challenge);
    let session = DidSession::authorize_key(&world.context, key, wallet, &asked).await;
    ProofSigner::new(session.unwrap())
}

fn invalid(reason: &'static str) -> Option<Refusal> {
    Some(Refusal::InvalidToken(reason))
}

#[tokio::test]
async fn a_capability_is_for_the_domain_of_the_server() {
    let world = world();
    let wallet = wallet();
    let own = world.session(&wallet, asked(&[WRITE])).await;
    let registered = register(&world, &own).await.unwrap();
    assert_eq!(registered.capability().cacao(), own.session().cacao());
    let foreign = Request::new("other.example", [WRITE]);
    let foreign = world.session(&wallet, foreign).await;
    let domain_mismatch = invalid("domain_mismatch");
    assert_eq!(register(&world, &foreign).await.err(), domain_mismatch);
    assert_eq!(log_in(&world, &foreign).await.err(), domain_mismatch);
}

/// Makes the proof name another capability, and signs it again with the key of the session.
fn naming(proof: &str, from: Cid, to: Cid, key: &Ed25519SigningKey) -> String {
    let mut parts = proof.strip_prefix("DIDSession ").unwrap().split('.');
    let header = BASE64URL_NOPAD.decode(parts.next().unwrap().as_bytes());
    let header = String::from_utf8(header.unwrap()).unwrap();
    let header = header.replace(&from.to_string(), &to.to_string());
    let header = BASE64URL_NOPAD.encode(header.as_bytes());
    let input = format!("{header}.{}", parts.next().unwrap());
    let signature = BASE64URL_NOPAD.encode(key.sign(input.as_bytes()).as_bytes());
    format!("DIDSession {input}.{signature}")
}

/// Only the key to which a capability delegates registers it, and only the one that its proof names.
#[tokio::test]
async fn a_capability_is_registered_by_its_key() {
    let world = world();
    let wallet = wallet();
    let victim = world.session(&wallet, asked(&[WRITE])).await;
    let thief = world.session(&wallet, asked(&[WRITE])).await;
    let (own, planted) = (thief.session().cacao(), victim.session().cacao());
    let (from, _) = world.registering(&thief).await;
    let problem = "the content is not the capability of cap";
    assert_eq!(
        world.server.register(&from, &car(planted)).await.err(),
        Some(Refusal::InvalidRequest(problem))
    );
    let mut parts = proven(&thief, URI, &car(planted)).await;
    let proof = parts.headers["authorization"].to_str().unwrap();
    let key = thief.session().key();
    let forged = naming(proof, own.cid(), planted.cid(), key);
    parts
        .headers
        .insert("authorization", forged.parse().unwrap());
    let from = world
        .server
        .judge_registration(&parts, &parts.uri, Route::new());
    let from = from.await.unwrap();
    assert_eq!(from.key().as_str(), key.did_key().as_str());
    let refused = world.server.register(&from, &car(planted)).await;
    assert_eq!(refused.err(), invalid("audience_mismatch"));
    // and a proof registers once
    let (from, content) = world.registering(&thief).await;
    world.server.register(&from, &content).await.unwrap();
    let again = world.server.register(&from, &content).await;
    assert_eq!(again.err(), Some(Refusal::Replayed));
}

/// Notes until when a capability is kept, and keeps none.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<(Cid, UnixTime)>>>);

#[async_trait]
impl Capabilities for Notes {
    async fn get(&self, _: &Cid) -> Result<Option<Arc<[u8]>>, StoreError> {
        Ok(None)
    }

    async fn put(&self, cid: &Cid, _: &[u8], until: UnixTime) -> Result<(), StoreError> {
        self.0.lock().unwrap().push((*cid, until));
        Ok(())
    }
}

#[tokio::test]
async fn a_registered_capability_is_kept_as_long_as_it_may_count() {
    let notes = Notes::default();
    let world = World::on(state().with_capabilities(notes.clone()));
    let asked = asked(&[WRITE]).with_lifetime(seconds(3600));
    let signer = world.session(&wallet(), asked).await;
    register(&world, &signer).await.unwrap();
    let end = START + seconds(3600) + Policy::DEFAULT_SKEW;
    let cid = signer.session().cacao().cid();
    assert_eq!(*notes.0.lock().unwrap(), [(cid, end)]);
}

#[tokio::test]
async fn a_capability_lasts_ninety_days_at_most() {
    let longest = seconds(90 * 24 * 60 * 60);
    assert_eq!(ServerBuilder::DEFAULT_MAX_LIFETIME, longest);
    let world = world();
    let wallet = wallet();
    for (lifetime, refused) in [
        (longest, None),
        (longest + seconds(1), invalid("lifetime_too_long")),
    ] {
        let asked = asked(&[WRITE]).with_lifetime(lifetime);
        let signer = world.session(&wallet, asked).await;
        assert_eq!(register(&world, &signer).await.err(), refused);
    }
}

/// A client that asked before it registered need not wait.
#[tokio::test]
async fn what_was_missing_is_there_once_it_is_registered() {
    let mut world = world();
    // it remembers no capability by itself, so that the store is asked each time
    let provers = Provers::none().with(Eip191).unwrap();
    let context = Context::with_shared_clock(Arc::clone(&world.clock) as _, provers);
    let server = Server::builder(DOMAIN, &context, state());
    world.server = server.build().unwrap();
    let signer = world.session(&wallet(), asked(&[WRITE])).await;
    let acts = async || {
        let mut parts = proven(&signer, URI, b"").await;
        parts.headers.remove("did-session-capability");
        world.judge(&parts).await
    };
    for _ in 0..5 {
        assert_eq!(acts().await, Err("capability_required"));
    }
    register(&world, &signer).await.unwrap();
    assert_eq!(acts().await, Ok(()));
}

#[tokio::test]
async fn a_challenge_says_for_what_and_until_when() {
    let world = world();
    let key = Ed25519SigningKey::generate().unwrap();
    let challenge = world.server.challenge(key.did_key().as_str()).unwrap();
    assert_eq!(challenge.domain, DOMAIN);
    assert_eq!(challenge.until, START + CHALLENGE_LIFE);
    for other in [
        "",
        "did:web:a.example",
        // keys that only agree on keys, and keys of wallets
        "did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F",
        "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
    ] {
        let refused = world.server.challenge(other).unwrap_err();
        assert_eq!(refused.code(), "invalid_request", "{other}");
    }
    let p256 = didkey::P256SigningKey::generate().unwrap();
    assert!(world.server.challenge(p256.did_key().as_str()).is_ok());
}

#[tokio::test]
async fn a_challenge_counts_once_and_in_its_time() {
    let world = world();
    let wallet = wallet();
    let signer = challenged(&world, &wallet).await;
    log_in(&world, &signer).await.unwrap();
    // the answer was lost: the same capability says it again
    log_in(&world, &signer).await.unwrap();
    // another one with the same challenge and key
    let twin = Ed25519SigningKey::from_seed(&signer.session().key().to_seed());
    let nonce = signer.session().cacao().payload().nonce().to_owned();
    let asked = asked(&["app://notes/other"]).with_nonce(nonce);
    let session = DidSession::authorize_key(&world.context, twin, &wallet, &asked).await;
    let other = ProofSigner::new(session.unwrap());
    assert_eq!(
        log_in(&world, &other).await.err(),
        invalid("challenge_used")
    );
    // a nonce that is no challenge
    let signer = world.session(&wallet, self::asked(&[WRITE])).await;
    let challenge_mismatch = invalid("challenge_mismatch");
    assert_eq!(log_in(&world, &signer).await.err(), challenge_mismatch);
    let signer = challenged(&world, &wallet).await;
    world.clock.advance(CHALLENGE_LIFE);
    assert_eq!(log_in(&world, &signer).await.err(), challenge_mismatch);
}

/// The identities of the listed devices, each with whether it is the caller's own.
async fn devices(world: &World, signer: &Signer) -> Vec<(Cid, bool)> {
    let caller = world.caller(signer).await.unwrap();
    let listed = world.server.devices(&caller).await.unwrap();
    let mut listed: Vec<_> = listed
        .iter()
        .map(|listed| (*listed.device.identity(), listed.is_current))
        .collect();
    listed.sort_by_key(|(_, is_current)| !is_current);
    listed
}

fn identity(signer: &Signer) -> Cid {
    signer.session().cacao().identity()
}

#[tokio::test]
async fn logging_out_ends_the_session_of_the_caller_and_no_other() {
    let world = world();
    let wallet = wallet();
    let [one, other] = [
        world.session(&wallet, asked(&[WRITE])).await,
        world.session(&wallet, asked(&["app://notes/read"])).await,
    ];
    register(&world, &one).await.unwrap();
    // the other one comes along with its first request
    assert_eq!(
        devices(&world, &other).await,
        [(identity(&other), true), (identity(&one), false)]
    );
    let caller = world.caller(&one).await.unwrap();
    world.server.log_out(&caller).await.unwrap();
    let revoked = invalid("revoked");
    assert_eq!(world.caller(&one).await.err(), revoked);
    assert_eq!(world.server.check_still(&caller).await.err(), revoked);
    assert_eq!(devices(&world, &other).await, [(identity(&other), true)]);
    assert_eq!(register(&world, &one).await.err(), revoked);
}

#[tokio::test]
async fn a_statement_ends_what_it_was_sent_for() {
    let world = world();
    let wallet = wallet();
    let lost = world.session(&wallet, asked(&[WRITE])).await;
    register(&world, &lost).await.unwrap();
    world.clock.advance(seconds(10));
    let fresh = world.session(&wallet, asked(&[REVOKE_RESOURCE])).await;
    let caller = world.caller(&fresh).await.unwrap();
    let session = fresh.session();
    let (own, others) = (identity(&fresh), identity(&lost));
    let all = session.revocation_of_all(START).await.unwrap();
    let one = session.revocation_of([others]).await.unwrap();
    let both = session.revocation_of([own, others]).await.unwrap();
    let something_else = Refusal::InvalidRequest("the statement ends something else");
    for (statement, what) in [
        (&all, Logout::Others),
        (&one, Logout::All),
        (&both, Logout::Others),
    ] {
        let refused = world.server.log_out_by(&caller, statement, what).await;
        assert_eq!(refused, Err(something_else.clone()), "{what:?}");
    }
    world.caller(&lost).await.unwrap();
    let ended = world.server.log_out_by(&caller, &one, Logout::Others).await;
    assert_eq!(ended, Ok(()));
    assert_eq!(world.caller(&lost).await.err(), invalid("revoked"));
    assert_eq!(devices(&world, &fresh).await, [(own, true)]);
}

/// What was signed in the very second that the statement names is ended, too.
#[tokio::test]
async fn a_statement_about_all_ends_what_was_signed_until_then() {
    let world = world();
    let wallet = wallet();
    let mut signers = Vec::new();
    for _ in 0..3 {
        let signer = world.session(&wallet, asked(&[WRITE])).await;
        register(&world, &signer).await.unwrap();
        signers.push(signer);
        world.clock.advance(seconds(1));
    }
    let fresh = world.session(&wallet, asked(&[REVOKE_RESOURCE])).await;
    let caller = world.caller(&fresh).await.unwrap();
    let until = START + seconds(1);
    let statement = fresh.session().revocation_of_all(until).await.unwrap();
    let ended = world
        .server
        .log_out_by(&caller, &statement, Logout::All)
        .await;
    assert_eq!(ended, Ok(()));
    for (signer, refused) in signers
        .iter()
        .zip([invalid("revoked"), invalid("revoked"), None])
    {
        assert_eq!(world.caller(signer).await.err(), refused);
    }
    assert_eq!(
        devices(&world, &fresh).await,
        [(identity(&fresh), true), (identity(&signers[2]), false)]
    );
}

/// Why a statement is refused, as the client is told.
#[tokio::test]
async fn a_statement_is_refused_for_its_reason() {
    let world = world();
    let wallet = wallet();
    let others = Logout::Others;
    let victim = world.session(&wallet, asked(&[WRITE])).await;
    let plain = world.session(&wallet, asked(&[WRITE])).await;
    let caller = world.caller(&plain).await.unwrap();
    let statement = plain.session().revocation_of([identity(&victim)]).await;
    let scope = REVOKE_RESOURCE.to_owned();
    assert_eq!(
        world
            .server
            .log_out_by(&caller, &statement.unwrap(), others)
            .await,
        Err(Refusal::InsufficientScope { scope })
    );
    let armed = world.session(&wallet, asked(&[REVOKE_RESOURCE])).await;
    let caller = world.caller(&armed).await.unwrap();
    let not_accepted = Refusal::InvalidRequest("the statement is not accepted");
    let foreign = victim.session().revocation_of_itself().await.unwrap();
    for (statement, refusal) in [
        (String::new(), not_accepted.clone()),
        (foreign, not_accepted),
        ("a".repeat(1 << 20), Refusal::ContentTooLarge),
    ] {
        let refused = world.server.log_out_by(&caller, &statement, others).await;
        assert_eq!(refused, Err(refusal));
    }
    world.clock.advance(seconds(300));
    let statement = armed.session().revocation_of([identity(&victim)]).await;
    let statement = statement.unwrap();
    // who was ended in the meantime ends nobody
    let ended = world.session(&wallet, asked(&[REVOKE_RESOURCE])).await;
    let of_ended = ended.session().revocation_of([identity(&victim)]).await;
    let of_ended = of_ended.unwrap();
    let caller_ended = world.caller(&ended).await.unwrap();
    world.server.log_out(&caller_ended).await.unwrap();
    let refused = world.server.log_out_by(&caller_ended, &of_ended, others);
    assert_eq!(refused.await.err(), invalid("revoked"));
    world.clock.advance(seconds(1));
    let max_age = seconds(300);
    assert_eq!(
        world.server.log_out_by(&caller, &statement, others).await,
        Err(Refusal::InsufficientUserAuthentication { max_age })
    );
    world.caller(&victim).await.unwrap();
}

/// Passes on, and notes what it is told to forget; or is away.
#[derive(Clone, Default)]
struct Purged {
    inner: MemoryRevocations,
    away: Arc<AtomicBool>,
    before: Arc<Mutex<Vec<UnixTime>>>,
}

#[async_trait]
impl Revocations for Purged {
    async fn is_revoked(&self, capability: &Cacao) -> Result<bool, StoreError> {
        if self.away.load(Ordering::SeqCst) {
            return Err(StoreError::medium("cannot reach the store", "it is away"));
        }
        self.inner.is_revoked(capability).await
    }

    async fn record(&self, revocation: &AcceptedRevocation) -> Result<(), StoreError> {
        self.inner.record(revocation).await
    }

    async fn count(&self, issuer: &Issuer, domain: &str) -> Result<usize, StoreError> {
        self.inner.count(issuer, domain).await
    }

    async fn purge(&self, now: UnixTime) -> Result<usize, StoreError> {
        if self.away.load(Ordering::SeqCst) {
            return Err(StoreError::medium("cannot reach the store", "it is away"));
        }
        self.before.lock().unwrap().push(now);
        self.inner.purge(now).await
    }
}

#[tokio::test]
async fn what_was_revoked_is_looked_through_once_a_minute() {
    let purged = Purged::default();
    let world = World::on(state().with_revocations(purged.clone()));
    let wallet = wallet();
    let mut before = Vec::new();
    for (wait, is_looked_through) in [
        (Duration::ZERO, true),
        (Duration::ZERO, false),
        (Duration::from_nanos(59_999_999_999), false),
        (Duration::from_nanos(1), true),
        (seconds(60), true),
    ] {
        world.clock.advance(wait);
        let signer = world.session(&wallet, asked(&[WRITE])).await;
        let caller = world.caller(&signer).await.unwrap();
        if is_looked_through {
            // another process may have a clock that is behind
            before.push(caller.judged_at() - Policy::DEFAULT_SKEW);
        }
        world.server.log_out(&caller).await.unwrap();
        assert_eq!(*purged.before.lock().unwrap(), before, "{wait:?}");
    }
}

/// Whether somebody is revoked must be known; that nothing was forgotten is no harm.
#[tokio::test]
async fn a_store_of_revocations_that_is_away_lets_nobody_in() {
    let purged = Purged::default();
    let world = World::on(state().with_revocations(purged.clone()));
    let wallet = wallet();
    let signer = world.session(&wallet, asked(&[REVOKE_RESOURCE])).await;
    let lost = world.session(&wallet, asked(&[WRITE])).await;
    let caller = world.caller(&signer).await.unwrap();
    let statement = signer.session().revocation_of([identity(&lost)]).await;
    let statement = statement.unwrap();
    purged.away.store(true, Ordering::SeqCst);
    let away = Refusal::Unavailable {
        retry_after: seconds(1),
    };
    let by_statement = world.server.log_out_by(&caller, &statement, Logout::Others);
    assert_eq!(by_statement.await, Err(away.clone()));
    assert_eq!(world.caller(&lost).await.err(), Some(away.clone()));
    assert_eq!(world.server.check_still(&caller).await, Err(away.clone()));
    assert_eq!(register(&world, &lost).await.err(), Some(away));
    world.server.log_out(&caller).await.unwrap();
    purged.away.store(false, Ordering::SeqCst);
    assert_eq!(world.caller(&signer).await.err(), invalid("revoked"));
    world.caller(&lost).await.unwrap();
}

/// An account may name a thousand sessions that could still count, and not one more.
#[tokio::test]
async fn an_account_has_its_share_of_revocations() {
    let world = world();
    let wallet = wallet();
    let mut named = 0_u32;
    let mut end = async |world: &World, signer: &Signer, count: u32| {
        let never_seen = (named..named + count).map(|n| cacao::car::dag_cbor_cid(&n.to_be_bytes()));
        named += count;
        let statement = signer.session().revocation_of(never_seen).await.unwrap();
        let caller = world.caller(signer).await.unwrap();
        world
            .server
            .log_out_by(&caller, &statement, Logout::Others)
            .await
    };
    let signer = world.session(&wallet, asked(&[REVOKE_RESOURCE])).await;
    for _ in 0..15 {
        assert_eq!(end(&world, &signer, 64).await, Ok(()));
    }
    let full = Err(Refusal::TooManyRequests {
        retry_after: seconds(60),
    });
    assert_eq!(end(&world, &signer, 41).await, full);
    assert_eq!(end(&world, &signer, 40).await, Ok(()));
    assert_eq!(end(&world, &signer, 1).await, full);
    // itself, whatever it has ended
    let caller = world.caller(&signer).await.unwrap();
    world.server.log_out(&caller).await.unwrap();
    // and again when none of them could count
    world.clock.advance(seconds(91 * 24 * 60 * 60));
    let signer = world.session(&wallet, asked(&[REVOKE_RESOURCE])).await;
    assert_eq!(end(&world, &signer, 1).await, Ok(()));
}

#[tokio::test]
async fn what_is_shown_of_a_caller_and_a_server_names_them() {
    let world = world();
    let signer = world.session(&wallet(), asked(&[WRITE])).await;
    let caller = world.caller(&signer).await.unwrap();
    let shown = format!("{caller:?}");
    for part in [
        caller.issuer().did(),
        caller.key().to_string(),
        caller.identity().to_string(),
    ] {
        assert!(shown.contains(&part), "{part}: {shown}");
    }
    let shown = format!("{:?}", world.server);
    assert!(
        shown.contains(DOMAIN) && shown.contains("https://notes.example.com"),
        "{shown}"
    );
}
