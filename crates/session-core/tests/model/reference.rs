//! The model: what `get` promises, written down over numbers. No capability, no signature, no
//! lock; a caller is a point in the one flow.

use crate::script::{self, Answer, DEFAULT_LIFE, ISSUERS, PROCESSES, Transition, Wish};
use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;
use std::collections::VecDeque;

/// The policy's skew, in seconds.
const SKEW: i64 = 300;

/// A session that somebody stored; sessions differ by their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) number: usize,
    pub(crate) resources: u8,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
}

/// What lies in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Empty,
    Session(Session),
    /// Each time somebody damages it, it is another content.
    Damaged(usize),
}

/// What `get` answered.
pub(crate) type Outcome = Result<usize, &'static str>;

/// Where a caller stands: what it does in its next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum At {
    Start,
    Find,
    /// Another caller of the same process has the lead: by its number.
    Wait(usize),
    Lock,
    Queue,
    Reload,
    Generate(Slot),
    Prompt(Slot, Prompt),
    Save(Slot, Session),
    Recheck,
    Done(Outcome),
    Cancelled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prompt {
    session: Session,
    answer: Option<Answer>,
}

#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) process: usize,
    pub(crate) issuer: usize,
    pub(crate) wish: Wish,
    pub(crate) at: At,
    /// What those who waited for this one are told, when it ended by itself.
    told: Option<Result<(), &'static str>>,
}

#[derive(Clone, Debug, Default)]
struct PromptLock {
    holder: Option<usize>,
    queue: VecDeque<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) now: i64,
    pub(crate) slots: [Slot; ISSUERS],
    pub(crate) callers: Vec<Caller>,
    /// How many sessions were asked for or made so far.
    pub(crate) sessions: usize,
    /// How often each wallet was asked.
    pub(crate) asked: [usize; ISSUERS],
    lead: [[Option<usize>; ISSUERS]; PROCESSES],
    locks: [PromptLock; ISSUERS],
    damages: usize,
    next_save_fails: bool,
}

/// Whether a slot's content serves a wish: its number, when it does.
pub(crate) fn usable(slot: Slot, wish: &Wish, now: i64) -> Option<usize> {
    let Slot::Session(session) = slot else {
        return None;
    };
    let life = (session.exp - session.iat).max(0);
    // tenths of seconds, so that a tenth of a life is a whole number
    let margin = life.min(600);
    let begun = session.iat <= now + SKEW;
    let lasts = session.exp * 10 - margin >= now * 10;
    let covers = wish.resources & !session.resources == 0;
    let exact = !wish.exact || wish.resources == session.resources;
    let short = wish.life.is_none_or(|life| session.exp <= now + life);
    (begun && lasts && covers && exact && short).then_some(session.number)
}

impl Model {
    fn step(&mut self, id: usize) {
        let Caller {
            process,
            issuer,
            wish,
            at,
            ..
        } = self.callers[id].clone();
        let next = match at.clone() {
            At::Start => At::Find,
            At::Find => match usable(self.slots[issuer], &wish, self.now) {
                Some(number) => At::Done(Ok(number)),
                None => match self.lead[process][issuer] {
                    Some(leader) => At::Wait(leader),
                    None => {
                        self.lead[process][issuer] = Some(id);
                        At::Lock
                    }
                },
            },
            At::Wait(leader) => match (&self.callers[leader].at, self.callers[leader].told) {
                // a decline of something else says nothing about this
                (At::Done(_), Some(Err(code))) if self.callers[leader].wish == wish => {
                    At::Done(Err(code))
                }
                (At::Done(_) | At::Cancelled, _) => At::Find,
                _ => At::Wait(leader),
            },
            At::Lock => {
                let lock = &mut self.locks[issuer];
                if lock.holder.is_none() {
                    lock.holder = Some(id);
                    At::Reload
                } else {
                    lock.queue.push_back(id);
                    At::Queue
                }
            }
            At::Queue if self.locks[issuer].holder == Some(id) => At::Reload,
            At::Queue => At::Queue,
            At::Reload => match usable(self.slots[issuer], &wish, self.now) {
                Some(number) => At::Done(Ok(number)),
                None => At::Generate(self.slots[issuer]),
            },
            At::Generate(seen) => {
                self.asked[issuer] += 1;
                At::Prompt(
                    seen,
                    Prompt {
                        session: self.new_session(&wish),
                        answer: None,
                    },
                )
            }
            At::Prompt(seen, prompt) => match prompt.answer {
                None => At::Prompt(seen, prompt),
                Some(answer) => match judge(answer, prompt.session, self.now) {
                    Ok(session) => At::Save(seen, session),
                    Err(code) => At::Done(Err(code)),
                },
            },
            At::Save(seen, session) => {
                if std::mem::take(&mut self.next_save_fails) {
                    At::Done(Err("store_failed"))
                } else if self.slots[issuer] == seen {
                    self.slots[issuer] = Slot::Session(session);
                    At::Done(Ok(session.number))
                } else {
                    At::Recheck
                }
            }
            At::Recheck => {
                At::Done(usable(self.slots[issuer], &wish, self.now).ok_or("store_conflict"))
            }
            ref ended @ (At::Done(_) | At::Cancelled) => ended.clone(),
        };
        if matches!(next, At::Done(_)) {
            let shared = match (&at, &next) {
                (At::Prompt(..), At::Done(Err(code))) => Err(*code),
                _ => Ok(()),
            };
            self.callers[id].told = Some(shared);
            self.leave(id);
        }
        self.callers[id].at = next;
    }

    fn new_session(&mut self, wish: &Wish) -> Session {
        self.sessions += 1;
        Session {
            number: self.sessions - 1,
            resources: wish.resources,
            iat: self.now,
            exp: self.now + wish.life.unwrap_or(DEFAULT_LIFE),
        }
    }

    /// The caller holds nothing any more.
    fn leave(&mut self, id: usize) {
        let Caller {
            process, issuer, ..
        } = self.callers[id];
        let lock = &mut self.locks[issuer];
        lock.queue.retain(|waiting| *waiting != id);
        if lock.holder == Some(id) {
            lock.holder = lock.queue.pop_front();
        }
        if self.lead[process][issuer] == Some(id) {
            self.lead[process][issuer] = None;
        }
    }

    /// The caller whose prompt is open at this issuer's wallet.
    pub(crate) fn asking(&self, issuer: usize) -> Option<usize> {
        self.callers.iter().position(|caller| {
            caller.issuer == issuer
                && matches!(&caller.at, At::Prompt(_, prompt) if prompt.answer.is_none())
        })
    }
}

/// What becomes of an answer; the session that it grants.
fn judge(answer: Answer, asked: Session, now: i64) -> Result<Session, &'static str> {
    let mut session = asked;
    match answer {
        Answer::Decline => return Err("declined"),
        Answer::Fail => return Err("wallet_failed"),
        Answer::OtherNonce => return Err("answer_differs"),
        Answer::SignShorter => session.exp = session.exp.min(session.iat + 300),
        Answer::Longer => session.exp += 1,
        Answer::Sign | Answer::OtherAccount => {}
    }
    if session.iat > now + SKEW {
        Err("answer_not_issued_now")
    } else if answer == Answer::Longer {
        Err("answer_lasts_too_long")
    } else if session.exp <= now {
        Err("answer_expired")
    } else if answer == Answer::OtherAccount {
        Err("signature_mismatch")
    } else {
        Ok(session)
    }
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Transition;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self {
            now: 1_700_000_000,
            slots: [Slot::Empty; ISSUERS],
            callers: Vec::new(),
            sessions: 0,
            asked: [0; ISSUERS],
            lead: Default::default(),
            locks: Default::default(),
            damages: 0,
            next_save_fails: false,
        })
        .boxed()
    }

    fn transitions(state: &Self) -> BoxedStrategy<Transition> {
        script::any(state.callers.len())
    }

    fn preconditions(state: &Self, transition: &Transition) -> bool {
        match transition {
            Transition::Call { .. } => state.callers.len() < 12,
            Transition::Step(id) | Transition::Cancel(id) => state
                .callers
                .get(*id)
                .is_some_and(|caller| !matches!(caller.at, At::Done(_) | At::Cancelled)),
            Transition::Answer(issuer, _) => state.asking(*issuer).is_some(),
            Transition::Damage(issuer) => state.slots[*issuer] != Slot::Empty,
            _ => true,
        }
    }

    fn apply(mut state: Self, transition: &Transition) -> Self {
        match transition {
            Transition::Call {
                process,
                issuer,
                wish,
            } => state.callers.push(Caller {
                process: *process,
                issuer: *issuer,
                wish: *wish,
                at: At::Start,
                told: None,
            }),
            Transition::Step(id) => state.step(*id),
            Transition::Cancel(id) => {
                state.leave(*id);
                state.callers[*id].at = At::Cancelled;
            }
            Transition::Answer(issuer, answer) => {
                let asking = state.asking(*issuer).unwrap();
                if let At::Prompt(_, prompt) = &mut state.callers[asking].at {
                    prompt.answer = Some(*answer);
                }
            }
            Transition::LogOut { issuer, .. } => state.slots[*issuer] = Slot::Empty,
            Transition::StoreForeign { issuer, wish } => {
                state.slots[*issuer] = Slot::Session(state.new_session(wish));
            }
            Transition::Damage(issuer) => {
                state.damages += 1;
                state.slots[*issuer] = Slot::Damaged(state.damages);
            }
            Transition::BreakNextSave => state.next_save_fails = true,
            Transition::Clock(by) => state.now += by,
            Transition::Ask { .. } => {}
        }
        state
    }
}
