//! Checks that wait go together: while one batch is under way the next one is formed, and nobody
//! waits for company, nor for an answer longer than a queue's longest wait.

use crate::error::{Error, Failure};
use async_trait::async_trait;
use cacao::UnixTime;
use session_core::server::{ProofId, Remembered};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// The use of a proof.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Use {
    pub(crate) proof: ProofId,
    pub(crate) until: UnixTime,
    pub(crate) now: UnixTime,
}

/// Answers several at once.
#[async_trait]
pub(crate) trait Batch: Send + Sync + 'static {
    /// One answer for each, in their order; or a failure of all.
    async fn send(&self, uses: &[Use]) -> Result<Vec<Remembered>, Failure>;
}

type Answer = Result<Remembered, Failure>;

/// Those that wait. Clones share it.
#[derive(Clone)]
pub(crate) struct Queue {
    state: Arc<Mutex<State>>,
    most: usize,
    room: usize,
    max_wait: Duration,
}

#[derive(Default)]
struct State {
    /// Whether a batch is under way, whose sender takes those that wait next.
    is_busy: bool,
    waiting: VecDeque<(Use, oneshot::Sender<Answer>)>,
}

impl Queue {
    pub(crate) fn new(most: usize, room: usize, max_wait: Duration) -> Self {
        Self {
            state: Arc::default(),
            most,
            room,
            max_wait,
        }
    }

    /// Asks: at once if nothing is under way, else with the next batch.
    pub(crate) async fn ask(&self, batch: Arc<impl Batch>, this: Use) -> Answer {
        let answer = {
            let mut state = self.lock();
            if state.is_busy {
                if state.waiting.len() >= self.room {
                    return Err(Error::Crowded { waiting: self.room }.into());
                }
                let (sender, answer) = oneshot::channel();
                state.waiting.push_back((this, sender));
                Some(answer)
            } else {
                state.is_busy = true;
                None
            }
        };
        if let Some(answer) = answer {
            let after = self.max_wait;
            let answer = tokio::time::timeout(after, answer).await;
            // whoever has gone is not asked for: an engine that hangs does not keep those who come
            return answer.map_or_else(
                |_| {
                    Err(Failure {
                        error: Error::TimedOut { after },
                        is_unknown: true,
                    })
                },
                |answer| answer.unwrap_or_else(|_| Err(gone())),
            );
        }
        // also when this caller goes away
        let _turn = Turn {
            queue: self.clone(),
            batch: Arc::clone(&batch),
        };
        let mut said = batch.send(&[this]).await?;
        said.pop().ok_or_else(gone)
    }

    /// Sends batch after batch until nobody waits. What is made here knows when it is dropped
    /// before it began, too: a runtime that ends takes no tasks.
    fn drain(self, batch: Arc<impl Batch>) -> impl Future<Output = ()> + Send {
        let mut end = End(Some(self.clone()));
        async move {
            while let Some((uses, senders)) = self.next(&mut end) {
                match batch.send(&uses).await {
                    Ok(said) => {
                        for (sender, said) in senders.into_iter().zip(said) {
                            let _ = sender.send(Ok(said));
                        }
                    }
                    Err(failure) => {
                        for sender in senders {
                            let _ = sender.send(Err(failure.clone()));
                        }
                    }
                }
            }
        }
    }

    /// The next batch of those who still wait; without any the turn is over.
    fn next(&self, end: &mut End) -> Option<(Vec<Use>, Vec<oneshot::Sender<Answer>>)> {
        let mut state = self.lock();
        state.waiting.retain(|(_, sender)| !sender.is_closed());
        let most = self.most.min(state.waiting.len());
        if most == 0 {
            state.is_busy = false;
            end.0 = None;
            return None;
        }
        Some(state.waiting.drain(..most).unzip())
    }

    // nobody panics while holding it
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn gone() -> Failure {
    Failure {
        error: Error::Lost {
            problem: "the runtime of the batch has ended".to_owned(),
        },
        is_unknown: true,
    }
}

/// Hands the turn on when it is dropped.
struct Turn<B: Batch> {
    queue: Queue,
    batch: Arc<B>,
}

impl<B: Batch> Drop for Turn<B> {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        if state.waiting.is_empty() {
            state.is_busy = false;
            return;
        }
        drop(state);
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                let drain = self.queue.clone().drain(Arc::clone(&self.batch));
                runtime.spawn(drain);
            }
            Err(_) => drop(End(Some(self.queue.clone()))),
        }
    }
}

/// When a runtime ends, whoever waits is told, and whoever comes next has the turn.
struct End(Option<Queue>);

impl Drop for End {
    fn drop(&mut self) {
        let Some(queue) = self.0.take() else { return };
        let mut state = queue.lock();
        state.is_busy = false;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        drop(waiting);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::Semaphore;

    /// Counts what it is sent, and answers when it may.
    struct Counting {
        sizes: Mutex<Vec<usize>>,
        may: Semaphore,
    }

    #[async_trait]
    impl Batch for Counting {
        async fn send(&self, uses: &[Use]) -> Result<Vec<Remembered>, Failure> {
            self.sizes.lock().unwrap().push(uses.len());
            self.may.acquire().await.unwrap().forget();
            Ok(vec![Remembered::First; uses.len()])
        }
    }

    const LONG: Duration = Duration::from_secs(60);

    fn counting() -> (Queue, Arc<Counting>) {
        let counting = Counting {
            sizes: Mutex::default(),
            may: Semaphore::new(0),
        };
        (Queue::new(64, 200, LONG), Arc::new(counting))
    }

    fn one(n: usize) -> Use {
        Use {
            proof: ProofId::new("did:key:z6Mk", &n.to_string()),
            until: UnixTime::EPOCH,
            now: UnixTime::EPOCH,
        }
    }

    async fn settle() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    #[tokio::test]
    async fn those_that_wait_go_together() {
        let (queue, batch) = counting();
        let ask = |n| {
            let (queue, batch) = (queue.clone(), Arc::clone(&batch));
            tokio::spawn(async move { queue.ask(batch, one(n)).await })
        };
        let first = ask(0);
        settle().await;
        let others: Vec<_> = (1..=100).map(ask).collect();
        settle().await;
        assert_eq!(*batch.sizes.lock().unwrap(), [1]);
        batch.may.add_permits(3);
        for answer in std::iter::once(first).chain(others) {
            assert_eq!(answer.await.unwrap().unwrap(), Remembered::First);
        }
        assert_eq!(*batch.sizes.lock().unwrap(), [1, 64, 36]);
        // and the turn is free again
        batch.may.add_permits(1);
        assert!(queue.ask(Arc::clone(&batch), one(0)).await.is_ok());
    }

    #[tokio::test]
    async fn whoever_leads_may_go_away() {
        let (queue, batch) = counting();
        let ask = |n| {
            let (queue, batch) = (queue.clone(), Arc::clone(&batch));
            tokio::spawn(async move { queue.ask(batch, one(n)).await })
        };
        let leader = ask(0);
        settle().await;
        let gone = ask(1);
        let waits = ask(2);
        settle().await;
        gone.abort();
        leader.abort();
        settle().await;
        batch.may.add_permits(1);
        assert_eq!(waits.await.unwrap().unwrap(), Remembered::First);
        assert_eq!(
            *batch.sizes.lock().unwrap(),
            [1, 1],
            "who went is not asked for"
        );
    }

    /// An engine that stands still: each batch has its own time-out, and they add up.
    #[tokio::test]
    async fn each_who_waits_is_answered_in_time() {
        struct Hangs;

        #[async_trait]
        impl Batch for Hangs {
            async fn send(&self, _: &[Use]) -> Result<Vec<Remembered>, Failure> {
                let after = Duration::from_millis(100);
                tokio::time::sleep(after).await;
                Err(Error::TimedOut { after }.into())
            }
        }

        let queue = Queue::new(8, 1_000, Duration::from_millis(200));
        let batch = Arc::new(Hangs);
        let begun = tokio::time::Instant::now();
        let asks = (0..400).map(|n| queue.ask(Arc::clone(&batch), one(n)));
        let said = futures_util::future::join_all(asks).await;
        assert!(begun.elapsed() < Duration::from_secs(2), "{begun:?}");
        for answer in said {
            let error = answer.unwrap_err().error;
            assert!(matches!(error, Error::TimedOut { .. }), "{error:?}");
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(!queue.lock().is_busy, "who went is asked for");
    }

    #[tokio::test]
    async fn there_is_room_for_so_many() {
        let (queue, batch) = counting();
        let ask = |n| {
            let (queue, batch) = (queue.clone(), Arc::clone(&batch));
            tokio::spawn(async move { queue.ask(batch, one(n)).await })
        };
        let waiting: Vec<_> = (0..201).map(ask).collect();
        settle().await;
        let refused = queue.ask(Arc::clone(&batch), one(0)).await.unwrap_err();
        assert_eq!(refused.error, Error::Crowded { waiting: 200 });
        batch.may.add_permits(10);
        for answer in waiting {
            assert!(answer.await.unwrap().is_ok());
        }
    }

    #[test]
    fn a_runtime_that_ends_keeps_nobody_waiting() {
        let (queue, batch) = counting();
        let run = || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
        };
        let first = run();
        let leader = {
            let (queue, batch) = (queue.clone(), Arc::clone(&batch));
            first.spawn(async move { queue.ask(batch, one(0)).await })
        };
        first.block_on(settle());
        let waits = std::thread::spawn({
            let (queue, batch) = (queue.clone(), Arc::clone(&batch));
            move || run().block_on(queue.ask(batch, one(1)))
        });
        std::thread::sleep(Duration::from_millis(50));
        drop(first);
        drop(leader);
        let told = waits.join().unwrap();
        assert!(told.is_err() || told.is_ok());
        batch.may.add_permits(2);
        assert!(run().block_on(queue.ask(batch, one(2))).is_ok());
    }
}
