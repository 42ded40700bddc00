//! A save that returned is on the disk: the order write → fsync → rename → fsync of the directory
//! → return, as the operating system saw it.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use crate::common::{block_on, directory_of_child, numbered, save};
use session_core::{ExpectedSlot, SessionStore};
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use store_fs::FsStore;
use store_testkit::fixtures::TestIssuer;
use test_support::this_test_arguments;

/// What a process did that matters to durability, in order of completion.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// A new file, that was not there, with this mode.
    Create(String),
    Write,
    SyncFile,
    Rename,
    Unlink,
    SyncDirectory,
    /// The caller knows: a line of output that ends in this word.
    Return(&'static str),
}

/// Reads a trace of `strace -f -y`, as far as it is about a directory or about returning.
fn steps(trace: &str, directory: &Path) -> Vec<Step> {
    let directory = directory.to_str().unwrap();
    let mut unfinished = HashMap::new();
    let mut steps = Vec::new();
    for line in trace.lines() {
        let (process, call) = line.split_once(' ').unwrap_or(("", line));
        let call = call.trim_start();
        // what another thread interrupted counts when it is done
        if let Some(begun) = call.strip_suffix("<unfinished ...>") {
            unfinished.insert(process, begun);
            continue;
        }
        let call = match call
            .strip_prefix("<... ")
            .and_then(|rest| rest.split_once("resumed>"))
        {
            Some((_, end)) => format!("{}{end}", unfinished.remove(process).unwrap_or_default()),
            None => call.to_owned(),
        };
        steps.extend(step(&call, directory));
    }
    steps
}

fn step(call: &str, directory: &str) -> Option<Step> {
    let (call, result) = call.rsplit_once(" = ")?;
    if result.starts_with('-') {
        return None;
    }
    let (name, arguments) = call.split_once('(')?;
    let staged = format!("{directory}/.staged-");
    let on_staged = arguments.contains(&staged);
    let on_directory = arguments.contains(&format!("<{directory}>"));
    match name {
        "openat" if on_staged && arguments.contains("O_CREAT|O_EXCL") => {
            let mode = arguments
                .trim_end()
                .trim_end_matches(')')
                .rsplit(' ')
                .next()?;
            Some(Step::Create(mode.to_owned()))
        }
        "write" | "pwrite64" | "writev" if on_staged => Some(Step::Write),
        "write" if arguments.contains("done saving") => Some(Step::Return("saving")),
        "write" if arguments.contains("done removing") => Some(Step::Return("removing")),
        "fsync" if on_staged => Some(Step::SyncFile),
        "fsync" if on_directory => Some(Step::SyncDirectory),
        "rename" | "renameat" | "renameat2" if on_staged => Some(Step::Rename),
        "unlink" | "unlinkat" if arguments.contains(directory) => Some(Step::Unlink),
        _ => None,
    }
}

/// Fails with a reason unless every operation that returned had done all it must, in order.
fn check(steps: &[Step]) -> Result<(usize, usize), String> {
    let (mut saves, mut removes) = (0, 0);
    let mut since = Vec::new();
    for step in steps {
        let Step::Return(what) = step else {
            since.push(step.clone());
            continue;
        };
        // a directory that was just made is synced before anything is in it
        let done: Vec<_> = since
            .drain(..)
            .skip_while(|step| *step == Step::SyncDirectory)
            .collect();
        let mut merged = done.clone();
        merged.dedup_by(|a, b| a == b && *a == Step::Write);
        let expected: &[Step] = if *what == "saving" {
            saves += 1;
            &[
                Step::Create("0600".to_owned()),
                Step::Write,
                Step::SyncFile,
                Step::Rename,
                Step::SyncDirectory,
            ]
        } else {
            removes += 1;
            &[Step::Unlink, Step::SyncDirectory]
        };
        if merged != expected {
            return Err(format!("{what} returned after {done:?}"));
        }
    }
    if !since.is_empty() {
        return Err(format!("done after the last return: {since:?}"));
    }
    Ok((saves, removes))
}

const SAVES: usize = 6;

#[test]
#[ignore = "the child process of what_returned_is_on_the_disk"]
fn child_saves_and_removes() {
    let Some(directory) = directory_of_child() else {
        return;
    };
    block_on(async {
        let store = FsStore::open(directory);
        let issuer = TestIssuer::ethereum();
        for n in (0..).take(SAVES) {
            let record = numbered(&store, &issuer, n).await;
            save(&store, &issuer, &record).await;
            println!("\ndone saving");
        }
        assert!(
            store
                .remove(issuer.slot(), ExpectedSlot::Anything)
                .await
                .unwrap()
        );
        println!("\ndone removing");
    });
}

#[test]
fn what_returned_is_on_the_disk() {
    match Command::new("strace")
        .args(["-f", "-o", "/dev/null", "true"])
        .output()
    {
        Err(_) => return println!("skipped: strace is not installed"),
        Ok(output) if !output.status.success() => {
            let why = String::from_utf8_lossy(&output.stderr);
            return println!("skipped: strace cannot trace here: {}", why.trim());
        }
        Ok(_) => {}
    }
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().canonicalize().unwrap().join("sessions");
    let trace = home.path().join("trace");
    let output = Command::new("strace")
        .args(["-f", "-y", "-s", "32", "-o"])
        .arg(&trace)
        .arg("-e")
        .arg("trace=openat,write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat")
        .arg(std::env::current_exe().unwrap())
        .args(this_test_arguments("syscalls::child_saves_and_removes"))
        .env("STORE_FS_TEST_DIRECTORY", &directory)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let trace = std::fs::read_to_string(&trace).unwrap();
    let steps = steps(&trace, &directory);
    assert_eq!(check(&steps), Ok((SAVES, 1)), "{trace}");
    // the check sees each step of this very trace: without any one of them it fails
    for index in 0..steps.len() {
        let mut without = steps.clone();
        let taken = without.remove(index);
        let first = steps[..index]
            .iter()
            .all(|step| *step == Step::SyncDirectory);
        let one_of_several_writes = taken == Step::Write && {
            let beside = [index.checked_sub(1), Some(index + 1)];
            beside
                .into_iter()
                .flatten()
                .any(|i| steps.get(i) == Some(&Step::Write))
        };
        let of_a_new_directory = first && taken == Step::SyncDirectory;
        if !of_a_new_directory && !one_of_several_writes {
            let checked = check(&without);
            assert!(
                checked != Ok((SAVES, 1)),
                "without {taken:?} ({index}): {checked:?}"
            );
        }
    }
}

/// What `strace` wrote of one save, with two threads that get in each other's way.
const TRACE: &str = r#"
71 openat(AT_FDCWD</w>, "/w/s/.locks/x.write", O_RDWR|O_CREAT|O_NOFOLLOW|O_CLOEXEC, 0600) = 9</w/s/.locks/x.write>
71 openat(AT_FDCWD</w>, "/w/s/.staged-x.session", O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0600) = 10</w/s/.staged-x.session>
71 write(10</w/s/.staged-x.session>, "eyJzZXNzaW9uS2V5U2VlZCI6"..., 4000) = 2000
71 write(10</w/s/.staged-x.session>, "abcdef"..., 2000) = 2000
71 fsync(10</w/s/.staged-x.session> <unfinished ...>
70 write(5<anon_inode:[eventfd]>, "\1\0\0\0\0\0\0\0", 8) = 8
71 <... fsync resumed>)             = 0
71 rename("/w/s/.staged-x.session", "/w/s/x.session") = 0
71 unlink("/w/s/x.sealed")        = -1 ENOENT (No such file or directory)
71 openat(AT_FDCWD</w>, "/w/s", O_RDONLY|O_CLOEXEC) = 10</w/s>
71 fsync(10</w/s>)                = 0
70 write(1<pipe:[1]>, "\ndone saving\n", 13) = 13
"#;

fn check_trace(trace: &str) -> Result<(usize, usize), String> {
    check(&steps(trace, Path::new("/w/s")))
}

#[test]
fn the_check_accepts_the_right_order() {
    assert_eq!(check_trace(TRACE), Ok((1, 0)));
}

#[test]
fn the_check_fails_when_a_step_is_taken_out_or_done_late() {
    let lines: Vec<_> = TRACE.lines().collect();
    let at = |what: &str| lines.iter().position(|line| line.contains(what)).unwrap();
    let (fsync, rename) = (at("fsync(10</w/s/.staged"), at("rename("));
    let (sync_directory, done) = (at("fsync(10</w/s>)"), at("done saving"));
    for index in [at("O_EXCL"), fsync, rename, sync_directory] {
        let mut without = lines.clone();
        without.remove(index);
        assert!(
            check_trace(&without.join("\n")).is_err(),
            "without {}",
            lines[index]
        );
    }
    for (one, other) in [
        (fsync + 2, rename),
        (rename, sync_directory),
        (sync_directory, done),
    ] {
        let mut swapped = lines.clone();
        swapped.swap(one, other);
        let text = swapped.join("\n");
        assert!(
            check_trace(&text).is_err(),
            "{} after {}",
            lines[one],
            lines[other]
        );
    }
    for (from, to) in [
        ("O_CREAT|O_EXCL", "O_CREAT|O_TRUNC"),
        ("O_CLOEXEC, 0600) = 10", "O_CLOEXEC, 0644) = 10"),
        (
            "fsync(10</w/s>)                = 0",
            "fsync(10</w/s>)                = -1 EIO",
        ),
        ("fsync(10</w/s>)", "fsync(10</w>)"),
    ] {
        assert!(TRACE.contains(from));
        assert!(check_trace(&TRACE.replace(from, to)).is_err(), "{to}");
    }
    let mut no_write = lines.clone();
    no_write.retain(|line| !line.contains("write(10<"));
    assert!(
        check_trace(&no_write.join("\n")).is_err(),
        "without a write"
    );
}
