//! One rule each: answers that could never be used, options, other sites, waiting, renewal,
//! sign-in, profiles.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::wallet;

use async_trait::async_trait;
use cacao::{Cacao, Issuer, Payload, Policy, Provers};
use didkey::{DidKey, Ed25519SigningKey, Signature};
use session_core::flow::{Flow, Input, Step, Time, View};
use session_core::{
    AuthError, AuthMethod, Context, DidSession, Error, ManualClock, Pending, Profile, Request,
    SessionKey, SessionStore, Sessions, SigningError, Slot, SlotId,
};
use session_wallets::EthereumWallet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use store_memory::MemoryStore;
use wallet::{Act, HOUR, NOW, Wallet, at, rebuild, request, same, sessions};

type Edit = fn(&Payload) -> Payload;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const SECOND: Duration = Duration::from_secs(1);

fn context(clock: &Arc<ManualClock>) -> Context {
    Context::with_shared_clock(Arc::clone(clock) as _, Provers::all_compiled_in())
}

fn sessions_by(policy: Policy) -> Sessions<MemoryStore> {
    let context = context(&Arc::new(ManualClock::new(NOW))).with_policy(policy);
    Sessions::with_context(MemoryStore::new(), context)
}

async fn is_empty(sessions: &Sessions<MemoryStore>, issuer: &Issuer) -> bool {
    let slot = sessions.store().load(&issuer.into()).await.unwrap();
    matches!(slot, Slot::Empty)
}

#[tokio::test]
async fn an_answer_that_could_never_be_used_is_refused_whatever_the_skew() {
    let answers: [(Edit, &str); 5] = [
        (
            |p| {
                same(p)
                    .with_expires_at(p.issued_at().clone())
                    .build()
                    .unwrap()
            },
            "answer_ends_before_it_begins",
        ),
        (
            |p| same(p).with_expires_at(at(NOW - HOUR)).build().unwrap(),
            "answer_ends_before_it_begins",
        ),
        (
            |p| {
                let late = same(p).with_not_before(at(NOW + HOUR * 2));
                late.with_expires_at(at(NOW + HOUR)).build().unwrap()
            },
            "answer_ends_before_it_begins",
        ),
        (
            |p| {
                let early = at(NOW - HOUR);
                rebuild(p, p.domain(), p.audience(), p.nonce(), &early)
                    .with_expires_at(at(NOW))
                    .build()
                    .unwrap()
            },
            "answer_expired",
        ),
        (
            |p| {
                let early = at(NOW - HOUR);
                rebuild(p, p.domain(), p.audience(), p.nonce(), &early)
                    .with_expires_at(at(NOW - SECOND))
                    .build()
                    .unwrap()
            },
            "answer_expired",
        ),
    ];
    for (edit, code) in answers {
        let sessions = sessions_by(Policy::default().with_skew(DAY));
        let wallet = Wallet::new();
        wallet.will(Act::Change(edit));
        let error = sessions.get(&*wallet, &request(["a"])).await.unwrap_err();
        assert_eq!(error.code(), code);
        assert!(is_empty(&sessions, wallet.issuer()).await);
        let context = sessions.context();
        let error = DidSession::authorize(context, &*wallet, &request(["a"])).await;
        assert_eq!(error.unwrap_err().code(), code);
    }
}

#[tokio::test]
async fn the_policy_limits_the_life_of_an_answer() {
    let sessions = sessions_by(Policy::default().with_max_lifetime(HOUR));
    let wallet = Wallet::new();
    let error = sessions.get(&*wallet, &request(["a"])).await.unwrap_err();
    assert_eq!(error.code(), "lifetime_too_long");
    assert!(is_empty(&sessions, wallet.issuer()).await);
    let short = request(["a"]).with_lifetime(HOUR);
    sessions.get(&*wallet, &short).await.unwrap();
}

#[tokio::test]
async fn what_no_session_could_meet_is_refused_before_the_wallet_is_asked() {
    const MILLI: Duration = Duration::from_millis(1);
    for (wish, code) in [
        (request(["a"]).with_lifetime(Duration::ZERO), "lifetime"),
        (request(["a"]).with_lifetime(MILLI / 10), "lifetime"),
        (
            request(["a"]).with_min_remaining(Request::DEFAULT_LIFETIME + SECOND),
            "min_remaining",
        ),
        (
            request(["a"]).with_lifetime(HOUR).with_min_remaining(DAY),
            "min_remaining",
        ),
    ] {
        let ((sessions, _), wallet) = (sessions(), Wallet::new());
        let error = sessions.get(&*wallet, &wish).await.unwrap_err();
        assert!(
            matches!(&error, Error::InvalidOption { option, .. } if *option == code),
            "{error}"
        );
        assert_eq!(wallet.asked(), 0);
    }
    let ((sessions, _), wallet) = (sessions(), Wallet::new());
    let shortest = request(["a"]).with_lifetime(MILLI);
    sessions.get(&*wallet, &shortest).await.unwrap();
    let all_of_it = request(["a"]).with_lifetime(HOUR).with_min_remaining(HOUR);
    sessions.get(&*wallet, &all_of_it).await.unwrap();
}

/// A key whose custodian takes two hours.
struct SlowKey(Ed25519SigningKey, Arc<ManualClock>);

#[async_trait]
impl SessionKey for SlowKey {
    fn did(&self) -> &DidKey {
        self.0.did_key()
    }

    async fn sign(&self, message: &[u8]) -> Result<Signature, SigningError> {
        self.1.advance(HOUR * 2);
        Ok(self.0.sign(message))
    }
}

#[tokio::test]
async fn a_signature_that_is_ready_after_the_end_is_not_handed_out() {
    let clock = Arc::new(ManualClock::new(NOW));
    let key = SlowKey(Ed25519SigningKey::generate().unwrap(), Arc::clone(&clock));
    let request = request(["a"]).with_lifetime(HOUR * 3);
    let wallet = Wallet::new();
    let session = DidSession::authorize_key(&context(&clock), key, &*wallet, &request)
        .await
        .unwrap();
    session.create_jws(&serde_json::json!({})).await.unwrap();
    let error = session.create_jws(&serde_json::json!({})).await;
    assert_eq!(error.unwrap_err().code(), "expired");
}

#[tokio::test]
async fn what_was_signed_for_something_else_is_not_used() {
    let usual = || {
        request(["a"])
            .with_nonce("challenge1")
            .with_request_id("r1")
    };
    let wishes = [
        (Request::new("evil.example", ["a"]), "other_domain"),
        (usual().with_nonce("challenge2"), "other_nonce"),
        (usual().with_request_id("r2"), "other_request_id"),
    ];
    for (wish, code) in wishes {
        let ((sessions, _), wallet) = (sessions(), Wallet::new());
        sessions.get(&*wallet, &usual()).await.unwrap();
        let reason = sessions.find(wallet.issuer(), &wish).await.unwrap_err();
        assert_eq!(reason.code(), code);
        let has = sessions.has_session_for(wallet.issuer(), &wish).await;
        assert!(!has.unwrap());
        assert_eq!(wallet.asked(), 1);
        sessions.get(&*wallet, &wish).await.unwrap();
        sessions.get(&*wallet, &wish).await.unwrap();
        assert_eq!(wallet.asked(), 2);
    }
    // by name, a session of any site can be looked at
    let ((sessions, _), wallet) = (sessions(), Wallet::new());
    sessions.get(&*wallet, &usual()).await.unwrap();
    sessions.load(wallet.issuer()).await.unwrap();
    let both = Request::new("other.example", ["a"]).with_accepted_domain("app.example");
    sessions.get(&*wallet, &both).await.unwrap();
    assert_eq!(wallet.asked(), 1);
}

#[tokio::test]
async fn what_get_returns_is_authorized_for_what_was_asked() {
    let below = |granted: &str, wanted: &str| wanted.starts_with(granted);
    let sessions = sessions_by(Policy::default().with_resource_matcher(below));
    let wallet = Wallet::new();
    sessions.get(&*wallet, &request(["notes/"])).await.unwrap();
    for resource in ["notes/", "notes/1", "notes/1/2"] {
        let wish = request([resource]);
        let session = sessions.get(&*wallet, &wish).await.unwrap();
        assert!(session.is_authorized([resource]));
        assert!(!session.is_authorized(["files/1"]));
        let restored = DidSession::from_session(sessions.context(), &session.serialize());
        assert!(restored.unwrap().is_authorized([resource]));
    }
    assert_eq!(wallet.asked(), 1);
    let session = sessions.get(&*wallet, &request(["files/"])).await.unwrap();
    assert!(session.is_authorized(["files/1"]));
    assert_eq!(wallet.asked(), 2);
}

#[tokio::test]
async fn options_are_refused_also_when_a_stored_session_would_serve() {
    let ((sessions, _), wallet) = (sessions(), Wallet::new());
    sessions.get(&*wallet, &request(["a"])).await.unwrap();
    for wrong in [
        request(["a"]).with_statement("Zürich"),
        request(["a"]).with_statement("two\nlines"),
        request(["a"]).with_statement("a bell \u{7}"),
        request([]),
        request(["a"]).with_lifetime(Duration::ZERO),
    ] {
        let issuer = wallet.issuer();
        let codes = [
            sessions.get(&*wallet, &wrong).await.map(drop),
            sessions.renew(&*wallet, &wrong, HOUR).await.map(drop),
            sessions.find(issuer, &wrong).await.map(drop),
            sessions.has_session_for(issuer, &wrong).await.map(drop),
            sessions.sign_in(&*wallet, &wrong).await.map(drop),
        ]
        .map(|result| result.map_err(|error| error.code()));
        let sign_in = match wrong == request(["a"]).with_statement("Zürich") {
            // who signs is not known before the wallet says so: it finds out
            true => Err("wallet_failed"),
            false => Err("invalid_option"),
        };
        assert_eq!(codes[..4], [Err("invalid_option"); 4], "{wrong:?}");
        assert_eq!(codes[4], sign_in, "{wrong:?}");
    }
    // what a nonce or a request id cannot be is refused even where one of them is stored
    for (good, wrong) in [
        (
            request(["b"]).with_nonce("abc12345"),
            request(["b"]).with_nonce("abc\r12345"),
        ),
        (
            request(["b"]).with_request_id("r"),
            request(["b"]).with_request_id("r\n"),
        ),
    ] {
        sessions.get(&*wallet, &good).await.unwrap();
        let error = sessions.get(&*wallet, &wrong).await.unwrap_err();
        assert_eq!(error.code(), "invalid_option");
    }
}

#[tokio::test]
async fn a_longer_statement_only_where_it_is_allowed() {
    let edits: [(Edit, bool); 3] = [
        (
            |p| {
                same(p)
                    .with_statement("Sign in. I further authorize reading.")
                    .build()
                    .unwrap()
            },
            true,
        ),
        (
            |p| same(p).with_statement("Sign in.And more").build().unwrap(),
            false,
        ),
        (
            |p| {
                same(p)
                    .with_statement("Do sign in. Sign in.")
                    .build()
                    .unwrap()
            },
            false,
        ),
    ];
    for (edit, is_longer) in edits {
        let wallet = Wallet::new();
        wallet.will(Act::Change(edit));
        let short = request(["a"]).with_statement("Sign in.");
        let strict = sessions().0.get(&*wallet, &short).await;
        assert_eq!(strict.unwrap_err().code(), "answer_differs");
        let longer = short.with_longer_statement();
        let allowed = sessions().0.get(&*wallet, &longer).await;
        assert_eq!(allowed.is_ok(), is_longer);
    }
}

/// Wallet software whose account changes while it is asked.
struct Fickle([EthereumWallet; 2], AtomicUsize);

#[async_trait]
impl AuthMethod for Fickle {
    fn issuer(&self) -> &Issuer {
        let asked = self.1.fetch_add(1, Ordering::SeqCst);
        self.0[asked % 2].issuer()
    }

    async fn authorize(&self, pending: &Pending) -> Result<Cacao, AuthError> {
        self.0[0].authorize(pending).await
    }
}

#[tokio::test]
async fn the_issuer_is_read_once() {
    let chain = "eip155:1".parse().unwrap();
    let wallet = |seed| EthereumWallet::from_secret(&[seed; 32], &chain).unwrap();
    let fickle = || Fickle([wallet(7), wallet(8)], AtomicUsize::new(0));
    let (sessions, _) = sessions();
    let auth = fickle();
    let session = sessions.get(&auth, &request(["a"])).await.unwrap();
    assert_eq!(auth.1.load(Ordering::SeqCst), 1);
    assert_eq!(session.issuer(), auth.0[0].issuer());
    assert!(!is_empty(&sessions, auth.0[0].issuer()).await);
    assert!(is_empty(&sessions, auth.0[1].issuer()).await);

    let auth = fickle();
    let context = sessions.context();
    DidSession::authorize(context, &auth, &request(["a"]))
        .await
        .unwrap();
    assert_eq!(auth.1.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_sign_in_is_stored_under_the_issuer_that_answered() {
    let ((sessions, _), wallet) = (sessions(), Wallet::new());
    let first = sessions.sign_in(&*wallet, &request(["a"])).await.unwrap();
    assert_eq!(first.issuer(), wallet.issuer());
    let found = sessions
        .find(wallet.issuer(), &request(["a"]))
        .await
        .unwrap();
    assert_eq!(found.key_did(), first.key_did());
    // it asks each time, and replaces
    let second = sessions.sign_in(&*wallet, &request(["a"])).await.unwrap();
    let found = sessions
        .find(wallet.issuer(), &request(["a"]))
        .await
        .unwrap();
    assert_eq!(found.key_did(), second.key_did());
    assert_eq!(
        (wallet.asked(), sessions.list().await.unwrap().len()),
        (2, 1)
    );
    wallet.will(Act::OtherAccount);
    let error = sessions
        .sign_in(&*wallet, &request(["a"]))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "signature_mismatch");
}

#[tokio::test]
async fn profiles_lie_side_by_side_and_end_together() {
    let ((sessions, _), wallet) = (sessions(), Wallet::new());
    let work: Profile = "work".parse().unwrap();
    let at_work = sessions.clone().with_profile(work.clone());
    sessions.get(&*wallet, &request(["a"])).await.unwrap();
    at_work.get(&*wallet, &request(["b"])).await.unwrap();
    for _ in 0..2 {
        sessions.get(&*wallet, &request(["a"])).await.unwrap();
        at_work.get(&*wallet, &request(["b"])).await.unwrap();
    }
    assert_eq!(wallet.asked(), 2);
    assert!(at_work.remove_profile(wallet.issuer()).await.unwrap());
    assert!(!at_work.remove_profile(wallet.issuer()).await.unwrap());
    sessions
        .find(wallet.issuer(), &request(["a"]))
        .await
        .unwrap();
    at_work.get(&*wallet, &request(["b"])).await.unwrap();
    let removed = sessions.remove(wallet.issuer()).await.unwrap();
    assert_eq!(removed, [Profile::default(), work]);
    assert!(sessions.list().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_renewal_asks_only_when_little_is_left() {
    let ((sessions, clock), wallet) = (sessions(), Wallet::new());
    let day = request(["a"]).with_lifetime(DAY);
    let first = sessions.get(&*wallet, &day).await.unwrap();
    clock.set(NOW + DAY - HOUR);
    let same = sessions.renew(&*wallet, &day, HOUR).await.unwrap();
    assert_eq!((same.key_did(), wallet.asked()), (first.key_did(), 1));
    clock.advance(SECOND);
    sessions.get(&*wallet, &day).await.unwrap();
    assert_eq!(
        wallet.asked(),
        1,
        "get never asks while the stored one fits"
    );

    wallet.will(Act::Decline);
    let kept = sessions.renew(&*wallet, &day, HOUR).await.unwrap();
    assert_eq!((kept.key_did(), wallet.asked()), (first.key_did(), 2));
    kept.create_jws(&serde_json::json!({})).await.unwrap();
    wallet.will(Act::Sign);
    let renewed = sessions.renew(&*wallet, &day, HOUR).await.unwrap();
    assert_ne!(renewed.key_did(), first.key_did());
    assert_eq!(renewed.expires_in(), Some(DAY));
    assert_eq!(wallet.asked(), 3);
}

fn spawn_renewal(
    sessions: &Sessions<MemoryStore>,
    wallet: &Arc<Wallet>,
    request: Request,
) -> tokio::task::JoinHandle<Result<String, &'static str>> {
    let (sessions, wallet) = (sessions.clone(), Arc::clone(wallet));
    tokio::spawn(async move {
        let session = sessions.renew(&*wallet, &request, HOUR).await;
        session
            .map(|session| session.key_did().to_string())
            .map_err(|error| error.code())
    })
}

async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn two_renewals_at_once_ask_once() {
    for (act, is_new) in [(Act::Sign, true), (Act::Decline, false)] {
        let ((sessions, clock), wallet) = (sessions(), Wallet::waiting());
        let day = request(["a"]).with_lifetime(DAY);
        wallet.open.add_permits(1);
        let first = sessions.get(&*wallet, &day).await.unwrap();
        clock.set(NOW + DAY - HOUR / 2);
        wallet.will(act);
        let renew = || spawn_renewal(&sessions, &wallet, day.clone());
        let (one, two) = (renew(), renew());
        wallet.until_asked(2).await;
        settle().await;
        wallet.open.add_permits(5);
        let (one, two) = (one.await.unwrap().unwrap(), two.await.unwrap().unwrap());
        assert_eq!((&one, wallet.asked()), (&two, 2));
        assert_eq!(one != first.key_did().as_str(), is_new);
    }
}

#[tokio::test]
async fn what_was_removed_during_a_renewal_is_not_given_back() {
    let ((sessions, clock), wallet) = (sessions(), Wallet::waiting());
    let day = request(["a"]).with_lifetime(DAY);
    wallet.open.add_permits(1);
    sessions.get(&*wallet, &day).await.unwrap();
    clock.set(NOW + DAY - HOUR / 2);
    wallet.will(Act::Decline);
    let renewal = spawn_renewal(&sessions, &wallet, day);
    wallet.until_asked(2).await;
    sessions.remove(wallet.issuer()).await.unwrap();
    wallet.open.add_permits(1);
    assert_eq!(renewal.await.unwrap(), Err("declined"));
}

#[tokio::test]
async fn a_decline_of_something_else_is_not_shared() {
    let ((sessions, _), wallet) = (sessions(), Wallet::waiting());
    let get = |resource| {
        let (sessions, wallet) = (sessions.clone(), Arc::clone(&wallet));
        tokio::spawn(async move { sessions.get(&*wallet, &request([resource])).await.map(drop) })
    };
    wallet.will(Act::Decline);
    let (one, two) = (get("a"), get("b"));
    wallet.until_asked(1).await;
    settle().await;
    wallet.open.add_permits(1);
    wallet.until_asked(2).await;
    wallet.will(Act::Sign);
    wallet.open.add_permits(1);
    let codes = [one.await.unwrap(), two.await.unwrap()].map(|r| r.map_err(|e| e.code()));
    assert!(
        codes.contains(&Err("declined")) && codes.contains(&Ok(())),
        "{codes:?}"
    );
}

#[test]
fn waiting_is_measured_on_the_clock_that_never_goes_back() {
    let wait = SECOND * 10;
    let issuer: Issuer = "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44"
        .parse()
        .unwrap();
    let request = request(["a"]).with_max_wait(wait);
    for wall in [NOW, NOW - DAY, NOW + DAY] {
        let time = |wall, seconds| Time {
            wall,
            monotonic: SECOND * seconds,
        };
        let slot = SlotId::new(issuer.clone());
        let provers = Provers::all_compiled_in();
        let mut flow = Flow::get(slot, request.clone(), &provers, &Policy::default());
        flow.on(Input::Start, time(NOW, 100));
        let step = flow.on(Input::Loaded(View::Empty), time(wall, 101));
        assert!(matches!(step, Step::Join { until } if until == SECOND * 110));
        let step = flow.on(Input::Lead, time(wall, 103));
        let Step::Lock { max_wait, .. } = step else {
            panic!("{step:?}");
        };
        assert_eq!(max_wait, SECOND * 7);
    }
}

#[tokio::test]
async fn a_wall_clock_that_is_set_ends_no_wait() {
    for by in [HOUR * 2, Duration::ZERO] {
        let ((sessions, clock), wallet) = (sessions(), Wallet::waiting());
        let get = || {
            let (sessions, wallet) = (sessions.clone(), Arc::clone(&wallet));
            tokio::spawn(async move { sessions.get(&*wallet, &request(["a"])).await.map(drop) })
        };
        let (one, two) = (get(), get());
        wallet.until_asked(1).await;
        settle().await;
        clock.set(NOW + by - HOUR);
        settle().await;
        clock.set(NOW);
        wallet.open.add_permits(1);
        one.await.unwrap().unwrap();
        two.await.unwrap().unwrap();
        assert_eq!(wallet.asked(), 1);
    }
}
