//! Processes that are killed at any moment, and what they have said of what they did.

use std::fmt;
use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// What lies in the slot of a worker: the number of what it saved last, or nothing.
pub type Content = Option<u64>;

const SIGKILL: i32 = 9;

/// What a worker says before it changes its slot: it puts this number there.
pub const SAVES: &str = "saves ";
/// What a worker says before it empties its slot.
pub const REMOVES: &str = "removes";
/// What a worker says once the change was acknowledged.
pub const DONE: &str = "done";

/// In a worker: says it on a line of its own, at once.
pub fn say(what: &str) {
    println!("\n{what}");
}

/// What came of a run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Killed {
    /// How many processes were killed.
    pub kills: u64,
    /// How many of them in the middle of a change.
    pub interrupted: u64,
    /// How many of those changes had taken effect.
    pub took_effect: u64,
    /// How many slots were found empty.
    pub empty: u64,
    /// How many changes were acknowledged.
    pub acknowledged: u64,
    /// How many died while they might ask the wallet, which was still reserved for them.
    pub reserved: u64,
}

impl fmt::Display for Killed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kills,
            interrupted,
            took_effect,
            empty,
            acknowledged,
            reserved,
        } = self;
        write!(
            f,
            "{kills} kills, {interrupted} in the middle of a change ({took_effect} had taken \
             effect), {empty} found the slot empty, {reserved} left a prompt reserved, which was \
             free after its time; {acknowledged} changes acknowledged, none lost"
        )
    }
}

/// What the parent of killed processes knows of their store.
pub trait Witness {
    /// The process of a worker, which saves numbers from this one on.
    fn worker(&self, worker: u64, next: u64) -> Command;

    /// Waits until nothing that a dead worker has sent is on its way any more: the engine may be about
    /// to do what nobody waits for.
    fn settle(&self, worker: u64);

    /// What lies in the slot of a worker now.
    fn content(&self, worker: u64) -> Content;

    /// Waits until the prompt of a worker that died is free, and fails when it is not free in time;
    /// answers whether it was reserved at first.
    fn await_prompt(&self, worker: u64) -> bool;
}

/// Kills so many processes, one of several at a time, at moments that chance chooses.
///
/// # Panics
/// When something that was acknowledged is lost, something else lies there, or a process fails.
pub fn kill_workers(witness: &impl Witness, workers: u64, kills: u64, journals: &Path) -> Killed {
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let start = |worker, known, next| {
        let journal = journals.join(format!("journal-{worker}"));
        Worker::start(witness.worker(worker, next), journal, known, next)
    };
    let mut living: Vec<_> = (0..workers)
        .map(|worker| (worker, start(worker, None, 1)))
        .collect();
    let mut figures = Killed::default();
    let mut check = |worker: u64, process: Worker| {
        let death = process.kill();
        witness.settle(worker);
        let found = witness.content(worker);
        let possible = &death.possible;
        assert!(
            possible.contains(&found),
            "{worker}: {found:?} of {possible:?}"
        );
        figures.kills += 1;
        figures.interrupted += u64::from(possible.len() > 1);
        figures.took_effect += u64::from(possible.len() > 1 && possible.first() != Some(&found));
        figures.empty += u64::from(found.is_none());
        figures.acknowledged += death.acknowledged;
        figures.reserved += u64::from(witness.await_prompt(worker));
        (found, death.next)
    };
    for _ in 0..kills.saturating_sub(workers) {
        std::thread::sleep(Duration::from_millis(dice.below(60)));
        let chosen = usize::try_from(dice.below(workers)).unwrap_or_default();
        let (worker, process) = living.swap_remove(chosen);
        let (found, next) = check(worker, process);
        living.push((worker, start(worker, found, next)));
    }
    for (worker, process) in living {
        check(worker, process);
    }
    figures
}

/// A process that works until it is killed.
struct Worker {
    process: Child,
    journal: PathBuf,
    known: Content,
    next: u64,
}

/// What a process said before it died.
struct Death {
    /// What may lie in its slot: what was acknowledged last, and what it tried since.
    possible: Vec<Content>,
    next: u64,
    acknowledged: u64,
}

impl Worker {
    fn start(mut command: Command, journal: PathBuf, known: Content, next: u64) -> Self {
        let said = File::create(&journal).expect("a file for what it says");
        let process = command.stdin(Stdio::null()).stdout(said).spawn();
        Self {
            process: process.expect("a process"),
            journal,
            known,
            next,
        }
    }

    fn kill(mut self) -> Death {
        self.process.kill().expect("it is ours");
        let status = self.process.wait().expect("it is ours");
        let journal = std::fs::read_to_string(&self.journal).expect("what it said");
        assert_eq!(status.signal(), Some(SIGKILL), "it failed: {journal}");
        let (mut certain, mut tried, mut acknowledged) = (self.known, None, 0);
        // the last line may be cut off
        for line in journal
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
        {
            let line = line.trim_end();
            if line == REMOVES {
                tried = Some(None);
            } else if let Some(number) = line.strip_prefix(SAVES) {
                let number = number.parse().expect("a number");
                tried = Some(Some(number));
                self.next = number + 1;
            } else if line == DONE {
                certain = tried.take().expect("it tried something");
                acknowledged += 1;
            }
        }
        Death {
            possible: [certain].into_iter().chain(tried).collect(),
            next: self.next,
            acknowledged,
        }
    }
}

/// The same numbers each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}
