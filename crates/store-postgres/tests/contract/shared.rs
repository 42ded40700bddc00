//! What several pools share: they stand for processes.

use crate::server::Server;
use cacao::UnixTime;
use session_core::server::{
    Capabilities, ChallengeId, Challenges, Consumed, ProofId, Remembered, ReplayWindow,
};
use session_core::{SessionStore, StoreError};
use std::time::Duration;
use store_postgres::{Change, Postgres};
use store_testkit::fixtures::TestIssuer;

const START: UnixTime = UnixTime::from_secs(1_700_000_000);

fn cid(n: usize) -> dag_jws::Cid {
    cacao::car::dag_cbor_cid(&n.to_le_bytes())
}

async fn two() -> [Postgres; 2] {
    let server = Server::shared();
    let schema = server.new_schema().await;
    let open = || Postgres::open(server.config(&schema));
    [open().await.unwrap(), open().await.unwrap()]
}

#[test]
fn of_ten_thousand_uses_of_one_proof_and_one_challenge_over_two_pools_one_wins() {
    store_testkit::run(async {
        let pools = two().await;
        let windows = pools.each_ref().map(Postgres::replay_window);
        let challenges = pools.each_ref().map(Postgres::challenges);
        let proof = ProofId::new("did:key:z6Mk", "one");
        let until = START + Duration::from_secs(60);
        let uses = (0..10_000_usize).map(|n| {
            let (window, challenges) = (windows[n % 2].clone(), challenges[n % 2].clone());
            tokio::spawn(async move {
                let remembered = window.remember(proof, until, START).await.unwrap();
                let id = ChallengeId::new([7; 16]);
                let consumed = challenges.consume(id, &cid(n), until, START).await;
                (remembered, consumed)
            })
        });
        let uses: Vec<_> = uses.collect();
        let (mut firsts, mut now, mut failed) = (0, 0, 0);
        for one in uses {
            let (remembered, consumed) = one.await.unwrap();
            assert_ne!(remembered, Remembered::TooOld);
            firsts += usize::from(remembered == Remembered::First);
            match consumed {
                Ok(Consumed::Now) => now += 1,
                Ok(other) => assert_eq!(other, Consumed::ByAnother),
                Err(_) => failed += 1,
            }
        }
        println!("10,000 uses: {firsts} first, {now} consumed, {failed} refused for want of time");
        assert_eq!((firsts, now), (1, 1));
    });
}

#[test]
fn what_was_swept_away_is_never_first_again() {
    store_testkit::run(async {
        let [one, other] = two().await;
        let proof = ProofId::new("did:key:z6Mk", "one");
        let challenge = ChallengeId::new([7; 16]);
        let until = START + Duration::from_secs(60);
        let remembered = one.replay_window().remember(proof, until, START).await;
        assert_eq!(remembered.unwrap(), Remembered::First);
        let consumed = one
            .challenges()
            .consume(challenge, &cid(1), until, START)
            .await;
        assert_eq!(consumed.unwrap(), Consumed::Now);
        let capabilities = one.capabilities();
        capabilities.put(&cid(1), b"block", until).await.unwrap();
        // clocks may be five minutes apart, and more
        let soon = one
            .sweep(until + Duration::from_secs(5 * 60))
            .await
            .unwrap();
        assert_eq!((soon.proofs, soon.challenges, soon.capabilities), (0, 0, 0));
        let behind = other.replay_window();
        let fresh = ProofId::new("did:key:z6Mk", "two");
        assert_eq!(
            behind.remember(fresh, until, START).await.unwrap(),
            Remembered::First
        );
        let later = one.sweep(until + Duration::from_secs(3_600)).await.unwrap();
        assert_eq!(
            (later.proofs, later.challenges, later.capabilities),
            (2, 1, 1)
        );
        // the clock is set back
        let again = behind.remember(proof, until, START).await.unwrap();
        assert_eq!(again, Remembered::TooOld);
        let again = other
            .challenges()
            .consume(challenge, &cid(2), until, START)
            .await;
        assert_eq!(again.unwrap(), Consumed::ByAnother);
        assert!(capabilities.get(&cid(1)).await.unwrap().is_none());
    });
}

#[test]
fn while_others_sweep_a_proof_counts_once() {
    store_testkit::run(async {
        let [one, other] = two().await;
        for round in 0..60_u64 {
            let now = START + Duration::from_secs(round * 3_600);
            let proof = ProofId::new("did:key:z6Mk", &round.to_string());
            let (first, second) = (one.replay_window(), other.replay_window());
            let use_of = |window: store_postgres::PostgresReplayWindow| {
                tokio::spawn(async move { window.remember(proof, now, now).await.unwrap() })
            };
            let uses = [use_of(first.clone()), use_of(second.clone())];
            let sweeper = one.clone();
            let sweep = tokio::spawn(async move {
                sweeper
                    .sweep(now + Duration::from_secs(1_800))
                    .await
                    .unwrap()
            });
            let late = [use_of(first), use_of(second)];
            let mut firsts = 0;
            for one in uses.into_iter().chain(late) {
                firsts += usize::from(one.await.unwrap() == Remembered::First);
            }
            sweep.await.unwrap();
            assert!(firsts <= 1, "round {round}: {firsts} were first");
        }
    });
}

#[test]
fn who_listens_is_told_and_told_to_look_again_when_the_connection_was_lost() {
    store_testkit::run(async {
        let [one, other] = two().await;
        let mut changes = one.changes().await.unwrap();
        let (store, issuer) = (other.sessions(), TestIssuer::ethereum());
        let record = issuer.record(&store, "nonce001").await;
        let slot = issuer.slot();
        let anything = session_core::ExpectedSlot::Anything;
        store.save(slot, &record, anything).await.unwrap();
        assert_eq!(changes.next().await, Change::Slot(slot.clone()));
        store.remove(slot, anything).await.unwrap();
        assert_eq!(changes.next().await, Change::Slot(slot.clone()));
        let schema = one.config().schema();
        Server::shared().psql(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE query = 'LISTEN {schema}_changes'"
        ));
        assert_eq!(changes.next().await, Change::LookAgain);
        store.save(slot, &record, anything).await.unwrap();
        assert_eq!(changes.next().await, Change::Slot(slot.clone()));
    });
}

#[test]
fn one_has_the_prompt_over_two_pools_and_a_conflict_is_told() {
    store_testkit::run(async {
        let pools = two().await;
        let stores = pools.each_ref().map(Postgres::sessions);
        let issuer = TestIssuer::ethereum();
        let busy = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let prompts = (0..24_usize).map(|n| {
            let (store, busy) = (stores[n % 2].clone(), std::sync::Arc::clone(&busy));
            let slot = issuer.slot().clone();
            tokio::spawn(async move {
                let order = std::sync::atomic::Ordering::SeqCst;
                let lock = store.lock_prompt(&slot, Duration::from_secs(60)).await;
                let lock = lock.unwrap();
                assert_eq!(busy.fetch_add(1, order), 0, "two prompts at once");
                tokio::time::sleep(Duration::from_millis(2)).await;
                assert!(lock.is_held());
                busy.fetch_sub(1, order);
                lock.release().await;
            })
        });
        for prompt in prompts.collect::<Vec<_>>() {
            prompt.await.unwrap();
        }
        let record = issuer.record(&stores[0], "nonce001").await;
        let absent = session_core::ExpectedSlot::Absent;
        stores[0]
            .save(issuer.slot(), &record, absent)
            .await
            .unwrap();
        let second = stores[1].save(issuer.slot(), &record, absent).await;
        assert!(matches!(second, Err(StoreError::Conflict { .. })));
    });
}
