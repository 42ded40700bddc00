//! Revocations in a file: the contract, processes beside each other, and damage.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use cacao::{Cacao, Provers, Requirement, UnixTime, eip191::Eip191};
use session_core::revoke::{RevocationRules, Revocations, judge_revocation};
use session_core::{Context, DidSession, ManualClock, Request, StoreError};
use session_wallets::EthereumWallet;
use std::fs;
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
