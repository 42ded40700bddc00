//! The contract of [`Challenges`].

use super::{CALLERS, MANY, at, cid};
use crate::runtime::together;
use session_core::StoreError;
use session_core::server::{ChallengeId, Challenges, Consumed};

fn id(n: usize) -> ChallengeId {
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(n.to_be_bytes()) {
        *to = from;
    }
    ChallengeId::new(bytes)
}

/// Uses a challenge of this time, which is accepted for ten minutes.
async fn consume<C: Challenges>(
    challenges: &C,
    (n, by): (usize, usize),
    (issued, now): (i64, i64),
) -> Result<Consumed, StoreError> {
    let until = at(issued + 600);
    challenges.consume(id(n), &cid(by), until, at(now)).await
}

async fn consumed<C: Challenges>(
    challenges: &C,
    of: (usize, usize),
    times: (i64, i64),
) -> Consumed {
    let consumed = consume(challenges, of, times).await;
    consumed.expect("challenges that can be written")
}

/// 1. Of any number of capabilities exactly one gets a challenge, however often each asks, and it
///    is told once that it has just got it.
///
/// # Panics
/// When that does not hold.
pub async fn challenges_1_one_capability_gets_it<C>(challenges: C)
where
    C: Challenges + Clone + 'static,
{
    for n in 0..50 {
        let uses = (0..CALLERS * 2).map(|caller| {
            let challenges = challenges.clone();
            async move { consumed(&challenges, (n, caller % CALLERS), (0, 0)).await }
        });
        let uses = together(uses).await;
        let count = |what| uses.iter().filter(|one| **one == what).count();
        assert_eq!(count(Consumed::Now), 1, "{uses:?}");
        assert_eq!(count(Consumed::ByTheSame), 1, "{uses:?}");
        let winner = uses.iter().position(|one| *one == Consumed::Now);
        let winner = winner.expect("one of them") % CALLERS;
        for by in 0..CALLERS {
            let expected = match by == winner {
                true => Consumed::ByTheSame,
                false => Consumed::ByAnother,
            };
            assert_eq!(consumed(&challenges, (n, by), (0, 1)).await, expected);
        }
    }
}

/// Challenges are told apart by each of their bytes.
///
/// # Panics
/// When that does not hold.
pub async fn challenges_2_each_byte_counts<C: Challenges>(challenges: C) {
    for place in 0..16 {
        let mut bytes = [7; 16];
        bytes[place] = 8;
        let id = ChallengeId::new(bytes);
        let consumed = challenges.consume(id, &cid(place), at(600), at(0)).await;
        assert_eq!(consumed.expect("challenges"), Consumed::Now, "{place}");
    }
}

/// 2. Nothing is forgotten before its end, to the last second, whatever else is used.
///
/// # Panics
/// When that does not hold.
pub async fn challenges_3_nothing_is_forgotten_before_its_end<C: Challenges>(challenges: C) {
    for n in 0..=60 {
        let now = 10 * i64::try_from(n).expect("a small number");
        let first = consumed(&challenges, (n, 1), (now, now)).await;
        assert_eq!(first, Consumed::Now);
        let other = consumed(&challenges, (0, 2), (0, now)).await;
        assert_eq!(other, Consumed::ByAnother, "after {now} seconds");
        let same = consumed(&challenges, (0, 1), (0, now)).await;
        assert_eq!(same, Consumed::ByTheSame, "after {now} seconds");
    }
}

/// Two processes whose clocks are a few seconds apart, and one whose clock was set back: nobody
/// gets what somebody had.
///
/// # Panics
/// When that does not hold.
pub async fn challenges_4_no_clock_brings_one_back<C: Challenges + Clone>(challenges: C) {
    let other = challenges.clone();
    assert_eq!(consumed(&challenges, (0, 1), (5, 5)).await, Consumed::Now);
    assert_eq!(consumed(&other, (0, 2), (5, 0)).await, Consumed::ByAnother);
    assert_eq!(consumed(&other, (1, 1), (0, 0)).await, Consumed::Now);
    // everything so far has ended by this clock
    assert_eq!(
        consumed(&challenges, (2, 1), (10_000, 10_000)).await,
        Consumed::Now
    );
    for n in [0, 1] {
        let again = consume(&other, (n, 2), (5, 5)).await;
        assert!(!matches!(again, Ok(Consumed::Now)), "{again:?}");
    }
}

/// If there is little room (fewer than 2,000 challenges), a full memory refuses, forgets nothing for
/// it, and has room again when what it remembers has ended.
///
/// # Panics
/// When that does not hold.
pub async fn challenges_5_what_is_full_refuses<C: Challenges>(challenges: C) {
    let mut kept = Vec::new();
    for n in 0..MANY {
        if let Ok(consumed) = consume(&challenges, (n, 1), (0, 0)).await {
            assert_eq!(consumed, Consumed::Now);
            kept.push(n);
        }
    }
    assert!(!kept.is_empty(), "there is some room");
    assert!(kept.len() < MANY / 2, "{} were kept", kept.len());
    for n in kept {
        let other = consumed(&challenges, (n, 2), (0, 300)).await;
        assert_eq!(other, Consumed::ByAnother);
    }
    let later = consumed(&challenges, (MANY, 1), (1_000, 1_000)).await;
    assert_eq!(later, Consumed::Now);
}
