//! Sealing at rest: who opens what, and what is told when something does not open.
#![cfg(feature = "sealed")]
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{chain, names, reason, record_of, save};
use session_core::{ExpectedSlot, Listed, SessionStore, Slot, StoreError};
use std::fs;
use std::path::Path;
use store_fs::{FsStore, SealKey};
use store_testkit::fixtures::TestIssuer;

fn open(directory: &Path, key: u8) -> FsStore {
    FsStore::open_sealed(directory, SealKey::from_bytes(&[key; 32]))
}

#[tokio::test]
async fn a_sealed_file_shows_the_issuer_and_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path(), 1);
    let issuer = TestIssuer::solana();
    let record = issuer.record(&store, "nonce001").await;
    save(&store, &issuer, &record).await;
    let path = store.path_of(issuer.slot());
    assert_eq!(path.extension().unwrap(), "sealed");
    let bytes = fs::read(&path).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(text.starts_with("did-session sealed 1\n"));
    assert!(text.contains(&issuer.issuer().did()));
    let session = record.to_session_string();
    assert!(!text.contains(&session[..16]) && !text.contains("nonce001"));
    assert_eq!(record_of(&store, &issuer).await.tag(), record.tag());
    let name = path.file_name().unwrap().to_str().unwrap();
    assert_eq!(names(home.path()), [".locks", ".seal", name]);
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_reads() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let store = open(&home.path().join("sessions"), 1);
    let issuer = TestIssuer::ethereum();
    let record = issuer.record(&store, "nonce001").await;
    save(&store, &issuer, &record).await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(store.directory()), 0o700);
    assert_eq!(mode(&store.path_of(issuer.slot())), 0o600);
    assert_eq!(mode(&store.directory().join(".seal")), 0o600);
}

#[tokio::test]
async fn another_key_does_not_open_and_can_replace() {
    let home = tempfile::tempdir().unwrap();
    let issuer = TestIssuer::ethereum();
    let right = open(home.path(), 1);
    let record = issuer.record(&right, "nonce001").await;
    save(&right, &issuer, &record).await;

    let wrong = open(home.path(), 2);
    let (code, why) = reason(&wrong, &issuer).await;
    assert_eq!(code, "does_not_open");
    assert!(
        why.contains(wrong.path_of(issuer.slot()).to_str().unwrap()),
        "{why}"
    );
    assert_eq!(
        wrong.list().await.unwrap(),
        [Listed::Slot(issuer.slot().clone())]
    );
    assert_eq!(record_of(&right, &issuer).await.tag(), record.tag());

    let seen = wrong.load(issuer.slot()).await.unwrap().expected();
    wrong.save(issuer.slot(), &record, seen).await.unwrap();
    assert_eq!(record_of(&wrong, &issuer).await.tag(), record.tag());
    assert_eq!(reason(&right, &issuer).await.0, "does_not_open");
}

#[tokio::test]
async fn a_record_opens_for_its_issuer_and_in_its_store_only() {
    let homes = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [store, elsewhere] = homes.each_ref().map(|home| open(home.path(), 1));
    let (issuer, other) = (TestIssuer::ethereum(), TestIssuer::polygon());
    for store in [&store, &elsewhere] {
        let record = other.record(store, "nonce001").await;
        save(store, &other, &record).await;
    }
    let sealed = store.path_of(other.slot());
    fs::copy(&sealed, store.path_of(issuer.slot())).unwrap();
    let (code, why) = reason(&store, &issuer).await;
    assert_eq!(code, "sealed_for_other_issuer");
    assert!(why.contains(&other.issuer().did()), "{why}");
    fs::copy(&sealed, elsewhere.path_of(other.slot())).unwrap();
    assert_eq!(reason(&elsewhere, &other).await.0, "sealed_for_other_store");

    fs::write(&sealed, "did-session sealed 2\n").unwrap();
    assert_eq!(reason(&store, &other).await.0, "unknown_seal");
}

#[tokio::test]
async fn plain_records_are_not_read() {
    let home = tempfile::tempdir().unwrap();
    let issuer = TestIssuer::ethereum();
    let plain = FsStore::open(home.path());
    let record = issuer.record(&plain, "nonce001").await;
    save(&plain, &issuer, &record).await;
    let sealed = open(home.path(), 1);
    let (code, why) = reason(&sealed, &issuer).await;
    assert_eq!(code, "not_sealed");
    assert!(
        why.contains(plain.path_of(issuer.slot()).to_str().unwrap()),
        "{why}"
    );

    // sealing it leaves no plain copy behind
    let seen = sealed.load(issuer.slot()).await.unwrap().expected();
    sealed.save(issuer.slot(), &record, seen).await.unwrap();
    assert!(!plain.path_of(issuer.slot()).exists());
    assert_eq!(record_of(&sealed, &issuer).await.tag(), record.tag());
    assert_eq!(reason(&plain, &issuer).await.0, "sealed");

    // a plain session string under the name of a sealed record
    fs::write(
        sealed.path_of(issuer.slot()),
        record.to_session_string().as_bytes(),
    )
    .unwrap();
    assert_eq!(reason(&sealed, &issuer).await.0, "unknown_seal");
}

#[tokio::test]
async fn a_passphrase_opens_what_it_sealed() {
    let home = tempfile::tempdir().unwrap();
    let issuer = TestIssuer::ethereum();
    let open = |passphrase| {
        FsStore::open_sealed(home.path(), SealKey::from_passphrase(passphrase).unwrap())
    };
    let store = open("correct horse");
    let record = issuer.record(&store, "nonce001").await;
    save(&store, &issuer, &record).await;
    assert_eq!(
        record_of(&open("correct horse"), &issuer).await.tag(),
        record.tag()
    );
    assert_eq!(
        reason(&open("battery staple"), &issuer).await.0,
        "does_not_open"
    );

    // another salt is another key
    let seal = fs::read_to_string(home.path().join(".seal")).unwrap();
    let salt = seal.split(r#""salt":""#).nth(1).unwrap().get(..32).unwrap();
    let other = seal.replace(salt, &"0".repeat(32));
    fs::write(home.path().join(".seal"), other).unwrap();
    assert_eq!(
        reason(&open("correct horse"), &issuer).await.0,
        "does_not_open"
    );
}

#[test]
fn keys_are_not_shown() {
    assert!(SealKey::from_passphrase("").is_err());
    let key = SealKey::from_passphrase("correct horse").unwrap();
    assert_eq!(format!("{key:?}"), "SealKey(passphrase)");
    let store = FsStore::open_sealed("/nowhere", SealKey::from_bytes(&[0xab; 32]));
    let shown = format!("{store:?}");
    assert!(shown.contains("SealKey(key)"), "{shown}");
    assert!(!shown.contains("171") && !shown.contains("abab"), "{shown}");
}

#[tokio::test]
async fn without_settings_nothing_opens_and_nothing_is_lost() {
    let home = tempfile::tempdir().unwrap();
    let issuer = TestIssuer::ethereum();
    let store = open(home.path(), 1);
    let record = issuer.record(&store, "nonce001").await;
    save(&store, &issuer, &record).await;
    let seal = home.path().join(".seal");
    let settings = fs::read(&seal).unwrap();
    let sealed = fs::read(store.path_of(issuer.slot())).unwrap();

    fs::remove_file(&seal).unwrap();
    let (code, why) = reason(&open(home.path(), 1), &issuer).await;
    assert_eq!(code, "malformed_seal_settings");
    assert!(why.contains(".seal") && why.contains("missing"), "{why}");

    fs::write(&seal, "{}").unwrap();
    let broken = open(home.path(), 1);
    let errors = [
        broken.load(issuer.slot()).await.map(drop).unwrap_err(),
        broken
            .save(issuer.slot(), &record, ExpectedSlot::Anything)
            .await
            .map(drop)
            .unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, StoreError::Medium { .. }), "{error:?}");
        let text = chain(&error);
        assert!(
            text.contains(seal.to_str().unwrap()) && text.contains("missing field"),
            "{text}"
        );
    }
    assert_eq!(fs::read(store.path_of(issuer.slot())).unwrap(), sealed);

    fs::write(&seal, settings).unwrap();
    assert_eq!(
        record_of(&open(home.path(), 1), &issuer).await.tag(),
        record.tag()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_opens_first_makes_the_settings_once() {
    let home = tempfile::tempdir().unwrap();
    let tasks = (0..8).map(|n| {
        let directory = home.path().to_owned();
        tokio::spawn(async move {
            let store = open(&directory, 1);
            let issuer = if n % 2 == 0 {
                TestIssuer::ethereum()
            } else {
                TestIssuer::polygon()
            };
            let record = issuer.record(&store, "nonce001").await;
            save(&store, &issuer, &record).await;
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let store = open(home.path(), 1);
    for issuer in [TestIssuer::ethereum(), TestIssuer::polygon()] {
        let slot = store.load(issuer.slot()).await.unwrap();
        assert!(matches!(slot, Slot::Record { .. }), "{slot:?}");
    }
}

/// The seal covers the whole file: what it says in plain, too.
#[tokio::test]
async fn no_byte_of_a_sealed_record_can_be_altered() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path(), 1);
    let issuer = TestIssuer::ethereum();
    let record = issuer.record(&store, "nonce001").await;
    save(&store, &issuer, &record).await;
    let path = store.path_of(issuer.slot());
    let whole = fs::read(&path).unwrap();
    let altered = (0..whole.len()).map(|at| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        bytes
    });
    let cut = (0..whole.len()).step_by(3).map(|end| whole[..end].to_vec());
    let longer = [0_u8, b'\n', b'A'].map(|byte| [&whole[..], &[byte]].concat());
    let mut seen = 0;
    for bytes in altered.chain(cut).chain(longer) {
        fs::write(&path, &bytes).unwrap();
        let (code, why) = reason(&store, &issuer).await;
        assert!(
            [
                "does_not_open",
                "unknown_seal",
                "sealed_for_other_issuer",
                "sealed_for_other_store"
            ]
            .contains(&code)
                || code.starts_with("malformed"),
            "{code}: {why}"
        );
        seen += 1;
    }
    assert!(seen > whole.len());
    fs::write(&path, &whole).unwrap();
    assert_eq!(record_of(&store, &issuer).await.tag(), record.tag());
}

/// What a file store cannot promise, stated so that nobody believes it: an older file is a record
/// that this store wrote for this issuer.
#[tokio::test]
async fn an_older_file_of_the_same_issuer_is_not_noticed() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path(), 1);
    let issuer = TestIssuer::ethereum();
    let older = issuer.record(&store, "nonce001").await;
    save(&store, &issuer, &older).await;
    let path = store.path_of(issuer.slot());
    let kept = fs::read(&path).unwrap();
    let newer = issuer.record(&store, "nonce002").await;
    save(&store, &issuer, &newer).await;
    fs::write(&path, &kept).unwrap();
    assert_eq!(record_of(&store, &issuer).await.tag(), older.tag());
    assert!(
        store
            .remove(issuer.slot(), ExpectedSlot::Anything)
            .await
            .unwrap()
    );
    fs::write(&path, &kept).unwrap();
    assert_eq!(record_of(&store, &issuer).await.tag(), older.tag());
}
