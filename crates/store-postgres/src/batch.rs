//! Questions that wait for an answer are asked in one batch: what is asked while a statement is
//! under way goes with the next one. Whoever asks alone waits for nobody; of those who wait there are
//! so many at most, and none waits longer than a queue's longest wait.

use crate::error::Error;
use async_trait::async_trait;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// How questions are asked, many at once.
#[async_trait]
pub(crate) trait Ask: Send + Sync + 'static {
    type Question: Send + 'static;
    type Answer: Send + 'static;

    /// Asks all of them in one statement; the answers have the order of the questions.
    async fn ask(&self, questions: Vec<Self::Question>) -> Result<Vec<Self::Answer>, Error>;
}

/// Most questions in one statement.
const MOST: usize = 1024;

/// Most questions that wait.
const ROOM: usize = 16_384;

/// Questions on their way. Clones share them.
pub(crate) struct Batches<A: Ask>(Arc<Shared<A>>);

struct Shared<A: Ask> {
    asker: A,
    max_wait: Duration,
    queue: Mutex<Queue<A>>,
}

type Reply<A> = oneshot::Sender<Result<<A as Ask>::Answer, Error>>;

struct Queue<A: Ask> {
    /// Whether somebody asks, and will ask what waits next.
    is_busy: bool,
    waiting: VecDeque<(A::Question, Reply<A>)>,
}

impl<A: Ask> Batches<A> {
    /// Whoever waits for a statement that is under way waits so long at most, for that one and
    /// for their own.
    pub(crate) fn new(asker: A, max_wait: Duration) -> Self {
        Self(Arc::new(Shared {
            asker,
            max_wait,
            queue: Mutex::new(Queue {
                is_busy: false,
                waiting: VecDeque::new(),
            }),
        }))
    }

    pub(crate) fn asker(&self) -> &A {
        &self.0.asker
    }

    /// Asks, together with others where a statement is under way.
    pub(crate) async fn ask(&self, question: A::Question) -> Result<A::Answer, Error> {
        let waiting = {
            let mut queue = self.0.queue();
            if queue.is_busy {
                if queue.waiting.len() >= ROOM {
                    return Err(Error::Crowded { waiting: ROOM });
                }
                let (reply, answer) = oneshot::channel();
                queue.waiting.push_back((question, reply));
                Ok(answer)
            } else {
                queue.is_busy = true;
                Err(question)
            }
        };
        match waiting {
            // the batch goes on without whoever began it: nobody else's end is ours
            Ok(answer) => {
                let max_wait = self.0.max_wait;
                let answer = tokio::time::timeout(max_wait, answer).await;
                // whoever has gone is not asked for: what hangs does not keep those who come
                answer.map_or(Err(Error::Late { max_wait }), |answer| {
                    answer.unwrap_or(Err(Error::Lost))
                })
            }
            Err(question) => {
                let turn = Turn(Arc::clone(&self.0));
                let answers = self.0.asker.ask(vec![question]).await;
                drop(turn);
                answers?.pop().ok_or_else(too_few)
            }
        }
    }
}

/// Whoever asks alone, until there is an answer or it is given up: then what waits is asked by a
/// task of its own.
struct Turn<A: Ask>(Arc<Shared<A>>);

impl<A: Ask> Drop for Turn<A> {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        if queue.waiting.is_empty() {
            queue.is_busy = false;
            return;
        }
        drop(queue);
        let rest = Rest {
            shared: Arc::clone(&self.0),
            is_done: false,
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(rest.ask())),
            Err(_) => drop(rest),
        }
    }
}

/// Who asks what waits, batch by batch. Dropped with its runtime, it gives up what waits.
struct Rest<A: Ask> {
    shared: Arc<Shared<A>>,
    is_done: bool,
}

impl<A: Ask> Rest<A> {
    async fn ask(mut self) {
        loop {
            let (questions, replies): (Vec<_>, Vec<_>) = {
                let mut queue = self.shared.queue();
                let many = queue.waiting.len().min(MOST);
                if many == 0 {
                    queue.is_busy = false;
                    self.is_done = true;
                    return;
                }
                // whoever has gone is not asked for
                let waiting = queue.waiting.drain(..many);
                waiting.filter(|(_, reply)| !reply.is_closed()).unzip()
            };
            if questions.is_empty() {
                continue;
            }
            match self.shared.asker.ask(questions).await {
                Ok(answers) => {
                    let mut answers = answers.into_iter();
                    for reply in replies {
                        let _ = reply.send(answers.next().ok_or_else(too_few));
                    }
                }
                Err(error) => {
                    for reply in replies {
                        let _ = reply.send(Err(error.clone()));
                    }
                }
            }
        }
    }
}

impl<A: Ask> Drop for Rest<A> {
    fn drop(&mut self) {
        if !self.is_done {
            let mut queue = self.shared.queue();
            queue.is_busy = false;
            queue.waiting.clear();
        }
    }
}

fn too_few() -> Error {
    Error::answer("it answers less than was asked")
}

impl<A: Ask> Shared<A> {
    fn queue(&self) -> MutexGuard<'_, Queue<A>> {
        // nobody panics while holding it; were it so, it is still a queue
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<A: Ask> Clone for Batches<A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<A: Ask> fmt::Debug for Batches<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batches")
            .field("waiting", &self.0.queue().waiting.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;

    /// A server that stands still: each statement has its own time-out, and they add up.
    struct Hangs;

    #[async_trait]
    impl Ask for Hangs {
        type Question = usize;
        type Answer = ();

        async fn ask(&self, _: Vec<usize>) -> Result<Vec<()>, Error> {
            let max_wait = Duration::from_millis(500);
            tokio::time::sleep(max_wait).await;
            Err(Error::Late { max_wait })
        }
    }

    #[tokio::test]
    async fn each_who_waits_is_answered_in_time_and_there_is_room_for_so_many() {
        let batches = Batches::new(Hangs, Duration::from_millis(700));
        let begun = tokio::time::Instant::now();
        let said = join_all((0..ROOM + 2).map(|n| batches.ask(n))).await;
        // less than 17 statements, one after the other
        assert!(begun.elapsed() < Duration::from_secs(5), "{begun:?}");
        let crowded = |error: &Error| matches!(error, Error::Crowded { .. });
        let errors: Vec<_> = said.into_iter().map(Result::unwrap_err).collect();
        assert_eq!(errors.iter().filter(|error| crowded(error)).count(), 1);
        let late = |error: &Error| matches!(error, Error::Late { .. });
        assert_eq!(errors.iter().filter(|error| late(error)).count(), ROOM + 1);
    }
}
