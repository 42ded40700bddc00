//! Changes that arrive when nobody waits for them any more: they do nothing, whatever they are.

use super::engine::{prefix, server};
use cacao::{Policy, Provers, Requirement, UnixTime, eip191::Eip191};
use dag_jws::Cid;
use didkey::Ed25519SigningKey;
use session_core::revoke::{AcceptedRevocation, Revocations};
use session_core::server::{Capabilities, Device, Devices};
use session_core::{
    Context, DidSession, ExpectedSlot, ManualClock, Request, SessionStore, StoreError,
};
use session_wallets::EthereumWallet;
use std::time::Duration;
use store_redis::{Options, Redis, RedisCapabilities, RedisDevices, RedisRevocations, RedisStore};
use store_testkit::__private::run_or_skip;
use store_testkit::fixtures::TestIssuer;
use test_support::{Fault, Kind, Proxy};

/// Longer than whoever asks waits for it.
const DELAY: Duration = Duration::from_millis(3000);
const LATE: Fault = Fault::DelayRequest(DELAY);
const START: UnixTime = UnixTime::from_secs(1_700_000_000);

/// The same database, through a proxy and past it.
struct Both {
    proxy: Proxy,
    through: Redis,
    past: Redis,
}

impl Both {
    async fn new(kind: Kind) -> Self {
        let server = server(kind);
        let proxy = Proxy::start(server.port()).await;
        let options = Options::new().with_prefix(prefix()).unwrap();
        let past = Redis::open_with(&server.url(), options.clone()).await;
        let url = format!("redis://127.0.0.1:{}", proxy.port());
        let options = options.with_reply_timeout(Duration::from_millis(1000));
        let through = Redis::open_with(&url, options).await.unwrap();
        Self {
            proxy,
            through,
            past: past.unwrap(),
        }
    }

    /// Asks something small, so that there is a connection, and delays the requests that follow:
    /// so many in time, and one late.
    async fn delay_after(&self, in_time: usize) {
        let known = RedisCapabilities::new(&self.through);
        known.get(&cid(0)).await.unwrap();
        let mut faults = vec![Fault::None; in_time];
        faults.push(LATE);
        self.proxy.next(&faults);
    }
}

/// Until the late request has arrived.
async fn arrived() {
    tokio::time::sleep(DELAY).await;
}

fn cid(n: u64) -> Cid {
    cacao::car::dag_cbor_cid(&n.to_le_bytes())
}

fn both(run: impl AsyncFn(Both)) {
    for kind in [Kind::Redis, Kind::Valkey] {
        run_or_skip(async { run(Both::new(kind).await).await });
    }
}

/// Else nobody could ask the wallet until the lease of somebody who is gone has ended.
#[test]
fn a_wallet_that_is_reserved_too_late_is_free() {
    both(async |both| {
        let slot = TestIssuer::ethereum().slot().clone();
        let store = RedisStore::new(&both.through);
        let moment = Duration::from_millis(50);
        // the engine knows the scripts, so that the next request is the change itself
        store
            .lock_prompt(&slot, moment)
            .await
            .unwrap()
            .release()
            .await;
        both.delay_after(0).await;
        let late = store.lock_prompt(&slot, moment).await.map(drop);
        assert!(matches!(late, Err(StoreError::Busy { .. })), "{late:?}");
        arrived().await;
        let direct = RedisStore::new(&both.past);
        let free = direct.lock_prompt(&slot, moment).await;
        free.expect("whoever gave up has reserved nothing");
    });
}

#[test]
fn a_device_that_is_listed_or_taken_off_too_late_is_not() {
    both(async |both| {
        let issuer = TestIssuer::ethereum().issuer().normalized();
        let device = Device::new(
            &issuer,
            "app.example",
            cid(1),
            "did:key:z",
            START,
            None,
            START,
        );
        let devices = RedisDevices::new(&both.through);
        let direct = RedisDevices::new(&both.past);
        let listed = async || {
            let listed = direct.list(&issuer, "app.example", START).await;
            listed.unwrap().len()
        };
        devices.add(&device, START).await.unwrap();
        devices.remove(&issuer, &cid(1)).await.unwrap();

        both.delay_after(0).await;
        devices.add(&device, START).await.unwrap_err();
        arrived().await;
        assert_eq!(listed().await, 0, "a session that has ended is listed");

        direct.add(&device, START).await.unwrap();
        both.delay_after(0).await;
        devices.remove(&issuer, &cid(1)).await.unwrap_err();
        direct.add(&device, START).await.unwrap();
        arrived().await;
        assert_eq!(listed().await, 1, "a session that acts is not listed");
    });
}

async fn session() -> (DidSession<Ed25519SigningKey>, AcceptedRevocation) {
    let provers = Provers::none().with(Eip191).unwrap();
    let policy = Policy::default().with_max_lifetime(Duration::from_secs(86_400));
    let context = Context::new(ManualClock::new(START), provers.clone());
    let context = context.with_policy(policy.clone());
    let wallet = EthereumWallet::from_secret(&[7; 32], &"eip155:1".parse().unwrap()).unwrap();
    let asked = Request::new("app.example", ["app://x"]).with_lifetime(Duration::from_secs(3_600));
    let session = DidSession::authorize(&context, &wallet, &asked)
        .await
        .unwrap();
    let required = Requirement::for_domain("app.example");
    let verified = session.cacao().verify(&provers, &policy, &required, START);
    let ends = AcceptedRevocation::of_itself(&verified.unwrap(), &policy);
    (session, ends)
}

#[test]
fn what_is_revoked_or_forgotten_too_late_is_not() {
    both(async |both| {
        let revocations = RedisRevocations::new(&both.through);
        let direct = RedisRevocations::new(&both.past);
        let (first, its_end) = session().await;
        revocations.record(&its_end).await.unwrap();
        let (second, end) = session().await;
        both.delay_after(0).await;
        revocations.record(&end).await.unwrap_err();
        arrived().await;
        assert!(!direct.is_revoked(second.cacao()).await.unwrap());
        // whoever was told that it failed says it again
        revocations.record(&end).await.unwrap();
        assert!(direct.is_revoked(second.cacao()).await.unwrap());

        let over = START + Duration::from_secs(30 * 86_400);
        assert_eq!(revocations.purge(over).await.unwrap(), 2);
        direct.record(&its_end).await.unwrap();
        // the index is looked at first
        both.delay_after(1).await;
        revocations.purge(over).await.unwrap_err();
        arrived().await;
        assert!(direct.is_revoked(first.cacao()).await.unwrap());
    });
}

#[test]
fn sessions_that_are_purged_too_late_stay() {
    both(async |both| {
        let store = RedisStore::new(&both.through);
        let direct = RedisStore::new(&both.past);
        let issuer = TestIssuer::ethereum();
        let old = issuer.record_with(&store, "nonce001", |payload| {
            payload.with_expires_at("2024-01-02T00:00:00Z".parse().unwrap())
        });
        let old = old.await;
        let any = ExpectedSlot::Anything;
        let later = UnixTime::from_secs(1_800_000_000);
        direct.save(issuer.slot(), &old, any).await.unwrap();
        assert_eq!(store.purge(later).await.unwrap(), 1);
        direct.save(issuer.slot(), &old, any).await.unwrap();
        // the index is looked at first, in four pieces
        both.delay_after(4).await;
        store.purge(later).await.unwrap_err();
        arrived().await;
        let kept = direct.load(issuer.slot()).await.unwrap();
        assert_eq!(kept.tag(), Some(old.tag()));
    });
}

#[test]
fn a_capability_that_is_registered_too_late_is_not() {
    both(async |both| {
        let known = RedisCapabilities::new(&both.through);
        let until = START + Duration::from_secs(60);
        known.put(&cid(1), b"block", until).await.unwrap();
        both.delay_after(0).await;
        known.put(&cid(2), b"block", until).await.unwrap_err();
        arrived().await;
        let direct = RedisCapabilities::new(&both.past);
        assert!(direct.get(&cid(1)).await.unwrap().is_some());
        assert!(direct.get(&cid(2)).await.unwrap().is_none());
    });
}
