//! What lies in a sealed directory.

use crate::common::{files, key, record_of, save};
use async_trait::async_trait;
use cacao::{Cacao, Issuer, Provers};
use session_core::{
    AuthError, AuthMethod, ExpectedSlot, Listed, Pending, Request, SessionStore, Sessions, Slot,
    SlotId,
};
use std::error::Error as _;
use std::fs;
use std::path::Path;
use store_fs::FsStore;
use store_sealed::SealedStore;
use store_testkit::fixtures::TestIssuer;
use test_support::with_sources;

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_reads() {
    use std::os::unix::fs::PermissionsExt;
    let (store, _home) = files(1).await;
    let issuer = TestIssuer::ethereum();
    save(&store, &issuer).await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let directory = store.inner().directory();
    assert_eq!(mode(directory), 0o700);
    assert_eq!(mode(&store.inner().sealed_path_of(issuer.slot())), 0o600);
    assert_eq!(mode(&directory.join(".seal")), 0o600);
    let mut names: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let sealed = store.inner().sealed_path_of(issuer.slot());
    let name = sealed.file_name().unwrap().to_str().unwrap();
    assert_eq!(names, [".locks", ".seal", name]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_opens_first_makes_the_seal_once() {
    let home = tempfile::tempdir().unwrap();
    let tasks = (0..8).map(|n| {
        let inner = FsStore::open(home.path());
        tokio::spawn(async move {
            let store = SealedStore::open_or_create(inner, &key(1)).await.unwrap();
            let issuer = if n % 2 == 0 {
                TestIssuer::ethereum()
            } else {
                TestIssuer::polygon()
            };
            save(&store, &issuer).await;
            store.id()
        })
    });
    let mut ids = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        ids.push(task.await.unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    let store = SealedStore::open(FsStore::open(home.path()), &key(1))
        .await
        .unwrap();
    for issuer in [TestIssuer::ethereum(), TestIssuer::polygon()] {
        record_of(&store, issuer.slot()).await;
    }
}

/// A crash between the two steps of sealing a record leaves it in both forms: whoever reads one of
/// them replaces and removes both.
#[tokio::test]
async fn a_record_in_both_forms_is_one_record() {
    let (store, _home) = files(1).await;
    let issuer = TestIssuer::ethereum();
    let record = save(&store, &issuer).await;
    let plain = store.inner().path_of(issuer.slot());
    for other in [record.to_session_string().to_string(), "garbage".to_owned()] {
        fs::write(&plain, &other).unwrap();
        let listed = store.list().await.unwrap();
        assert_eq!(listed, [Listed::Slot(issuer.slot().clone())]);
        let loaded = store.load(issuer.slot()).await.unwrap();
        let saved = store.save(issuer.slot(), &record, loaded.expected()).await;
        assert_eq!(saved.unwrap(), record.tag());
        assert!(!plain.exists());
        fs::write(&plain, &other).unwrap();
        assert!(
            store
                .remove(issuer.slot(), loaded.expected())
                .await
                .unwrap()
        );
        assert!(matches!(
            store.load(issuer.slot()).await.unwrap(),
            Slot::Empty
        ));
        assert!(!plain.exists());
        save(&store, &issuer).await;
        store
            .save(issuer.slot(), &record, ExpectedSlot::Anything)
            .await
            .unwrap();
    }
}

/// A name that is a hash has its issuer in the head of the record.
#[tokio::test]
async fn long_issuers_are_listed() {
    let (store, _home) = files(1).await;
    let record = TestIssuer::ethereum().record(&store, "nonce001").await;
    let issuer: Issuer = format!("abc:1:{}", "X".repeat(128)).parse().unwrap();
    let slot = SlotId::new(issuer);
    store
        .save(&slot, &record, ExpectedSlot::Absent)
        .await
        .unwrap();
    assert_eq!(store.list().await.unwrap(), [Listed::Slot(slot.clone())]);
    assert_eq!(record_of(&store, &slot).await.tag(), record.tag());
}

/// What expired is removed by whoever has the key.
#[tokio::test]
async fn expired_records_are_purged() {
    let (store, _home) = files(1).await;
    let (issuer, other) = (TestIssuer::ethereum(), TestIssuer::polygon());
    save(&store, &other).await;
    let end = "2024-01-01T00:00:01.500Z".parse().unwrap();
    let expired = issuer
        .record_with(&store, "nonce001", |payload| payload.with_expires_at(end))
        .await;
    let absent = ExpectedSlot::Absent;
    store.save(issuer.slot(), &expired, absent).await.unwrap();
    let at = cacao::UnixTime::from_millis;
    assert_eq!(store.purge(at(1_704_067_201_500)).await.unwrap(), 0);
    assert_eq!(store.purge(at(1_704_067_201_501)).await.unwrap(), 1);
    assert!(matches!(
        store.load(issuer.slot()).await.unwrap(),
        Slot::Empty
    ));
    record_of(&store, other.slot()).await;
}

/// Nobody signs in vain: a directory in which something is sealed is refused by whoever opened it
/// without a key, before a wallet is asked, whether its seal is there or has gone.
#[tokio::test]
async fn a_store_without_a_key_asks_no_wallet_beside_sealed_records() {
    struct Silent(Issuer);

    #[async_trait]
    impl AuthMethod for Silent {
        fn issuer(&self) -> &Issuer {
            &self.0
        }

        async fn authorize(&self, _: &Pending) -> Result<Cacao, AuthError> {
            panic!("the wallet is asked in vain");
        }
    }

    let (store, _home) = files(1).await;
    let (theirs, others) = (TestIssuer::ethereum(), TestIssuer::polygon());
    save(&store, &theirs).await;
    let plain = FsStore::open(store.inner().directory());
    let sessions = Sessions::new(plain, Provers::all_compiled_in());
    let request = Request::new("app.example", ["app:notes"]);
    let seal = store.inner().directory().join(".seal");
    let sealed = store.inner().sealed_path_of(theirs.slot());
    let refused = async |code: &str, file: &Path| {
        for issuer in [&theirs, &others] {
            let wallet = Silent(issuer.issuer().clone());
            for outcome in [
                sessions.get(&wallet, &request).await,
                sessions.sign_in(&wallet, &request).await,
            ] {
                let error = outcome.unwrap_err();
                let text = with_sources(&error);
                assert!(text.contains(file.to_str().unwrap()), "{text}");
                let source = error.source().and_then(|store| store.source());
                let source = source.and_then(|source| source.downcast_ref::<store_fs::Error>());
                assert_eq!(source.map(store_fs::Error::code), Some(code), "{text}");
            }
        }
    };
    refused("sealed", &seal).await;
    fs::remove_file(&seal).unwrap();
    refused("seal_missing", &sealed).await;
    // once nothing is sealed, it is a directory like any other
    fs::remove_file(&sealed).unwrap();
    sessions
        .store()
        .may_save(Some(theirs.slot()))
        .await
        .unwrap();
}
