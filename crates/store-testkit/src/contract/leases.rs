//! Sentence 13: whether a prompt lock is still held.

use super::concurrent::{expect_busy, free_lock};
use crate::fixtures::TestIssuer;
use crate::runtime::{SHORT, ends, pause};
use futures_util::future::{Either, select};
use session_core::{PromptLockGuard, SessionStore, SlotId};
use std::pin::pin;
use std::time::Duration;
#[cfg(not(target_family = "wasm"))]
use {
    super::concurrent::LONG,
    crate::clock::Apart,
    session_core::{Clock, SystemClock},
    std::sync::Arc,
};

/// How long a dead holder may keep a lock.
const DEAD_FOR: Duration = Duration::from_secs(15);

/// Sentence 13: a prompt lock says truly whether it is held.
///
/// # Panics
/// When a lock that nobody took away says that it is lost, when keeping it ends, or when one that
/// was given back is not free.
pub async fn contract_13_a_lock_says_whether_it_is_held<S: SessionStore + Clone>(store: S) {
    let issuer = TestIssuer::ethereum();
    let held = free_lock(&store, issuer.slot(), "the first").await;
    assert!(held.is_held(), "a lock that was had just now is held");
    keep(&*held, SHORT, "a lock that nobody takes away").await;
    assert!(held.is_held(), "a lock that was kept is held");
    expect_busy(
        &store,
        issuer.slot(),
        "beside a lock that is kept, a second",
    )
    .await;
    ends("giving a lock back", held.release()).await;
    drop(held);
    drop(free_lock(&store, issuer.slot(), "after one was given back, the next").await);
}

/// Sentence 13: a lease that nobody renews says so before anybody else has it, and one that is
/// renewed lasts.
///
/// `another` opens another store on the same medium, as another process does, with a clock; `ttl`
/// is how long its leases last.
///
/// # Panics
/// When two hold the lock, when it does not end, or when a lease that is kept ends.
#[cfg(not(target_family = "wasm"))]
pub async fn contract_13_a_lease_runs_out_under_its_holder<S: SessionStore>(
    store: S,
    another: impl AsyncFn(&S, Arc<dyn Clock>) -> S,
    ttl: Duration,
) {
    let issuer = TestIssuer::ethereum();
    let slot = issuer.slot();
    let other = another(&store, Arc::new(SystemClock)).await;
    let third = another(&store, Arc::new(SystemClock)).await;

    let held = free_lock(&store, slot, "the first").await;
    assert!(held.is_held(), "a lease that was had just now is held");
    let patience = ttl * 3 + LONG;
    let got = match ends("a waiter", other.lock_prompt(slot, patience)).await {
        Ok(got) => got,
        Err(error) => panic!("a lease that nobody renews does not run out: {error}"),
    };
    let first_says = held.is_held();
    assert!(!first_says && got.is_held(), "two hold the lock of {slot}");

    // whoever lost it gets it back neither by keeping it nor by dropping it
    ends("keeping a lease that is lost", held.keep()).await;
    assert!(!held.is_held(), "a lease that is lost is not renewed");
    let end = async {
        drop(held);
        pause(SHORT).await;
        expect_busy(
            &third,
            slot,
            "after a lease that was lost was dropped, a third",
        )
        .await;
        pause(ttl * 2).await;
    };
    beside(&*got, end, "while it is renewed").await;
    assert!(got.is_held(), "a lease that is kept lasts");
    expect_busy(&third, slot, "beside a lease that was renewed, a third").await;
    ends("giving a lease back", got.release()).await;
    assert!(!got.is_held(), "what was given back is not held");
    let at_once = third.lock_prompt(slot, ttl / 2);
    match ends("the next", at_once).await {
        Ok(next) => ends("giving a lease back", next.release()).await,
        Err(error) => panic!("a lease that was given back is not free: {error}"),
    }
}

/// Sentence 13: whatever the clocks of two machines show, one of them holds the lock. As
/// [`contract_13_a_lease_runs_out_under_its_holder`], with clocks that are five minutes apart.
///
/// # Panics
/// When a clock that is wrong takes the lock from its holder, or does not get it afterwards.
#[cfg(not(target_family = "wasm"))]
pub async fn contract_13_clocks_are_apart<S: SessionStore>(
    store: S,
    another: impl AsyncFn(&S, Arc<dyn Clock>) -> S,
    ttl: Duration,
) {
    let issuer = TestIssuer::ethereum();
    let slot = issuer.slot();
    let ahead = another(&store, Arc::new(Apart::by(300))).await;
    let behind = another(&store, Arc::new(Apart::by(-300))).await;
    for (holder, other, whose) in [
        (&ahead, &behind, "a clock that is ahead"),
        (&behind, &ahead, "a clock that is behind"),
    ] {
        let held = free_lock(holder, slot, whose).await;
        let rest = async {
            for _ in 0..3 {
                expect_busy(other, slot, &format!("beside {whose}, another's")).await;
                expect_busy(
                    &store,
                    slot,
                    &format!("beside {whose}, one that is right's"),
                )
                .await;
                pause(ttl / 2).await;
            }
        };
        beside(&*held, rest, whose).await;
        assert!(held.is_held(), "{whose}: a lease that is kept lasts");
        // and nobody renews it
        let patience = ttl * 3 + LONG;
        match ends("a waiter", other.lock_prompt(slot, patience)).await {
            Ok(got) => {
                assert!(!held.is_held(), "{whose}: two hold the lock of {slot}");
                ends("giving a lease back", got.release()).await;
            }
            Err(error) => panic!("{whose}: its lease does not run out: {error}"),
        }
    }
}

/// Sentence 13: a holder that dies frees the lock, if late.
///
/// `crash` takes the lock of a slot as another process does, and dies without giving it back.
///
/// # Panics
/// When the lock stays, or when the dead holder is in the way of a change.
pub async fn contract_13_a_dead_holder_frees_it<S: SessionStore>(
    store: S,
    crash: impl AsyncFn(&S, &SlotId),
) {
    let issuer = TestIssuer::ethereum();
    let record = issuer.record(&store, "nonce001").await;
    crash(&store, issuer.slot()).await;
    let change = super::records::save(&store, &issuer, &record);
    ends("a save after a holder died", change).await;
    match ends("a waiter", store.lock_prompt(issuer.slot(), DEAD_FOR)).await {
        Ok(held) => assert!(held.is_held(), "after a holder died"),
        Err(error) => panic!("whoever held it is dead, and the lock is not free: {error}"),
    }
}

/// Keeps a lock for some time.
async fn keep(held: &dyn PromptLockGuard, time: Duration, what: &str) {
    beside(held, pause(time), what).await;
}

/// Does something while a lock is kept.
async fn beside<T>(held: &dyn PromptLockGuard, work: impl Future<Output = T>, what: &str) -> T {
    match select(pin!(work), pin!(held.keep())).await {
        Either::Left((done, _)) => done,
        Either::Right(_) => panic!("{what}: keeping it ended, as if it were lost"),
    }
}
