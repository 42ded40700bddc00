//! A medium that does not do what it is asked: no permission, no room.
#![cfg(unix)]
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

use crate::common::{block_on, names, numbered, open, reason, record_of, save};
use session_core::{ExpectedSlot, Listed, SessionStore, StoreError};
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use store_fs::FsStore;
use store_testkit::fixtures::TestIssuer;
use test_support::{this_test_arguments, with_sources};

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Fails unless it is an error of the medium of this kind that names this path.
fn assert_medium<T: std::fmt::Debug>(
    result: Result<T, StoreError>,
    kind: io::ErrorKind,
    path: &Path,
) {
    match result {
        Err(StoreError::Medium { action, source }) => {
            assert!(action.contains(path.to_str().unwrap()), "{action}");
            assert_eq!(
                source.downcast::<io::Error>().unwrap().kind(),
                kind,
                "{action}"
            );
        }
        other => panic!("{kind} is expected at {}: {other:?}", path.display()),
    }
}

/// Whether the permissions of files do not bind us.
fn is_privileged() -> bool {
    let home = tempfile::tempdir().unwrap();
    set_mode(home.path(), 0o500);
    File::create(home.path().join("file")).is_ok()
}

#[test]
fn without_permission_nothing_is_lost() {
    if !is_privileged() {
        return without_permission();
    }
    // nothing is forbidden to us: let nobody in particular run it
    let program = std::env::current_exe().unwrap();
    let as_nobody = |arguments: &[&str]| {
        Command::new("setpriv")
            .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"])
            .arg(&program)
            .args(arguments)
            .env("TMPDIR", "/tmp")
            .output()
    };
    match as_nobody(&["--list"]) {
        Err(error) => return println!("skipped: setpriv cannot be run: {error}"),
        Ok(output) if !output.status.success() => {
            let why = String::from_utf8_lossy(&output.stderr);
            return println!("skipped: nobody cannot run this program: {}", why.trim());
        }
        Ok(_) => {}
    }
    let output = as_nobody(&this_test_arguments("faults::child_without_permission")).unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() && text.contains("\nran as nobody\n"),
        "{text}"
    );
}

#[test]
#[ignore = "the child process of without_permission_nothing_is_lost"]
fn child_without_permission() {
    if is_privileged() {
        return println!("skipped: permissions do not bind this user");
    }
    without_permission();
    println!("\nran as nobody");
}

fn without_permission() {
    let (store, home) = open();
    let issuer = TestIssuer::ethereum();
    let id = issuer.slot();
    let denied = io::ErrorKind::PermissionDenied;
    block_on(async {
        let old = issuer.record(&store, "nonce001").await;
        let new = issuer.record(&store, "nonce002").await;
        save(&store, &issuer, &old).await;
        let (directory, path) = (store.directory(), store.path_of(id));
        let before = fs::read(&path).unwrap();

        // read only: it can be looked at
        set_mode(directory, 0o500);
        assert_medium(
            store.save(id, &new, ExpectedSlot::Anything).await,
            denied,
            &path,
        );
        assert_medium(
            store.remove(id, ExpectedSlot::Anything).await,
            denied,
            &path,
        );
        assert_eq!(record_of(&store, &issuer).await.tag(), old.tag());
        assert_eq!(store.list().await.unwrap(), [Listed::Slot(id.clone())]);
        let conflict = store.save(id, &new, ExpectedSlot::Absent).await;
        assert!(
            matches!(conflict, Err(StoreError::Conflict { .. })),
            "{conflict:?}"
        );
        set_mode(&directory.join(".locks"), 0o500);
        let other = TestIssuer::polygon();
        let lock = store
            .lock_prompt(other.slot(), Duration::ZERO)
            .await
            .map(drop);
        assert_medium(lock, denied, &directory.join(".locks"));

        // not even that
        set_mode(directory, 0o000);
        assert_medium(store.load(id).await.map(drop), denied, &path);
        assert_medium(store.list().await, denied, directory);
        assert_medium(
            store.remove(id, ExpectedSlot::Anything).await,
            denied,
            directory,
        );

        // the record alone: it is named, what it holds is unknown, and a login replaces it
        set_mode(directory, 0o700);
        set_mode(&directory.join(".locks"), 0o700);
        set_mode(&path, 0o000);
        assert_eq!(reason(&store, &issuer).await.0, "not_readable");
        let absent = store.save(id, &new, ExpectedSlot::Absent).await;
        assert!(
            matches!(absent, Err(StoreError::Conflict { .. })),
            "{absent:?}"
        );
        assert_eq!(store.list().await.unwrap(), [Listed::Slot(id.clone())]);

        set_mode(&path, 0o600);
        assert_eq!(fs::read(&path).unwrap(), before);
        assert_eq!(names(directory).len(), 2, "the record and the locks");

        set_mode(&path, 0o000);
        let found = store.load(id).await.unwrap().expected();
        store.save(id, &new, found).await.unwrap();
        assert_eq!(record_of(&store, &issuer).await.tag(), new.tag());

        // where no directory can be made
        set_mode(home.path(), 0o500);
        let nowhere = FsStore::open(home.path().join("a").join("b"));
        let below = nowhere.directory();
        assert_medium(
            nowhere.save(id, &new, ExpectedSlot::Anything).await,
            denied,
            below,
        );
        assert!(nowhere.list().await.unwrap().is_empty());
        set_mode(home.path(), 0o700);
    });
}

/// A small file system of its own; it goes when it is dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Result<Self, String> {
        let home = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=256k,mode=0700", "tmpfs"])
            .arg(home.path())
            .output();
        match mount {
            Ok(output) if output.status.success() => Ok(Self(home)),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.0.path()).status();
        if !unmounted.is_ok_and(|status| status.success()) {
            println!("{} is left mounted", self.0.path().display());
        }
    }
}

#[test]
fn on_a_full_disk_the_old_record_stays() {
    let disk = match SmallDisk::mount() {
        Ok(disk) => disk,
        Err(why) => return println!("skipped: no small disk can be mounted: {why}"),
    };
    let store = FsStore::open(disk.0.path().join("sessions"));
    let issuer = TestIssuer::ethereum();
    let id = issuer.slot();
    block_on(async {
        // even ones are short, odd ones long
        let (old, new) = (
            numbered(&store, &issuer, 2).await,
            numbered(&store, &issuer, 3).await,
        );
        save(&store, &issuer, &old).await;
        drop(store.lock_prompt(id, Duration::ZERO).await.unwrap());
        let filler = disk.0.path().join("filler");
        for room in [0, 4096] {
            fill(&filler, room);
            let full = store.save(id, &new, ExpectedSlot::Anything).await;
            assert_medium(full, io::ErrorKind::StorageFull, &store.path_of(id));
            assert_eq!(record_of(&store, &issuer).await.tag(), old.tag());
            assert_eq!(names(store.directory()).len(), 2, "nothing staged is left");
        }
        let elsewhere = TestIssuer::polygon();
        let record = elsewhere.record(&store, "nonce001").await;
        fill(&filler, 0);
        let full = store
            .save(elsewhere.slot(), &record, ExpectedSlot::Absent)
            .await;
        assert!(with_sources(&full.unwrap_err()).contains(store.directory().to_str().unwrap()));

        // a remove needs no room, and room is all that was missing
        assert!(store.remove(id, ExpectedSlot::Anything).await.unwrap());
        fs::remove_file(&filler).unwrap();
        save(&store, &issuer, &new).await;
        assert_eq!(record_of(&store, &issuer).await.tag(), new.tag());
    });
}

/// Fills the disk but for about this much room.
fn fill(filler: &Path, room: u64) {
    let mut file = File::create(filler).unwrap();
    while file.write_all(&[0; 1024]).is_ok() {}
    let length = file.metadata().unwrap().len();
    file.set_len(length - room).unwrap();
}

/// On Linux a process that writes past its limit is stopped by a signal, unless it ignores it:
/// then the write fails. The shell sets both, and they outlast its `exec`.
#[cfg(target_os = "linux")]
#[test]
fn at_a_file_size_limit_the_old_record_stays() {
    let (store, _home) = open();
    let issuer = TestIssuer::ethereum();
    // even ones are short, odd ones long
    let old = block_on(async {
        let old = numbered(&store, &issuer, 2).await;
        save(&store, &issuer, &old).await;
        old
    });
    let before = fs::read(store.path_of(issuer.slot())).unwrap();
    // the unit is 512 or 1,024 bytes: either way a short record fits and a long one does not
    let limited = crate::common::child("faults::child_at_a_file_size_limit", store.directory());
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ && ulimit -f 8 && exec \"$0\" \"$@\""])
        .arg(limited.get_program())
        .args(limited.get_args())
        .envs(
            limited
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) => return println!("skipped: no shell can be run: {error}"),
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() && text.contains("\nwas limited\n"),
        "{text}"
    );
    assert_eq!(fs::read(store.path_of(issuer.slot())).unwrap(), before);
    assert_eq!(block_on(record_of(&store, &issuer)).tag(), old.tag());
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "the child process of at_a_file_size_limit_the_old_record_stays"]
fn child_at_a_file_size_limit() {
    let Some(directory) = crate::common::directory_of_child() else {
        return;
    };
    let (store, issuer) = (FsStore::open(directory), TestIssuer::ethereum());
    let (id, path) = (issuer.slot(), store.path_of(issuer.slot()));
    block_on(async {
        let long = numbered(&store, &issuer, 3).await;
        let limited = store.save(id, &long, ExpectedSlot::Anything).await;
        assert_medium(limited, io::ErrorKind::FileTooLarge, &path);
        assert_eq!(names(store.directory()).len(), 2, "nothing staged is left");
        let elsewhere = TestIssuer::polygon();
        let short = elsewhere.record(&store, "nonce001").await;
        save(&store, &elsewhere, &short).await;
        assert!(
            store
                .remove(elsewhere.slot(), ExpectedSlot::Anything)
                .await
                .unwrap()
        );
    });
    println!("\nwas limited");
}

#[test]
fn on_a_read_only_mount_everything_can_be_read() {
    let disk = match SmallDisk::mount() {
        Ok(disk) => disk,
        Err(why) => return println!("skipped: no small disk can be mounted: {why}"),
    };
    let store = FsStore::open(disk.0.path().join("sessions"));
    let issuer = TestIssuer::ethereum();
    let id = issuer.slot();
    let read_only = io::ErrorKind::ReadOnlyFilesystem;
    block_on(async {
        let (old, new) = (
            numbered(&store, &issuer, 2).await,
            numbered(&store, &issuer, 4).await,
        );
        save(&store, &issuer, &old).await;
        drop(store.lock_prompt(id, Duration::ZERO).await.unwrap());
        let mode = |mode: &str| {
            let remounted = Command::new("mount")
                .args(["-o", &format!("remount,{mode}")])
                .arg(disk.0.path())
                .status();
            assert!(remounted.unwrap().success());
        };
        mode("ro");
        assert_eq!(record_of(&store, &issuer).await.tag(), old.tag());
        assert_eq!(store.list().await.unwrap(), [Listed::Slot(id.clone())]);
        let saved = store.save(id, &new, ExpectedSlot::Anything).await;
        // the first thing that is written is the lock
        let lock = store.directory().join(".locks");
        assert_medium(saved, read_only, &lock);
        assert_medium(
            store.remove(id, ExpectedSlot::Anything).await,
            read_only,
            &lock,
        );
        let elsewhere = FsStore::open(disk.0.path().join("elsewhere"));
        let saved = elsewhere.save(id, &new, ExpectedSlot::Anything).await;
        assert_medium(saved, read_only, elsewhere.directory());
        assert!(elsewhere.list().await.unwrap().is_empty());

        mode("rw");
        assert_eq!(record_of(&store, &issuer).await.tag(), old.tag());
        save(&store, &issuer, &new).await;
        assert_eq!(record_of(&store, &issuer).await.tag(), new.tag());
    });
}
