//! Stores that fail: the server refuses, says so, and recovers by itself.

use crate::world::{START, World, proven, refusal, request};
use async_trait::async_trait;
use cacao::{Cacao, Issuer, UnixTime};
use dag_jws::Cid;
use http::StatusCode;
use session_core::StoreError;
use session_core::revoke::{AcceptedRevocation, Revocations};
use session_core::server::{
    Capabilities, ChallengeId, Challenges, Consumed, Device, Devices, ProofId, Remembered,
    ReplayMemory, ReplayWindow,
};
use session_http::State;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store_memory::{
    MemoryCapabilities, MemoryChallenges, MemoryDevices, MemoryReplayWindow, MemoryRevocations,
};

/// A store that is away as long as it is told to be.
#[derive(Clone)]
struct Flaky<T> {
    inner: T,
    away: Arc<AtomicBool>,
}

impl<T> Flaky<T> {
    fn new(inner: T) -> (Self, Arc<AtomicBool>) {
        let away = Arc::new(AtomicBool::new(false));
        (
            Self {
                inner,
                away: Arc::clone(&away),
            },
            away,
        )
    }

    fn there(&self) -> Result<&T, StoreError> {
        match self.away.load(Ordering::SeqCst) {
            true => Err(StoreError::medium(
                "cannot reach the store",
                "connection refused",
            )),
            false => Ok(&self.inner),
        }
    }
}

#[async_trait]
impl ReplayWindow for Flaky<MemoryReplayWindow> {
    async fn remember(
        &self,
        proof: ProofId,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<Remembered, StoreError> {
        self.there()?.remember(proof, until, now).await
    }

    fn memory(&self) -> Option<ReplayMemory> {
        None
    }
}

#[async_trait]
impl Challenges for Flaky<MemoryChallenges> {
    async fn consume(
        &self,
        challenge: ChallengeId,
        identity: &Cid,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<Consumed, StoreError> {
        self.there()?.consume(challenge, identity, until, now).await
    }
}

#[async_trait]
impl Capabilities for Flaky<MemoryCapabilities> {
    async fn get(&self, cid: &Cid) -> Result<Option<Arc<[u8]>>, StoreError> {
        self.there()?.get(cid).await
    }

    async fn put(&self, cid: &Cid, block: &[u8], until: UnixTime) -> Result<(), StoreError> {
        self.there()?.put(cid, block, until).await
    }
}

#[async_trait]
impl Devices for Flaky<MemoryDevices> {
    async fn add(&self, device: &Device, now: UnixTime) -> Result<(), StoreError> {
        self.there()?.add(device, now).await
    }

    async fn list(
        &self,
        issuer: &Issuer,
        domain: &str,
        now: UnixTime,
    ) -> Result<Vec<Device>, StoreError> {
        self.there()?.list(issuer, domain, now).await
    }

    async fn remove(&self, issuer: &Issuer, identity: &Cid) -> Result<(), StoreError> {
        self.there()?.remove(issuer, identity).await
    }
}

#[async_trait]
impl Revocations for Flaky<MemoryRevocations> {
    async fn is_revoked(&self, capability: &Cacao) -> Result<bool, StoreError> {
        self.there()?.is_revoked(capability).await
    }

    async fn record(&self, revocation: &AcceptedRevocation) -> Result<(), StoreError> {
        self.there()?.record(revocation).await
    }

    async fn count(&self, issuer: &Issuer, domain: &str) -> Result<usize, StoreError> {
        self.there()?.count(issuer, domain).await
    }

    async fn purge(&self, now: UnixTime) -> Result<usize, StoreError> {
        self.there()?.purge(now).await
    }
}

fn is_away(response: &http::Response<Vec<u8>>) {
    assert_eq!(refusal(response), (503, "unavailable".into()));
    assert!(response.headers().contains_key("retry-after"));
    let text = String::from_utf8_lossy(response.body());
    assert!(
        !text.contains("connection"),
        "what failed is nobody's business: {text}"
    );
}

#[tokio::test]
async fn a_store_that_fails_lets_nobody_in() {
    let (replay, replay_away) =
        Flaky::new(MemoryReplayWindow::new(UnixTime::from_secs(START)).unwrap());
    let (challenges, challenges_away) = Flaky::new(MemoryChallenges::new());
    let (capabilities, capabilities_away) = Flaky::new(MemoryCapabilities::new());
    let (devices, devices_away) = Flaky::new(MemoryDevices::new());
    let (revocations, revocations_away) = Flaky::new(MemoryRevocations::new());
    let world = World::with_state(State::new(
        replay,
        challenges,
        capabilities,
        devices,
        revocations,
    ));
    let signer = world.log_in(&["app://notes/write"]).await;
    let acts = || async { world.call(proven(&signer, "GET", "/notes", "").await).await };
    let lists = || async {
        world
            .send(&signer, request("GET", "/session/devices", ""))
            .await
            .unwrap()
    };
    let logs_in = || async {
        world
            .post_login(&world.challenged(&["app://notes/x"]).await)
            .await
    };
    assert_eq!(acts().await.status(), StatusCode::OK);
    for away in [&replay_away, &revocations_away] {
        away.store(true, Ordering::SeqCst);
        is_away(&acts().await);
        is_away(&lists().await);
        is_away(&logs_in().await);
        away.store(false, Ordering::SeqCst);
        assert_eq!(acts().await.status(), StatusCode::OK);
    }
    for away in [&challenges_away, &capabilities_away, &devices_away] {
        away.store(true, Ordering::SeqCst);
        is_away(&logs_in().await);
        // who is known to the server goes on
        assert_eq!(acts().await.status(), StatusCode::OK);
        away.store(false, Ordering::SeqCst);
        assert_eq!(logs_in().await.status(), StatusCode::OK);
    }
    devices_away.store(true, Ordering::SeqCst);
    is_away(&lists().await);
    // a login whose last step failed is said again
    let retried = world.challenged(&["app://notes/x"]).await;
    is_away(&world.post_login(&retried).await);
    devices_away.store(false, Ordering::SeqCst);
    assert_eq!(world.post_login(&retried).await.status(), StatusCode::OK);
    // a logout that cannot be kept is not said to have worked
    revocations_away.store(true, Ordering::SeqCst);
    is_away(
        &world
            .send(&signer, request("POST", "/session/logout", ""))
            .await
            .unwrap(),
    );
    revocations_away.store(false, Ordering::SeqCst);
    assert_eq!(acts().await.status(), StatusCode::OK);
}
