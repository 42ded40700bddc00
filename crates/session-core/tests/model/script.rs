//! What can happen: the transitions, and how they are drawn.

use proptest::prelude::*;
use std::time::Duration;

pub(crate) const PROCESSES: usize = 2;
pub(crate) const ISSUERS: usize = 2;
pub(crate) const RESOURCES: [&str; 3] = ["ceramic://*?model=a", "ceramic://*?model=b", "urn:c"];
pub(crate) const DEFAULT_LIFE: i64 = 7 * 24 * 3600;

/// What a caller wishes. Times are seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    /// One bit for each of [`RESOURCES`].
    pub(crate) resources: u8,
    pub(crate) life: Option<i64>,
    pub(crate) exact: bool,
}

/// How a wallet answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Sign,
    /// For a life of five minutes at most.
    SignShorter,
    Decline,
    Fail,
    /// The user has switched to another account.
    OtherAccount,
    /// Another nonce than asked for.
    OtherNonce,
    /// For a longer life than asked for.
    Longer,
}

#[derive(Clone, Debug)]
pub(crate) enum Transition {
    /// Somebody calls `get`; nothing has run yet.
    Call {
        process: usize,
        issuer: usize,
        wish: Wish,
    },
    /// The caller goes on until it must wait for something.
    Step(usize),
    /// The caller goes away.
    Cancel(usize),
    /// The open prompt of this issuer's wallet is answered.
    Answer(usize, Answer),
    LogOut {
        process: usize,
        issuer: usize,
    },
    /// Somebody who takes no locks stores a session: another program.
    StoreForeign {
        issuer: usize,
        wish: Wish,
    },
    /// What lies there becomes unreadable.
    Damage(usize),
    /// The next save fails.
    BreakNextSave,
    /// The clock is set forwards or back, by seconds.
    Clock(i64),
    /// `has_session_for` is asked.
    Ask {
        process: usize,
        issuer: usize,
        wish: Wish,
    },
}

pub(crate) fn lifetime(wish: &Wish) -> Option<Duration> {
    wish.life
        .map(|secs| Duration::from_secs(secs.unsigned_abs()))
}

fn wish() -> impl Strategy<Value = Wish> {
    let life = prop_oneof![
        4 => Just(None),
        1 => Just(Some(120)),
        1 => Just(Some(3_600)),
        1 => Just(Some(24 * 3_600)),
    ];
    (1_u8..8, life, prop::bool::weighted(0.2)).prop_map(|(resources, life, exact)| Wish {
        resources,
        life,
        exact,
    })
}

/// Transitions for a world with so many callers.
pub(crate) fn any(callers: usize) -> BoxedStrategy<Transition> {
    let clock = prop_oneof![
        Just(1),
        Just(11),
        Just(59),
        Just(109),
        Just(299),
        Just(3_541),
        Just(86_400),
        Just(8 * 86_400),
        Just(-1),
        Just(-60),
        Just(-301),
        Just(-2 * 86_400),
    ];
    let answer = prop_oneof![
        6 => Just(Answer::Sign),
        1 => Just(Answer::SignShorter),
        2 => Just(Answer::Decline),
        1 => Just(Answer::Fail),
        1 => Just(Answer::OtherAccount),
        1 => Just(Answer::OtherNonce),
        1 => Just(Answer::Longer),
    ];
    let (p, i) = (0..PROCESSES, 0..ISSUERS);
    let last = callers.max(1);
    prop_oneof![
        6 => (p.clone(), i.clone(), wish())
            .prop_map(|(process, issuer, wish)| Transition::Call { process, issuer, wish }),
        24 => (0..last).prop_map(Transition::Step),
        1 => (0..last).prop_map(Transition::Cancel),
        6 => (i.clone(), answer).prop_map(|(issuer, answer)| Transition::Answer(issuer, answer)),
        1 => (p.clone(), i.clone())
            .prop_map(|(process, issuer)| Transition::LogOut { process, issuer }),
        1 => (i.clone(), wish())
            .prop_map(|(issuer, wish)| Transition::StoreForeign { issuer, wish }),
        1 => i.clone().prop_map(Transition::Damage),
        1 => Just(Transition::BreakNextSave),
        2 => clock.prop_map(Transition::Clock),
        2 => (p, i, wish())
            .prop_map(|(process, issuer, wish)| Transition::Ask { process, issuer, wish }),
    ]
    .boxed()
}
