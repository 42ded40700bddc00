//! Rules of the judge: contracts on a chain, P-256, targets of odd forms.

use crate::world::{DOMAIN, START, Says, Signer, URI, World, proven, wallet, world};
use async_trait::async_trait;
use cacao::eip191::Eip191;
use cacao::{Cacao, Policy, Provers, UnixTime};
use dag_jws::Cid;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use didkey::{DidKey, Ed25519SigningKey, P256SigningKey, Signature};
use http::{HeaderValue, Method, Request, Uri};
use session_core::server::{Capabilities, ProofId, Remembered, ReplayMemory, ReplayWindow};
use session_core::{
    Clock, Context, DidSession, Event, ManualClock, SessionKey, SigningError, StoreError,
};
use session_http::client::{ClientError, Content, ProofSigner};
use session_http::{
    ContentCheck, Expected, MAX_AGE, MAX_AHEAD, MAX_CAR_LEN, NONCE_HEADER, NONCE_SLOT, Refusal,
    Route, Server, State,
};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A key whose custodian takes two hours.
struct SlowKey(Ed25519SigningKey, Arc<ManualClock>);

#[async_trait]
impl SessionKey for SlowKey {
    fn did(&self) -> &DidKey {
        self.0.did_key()
    }

    async fn sign(&self, message: &[u8]) -> Result<Signature, SigningError> {
        self.1.set(self.1.now() + Duration::from_secs(2 * 60 * 60));
        Ok(self.0.sign(message))
    }
}

#[tokio::test]
async fn a_proof_that_is_ready_after_the_session_s_end_is_not_handed_out() {
    let world = world();
    let key = SlowKey(
        Ed25519SigningKey::generate().unwrap(),
        Arc::clone(&world.clock),
    );
    let wallet = wallet();
    let asked = session_core::Request::new(DOMAIN, ["app://notes/write"])
        .with_lifetime(Duration::from_secs(3 * 60 * 60));
    let session = DidSession::authorize_key(&world.context, key, &wallet, &asked).await;
    let signer = ProofSigner::new(session.unwrap());
    proven(&signer, URI, b"").await;
    let mut request = Request::post(URI).body(()).unwrap();
    let error = signer.prove(&mut request, Content::Nothing).await;
    assert!(matches!(error, Err(ClientError::Expired)), "{error:?}");
    assert!(request.headers().is_empty(), "{request:?}");
}

/// An application that counts signatures of its sessions counts proofs, too.
#[tokio::test]
async fn a_proof_is_told_to_the_observer_of_the_session_once() {
    let world = world();
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&told);
    let context = world
        .context
        .clone()
        .with_observer(move |event: &Event<'_>| {
            let identity = event.capability.map(Cacao::identity);
            log.lock().unwrap().push((event.kind.name(), identity));
        });
    let wallet = wallet();
    let asked = session_core::Request::new(DOMAIN, ["app://notes/write"]);
    let session = DidSession::authorize(&context, &wallet, &asked).await;
    let session = session.unwrap();
    let identity = Some(session.cacao().identity());
    let signer = ProofSigner::new(session);
    told.lock().unwrap().clear();
    proven(&signer, URI, b"content").await;
    assert_eq!(*told.lock().unwrap(), [("signed", identity)]);
    let mut unspeakable = Request::post("/relative").body(()).unwrap();
    let error = signer.prove(&mut unspeakable, Content::Nothing).await;
    assert!(matches!(error, Err(ClientError::Target(_))), "{error:?}");
    assert_eq!(told.lock().unwrap().len(), 1, "nothing was signed");
}

#[tokio::test]
async fn a_contract_is_asked_and_what_it_said_ages() {
    let world = world();
    let signer = world.by_contract().await;
    let before = world.node.asked();
    world.judge(&proven(&signer, URI, b"").await).await.unwrap();
    assert_eq!(world.node.asked(), before + 1, "the server asks for itself");
    world.judge(&proven(&signer, URI, b"").await).await.unwrap();
    assert_eq!(world.node.asked(), before + 1, "what was said counts");

    let age = Policy::DEFAULT_MAX_CONTRACT_AGE;
    world.clock.set(START + age);
    world.judge(&proven(&signer, URI, b"").await).await.unwrap();
    assert_eq!(world.node.asked(), before + 1, "to the last second");
    world.clock.set(START + age + Duration::from_secs(1));
    world.node.will(Says::No);
    let refused = world.judge(&proven(&signer, URI, b"").await).await;
    assert_eq!(
        refused,
        Err("signature_mismatch"),
        "and then it is asked again"
    );
    assert_eq!(world.node.asked(), before + 2);
}

#[tokio::test]
async fn a_node_that_is_away_lets_nobody_in_and_says_nothing_about_the_capability() {
    let world = world();
    let signer = world.by_contract().await;
    world.node.will(Says::Nothing);
    let refused = world.judge(&proven(&signer, URI, b"").await).await;
    assert_eq!(refused, Err("unavailable"));
    world.node.will(Says::Yes);
    world.judge(&proven(&signer, URI, b"").await).await.unwrap();
}

#[tokio::test]
async fn a_node_is_asked_for_nobody_but_the_holder_of_the_key() {
    let world = world();
    let signer = world.by_contract().await;
    let before = world.node.asked();
    let mut spoiled = proven(&signer, URI, b"").await;
    spoiled.method = Method::PUT;
    assert_eq!(world.judge(&spoiled).await, Err("invalid_proof"));
    // and once for each proof: a replayed one is known before
    world.node.will(Says::No);
    let once = proven(&signer, URI, b"").await;
    assert_eq!(world.judge(&once).await, Err("signature_mismatch"));
    assert_eq!(world.judge(&once).await, Err("replayed"));
    assert_eq!(world.node.asked(), before + 1);
}

/// `(r, n - s)`, which every verifier of ECDSA accepts where it accepts `(r, s)`.
fn other_s(value: &HeaderValue) -> HeaderValue {
    const ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let (input, signature) = value.to_str().unwrap().rsplit_once('.').unwrap();
    let mut signature = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
    let order = HEXLOWER.decode(ORDER.as_bytes()).unwrap();
    let mut borrow = false;
    for (s, n) in signature[32..].iter_mut().zip(order).rev() {
        let (difference, less) = n.overflowing_sub(*s);
        let (difference, less_still) = difference.overflowing_sub(borrow.into());
        (*s, borrow) = (difference, less || less_still);
    }
    let value = format!("{input}.{}", BASE64URL_NOPAD.encode(&signature));
    value.parse().unwrap()
}

#[tokio::test]
async fn a_proof_on_p256_counts_once_whatever_its_signature() {
    let world = world();
    let signer = world.by_wallet(P256SigningKey::generate().unwrap()).await;
    let first = proven(&signer, URI, b"x").await;
    let mut other = first.clone();
    let value = other_s(&first.headers["authorization"]);
    assert_ne!(value, first.headers["authorization"]);
    other.headers.insert("authorization", value);
    world.judge(&other).await.unwrap();
    assert_eq!(world.judge(&first).await, Err("replayed"));
    assert_eq!(world.judge(&other).await, Err("replayed"));
    world
        .judge(&proven(&signer, URI, b"x").await)
        .await
        .unwrap();
}

#[tokio::test]
async fn an_empty_path_is_one_slash() {
    let world = world();
    let key = Ed25519SigningKey::generate().unwrap();
    let signer = world.by_wallet(key).await;
    for (uri, target) in [
        ("https://notes.example.com", "/"),
        ("https://notes.example.com?x=1", "/?x=1"),
        ("https://notes.example.com/?x=1", "/?x=1"),
    ] {
        let parts = proven(&signer, uri, b"").await;
        assert_eq!(parts.uri, target);
        assert_eq!(world.judge(&parts).await, Ok(()), "{uri}");
    }
    // the absolute form, in which a path may be missing
    let mut parts = proven(&signer, "https://notes.example.com?x=1", b"").await;
    parts.uri = Uri::from_static("https://notes.example.com?x=1");
    assert_eq!(world.judge(&parts).await, Ok(()));
}

#[tokio::test]
async fn a_target_without_a_path_is_none_of_an_origin() {
    let world = world();
    let key = Ed25519SigningKey::generate().unwrap();
    let signer = world.by_wallet(key).await;
    for (method, target) in [
        (Method::OPTIONS, "*"),
        (Method::CONNECT, "notes.example.com"),
        (Method::CONNECT, "notes.example.com:443"),
    ] {
        let mut parts = proven(&signer, "https://notes.example.com", b"").await;
        parts.method = method;
        parts.uri = target.parse().unwrap();
        assert_eq!(
            world.judge(&parts).await,
            Err("invalid_request"),
            "{target}"
        );
    }
}

#[tokio::test]
async fn a_covered_field_is_ascii() {
    let world = world();
    let key = Ed25519SigningKey::generate().unwrap();
    let signer = world.by_wallet(key).await;
    let mut parts = proven(&signer, URI, b"x").await;
    let value = HeaderValue::from_bytes(b"text/caf\xe9").unwrap();
    parts.headers.insert("content-type", value);
    assert_eq!(world.judge(&parts).await, Err("invalid_request"));
}

/// Answers one block, whatever is asked for.
struct Planted(Arc<[u8]>);

#[async_trait]
impl Capabilities for Planted {
    async fn get(&self, _: &Cid) -> Result<Option<Arc<[u8]>>, StoreError> {
        Ok(Some(Arc::clone(&self.0)))
    }

    async fn put(&self, _: &Cid, _: &[u8], _: UnixTime) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Whoever writes to a shared store cannot make a key act for somebody else.
#[tokio::test]
async fn a_store_that_answers_another_capability_is_not_believed() {
    let world = world();
    let key = || Ed25519SigningKey::from_seed(&[3; 32]);
    let (own, planted) = (world.by_wallet(key()).await, world.by_wallet(key()).await);
    let block = planted.session().cacao().to_dag_cbor();
    let state = State::in_memory(UnixTime::from_secs(1_699_990_000)).unwrap();
    let state = state.with_capabilities(Planted(block.into()));
    let provers = Provers::none().with(Eip191).unwrap();
    let context = Context::with_shared_clock(Arc::clone(&world.clock) as _, provers);
    let server = Server::builder(DOMAIN, &context, state).build().unwrap();
    for (signer, expected) in [
        (&own, Err(Refusal::CapabilityRequired)),
        (&planted, Ok(planted.session().id())),
    ] {
        let mut parts = proven(signer, URI, b"").await;
        parts.headers.remove("did-session-capability");
        let verdict = server.judge(&parts, &parts.uri, Route::new()).await;
        let issuer = verdict.map(|accepted| accepted.caller().issuer().normalized().did());
        assert_eq!(issuer, expected);
    }
}

#[tokio::test]
async fn a_capability_that_is_registered_has_a_size() {
    let world = world();
    let signer = world
        .by_wallet(Ed25519SigningKey::generate().unwrap())
        .await;
    for (len, expected) in [
        (MAX_CAR_LEN, "invalid_request"),
        (MAX_CAR_LEN + 1, "content_too_large"),
    ] {
        let parts = proven(&signer, URI, b"x").await;
        let from = world
            .server
            .judge_registration(&parts, &parts.uri, Route::new());
        let from = from.await.unwrap();
        let refused = world.server.register(&from, &vec![0; len]).await;
        assert_eq!(refused.unwrap_err().code(), expected, "{len}");
    }
}

#[tokio::test]
async fn who_is_asked_again_has_expired_by_then_and_signed_long_ago() {
    let world = world();
    let signer = world
        .by_wallet(Ed25519SigningKey::generate().unwrap())
        .await;
    world.clock.set(START + Duration::from_secs(20));
    let caller = world.caller(&signer).await.unwrap();
    assert_eq!(caller.judged_at(), START + Duration::from_secs(20));
    assert_eq!(caller.require_login_within(Duration::from_secs(20)), Ok(()));
    let max_age = Duration::from_secs(19);
    assert_eq!(
        caller.require_login_within(max_age),
        Err(Refusal::InsufficientUserAuthentication { max_age })
    );

    let end = caller.expires_at().unwrap().unix_time();
    let tolerance = Policy::default().skew();
    world.clock.set(end + tolerance);
    assert_eq!(world.server.check_still(&caller).await, Ok(()));
    world.clock.set(end + tolerance + Duration::from_nanos(1));
    let refused = world.server.check_still(&caller).await;
    assert_eq!(refused, Err(Refusal::InvalidToken("expired")));
}

/// Whoever does not look at what `update` answers is told at the end.
#[test]
fn content_that_was_not_signed_is_none_at_the_end_either() {
    let mut check = ContentCheck::new(Expected::Nothing);
    assert!(!check.update(b"x"));
    assert!(!check.finish());
}

/// A window that begins anew when it is told to, while a request is under way.
struct Restarting {
    since: UnixTime,
    beginning: AtomicUsize,
    begins_anew: AtomicBool,
}

#[async_trait]
impl ReplayWindow for Restarting {
    async fn remember(
        &self,
        _: ProofId,
        _: UnixTime,
        _: UnixTime,
    ) -> Result<Remembered, StoreError> {
        if self.begins_anew.swap(false, Ordering::SeqCst) {
            self.beginning.fetch_add(1, Ordering::SeqCst);
        }
        // it has forgotten all that was
        Ok(Remembered::First)
    }

    fn memory(&self) -> Option<ReplayMemory> {
        let id = u8::try_from(self.beginning.load(Ordering::SeqCst)).unwrap();
        Some(ReplayMemory {
            since: self.since,
            id: [id; 16],
        })
    }
}

#[tokio::test]
async fn a_proof_that_was_fresh_for_another_memory_does_not_count() {
    let mut world = world();
    let window = Arc::new(Restarting {
        since: UnixTime::from_secs(1_699_990_000),
        beginning: AtomicUsize::new(0),
        begins_anew: AtomicBool::new(false),
    });
    let state = State::in_memory(START).unwrap();
    let state = state.with_replay_window(Arc::clone(&window));
    let server = Server::builder(DOMAIN, &world.context, state);
    world.server = server.build().unwrap();
    let signer = world
        .by_wallet(Ed25519SigningKey::generate().unwrap())
        .await;
    world.judge(&proven(&signer, URI, b"").await).await.unwrap();
    window.begins_anew.store(true, Ordering::SeqCst);
    let refused = world.judge(&proven(&signer, URI, b"").await).await;
    assert_eq!(refused, Err("use_nonce"));
    // and its nonces are others
    let parts = proven(&signer, URI, b"").await;
    let nonce = world.server.nonce_for(&parts, &parts.uri);
    window.beginning.fetch_add(1, Ordering::SeqCst);
    assert_ne!(world.server.nonce_for(&parts, &parts.uri), nonce);
}

/// What was used before a restart, the memory of the new process does not know: until all of that is too
/// old, it wants a nonce of its own.
#[tokio::test]
async fn a_server_that_has_just_begun_wants_nonces() {
    let mut world = world();
    let state = State::in_memory(START).unwrap();
    let server = Server::builder(DOMAIN, &world.context, state);
    world.server = server.build().unwrap();
    let key = Ed25519SigningKey::generate().unwrap();
    let signer = world.by_wallet(key).await;
    let begins = START + MAX_AGE + MAX_AHEAD;
    for (time, verdict) in [
        (START, Err("use_nonce")),
        (begins - Duration::from_nanos(1), Err("use_nonce")),
        (begins, Ok(())),
        (begins + Duration::from_secs(1), Ok(())),
    ] {
        world.clock.set(time);
        let parts = proven(&signer, URI, b"").await;
        assert_eq!(world.judge(&parts).await, verdict, "{time:?}");
    }
    world.clock.set(START);
    learn(&world, &signer).await;
    let parts = proven(&signer, URI, b"").await;
    assert_eq!(world.judge(&parts).await, Ok(()));
}

/// Hands the signer the nonce of this time, and answers it.
async fn learn(world: &World, signer: &Signer) -> String {
    let parts = proven(signer, URI, b"").await;
    let nonce = world.server.nonce_for(&parts, &parts.uri).unwrap();
    let headers = [(NONCE_HEADER, nonce.parse().unwrap())];
    assert!(signer.learn(&URI.parse().unwrap(), &headers.into_iter().collect()));
    nonce
}

/// A client gets the next nonce before its own one ends.
#[tokio::test]
async fn whoever_has_an_older_nonce_is_given_a_new_one() {
    let world = world();
    let key = Ed25519SigningKey::generate().unwrap();
    let signer = world.by_wallet(key).await;
    let first = learn(&world, &signer).await;
    let told = async || {
        let parts = proven(&signer, URI, b"").await;
        let accepted = world.server.judge(&parts, &parts.uri, Route::new()).await;
        let parts = proven(&signer, URI, b"").await;
        let from = world
            .server
            .judge_registration(&parts, &parts.uri, Route::new());
        let (accepted, from) = (accepted.unwrap(), from.await.unwrap());
        assert_eq!(accepted.nonce(), from.nonce());
        accepted.nonce().map(str::to_owned)
    };
    assert_eq!(told().await, None);
    world
        .clock
        .set(START + NONCE_SLOT - Duration::from_nanos(1));
    assert_eq!(told().await, None);
    world.clock.set(START + NONCE_SLOT);
    let next = told().await.unwrap();
    assert_ne!(next, first);
    assert_eq!(learn(&world, &signer).await, next);
    assert_eq!(told().await, None);
}
