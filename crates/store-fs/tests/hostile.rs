//! A directory in which somebody else put something in the place of everything that the store
//! uses: it is named, entry by entry, and nothing of it stops a login, a list or a logout.
#![cfg(unix)]
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used)]
#![allow(
    clippy::disallowed_methods,
    reason = "how long something takes is what is tested"
)]

use crate::common::{block_on, names, open, reason, record_of, save};
use session_core::{ExpectedSlot, Listed, SessionStore, StoreError};
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use store_fs::FsStore;
use store_testkit::fixtures::TestIssuer;
use test_support::with_sources;

/// What somebody may put somewhere.
const OBSTACLES: [&str; 7] = [
    "dangling link",
    "link to a file",
    "link to a directory",
    "pipe",
    "socket",
    "directory",
    "full directory",
];

/// Puts it there, and answers with what must not change: a file of somebody's, and its content.
fn put(obstacle: &str, path: &Path, outside: &Path) {
    let victim = outside.join("victim");
    fs::write(&victim, "somebody's").unwrap();
    fs::create_dir_all(outside.join("folder")).unwrap();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    match obstacle {
        "dangling link" => symlink(outside.join("nothing"), path).unwrap(),
        "link to a file" => symlink(victim, path).unwrap(),
        "link to a directory" => symlink(outside.join("folder"), path).unwrap(),
        "pipe" => {
            let made = Command::new("mkfifo").arg(path).status().unwrap();
            assert!(made.success(), "mkfifo");
        }
        "socket" => drop(UnixListener::bind(path).unwrap()),
        "directory" => fs::create_dir(path).unwrap(),
        "full directory" => {
            fs::create_dir(path).unwrap();
            fs::write(path.join("theirs"), "somebody's").unwrap();
        }
        other => panic!("{other}"),
    }
}

/// What somebody has is as it was, wherever it is now.
fn assert_untouched(obstacle: &str, directory: &Path, outside: &Path) {
    let victim = fs::read_to_string(outside.join("victim")).unwrap();
    assert_eq!(victim, "somebody's", "{obstacle}");
    assert!(names(&outside.join("folder")).is_empty(), "{obstacle}");
    assert!(!outside.join("nothing").exists(), "{obstacle}");
    if obstacle == "full directory" {
        let found = Command::new("find")
            .arg(directory)
            .args(["-name", "theirs"])
            .output()
            .unwrap();
        let found = String::from_utf8(found.stdout).unwrap();
        assert_eq!(found.lines().count(), 1, "{found}");
    }
}

/// A login, a list and a logout, beside another account that has a session.
fn live(store: &FsStore, obstacle: &str, place: &str) {
    let begun = Instant::now();
    let (issuer, other) = (TestIssuer::ethereum(), TestIssuer::polygon());
    let (slot, others) = (issuer.slot(), other.slot());
    block_on(async {
        let kept = other.record(store, "nonce001").await;
        save(store, &other, &kept).await;

        let lock = store.lock_prompt(slot, Duration::ZERO).await.unwrap();
        let expected = store.load(slot).await.unwrap().expected();
        let record = issuer.record(store, "nonce002").await;
        store.save(slot, &record, expected).await.unwrap();
        drop(lock);
        assert_eq!(record_of(store, &issuer).await.tag(), record.tag());

        let listed = store.list().await.unwrap();
        for slot in [slot, others] {
            let named = Listed::Slot(slot.clone());
            assert!(listed.contains(&named), "{obstacle} {place}: {listed:?}");
        }
        assert!(
            store.remove(slot, ExpectedSlot::Anything).await.unwrap(),
            "{obstacle} {place}"
        );
        assert!(
            !store.remove(slot, ExpectedSlot::Anything).await.unwrap(),
            "{obstacle} {place}"
        );
        assert!(!store.path_of(slot).exists(), "{obstacle} {place}");
        assert_eq!(record_of(store, &other).await.tag(), kept.tag());
    });
    let took = begun.elapsed();
    assert!(
        took < Duration::from_secs(9),
        "{obstacle} {place}: {took:?}"
    );
}

/// Where something of the store lies, and how the list names what was found there instead.
fn places(store: &FsStore) -> Vec<(PathBuf, Option<&'static str>)> {
    let directory = store.directory();
    let record = store.path_of(TestIssuer::ethereum().slot());
    let name = record.file_name().unwrap().to_str().unwrap();
    let stem = name.strip_suffix(".session").unwrap();
    let locks = directory.join(".locks");
    vec![
        (record.clone(), None),
        (directory.join(format!("{stem}.sealed")), None),
        (directory.join(format!(".staged-{name}")), Some(".staged-")),
        (
            directory.join(format!(".staged-{stem}.sealed")),
            Some(".staged-"),
        ),
        (locks.join(format!("{stem}.write")), None),
        (locks.join(format!("{stem}.flight")), None),
        (locks, Some(".locks")),
    ]
}

#[test]
fn whatever_lies_in_a_place_of_the_store_blocks_nothing() {
    for obstacle in OBSTACLES {
        for index in 0..places(&open().0).len() {
            let (store, home) = open();
            let (path, listed_as) = places(&store).swap_remove(index);
            let outside = home.path().join("outside");
            fs::create_dir(&outside).unwrap();
            put(obstacle, &path, &outside);
            let place = path.strip_prefix(home.path()).unwrap().to_str().unwrap();
            let is_folder = obstacle.ends_with("directory") && !obstacle.starts_with("link");
            if let Some(name) = listed_as.filter(|name| !(is_folder && *name == ".locks")) {
                let listed = block_on(store.list()).unwrap();
                let is_named = listed.iter().any(
                    |entry| matches!(entry, Listed::Foreign(foreign) if foreign.starts_with(name)),
                );
                assert!(is_named, "{obstacle} at {place}: {listed:?}");
            }
            live(&store, obstacle, place);
            assert_untouched(obstacle, store.directory(), &outside);
        }
    }
}

#[test]
fn what_lies_in_the_place_of_a_record_is_named() {
    for (obstacle, code) in [
        ("dangling link", "symlink"),
        ("link to a file", "symlink"),
        ("link to a directory", "symlink"),
        ("pipe", "not_a_file"),
        ("socket", "not_a_file"),
        ("directory", "not_a_file"),
    ] {
        let (store, home) = open();
        let issuer = TestIssuer::ethereum();
        put(obstacle, &store.path_of(issuer.slot()), home.path());
        let (found, text) = block_on(reason(&store, &issuer));
        assert_eq!(found, code, "{obstacle}: {text}");
        assert!(text.contains(".session"), "{text}");
        assert!(
            block_on(store.remove(issuer.slot(), ExpectedSlot::Anything)).unwrap(),
            "{obstacle}"
        );
        let issuer = issuer.slot().issuer();
        assert!(block_on(store.remove_issuer(issuer)).unwrap().is_empty());
    }
}

/// A pipe that is opened, even without waiting, wakes whoever writes into it.
#[test]
fn a_pipe_in_the_place_of_a_record_is_not_opened() {
    let (store, home) = open();
    let issuer = TestIssuer::ethereum();
    let path = store.path_of(issuer.slot());
    put("pipe", &path, home.path());
    let mut writer = Command::new("sh")
        .args(["-c", "echo written > \"$0\""])
        .arg(&path)
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(300));
    for _ in 0..100 {
        assert_eq!(block_on(reason(&store, &issuer)).0, "not_a_file");
        block_on(store.list()).unwrap();
    }
    std::thread::sleep(Duration::from_millis(100));
    assert!(writer.try_wait().unwrap().is_none(), "the writer was woken");
    writer.kill().unwrap();
    writer.wait().unwrap();
}

/// Gives a file away; answers whether this user can.
fn given(owner: &str, path: &Path) -> bool {
    let status = Command::new("chown").arg(owner).arg(path).status();
    status.is_ok_and(|status| status.success())
}

/// Whoever owns a lock can hold it for ever.
#[test]
fn a_lock_that_another_user_holds_is_passed_by() {
    for index in 4..=7 {
        let (store, home) = open();
        let locks = store.directory().join(".locks");
        let path = match places(&store).into_iter().nth(index) {
            Some((path, _)) => path,
            // that of the seal, which a plain save shares
            None => locks.join(".seal.write"),
        };
        fs::create_dir_all(&locks).unwrap();
        let held = (path != locks).then(|| {
            let held = File::create(&path).unwrap();
            held.lock().unwrap();
            held
        });
        let mode = if held.is_some() { 0o666 } else { 0o777 };
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        if !given("65534", &path) {
            return println!("skipped: this user cannot give files away");
        }
        let place = path.strip_prefix(home.path()).unwrap().to_str().unwrap();
        live(&store, "a lock of another user", place);
    }
}

/// What is no directory, and what is one of somebody's, above that of the store.
#[test]
fn whatever_lies_in_the_place_of_a_parent_is_named_and_stops_nobody_for_long() {
    for obstacle in OBSTACLES {
        let (_, home) = open();
        let outside = home.path().join("outside");
        fs::create_dir(&outside).unwrap();
        let parent = home.path().join("parent");
        put(obstacle, &parent, &outside);
        let store = FsStore::open(parent.join("sessions"));
        if obstacle.ends_with("directory") {
            live(&store, obstacle, "a parent");
            continue;
        }
        let begun = Instant::now();
        let issuer = TestIssuer::ethereum();
        block_on(async {
            let record = issuer.record(&store, "nonce001").await;
            let slot = issuer.slot();
            let saved = store.save(slot, &record, ExpectedSlot::Anything).await;
            let text = with_sources(&saved.unwrap_err());
            assert!(text.contains("/parent"), "{obstacle}: {text}");
            // there is nothing, or it cannot be known
            let listed = store.list().await;
            assert!(listed.is_err() || listed.is_ok_and(|all| all.is_empty()));
            let removed = store.remove(slot, ExpectedSlot::Anything).await;
            assert!(removed.is_err() || removed.is_ok_and(|removed| !removed));
        });
        assert!(begun.elapsed() < Duration::from_secs(5), "{obstacle}");
        assert_untouched(obstacle, &parent, &outside);
    }
}

#[test]
fn a_file_of_another_user_is_named_and_not_used() {
    let (store, _home) = open();
    let issuer = TestIssuer::ethereum();
    block_on(async {
        let record = issuer.record(&store, "nonce001").await;
        save(&store, &issuer, &record).await;
    });
    let path = store.path_of(issuer.slot());
    if !given("65534", &path) {
        return println!("skipped: this user cannot give files away");
    }
    let (code, text) = block_on(reason(&store, &issuer));
    assert_eq!(code, "other_owner", "{text}");
    live(&store, "a file of another user", "the record");

    // whoever owns the directory can replace everything in it: their files are the store's
    block_on(async {
        let record = issuer.record(&store, "nonce002").await;
        save(&store, &issuer, &record).await;
        assert!(given("65534", &path) && given("65534", store.directory()));
        assert_eq!(record_of(&store, &issuer).await.tag(), record.tag());
    });
}

#[test]
fn a_writer_that_hangs_is_waited_for_so_long_and_no_longer() {
    let (store, _home) = open();
    let store = store.with_max_write_wait(Duration::from_millis(200));
    let issuer = TestIssuer::ethereum();
    let slot = issuer.slot();
    block_on(async {
        let old = issuer.record(&store, "nonce001").await;
        save(&store, &issuer, &old).await;
        let (lock, _) = places(&store).swap_remove(4);
        let held = File::open(&lock).unwrap();
        held.lock().unwrap();
        let new = issuer.record(&store, "nonce002").await;
        let begun = Instant::now();
        let saved = store
            .save(slot, &new, ExpectedSlot::Anything)
            .await
            .map(drop);
        let removed = store.remove(slot, ExpectedSlot::Anything).await.map(drop);
        assert!(begun.elapsed() < Duration::from_secs(5));
        for result in [saved, removed] {
            let error = result.unwrap_err();
            let text = with_sources(&error);
            assert!(text.contains(lock.to_str().unwrap()), "{text}");
            let StoreError::Medium { source, .. } = error else {
                panic!("{text}");
            };
            let kind = source.downcast::<io::Error>().unwrap().kind();
            assert_eq!(kind, io::ErrorKind::TimedOut, "{text}");
        }
        assert_eq!(record_of(&store, &issuer).await.tag(), old.tag());
        drop(held);
        save(&store, &issuer, &new).await;
    });
}

/// Whatever else cannot be deleted, the record is gone.
#[test]
fn a_removal_begins_with_the_record() {
    let (store, _home) = open();
    let issuer = TestIssuer::ethereum();
    block_on(async {
        let record = issuer.record(&store, "nonce001").await;
        save(&store, &issuer, &record).await;
        for (staged, _) in [places(&store).swap_remove(2), places(&store).swap_remove(3)] {
            fs::create_dir(&staged).unwrap();
            // what cannot be moved aside either
            for n in 0..8 {
                let aside = match n {
                    0 => format!("{}.aside", staged.display()),
                    n => format!("{}.aside~{n}", staged.display()),
                };
                fs::create_dir(aside).unwrap();
            }
        }
        let removed = store.remove(issuer.slot(), ExpectedSlot::Anything).await;
        assert!(!store.path_of(issuer.slot()).exists());
        let text = with_sources(&removed.unwrap_err());
        assert!(text.contains(".staged-"), "{text}");
    });
}

#[test]
fn a_record_that_may_not_be_read_is_named() {
    let (store, home) = open();
    let issuer = TestIssuer::ethereum();
    block_on(async {
        let record = issuer.record(&store, "nonce001").await;
        save(&store, &issuer, &record).await;
        fs::set_permissions(store.path_of(issuer.slot()), Permissions::from_mode(0o000)).unwrap();
        if File::open(store.path_of(issuer.slot())).is_ok() {
            return println!("skipped here: permissions do not bind this user (see faults.rs)");
        }
        let (code, text) = reason(&store, &issuer).await;
        assert_eq!(code, "not_readable", "{text}");
        live(&store, "a record that may not be read", "the record");
    });
    drop(home);
}
