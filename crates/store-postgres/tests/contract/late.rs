//! Changes that arrive when nobody waits for them any more: they do nothing, whatever they are.

use crate::server::{APP, Server, config, url};
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
use store_postgres::Postgres;
use store_testkit::fixtures::TestIssuer;
use test_support::{Fault, Proxy};

/// Longer than whoever asks waits for it.
const DELAY: Duration = Duration::from_millis(3000);
const START: UnixTime = UnixTime::from_secs(1_700_000_000);

/// The same database, through a proxy and past it. Each test does first what it then does too late,
/// so that the statement is prepared and the next request is the change itself.
struct Both {
    proxy: Proxy,
    through: Postgres,
    past: Postgres,
}

impl Both {
    async fn new() -> Self {
        let server = Server::shared();
        let schema = server.new_schema().await;
        let proxy = Proxy::start(server.port()).await;
        let through = config(&url(APP, proxy.port()), &schema);
        let through = through.with_max_wait(Duration::from_millis(1000));
        Self {
            proxy,
            through: Postgres::open(through).await.unwrap(),
            past: Postgres::open(server.config(&schema)).await.unwrap(),
        }
    }

    fn delay(&self) {
        self.proxy.once(Fault::DelayRequest(DELAY));
    }
}

/// Until the late request has arrived.
async fn arrived() {
    tokio::time::sleep(DELAY * 2).await;
}

fn cid(n: u64) -> Cid {
    cacao::car::dag_cbor_cid(&n.to_le_bytes())
}

fn both(run: &impl AsyncFn(Both)) {
    store_testkit::run(async { run(Both::new().await).await });
}

/// Else nobody could ask the wallet until the lease of somebody who is gone has ended.
#[test]
fn a_wallet_that_is_reserved_too_late_is_free() {
    both(&async |both| {
        let slot = TestIssuer::ethereum().slot().clone();
        let store = both.through.sessions();
        let moment = Duration::from_millis(50);
        let held = store.lock_prompt(&slot, Duration::from_secs(5)).await;
        held.unwrap().release().await;
        both.delay();
        let late = store.lock_prompt(&slot, moment).await.map(drop);
        assert!(matches!(late, Err(StoreError::Busy { .. })), "{late:?}");
        arrived().await;
        let free = both.past.sessions();
        let free = free.lock_prompt(&slot, moment).await;
        free.expect("whoever gave up has reserved nothing");
    });
}

#[test]
fn a_device_that_is_listed_or_taken_off_too_late_is_not() {
    both(&async |both| {
        let issuer = TestIssuer::ethereum().issuer().normalized();
        let device = |n| {
            let domain = "app.example";
            Device::new(&issuer, domain, cid(n), "did:key:z", START, None, START)
        };
        let (devices, direct) = (both.through.devices(), both.past.devices());
        let listed = async || {
            let listed = direct.list(&issuer, "app.example", START).await.unwrap();
            let mut listed: Vec<_> = listed.iter().map(|device| *device.identity()).collect();
            listed.sort();
            listed
        };
        devices.add(&device(1), START).await.unwrap();
        both.delay();
        devices.add(&device(2), START).await.unwrap_err();
        arrived().await;
        assert_eq!(
            listed().await,
            [cid(1)],
            "a session that has ended is listed"
        );

        devices.remove(&issuer, &cid(3)).await.unwrap();
        both.delay();
        devices.remove(&issuer, &cid(1)).await.unwrap_err();
        arrived().await;
        assert_eq!(
            listed().await,
            [cid(1)],
            "a session that acts is not listed"
        );
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
    both(&async |both| {
        let (revocations, direct) = (both.through.revocations(), both.past.revocations());
        let (_, first) = session().await;
        revocations.record(&first).await.unwrap();
        let (second, end) = session().await;
        both.delay();
        revocations.record(&end).await.unwrap_err();
        arrived().await;
        assert!(!direct.is_revoked(second.cacao()).await.unwrap());
        // whoever was told that it failed says it again
        revocations.record(&end).await.unwrap();
        assert!(direct.is_revoked(second.cacao()).await.unwrap());

        let over = START + Duration::from_secs(30 * 86_400);
        assert_eq!(revocations.purge(over).await.unwrap(), 2);
        direct.record(&end).await.unwrap();
        both.delay();
        revocations.purge(over).await.unwrap_err();
        arrived().await;
        assert!(direct.is_revoked(second.cacao()).await.unwrap());
    });
}

#[test]
fn sessions_that_are_purged_too_late_stay() {
    both(&async |both| {
        let (store, direct) = (both.through.sessions(), both.past.sessions());
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
        both.delay();
        store.purge(later).await.unwrap_err();
        arrived().await;
        let kept = direct.load(issuer.slot()).await.unwrap();
        assert_eq!(kept.tag(), Some(old.tag()));
    });
}

#[test]
fn a_capability_that_is_registered_too_late_is_not() {
    both(&async |both| {
        let (known, direct) = (both.through.capabilities(), both.past.capabilities());
        let until = START + Duration::from_secs(60);
        known.put(&cid(1), b"block", until).await.unwrap();
        both.delay();
        known.put(&cid(2), b"block", until).await.unwrap_err();
        arrived().await;
        assert!(direct.get(&cid(1)).await.unwrap().is_some());
        assert!(direct.get(&cid(2)).await.unwrap().is_none());
    });
}
