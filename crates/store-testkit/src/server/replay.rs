//! The contract of [`ReplayWindow`].

use super::{CALLERS, MANY, at};
use crate::runtime::together;
use session_core::server::{ProofId, Remembered, ReplayWindow};

fn proof(n: usize) -> ProofId {
    ProofId::new("did:key:z6Mk", &n.to_string())
}

/// Uses a proof that is fresh for a minute from `made`, at `now`.
async fn used<W: ReplayWindow>(window: &W, n: usize, made: i64, now: i64) -> Remembered {
    let remembered = window.remember(proof(n), at(made + 60), at(now)).await;
    remembered.expect("a window that can be written")
}

/// 1. Of any number of uses, at once or one after the other, exactly one is the first.
///
/// # Panics
/// When that does not hold.
pub async fn replay_1_of_many_uses_one_is_first<W>(window: W)
where
    W: ReplayWindow + Clone + 'static,
{
    for n in 0..50 {
        let uses = (0..CALLERS).map(|_| {
            let window = window.clone();
            async move { used(&window, n, 0, 0).await }
        });
        let uses = together(uses).await;
        let is_first = |remembered: &&Remembered| **remembered == Remembered::First;
        assert_eq!(uses.iter().filter(is_first).count(), 1, "{uses:?}");
        assert!(uses.iter().all(|one| *one != Remembered::TooOld));
        assert_eq!(used(&window, n, 0, 1).await, Remembered::Again);
    }
    // another key, another id: another proof
    for other in [
        ProofId::new("did:key:z6Mka", "0"),
        ProofId::new("did:key:z6Mk", "00"),
    ] {
        let remembered = window.remember(other, at(60), at(0)).await;
        assert_eq!(remembered.expect("a window"), Remembered::First);
    }
}

/// 2. Nothing is forgotten before its end, to the last second, whatever else is used.
///
/// # Panics
/// When that does not hold.
pub async fn replay_2_nothing_is_forgotten_before_its_end<W: ReplayWindow>(window: W) {
    for second in 0..=60 {
        let n = usize::try_from(second).expect("a small number");
        assert_eq!(used(&window, n, second, second).await, Remembered::First);
        for before in [0, n / 2, n] {
            let made = i64::try_from(before).expect("a small number");
            let again = used(&window, before, made, second).await;
            assert_eq!(again, Remembered::Again, "{before} after {second}");
        }
    }
}

/// 3. What may have been forgotten is too old, and never the first: a clock was set back.
///
/// # Panics
/// When that does not hold.
pub async fn replay_3_what_may_be_forgotten_is_never_first<W: ReplayWindow>(window: W) {
    assert_eq!(used(&window, 0, 0, 0).await, Remembered::First);
    // so many that every part of the window has a reason to forget
    for n in 1..2_000 {
        assert_eq!(used(&window, n, 10_000, 10_000).await, Remembered::First);
    }
    assert_ne!(used(&window, 0, 0, 0).await, Remembered::First);
    assert_eq!(used(&window, 1, 10_000, 10_000).await, Remembered::Again);
}

/// Two processes whose clocks are a few seconds apart share the window: neither brings back what
/// the other one saw, nor loses what it says itself.
///
/// # Panics
/// When that does not hold.
pub async fn replay_4_two_clocks_agree<W: ReplayWindow + Clone>(window: W) {
    let other = window.clone();
    for round in 0..20 {
        let n = usize::try_from(round).expect("a small number");
        let (early, late) = (10 * round, 10 * round + 5);
        assert_eq!(used(&window, 2 * n, late, late).await, Remembered::First);
        assert_eq!(used(&other, 2 * n, late, early).await, Remembered::Again);
        assert_eq!(
            used(&other, 2 * n + 1, early, early).await,
            Remembered::First
        );
        let again = used(&window, 2 * n + 1, early, late).await;
        assert_eq!(again, Remembered::Again);
    }
}

/// A window with little room (fewer than 2,000 proofs) refuses when it is full, forgets nothing
/// for it, and has room again when what it remembers has ended.
///
/// # Panics
/// When that does not hold.
pub async fn replay_5_a_full_window_refuses<W: ReplayWindow>(window: W) {
    let fill = async |from: usize, time: i64| {
        let mut kept = Vec::new();
        for n in from..from + MANY {
            match window.remember(proof(n), at(time + 60), at(time)).await {
                Ok(remembered) => {
                    assert_eq!(remembered, Remembered::First);
                    kept.push(n);
                }
                Err(_) => continue,
            }
        }
        kept
    };
    let kept = fill(0, 0).await;
    assert!(!kept.is_empty(), "there is some room");
    assert!(kept.len() < MANY / 2, "{} were kept", kept.len());
    for n in &kept {
        assert_eq!(used(&window, *n, 0, 30).await, Remembered::Again);
    }
    let again = fill(MANY, 1_000).await;
    assert!(again.len() >= kept.len() / 2, "{} were kept", again.len());
    assert!(again.len() < MANY / 2, "{} were kept", again.len());
}

/// A memory that ends with its process says since when it remembers, and no two say the same.
///
/// # Panics
/// When that does not hold.
pub async fn replay_6_a_beginning_is_named_once<W: ReplayWindow + Clone>(one: W, other: W) {
    assert_eq!(one.memory(), one.clone().memory());
    if let (Some(one), Some(other)) = (one.memory(), other.memory()) {
        assert_ne!(one.id, other.id);
    }
}
