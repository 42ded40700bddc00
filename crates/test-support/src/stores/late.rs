//! Changes that arrive when nobody waits for them any more: they do nothing, whatever they are.

use crate::{Fault, Proxy};
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
use store_testkit::fixtures::TestIssuer;

/// Longer than whoever asks through the proxy waits for it.
const DELAY: Duration = Duration::from_millis(3000);
/// How long whoever asks through the proxy is to wait.
pub const PATIENCE: Duration = Duration::from_millis(1000);
const START: UnixTime = UnixTime::from_secs(1_700_000_000);

/// One database, through a proxy and past it; of each pair the first goes through. Each rule does first
/// what it then does too late, so that the engine knows the statement, and the next request is the
/// change itself.
pub trait Both {
    /// How many times as long as the delay a request is on its way at most.
    const ARRIVES_AFTER: u32 = 1;
    /// How many requests a purge of sessions makes before it changes anything.
    const LOOKS_FOR_SESSIONS: usize = 0;
    /// How many requests a purge of revocations makes before it changes anything.
    const LOOKS_FOR_REVOCATIONS: usize = 0;

    /// What lies between.
    fn proxy(&self) -> &Proxy;

    /// Asks something small through the proxy, so that there is a connection.
    fn connect(&self) -> impl Future<Output = ()>;

    /// The sessions.
    fn sessions(&self) -> [impl SessionStore; 2];
    /// The devices.
    fn devices(&self) -> [impl Devices; 2];
    /// The revocations.
    fn revocations(&self) -> [impl Revocations; 2];
    /// The capabilities.
    fn capabilities(&self) -> [impl Capabilities; 2];
}

/// Delays the request after so many that are in time.
async fn delay_after<B: Both>(both: &B, in_time: usize) {
    both.connect().await;
    let mut faults = vec![Fault::None; in_time];
    faults.push(Fault::DelayRequest(DELAY));
    both.proxy().next(&faults);
}

/// Until the late request has arrived.
async fn arrived<B: Both>(_: &B) {
    tokio::time::sleep(DELAY * B::ARRIVES_AFTER).await;
}

fn cid(n: u64) -> Cid {
    cacao::car::dag_cbor_cid(&n.to_le_bytes())
}

/// Else nobody could ask the wallet until the lease of somebody who is gone has ended.
pub async fn a_wallet_that_is_reserved_too_late_is_free(both: impl Both) {
    let slot = TestIssuer::ethereum().slot().clone();
    let [store, direct] = both.sessions();
    let moment = Duration::from_millis(50);
    let held = store.lock_prompt(&slot, Duration::from_secs(5)).await;
    held.unwrap().release().await;
    delay_after(&both, 0).await;
    let late = store.lock_prompt(&slot, moment).await.map(drop);
    assert!(matches!(late, Err(StoreError::Busy { .. })), "{late:?}");
    arrived(&both).await;
    let free = direct.lock_prompt(&slot, moment).await;
    free.expect("whoever gave up has reserved nothing");
}

/// A session that has ended is not listed again, and one that acts stays listed.
pub async fn a_device_that_is_listed_or_taken_off_too_late_is_not(both: impl Both) {
    let issuer = TestIssuer::ethereum().issuer().normalized();
    let device = |n| {
        let domain = "app.example";
        Device::new(&issuer, domain, cid(n), "did:key:z", START, None, START)
    };
    let [devices, direct] = both.devices();
    let listed = async || {
        let listed = direct.list(&issuer, "app.example", START).await.unwrap();
        let mut listed: Vec<_> = listed.iter().map(|device| *device.identity()).collect();
        listed.sort();
        listed
    };
    devices.add(&device(1), START).await.unwrap();
    delay_after(&both, 0).await;
    devices.add(&device(2), START).await.unwrap_err();
    arrived(&both).await;
    let ended = "a session that has ended is listed";
    assert_eq!(listed().await, [cid(1)], "{ended}");

    devices.remove(&issuer, &cid(3)).await.unwrap();
    delay_after(&both, 0).await;
    devices.remove(&issuer, &cid(1)).await.unwrap_err();
    // it acts again in the meantime
    direct.add(&device(1), START).await.unwrap();
    arrived(&both).await;
    let acts = "a session that acts is not listed";
    assert_eq!(listed().await, [cid(1)], "{acts}");
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

/// Whoever was told that it failed says it again.
pub async fn what_is_revoked_or_forgotten_too_late_is_not<B: Both>(both: B) {
    let [revocations, direct] = both.revocations();
    let (_, first) = session().await;
    revocations.record(&first).await.unwrap();
    let (second, end) = session().await;
    delay_after(&both, 0).await;
    revocations.record(&end).await.unwrap_err();
    arrived(&both).await;
    assert!(!direct.is_revoked(second.cacao()).await.unwrap());
    revocations.record(&end).await.unwrap();
    assert!(direct.is_revoked(second.cacao()).await.unwrap());

    let over = START + Duration::from_secs(30 * 86_400);
    assert_eq!(revocations.purge(over).await.unwrap(), 2);
    direct.record(&end).await.unwrap();
    delay_after(&both, B::LOOKS_FOR_REVOCATIONS).await;
    revocations.purge(over).await.unwrap_err();
    arrived(&both).await;
    assert!(direct.is_revoked(second.cacao()).await.unwrap());
}

/// A purge that is given up removes nothing afterwards.
pub async fn sessions_that_are_purged_too_late_stay<B: Both>(both: B) {
    let [store, direct] = both.sessions();
    let issuer = TestIssuer::ethereum();
    let old = async || {
        let members = "2024-01-02T00:00:00Z".parse().unwrap();
        let record = issuer.record_with(&direct, "nonce001", |payload| {
            payload.with_expires_at(members)
        });
        let record = record.await;
        let saved = direct.save(issuer.slot(), &record, ExpectedSlot::Anything);
        saved.await.unwrap();
        record.tag()
    };
    let later = UnixTime::from_secs(1_800_000_000);
    old().await;
    assert_eq!(store.purge(later).await.unwrap(), 1);
    let tag = old().await;
    delay_after(&both, B::LOOKS_FOR_SESSIONS).await;
    store.purge(later).await.unwrap_err();
    arrived(&both).await;
    let kept = direct.load(issuer.slot()).await.unwrap();
    assert_eq!(kept.tag(), Some(tag));
}

/// A login that failed leaves nothing behind.
pub async fn a_capability_that_is_registered_too_late_is_not(both: impl Both) {
    let [known, direct] = both.capabilities();
    let until = START + Duration::from_secs(60);
    known.put(&cid(1), b"block", until).await.unwrap();
    delay_after(&both, 0).await;
    known.put(&cid(2), b"block", until).await.unwrap_err();
    arrived(&both).await;
    assert!(direct.get(&cid(1)).await.unwrap().is_some());
    assert!(direct.get(&cid(2)).await.unwrap().is_none());
}

/// Makes a test of each rule: `run` is given a rule, and holds each engine to it.
#[macro_export]
macro_rules! late_changes_do_nothing {
    ($run:ident) => {
        $crate::late_changes_do_nothing! {
            $run:
            a_wallet_that_is_reserved_too_late_is_free,
            a_device_that_is_listed_or_taken_off_too_late_is_not,
            what_is_revoked_or_forgotten_too_late_is_not,
            sessions_that_are_purged_too_late_stay,
            a_capability_that_is_registered_too_late_is_not,
        }
    };
    ($run:ident: $($rule:ident,)+) => {$(
        #[test]
        fn $rule() {
            $run(async |both| $crate::stores::late::$rule(both).await);
        }
    )+};
}
