//! Many processes save, load and remove in one directory while `kill -9` takes them at random
//! moments: nothing that was acknowledged is lost, nothing is torn, what was removed stays away.
//!
//! `STORE_FS_KILLS=3000 cargo test -p store-fs --test processes kills -- --nocapture` kills more of them.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use crate::common::{
    Dice, assert_whole, block_on, child, directory_of_child, names, number_of, numbered,
};
use cacao::Issuer;
use session_core::{ExpectedSlot, Listed, SessionStore, Slot, SlotId, StoreError};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::Duration;
use store_fs::FsStore;
use store_testkit::fixtures::TestIssuer;
use tempfile::TempDir;

const KILLS: &str = "STORE_FS_KILLS";
const FEW: u64 = 60;
const WORKERS: u64 = 6;
const SIGKILL: i32 = 9;

/// What lies in a slot: the number of its record, if there is one.
type Content = Option<u64>;

/// A slot that one worker alone changes, so that it is known what must lie in it.
fn own(worker: u64) -> SlotId {
    let issuer: Issuer = format!("eip155:1:0x{worker:040x}").parse().unwrap();
    issuer.into()
}

/// The slot in which all of them count; and the one that all of them save and remove as they like.
fn shared(slot: u64) -> SlotId {
    own(1_000 + slot)
}

/// Fails on a torn record: whatever is found is whole.
async fn content(store: &FsStore, slot: &SlotId) -> Content {
    match store.load(slot).await.unwrap() {
        Slot::Empty => None,
        Slot::Record { record, .. } => {
            assert_whole(&record);
            Some(number_of(&record))
        }
        Slot::Unreadable { source, .. } => panic!("{slot}: {source}"),
    }
}

/// One more in the counter. What is answered was acknowledged.
async fn count(store: &FsStore, signer: &TestIssuer) -> u64 {
    let counter = shared(0);
    loop {
        let slot = store.load(&counter).await.unwrap();
        let next = match &slot {
            Slot::Record { record, .. } => number_of(record) + 1,
            Slot::Empty => 1,
            Slot::Unreadable { source, .. } => panic!("{source}"),
        };
        let record = numbered(store, signer, next).await;
        match store.save(&counter, &record, slot.expected()).await {
            Ok(_) => return next,
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
#[ignore = "the child process of kill_9_at_random_loses_nothing"]
fn child_works_for_ever() {
    let Some(directory) = directory_of_child() else {
        return;
    };
    let number = |name: &str| std::env::var(name).unwrap().parse::<u64>().unwrap();
    let (worker, mut n) = (number("WORKER"), number("NEXT"));
    let mut dice = Dice(n << 8 | worker | 1 << 40);
    let (store, signer, own) = (
        FsStore::open(directory),
        TestIssuer::ethereum(),
        own(worker),
    );
    block_on(async {
        let mut mine = content(&store, &own).await;
        loop {
            match dice.below(6) {
                0 => {
                    println!("\ntry remove");
                    assert_eq!(
                        store.remove(&own, ExpectedSlot::Anything).await.unwrap(),
                        mine.is_some()
                    );
                    mine = None;
                    println!("\ndone");
                }
                1 => {
                    let n = count(&store, &signer).await;
                    println!("\ncounted {n}");
                }
                2 => drop(
                    store
                        .remove(&shared(1), ExpectedSlot::Anything)
                        .await
                        .unwrap(),
                ),
                3 => {
                    let record = numbered(&store, &signer, n).await;
                    let free = shared(1);
                    let saved = store.save(&free, &record, ExpectedSlot::Anything);
                    saved.await.unwrap();
                    store.list().await.unwrap();
                }
                _ => {
                    let record = numbered(&store, &signer, n).await;
                    println!("\ntry save {n}");
                    let saved = store.save(&own, &record, ExpectedSlot::Anything);
                    saved.await.unwrap();
                    mine = Some(n);
                    println!("\ndone");
                    n += 1;
                }
            }
            // nobody else writes here, so what was written must be what is read
            assert_eq!(content(&store, &own).await, mine);
        }
    });
}

/// A process that works, what it said, and what must lie in its slot.
struct Worker {
    number: u64,
    process: Child,
    journal: PathBuf,
    /// What lay there when the process began.
    known: Content,
    next: u64,
}

impl Worker {
    fn start(number: u64, store: &FsStore, home: &TempDir, known: Content, next: u64) -> Self {
        let journal = home.path().join(format!("journal-{number}"));
        let process = child("kills::child_works_for_ever", store.directory())
            .env("WORKER", number.to_string())
            .env("NEXT", next.to_string())
            .stdout(File::create(&journal).unwrap())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        Self {
            number,
            process,
            journal,
            known,
            next,
        }
    }

    /// Kills it; answers what its slot may hold now, and what it has counted.
    fn kill(&mut self) -> (Vec<Content>, Vec<u64>) {
        self.process.kill().unwrap();
        let status = self.process.wait().unwrap();
        let journal = fs::read_to_string(&self.journal).unwrap();
        assert_eq!(status.signal(), Some(SIGKILL), "it failed: {journal}");
        let (mut certain, mut tried, mut counted) = (self.known, None, Vec::new());
        for line in journal.split_inclusive('\n').filter(|l| l.ends_with('\n')) {
            let line = line.trim_end();
            if line == "try remove" {
                tried = Some(None);
            } else if let Some(n) = line.strip_prefix("try save ") {
                let n = n.parse().unwrap();
                tried = Some(Some(n));
                self.next = n + 1;
            } else if line == "done" {
                certain = tried.take().unwrap();
            } else if let Some(n) = line.strip_prefix("counted ") {
                counted.push(n.parse().unwrap());
            }
        }
        ([certain].into_iter().chain(tried).collect(), counted)
    }
}

#[derive(Default)]
struct Figures {
    interrupted: u64,
    took_effect: u64,
    empty: u64,
    staged: u64,
}

#[test]
fn kill_9_at_random_loses_nothing() {
    let kills = std::env::var(KILLS).map_or(FEW, |kills| kills.parse().unwrap());
    let (store, home) = crate::common::open();
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let mut workers: Vec<_> = (0..WORKERS)
        .map(|number| Worker::start(number, &store, &home, None, 1))
        .collect();
    let (mut counted, mut figures) = (BTreeSet::new(), Figures::default());
    let mut acknowledge = |numbers: Vec<u64>| {
        for n in numbers {
            assert!(counted.insert(n), "{n} was counted twice");
        }
        counted.last().copied()
    };
    for kill in 0..kills {
        sleep(Duration::from_micros(dice.below(30_000)));
        let chosen = usize::try_from(dice.below(WORKERS)).unwrap();
        let worker = &mut workers[chosen];
        let (possible, numbers) = worker.kill();
        let highest = acknowledge(numbers);
        let (found, counter) = block_on(async {
            content(&store, &shared(1)).await;
            let counter = content(&store, &shared(0)).await;
            (content(&store, &own(worker.number)).await, counter)
        });
        assert!(
            possible.contains(&found),
            "kill {kill}: {found:?} of {possible:?}"
        );
        assert!(
            counter >= highest,
            "kill {kill}: {highest:?} was lost: {counter:?}"
        );
        figures.interrupted += u64::from(possible.len() > 1);
        figures.took_effect += u64::from(possible.len() > 1 && possible[0] != found);
        figures.empty += u64::from(found.is_none());
        figures.staged += u64::from(staged(&store) > 0);
        let next = worker.next;
        workers[chosen] = Worker::start(worker.number, &store, &home, found, next);
    }
    let mut at_rest = Vec::new();
    for worker in &mut workers {
        let (possible, numbers) = worker.kill();
        acknowledge(numbers);
        at_rest.push((worker.number, possible));
    }
    block_on(async {
        let mut listed = BTreeSet::new();
        for (number, possible) in at_rest {
            let found = content(&store, &own(number)).await;
            assert!(possible.contains(&found), "{found:?} of {possible:?}");
            listed.extend(found.map(|_| own(number)));
        }
        let last = content(&store, &shared(0)).await.unwrap_or_default();
        let saved = u64::try_from(counted.len()).unwrap();
        println!(
            "{kills} kills of {WORKERS} processes: {} in the middle of a step of their own ({} had \
             taken effect), {} found their slot empty, {} times a staged file lay there; counted \
             to {last}, {saved} of it acknowledged",
            figures.interrupted, figures.took_effect, figures.empty, figures.staged,
        );
        // whoever dies between the rename and the answer has counted, and has not said so
        assert!(last - saved <= kills + WORKERS, "counts were lost");
        for slot in 0..2 {
            listed.extend(content(&store, &shared(slot)).await.map(|_| shared(slot)));
        }
        let found = store.list().await.unwrap();
        let expected: Vec<_> = listed.into_iter().map(Listed::Slot).collect();
        let found: BTreeSet<_> = found.into_iter().collect();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);

        // the next writer of each slot sweeps what the dead have left
        let signer = TestIssuer::ethereum();
        for slot in (0..WORKERS).map(own).chain((0..2).map(shared)) {
            let record = numbered(&store, &signer, 0).await;
            let saved = store.save(&slot, &record, ExpectedSlot::Anything);
            saved.await.unwrap();
            assert!(store.remove(&slot, ExpectedSlot::Anything).await.unwrap());
        }
        assert_eq!(
            names(store.directory()),
            [".locks"],
            "nothing is left behind"
        );
    });
    assert!(
        figures.interrupted > kills / 20,
        "the kills came in between"
    );
}

fn staged(store: &FsStore) -> usize {
    let Ok(entries) = fs::read_dir(store.directory()) else {
        return 0;
    };
    let is_staged = |name: &str| name.starts_with(".staged-");
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(is_staged))
        .count()
}
