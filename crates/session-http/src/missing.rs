//! Capabilities that the shared store did not have a moment ago, so that a client that asks and
//! asks costs it nothing.

use dag_jws::Cid;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// For a few seconds the store is asked for one CID a few times only: more than once, since the
/// capability may be registered in the meantime, with another process.
#[derive(Debug, Default)]
pub(crate) struct Missing(Mutex<Window>);

#[derive(Debug, Default)]
struct Window {
    began: Duration,
    asked: HashMap<Cid, u32>,
}

impl Missing {
    const LIFE: Duration = Duration::from_secs(2);
    const TIMES: u32 = 3;
    const CAPACITY: usize = 10_000;

    /// Whether the store should not be asked. `now` is that of a clock that never goes back.
    pub(crate) fn is_known_to_be(&self, cid: &Cid, now: Duration) -> bool {
        let window = self.current(now);
        window
            .asked
            .get(cid)
            .is_some_and(|times| *times >= Self::TIMES)
    }

    /// The store did not have it.
    pub(crate) fn note(&self, cid: &Cid, now: Duration) {
        let mut window = self.current(now);
        // forgetting costs a question
        if window.asked.len() >= Self::CAPACITY {
            window.asked.clear();
        }
        *window.asked.entry(*cid).or_default() += 1;
    }

    /// It was registered.
    pub(crate) fn forget(&self, cid: &Cid, now: Duration) {
        self.current(now).asked.remove(cid);
    }

    fn current(&self, now: Duration) -> std::sync::MutexGuard<'_, Window> {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_sub(window.began) > Self::LIFE {
            window.began = now;
            window.asked.clear();
        }
        window
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_is_asked_a_few_times_and_again_later() {
        let missing = Missing::default();
        let cid = cacao::car::dag_cbor_cid(b"x");
        let now = Duration::from_secs(10);
        for _ in 0..3 {
            assert!(!missing.is_known_to_be(&cid, now));
            missing.note(&cid, now);
        }
        assert!(missing.is_known_to_be(&cid, now));
        assert!(missing.is_known_to_be(&cid, now + Missing::LIFE));
        let later = now + Missing::LIFE + Duration::from_nanos(1);
        assert!(!missing.is_known_to_be(&cid, later));
    }

    #[test]
    fn what_is_registered_is_asked_for_again() {
        let missing = Missing::default();
        let [cid, other] = [b"x", b"y"].map(|block| cacao::car::dag_cbor_cid(block));
        let now = Duration::from_secs(10);
        for _ in 0..Missing::TIMES {
            missing.note(&cid, now);
            missing.note(&other, now);
        }
        missing.forget(&cid, now);
        assert!(!missing.is_known_to_be(&cid, now));
        assert!(missing.is_known_to_be(&other, now));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let missing = Missing::default();
        let now = Duration::from_secs(10);
        let cid = |n: usize| cacao::car::dag_cbor_cid(&n.to_be_bytes());
        for n in 0..Missing::CAPACITY {
            missing.note(&cid(n), now);
        }
        let len = || missing.current(now).asked.len();
        assert_eq!(len(), Missing::CAPACITY);
        missing.note(&cid(Missing::CAPACITY), now);
        assert_eq!(len(), 1);
    }
}
