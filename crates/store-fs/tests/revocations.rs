//! Revocations in a file: the contract, processes beside each other, and damage.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic")]
#![allow(
    clippy::disallowed_methods,
    reason = "processes are killed for so long and no longer"
)]

use cacao::{Cacao, MemberOrder, Provers, Requirement, UnixTime, eip191::Eip191};
use session_core::revoke::{RevocationLedger, RevocationRules, Revocations, judge_revocation};
use session_core::{Context, DidSession, ManualClock, Request, StoreError};
use session_wallets::EthereumWallet;
use std::fs;
#[cfg(unix)]
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};
use store_fs::FsRevocations;
use store_testkit::Kept;
use tempfile::TempDir;

fn open() -> Kept<FsRevocations, TempDir> {
    let home = tempfile::tempdir().unwrap();
    Kept::new(FsRevocations::open(home.path().join("deep/er")), home)
}

store_testkit::revocations_contract!(open());

/// Revokes a session that was made for this, and answers its capability.
async fn revoke(revocations: &FsRevocations) -> Result<Cacao, StoreError> {
    let clock = ManualClock::new(UnixTime::from_secs(1_700_000_000));
    let context = Context::new(clock, Provers::none().with(Eip191).unwrap());
    let wallet = EthereumWallet::generate(&"eip155:1".parse().unwrap()).unwrap();
    let request = Request::new("app.example", ["notes"]);
    let session = DidSession::authorize(&context, &wallet, &request).await;
    let session = session.unwrap();
    let statement = session.revocation_of_itself().await.unwrap();
    let rules = RevocationRules::new(Requirement::for_domain("app.example"));
    let (capability, context) = (session.cacao(), &context);
    let accepted = judge_revocation(&statement, capability, &rules, context, revocations).await;
    revocations.record(&accepted.unwrap()).await?;
    Ok(capability.clone())
}

fn directory() -> (TempDir, FsRevocations) {
    let home = tempfile::tempdir().unwrap();
    let revocations = FsRevocations::open(home.path());
    (home, revocations)
}

#[tokio::test]
async fn what_was_recorded_is_there_when_it_is_opened_again() {
    let (home, revocations) = directory();
    let revoked = revoke(&revocations).await.unwrap();
    drop(revocations);
    let again = FsRevocations::open(home.path());
    assert!(again.is_revoked(&revoked).await.unwrap());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(again.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn what_is_damaged_is_an_error_and_never_not_revoked() {
    let (_home, revocations) = directory();
    let revoked = revoke(&revocations).await.unwrap();
    let whole = fs::read(revocations.path()).unwrap();
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let cut = whole[..whole.len() / 2].to_vec();
    let not_text = [&whole[..], b"\xff"].concat();
    let too_large = vec![b' '; (2 << 20) + 1];
    for damaged in [Vec::new(), flipped, cut, not_text, too_large] {
        fs::write(revocations.path(), &damaged).unwrap();
        let error = revocations.is_revoked(&revoked).await.unwrap_err();
        assert_eq!(error.code(), "store_failed");
        // nor is it repaired by forgetting
        assert_eq!(
            revoke(&revocations).await.unwrap_err().code(),
            "store_failed"
        );
        assert!(revocations.purge(UnixTime::EPOCH).await.is_err());
        assert_eq!(fs::read(revocations.path()).unwrap(), damaged);
    }
    fs::write(revocations.path(), whole).unwrap();
    assert!(revocations.is_revoked(&revoked).await.unwrap());
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_in_the_place_of_the_file_is_an_error() {
    let (home, revocations) = directory();
    let revoked = revoke(&revocations).await.unwrap();
    let elsewhere = home.path().join("elsewhere");
    fs::rename(revocations.path(), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, revocations.path()).unwrap();
    assert!(revocations.is_revoked(&revoked).await.is_err());
}

/// Each handle takes the lock of the file for itself, as each process does.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_that_share_nothing_but_the_directory_lose_nothing() {
    let home = tempfile::tempdir().unwrap();
    let writers = (0..16).map(|_| {
        let own = FsRevocations::open(home.path());
        tokio::spawn(async move { revoke(&own).await.unwrap() })
    });
    let writers: Vec<_> = writers.collect();
    let reader = FsRevocations::open(home.path());
    for writer in writers {
        let revoked = writer.await.unwrap();
        assert!(reader.is_revoked(&revoked).await.unwrap());
    }
}

#[test]
#[ignore = "the child process of kill_9_at_random_loses_no_revocation"]
fn child_revokes_until_it_is_killed() {
    let Some(directory) = crate::common::directory_of_child() else {
        return;
    };
    let revocations = FsRevocations::open(directory);
    crate::common::block_on(async {
        let began = Instant::now();
        for purge in [false, true].into_iter().cycle() {
            // nobody kills it where the test has failed
            if began.elapsed() > Duration::from_mins(1) {
                return;
            }
            let revoked = revoke(&revocations).await.unwrap();
            // a line of its own: the test harness may have left one that has not ended
            println!("\nrevoked {}", revoked.to_json(MemberOrder::Session));
            if purge {
                // nothing is over yet, so that nothing may be forgotten
                let purged = revocations.purge(UnixTime::from_secs(1_700_000_000)).await;
                assert_eq!(purged.unwrap(), 0);
            }
        }
    });
}

#[cfg(unix)]
#[test]
fn kill_9_at_random_loses_no_revocation() {
    const SIGKILL: i32 = 9;
    /// Every change writes the whole file, so that it is time that bounds the test.
    const LASTS: Duration = Duration::from_secs(4);
    let (home, revocations) = directory();
    let mut dice = crate::common::Dice(0x9e37_79b9_7f4a_7c15);
    let journal = |number: usize| home.path().join(format!("journal-{number}"));
    let start = |number: usize| {
        let mut child =
            crate::common::child("revocations::child_revokes_until_it_is_killed", home.path());
        child.stdout(fs::File::create(journal(number)).unwrap());
        child.spawn().unwrap()
    };
    // what a process said before it was killed, as far as its lines are whole
    let acknowledged = |mut process: Child, journal: &Path| -> Vec<Cacao> {
        process.kill().unwrap();
        let status = process.wait().unwrap();
        let said = fs::read_to_string(journal).unwrap();
        assert_eq!(status.signal(), Some(SIGKILL), "it failed: {said}");
        let lines = said.split_inclusive('\n').filter(|l| l.ends_with('\n'));
        let revoked = lines.filter_map(|line| line.trim_end().strip_prefix("revoked "));
        revoked
            .map(|json| Cacao::from_json(json).unwrap())
            .collect()
    };
    // the file is whole, and knows all of them; one question for each would read it each time
    let known = |revoked: &[Cacao]| {
        let Ok(text) = fs::read_to_string(revocations.path()) else {
            assert!(revoked.is_empty(), "the file is gone");
            return;
        };
        let ledger = RevocationLedger::from_text(&text).unwrap();
        let lost = revoked.iter().filter(|known| !ledger.is_revoked(known));
        assert_eq!(lost.count(), 0, "acknowledged, and lost");
    };
    let mut processes: Vec<(usize, Child)> = (0..3).map(|number| (number, start(number))).collect();
    let (mut revoked, mut kills) = (Vec::new(), 0);
    let began = Instant::now();
    while began.elapsed() < LASTS {
        std::thread::sleep(Duration::from_micros(20_000 + dice.below(60_000)));
        let next = processes.len() + kills;
        let place = kills % processes.len();
        let (number, killed) = std::mem::replace(&mut processes[place], (next, start(next)));
        revoked.extend(acknowledged(killed, &journal(number)));
        known(&revoked);
        kills += 1;
    }
    for (number, process) in processes {
        revoked.extend(acknowledged(process, &journal(number)));
        kills += 1;
    }
    known(&revoked);
    println!("{kills} kills, {} revocations acknowledged", revoked.len());
    assert!(revoked.len() > kills, "{} were acknowledged", revoked.len());
    crate::common::block_on(async {
        // the next writer and reader work, and the writer sweeps what the dead have left
        revoked.push(revoke(&revocations).await.unwrap());
        for capability in revoked.iter().rev().take(8) {
            assert!(revocations.is_revoked(capability).await.unwrap());
        }
    });
    known(&revoked);
    let staged = fs::read_dir(home.path()).unwrap().flatten();
    let staged = staged.filter(|entry| entry.file_name().to_string_lossy().starts_with(".staged-"));
    assert_eq!(staged.count(), 0);
}
