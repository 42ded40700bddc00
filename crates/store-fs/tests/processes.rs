//! Several processes in one directory, and processes that die.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod common;
mod kills;
mod syscalls;

use common::{
    Dice, assert_whole, block_on, child, directory_of_child, names, number_of, numbered, open,
    record_of, save,
};
use session_core::{ExpectedSlot, SealableStore, SessionStore, Slot, StoreError};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::Barrier;
use std::thread::sleep;
use std::time::Duration;
use store_fs::FsStore;
use store_testkit::fixtures::TestIssuer;

const KILLS: u32 = 100;
const COUNTERS: u64 = 4;
const STEPS: u64 = 25;

#[test]
#[ignore = "the child process of kill_9_leaves_the_old_or_the_new_record_whole"]
fn child_saves_for_ever() {
    let Some(directory) = directory_of_child() else {
        return;
    };
    block_on(async {
        let store = FsStore::open(directory);
        let issuer = TestIssuer::ethereum();
        let mut n = match store.load(issuer.slot()).await.unwrap() {
            Slot::Record { record, .. } => number_of(&record) + 1,
            _ => 1,
        };
        loop {
            let record = numbered(&store, &issuer, n).await;
            save(&store, &issuer, &record).await;
            println!("\nsaved {n}");
            n += 1;
        }
    });
}

#[test]
fn kill_9_leaves_the_old_or_the_new_record_whole() {
    let (store, home) = open();
    let issuer = TestIssuer::ethereum();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (mut saves, mut staged) = (0, 0);
    for round in 0..KILLS {
        let mut saver = spawn("child_saves_for_ever", &store);
        let mut output = BufReader::new(saver.stdout.take().unwrap());
        let mut acknowledged = 0;
        // mostly in the middle of saves, now and then before the first
        if dice.below(8) > 0 {
            acknowledged = wait_for(&mut output, "saved ");
        }
        sleep(Duration::from_micros(dice.below(12_000)));
        saver.kill().unwrap();
        saver.wait().unwrap();
        let mut rest = String::new();
        output.read_to_string(&mut rest).unwrap();
        // without its end, the last line may be half a line
        let whole = rest.rfind('\n').map_or("", |end| &rest[..end]);
        for n in whole.lines().filter_map(|line| line.strip_prefix("saved ")) {
            acknowledged = n.parse().unwrap();
        }
        let left = names(home.path());
        if left.is_empty() {
            assert_eq!(acknowledged, 0, "round {round}: nothing is there");
            continue;
        }
        staged += u32::from(
            names(store.directory())
                .iter()
                .any(|n| n.starts_with(".staged-")),
        );
        match block_on(store.load(issuer.slot())).unwrap() {
            Slot::Record { record, .. } => {
                assert_whole(&record);
                let found = number_of(&record);
                let before = saves;
                saves = found;
                // what was acknowledged is there, or the one that came after it
                let possible = acknowledged.max(before)..=acknowledged.max(before) + 1;
                assert!(
                    possible.contains(&found),
                    "round {round}: {found} after {acknowledged}"
                );
            }
            Slot::Empty => assert_eq!((acknowledged, saves), (0, 0), "round {round}: lost"),
            Slot::Unreadable { source, .. } => panic!("round {round}: {source}"),
        }
    }
    println!("{KILLS} kills among {saves} saves; {staged} left a staged file behind");
    assert!(saves > u64::from(KILLS / 2), "the children saved");
    block_on(async {
        let last = issuer.record(&store, "nonce001").await;
        save(&store, &issuer, &last).await;
        assert_eq!(record_of(&store, &issuer).await.tag(), last.tag());
    });
    assert_eq!(
        names(store.directory()).len(),
        2,
        "the record and the locks, no leftovers"
    );
}

#[test]
#[ignore = "the child process of processes_never_lose_an_update"]
fn child_counts() {
    let Some(directory) = directory_of_child() else {
        return;
    };
    block_on(async {
        let store = FsStore::open(directory);
        let issuer = TestIssuer::ethereum();
        let mut conflicts = 0;
        for _ in 0..STEPS {
            loop {
                let slot = store.load(issuer.slot()).await.unwrap();
                let n = match &slot {
                    Slot::Record { record, .. } => number_of(record),
                    Slot::Empty => 0,
                    Slot::Unreadable { source, .. } => panic!("{source}"),
                };
                let next = numbered(&store, &issuer, n + 1).await;
                match store.save(issuer.slot(), &next, slot.expected()).await {
                    Ok(_) => break,
                    Err(StoreError::Conflict { .. }) => conflicts += 1,
                    Err(error) => panic!("{error}"),
                }
            }
        }
        println!("\nconflicts {conflicts}");
    });
}

/// Every process counts on from what it sees; were one conditional save not one step, a count
/// would be lost.
#[test]
fn processes_never_lose_an_update() {
    let (store, _home) = open();
    let children: Vec<_> = (0..COUNTERS)
        .map(|_| spawn("child_counts", &store))
        .collect();
    let mut conflicts = 0;
    for counter in children {
        let output = counter.wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{text}");
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("conflicts "))
            .unwrap();
        conflicts += line.parse::<u64>().unwrap();
    }
    let record = block_on(record_of(&store, &TestIssuer::ethereum()));
    println!("{conflicts} conflicts");
    assert_eq!(number_of(&record), COUNTERS * STEPS);
}

#[test]
#[ignore = "the child process of processes_save_and_remove_at_once"]
fn child_saves_and_removes() {
    let Some(directory) = directory_of_child() else {
        return;
    };
    block_on(async {
        let store = FsStore::open(directory);
        let mut dice = Dice(u64::from(std::process::id()) + 1);
        for n in 0..40 {
            let issuer = &TestIssuer::each()[usize::try_from(dice.below(2)).unwrap()];
            if dice.below(3) == 0 {
                store
                    .remove(issuer.slot(), ExpectedSlot::Anything)
                    .await
                    .unwrap();
            } else {
                let record = numbered(&store, issuer, n).await;
                save(&store, issuer, &record).await;
            }
        }
    });
}

#[test]
fn processes_save_and_remove_at_once() {
    let (store, _home) = open();
    let mut children: Vec<_> = (0..4)
        .map(|_| spawn("child_saves_and_removes", &store))
        .collect();
    let mut looks = 0;
    while children
        .iter_mut()
        .any(|child| child.try_wait().unwrap().is_none())
    {
        block_on(async {
            for issuer in &TestIssuer::each()[..2] {
                match store.load(issuer.slot()).await.unwrap() {
                    Slot::Record { record, .. } => assert_whole(&record),
                    Slot::Empty => {}
                    Slot::Unreadable { source, .. } => panic!("{source}"),
                }
            }
            store.list().await.unwrap();
        });
        looks += 1;
    }
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
    println!("looked {looks} times");
    let staged = names(store.directory());
    assert!(
        staged.iter().all(|name| !name.starts_with(".staged-")),
        "{staged:?}"
    );
}

#[test]
#[ignore = "the child process of a_prompt_lock_ends_with_its_process"]
fn child_holds_a_prompt_lock() {
    let Some(directory) = directory_of_child() else {
        return;
    };
    block_on(async {
        let store = FsStore::open(directory);
        let issuer = TestIssuer::ethereum();
        let _lock = store
            .lock_prompt(issuer.slot(), Duration::from_secs(5))
            .await
            .unwrap();
        println!("\nlocked 1");
        std::future::pending::<()>().await;
    });
}

#[test]
fn a_prompt_lock_ends_with_its_process() {
    let (store, _home) = open();
    let issuer = TestIssuer::ethereum();
    let mut holder = spawn("child_holds_a_prompt_lock", &store);
    wait_for(
        &mut BufReader::new(holder.stdout.take().unwrap()),
        "locked ",
    );
    let lock = |wait| block_on(store.lock_prompt(issuer.slot(), Duration::from_millis(wait)));
    let busy = lock(50).map(drop);
    assert!(matches!(busy, Err(StoreError::Busy { .. })), "{busy:?}");
    block_on(async {
        let record = issuer.record(&store, "nonce001").await;
        store
            .save(issuer.slot(), &record, ExpectedSlot::Absent)
            .await
            .unwrap();
        assert!(
            store
                .remove(issuer.slot(), ExpectedSlot::Anything)
                .await
                .unwrap()
        );
    });
    holder.kill().unwrap();
    holder.wait().unwrap();
    drop(lock(5_000).unwrap());
}

/// A program that is started while a prompt lock is held does not hold it on.
#[test]
fn a_prompt_lock_is_not_inherited() {
    let (store, _home) = open();
    let issuer = TestIssuer::ethereum();
    let max_wait = Duration::from_secs(5);
    let held = block_on(store.lock_prompt(issuer.slot(), max_wait)).unwrap();
    let mut program = std::process::Command::new("sleep")
        .arg("60")
        .spawn()
        .unwrap();
    drop(held);
    let freed = block_on(store.lock_prompt(issuer.slot(), max_wait));
    program.kill().unwrap();
    program.wait().unwrap();
    drop(freed.unwrap());
}

fn spawn(test: &str, store: &FsStore) -> Child {
    child(test, store.directory())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Reads until a line that begins so; answers the number at its end.
fn wait_for(output: &mut impl BufRead, prefix: &str) -> u64 {
    let mut line = String::new();
    loop {
        line.clear();
        let read = output.read_line(&mut line).unwrap();
        assert!(read > 0, "the child ended before it said {prefix:?}");
        if let Some(number) = line.trim_end().strip_prefix(prefix) {
            return number.parse().unwrap();
        }
    }
}

/// Whoever seals a directory seals what is listed afterwards: a plain record that comes later would
/// stay plain.
#[test]
fn what_is_saved_while_somebody_seals_is_listed_afterwards_or_refused() {
    const SAVERS: usize = 4;
    let issuer = TestIssuer::ethereum();
    for round in 0..12 {
        let (store, _home) = open();
        let record = block_on(numbered(&store, &issuer, 1));
        let begin = Barrier::new(SAVERS + 1);
        let listed = std::thread::scope(|threads| {
            for saver in 0..SAVERS {
                let (store, begin, issuer, record) = (&store, &begin, &issuer, &record);
                threads.spawn(move || {
                    begin.wait();
                    block_on(async {
                        for n in 0.. {
                            let slot = issuer.slot_in(&format!("p{saver}-{n}"));
                            let saved = store.save(&slot, record, ExpectedSlot::Absent).await;
                            if let Err(error) = saved {
                                let text = test_support::with_sources(&error);
                                assert!(text.contains("is sealed"), "{text}");
                                break;
                            }
                        }
                    });
                });
            }
            begin.wait();
            block_on(async {
                sleep(Duration::from_millis(3 + round));
                assert!(store.replace_seal(b"{}", None).await.unwrap());
                store.list().await.unwrap().len()
            })
        });
        let after = block_on(store.list()).unwrap().len();
        assert_eq!(listed, after, "a plain record came after the seal");
    }
}
