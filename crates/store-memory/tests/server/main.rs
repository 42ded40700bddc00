//! What a server keeps in memory: exactly one use wins, memory is bounded, nothing that counts is
//! forgotten.
#![allow(
    clippy::cast_precision_loss,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

use cacao::UnixTime;
use proptest::prelude::*;
use session_core::server::{
    Capabilities, ChallengeId, Challenges, Consumed, ProofId, Remembered, ReplayWindow,
};
use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Barrier;
use std::task::{Context, Poll, Waker};
use store_memory::{MemoryCapabilities, MemoryChallenges, MemoryReplayWindow};

/// Nothing in memory waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("it waits"),
    }
}

fn at(seconds: i64) -> UnixTime {
    UnixTime::from_secs(seconds)
}

fn proof(n: usize) -> ProofId {
    ProofId::new("did:key:z6Mk", &n.to_string())
}

const START: i64 = 1_700_000_000;

#[test]
fn of_many_threads_with_one_proof_exactly_one_is_first() {
    let window = MemoryReplayWindow::new(at(START)).unwrap();
    let barrier = Barrier::new(8);
    let firsts: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (window, barrier) = (window.clone(), &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let use_of = |n| now(window.remember(proof(n), at(START + 60), at(START)));
                    (0..2_000)
                        .filter(|n| use_of(*n).unwrap() == Remembered::First)
                        .count()
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    assert_eq!(firsts, 2_000);
    assert_eq!(window.len(), 2_000);
}

#[test]
fn a_full_window_refuses_rather_than_to_forget() {
    let window = MemoryReplayWindow::with_capacity(at(START), 1_000).unwrap();
    let remember = |n, time| now(window.remember(proof(n), at(time + 60), at(time)));
    let kept: Vec<_> = (0..5_000).filter(|n| remember(*n, START).is_ok()).collect();
    assert!((900..1_200).contains(&kept.len()), "{}", kept.len());
    for n in &kept {
        assert_eq!(remember(*n, START + 1).unwrap(), Remembered::Again);
    }
    // and there is room again as soon as they have ended
    let again: Vec<_> = (10_000..15_000)
        .filter(|n| remember(*n, START + 80).is_ok())
        .collect();
    assert!((900..1_200).contains(&again.len()), "{}", again.len());
    assert_eq!(window.len(), again.len());
}

#[test]
fn a_proof_takes_forty_bytes_at_most() {
    let window = MemoryReplayWindow::with_capacity(at(START), 300_000).unwrap();
    for n in 0..200_000 {
        let remembered = now(window.remember(proof(n), at(START + 60), at(START)));
        assert_eq!(remembered.unwrap(), Remembered::First);
        if n > 10_000 && n % 1_000 == 0 {
            let each = window.bytes() as f64 / window.len() as f64;
            assert!(each <= 40.0, "{each} bytes with {n} proofs");
        }
    }
}

#[test]
fn a_clock_that_was_set_back_brings_no_proof_back() {
    let window = MemoryReplayWindow::new(at(START)).unwrap();
    let remember = |n, until, time| now(window.remember(proof(n), at(until), at(time))).unwrap();
    assert_eq!(remember(1, START + 60, START), Remembered::First);
    // everything so far is forgotten, in each of the tables
    for n in 2..2_000 {
        assert_eq!(remember(n, START + 1060, START + 1000), Remembered::First);
    }
    assert_eq!(remember(1, START + 60, START), Remembered::TooOld);
}

#[test]
fn a_window_says_since_when_it_remembers() {
    let [one, other] = [(); 2].map(|()| MemoryReplayWindow::new(at(START)).unwrap());
    assert_eq!(one.memory().unwrap().since, at(START));
    assert_ne!(one.memory().unwrap().id, other.memory().unwrap().id);
    assert_eq!(one.memory(), one.clone().memory());
}

proptest! {
    /// Held against a map that forgets nothing.
    #[test]
    fn a_proof_counts_once(steps in proptest::collection::vec((0..40_usize, 0..90_i64, 0..12_i64), 1..200)) {
        let window = MemoryReplayWindow::new(at(START)).unwrap();
        let mut model: HashMap<usize, i64> = HashMap::new();
        let mut time = START;
        for (n, life, pause) in steps {
            time += pause;
            let is_known = model.contains_key(&n);
            // one proof has one end, after which it is refused without a look
            let until = *model.entry(n).or_insert(time + life);
            if until >= time {
                let remembered = now(window.remember(proof(n), at(until), at(time))).unwrap();
                let expected = if is_known { Remembered::Again } else { Remembered::First };
                prop_assert_eq!(remembered, expected);
            }
        }
    }
}

fn cid(n: u8) -> dag_jws::Cid {
    cacao::car::dag_cbor_cid(&[n])
}

#[test]
fn of_many_threads_with_one_challenge_exactly_one_capability_gets_it() {
    let challenges = MemoryChallenges::new();
    let barrier = Barrier::new(8);
    for round in 0..200 {
        let id = ChallengeId::new([round; 16]);
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|n| {
                    let (challenges, barrier) = (challenges.clone(), &barrier);
                    scope.spawn(move || {
                        barrier.wait();
                        now(challenges.consume(id, &cid(n), at(START + 600), at(START))).unwrap()
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        let winner = outcomes
            .iter()
            .position(|outcome| *outcome == Consumed::Now)
            .unwrap();
        let others = outcomes
            .iter()
            .filter(|outcome| **outcome == Consumed::ByAnother);
        assert_eq!(others.count(), 7);
        let winner = cid(u8::try_from(winner).unwrap());
        let again = now(challenges.consume(id, &winner, at(START + 600), at(START))).unwrap();
        assert_eq!(again, Consumed::ByTheSame);
    }
}

#[test]
fn full_challenges_refuse_rather_than_to_forget() {
    let challenges = MemoryChallenges::with_capacity(10);
    let consume = |n: u8, by: u8, time| {
        now(challenges.consume(
            ChallengeId::new([n; 16]),
            &cid(by),
            at(time + 600),
            at(time),
        ))
    };
    assert!((0..10).all(|n| consume(n, n, START).unwrap() == Consumed::Now));
    assert!(consume(10, 1, START).is_err());
    assert_eq!(consume(3, 4, START).unwrap(), Consumed::ByAnother);
    assert_eq!(consume(10, 1, START + 602).unwrap(), Consumed::Now);
}

#[test]
fn a_flood_of_capabilities_takes_no_more_than_the_memory_for_them() {
    let capabilities = MemoryCapabilities::with_bytes(1_000_000);
    let honest = cid(255);
    now(capabilities.put(&honest, &[7; 600], at(START))).unwrap();
    for n in 0..20_000_u32 {
        let block = n.to_le_bytes().repeat(150);
        let flood = cacao::car::dag_cbor_cid(&block);
        now(capabilities.put(&flood, &block, at(START))).unwrap();
        // whoever is served now and then stays known
        if n % 50 == 0 {
            assert!(
                now(capabilities.get(&honest)).unwrap().is_some(),
                "after {n}"
            );
        }
    }
    assert!(
        capabilities.bytes() <= 1_000_000,
        "{}",
        capabilities.bytes()
    );
}
