//! Processes that are killed with `kill -9` at any moment while they save, remove and reserve prompts:
//! nothing that was acknowledged is lost, and a prompt that a dead process had is free after its time.

use crate::killed::{Content, DONE, REMOVES, SAVES, Witness, kill_workers, say};
use session_core::{ExpectedSlot, SessionStore, Slot, SlotId, StoreError};
use std::process::Command;
use std::time::{Duration, Instant};
use store_testkit::fixtures::TestIssuer;
use tokio::runtime::Runtime;

/// How long a prompt stays reserved for a process that died: the lease of the stores that are opened.
pub const TTL: Duration = Duration::from_millis(400);
const WORKERS: u64 = 4;

/// Which worker this process is, where it is one; a test that is not does nothing.
#[must_use]
pub fn worker() -> Option<u64> {
    variable("WORKER").parse().ok()
}

/// What a variable of the environment says, which the parent of this process has set.
#[must_use]
pub fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// What a worker is called.
#[must_use]
pub fn name_of(worker: u64) -> String {
    format!("worker-{worker}")
}

fn slot(worker: u64) -> SlotId {
    TestIssuer::ethereum().slot_in(&name_of(worker))
}

/// In a worker: saves, removes and reserves in its own slot until it is killed, and says what it does.
pub async fn work_for_ever<S: SessionStore>(store: S, worker: u64) {
    let (slot, mut n): (_, u64) = (slot(worker), variable("NEXT").parse().unwrap());
    let issuer = TestIssuer::ethereum();
    for round in 0_u64.. {
        let lock = match round % 3 {
            // on a busy machine an answer may come too late
            0 => store.lock_prompt(&slot, TTL * 10).await.ok(),
            _ => None,
        };
        if round % 4 == 3 {
            say(REMOVES);
            store.remove(&slot, ExpectedSlot::Anything).await.unwrap();
        } else {
            let record = issuer.record(&store, &format!("nonce{n:06}")).await;
            say(&format!("{SAVES}{n}"));
            let saved = store.save(&slot, &record, ExpectedSlot::Anything);
            saved.await.unwrap();
            n += 1;
        }
        say(DONE);
        if let Some(lock) = lock {
            lock.release().await;
        }
    }
}

/// A run over one engine. It asks the store past whatever is killed.
#[derive(Debug)]
pub struct Run<S, F> {
    /// What is said of the figures.
    pub what: &'static str,
    /// Outside of any other runtime.
    pub runtime: Runtime,
    /// Of [`TTL`].
    pub store: S,
    /// The name of the test that calls [`work_for_ever`].
    pub child: &'static str,
    /// What that test needs to open its store.
    pub variables: Vec<(&'static str, String)>,
    /// Waits until nothing is on its way any more that this worker has sent.
    pub settle: F,
}

impl<S: SessionStore, F: Fn(&Runtime, u64)> Run<S, F> {
    /// Kills so many processes as the variable says, or else a few; prints what came of it.
    pub fn kill(&self, variable: &str, few: u64) {
        let kills = self::variable(variable).parse().unwrap_or(few);
        let journals = tempfile::tempdir().unwrap();
        let began = Instant::now();
        let figures = kill_workers(self, WORKERS, kills, journals.path());
        println!("{}: {figures}; {:?}", self.what, began.elapsed());
        assert_eq!(figures.kills, kills);
        assert!(figures.acknowledged > kills, "{figures}");
    }
}

impl<S: SessionStore, F: Fn(&Runtime, u64)> Witness for Run<S, F> {
    fn worker(&self, worker: u64, next: u64) -> Command {
        let mut command = crate::this_test(self.child);
        command.envs(self.variables.iter().cloned());
        command.env("WORKER", worker.to_string());
        command.env("NEXT", next.to_string());
        command
    }

    fn settle(&self, worker: u64) {
        (self.settle)(&self.runtime, worker);
    }

    fn content(&self, worker: u64) -> Content {
        let loaded = self.runtime.block_on(self.store.load(&slot(worker)));
        match loaded.unwrap() {
            Slot::Empty => None,
            Slot::Record { record, .. } => {
                let nonce = record.capability().payload().nonce();
                Some(nonce.strip_prefix("nonce").unwrap().parse().unwrap())
            }
            Slot::Unreadable { source, .. } => panic!("{source}"),
        }
    }

    fn await_prompt(&self, worker: u64) -> bool {
        let slot = slot(worker);
        self.runtime.block_on(async {
            let at_once = self.store.lock_prompt(&slot, Duration::ZERO).await;
            let is_reserved = matches!(at_once, Err(StoreError::Busy { .. }));
            if let Ok(lock) = at_once {
                lock.release().await;
                return false;
            }
            let began = Instant::now();
            let lock = loop {
                match self.store.lock_prompt(&slot, TTL * 10).await {
                    Ok(lock) => break lock,
                    // on a busy machine an answer may come too late
                    Err(error) => assert!(began.elapsed() < TTL * 20, "{error}"),
                }
            };
            lock.release().await;
            is_reserved
        })
    }
}
