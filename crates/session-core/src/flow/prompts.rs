//! Callers of one process who want the same account: one asks the wallet, the others wait for what
//! becomes of it.

use crate::ask::Request;
use crate::error::Error;
use crate::store::SlotId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// What became of a prompt: a session was stored, or the error that everybody gets who asked for
/// the same.
pub type Outcome = Result<(), Error>;

/// The prompts that are open in this process. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Prompts(Arc<Mutex<HashMap<SlotId, Open>>>);

#[derive(Debug)]
struct Open {
    asked: Request,
    room: Arc<Room>,
}

/// Where the callers wait who want one prompt.
#[derive(Debug, Default)]
struct Room(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    ended: Option<End>,
    wakers: Vec<Waker>,
}

#[derive(Clone, Debug)]
enum End {
    Outcome(Outcome),
    /// The leader went away without one.
    Gone,
}

/// What a caller who wants a prompt is to do.
#[derive(Debug)]
pub enum Joined {
    /// Ask the wallet.
    Lead(Lead),
    /// Wait for the one who does.
    Wait(Waiter),
}

impl Prompts {
    /// Takes the lead for a slot, if nobody has it. Whoever waits is told the outcome if it asks
    /// for the same.
    #[must_use]
    pub fn join(&self, slot: &SlotId, asked: &Request) -> Joined {
        let mut open = lock(&self.0);
        if let Some(open) = open.get(slot) {
            return Joined::Wait(Waiter {
                room: Arc::clone(&open.room),
                same: open.asked == *asked,
            });
        }
        let room = Arc::<Room>::default();
        let entry = Open {
            asked: asked.clone(),
            room: Arc::clone(&room),
        };
        open.insert(slot.clone(), entry);
        Joined::Lead(Lead {
            prompts: self.clone(),
            slot: slot.clone(),
            room,
        })
    }
}

/// The right to ask, within this process. Dropped without an outcome (the caller was cancelled),
/// it lets a waiter take over.
#[derive(Debug)]
pub struct Lead {
    prompts: Prompts,
    slot: SlotId,
    room: Arc<Room>,
}

impl Lead {
    /// Tells those who wait what became of the prompt.
    pub fn finish(self, outcome: Outcome) {
        self.room.end(End::Outcome(outcome));
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        // nobody may join a room that is about to be empty
        lock(&self.prompts.0).remove(&self.slot);
        self.room.end(End::Gone);
    }
}

/// One who waits for somebody else's prompt.
#[derive(Debug)]
pub struct Waiter {
    room: Arc<Room>,
    same: bool,
}

impl Waiter {
    /// The end of the prompt: its outcome where this caller asks for the same, else `None` inside.
    pub fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Outcome>> {
        let mut waiting = lock(&self.room.0);
        match &waiting.ended {
            Some(End::Outcome(outcome)) if self.same => Poll::Ready(Some(outcome.clone())),
            Some(_) => Poll::Ready(None),
            None => {
                let waker = context.waker();
                if !waiting.wakers.iter().any(|known| known.will_wake(waker)) {
                    waiting.wakers.push(waker.clone());
                }
                Poll::Pending
            }
        }
    }
}

impl Room {
    /// Ends the prompt, once, and wakes everybody.
    fn end(&self, end: End) {
        let wakers = {
            let mut waiting = lock(&self.0);
            waiting.ended.get_or_insert(end);
            std::mem::take(&mut waiting.wakers)
        };
        for waker in wakers {
            waker.wake();
        }
    }
}

/// Nobody panics while holding one of these; were it so, what they hold is still whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
