//! What lies in the directory: names, modes, and everything that is no record.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use crate::common::{names, open, reason, record_of, save};
use cacao::{AccountId, Issuer};
use didkey::Ed25519SigningKey;
use session_core::{ExpectedSlot, Listed, SessionRecord, SessionStore, Slot, SlotId, StoreError};
use std::fs;
use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use store_fs::FsStore;
use store_testkit::fixtures::TestIssuer;
use test_support::with_sources;

#[tokio::test]
async fn a_file_is_exactly_one_session_string() {
    let (store, _home) = open();
    let issuer = TestIssuer::ethereum();
    let record = issuer.record(&store, "nonce001").await;
    save(&store, &issuer, &record).await;
    let path = store.path_of(issuer.slot());
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        *record.to_session_string()
    );
    assert_eq!(
        store.path_of(TestIssuer::ethereum_in_checksum_case().slot()),
        path
    );
    let name = format!(
        "did+pkh+eip155+1+{}.session",
        issuer.issuer().account().unwrap().address()
    );
    assert_eq!(names(store.directory()), [".locks", &name]);
}

#[tokio::test]
async fn looking_leaves_no_trace() {
    let (store, home) = open();
    let issuer = TestIssuer::ethereum();
    assert!(matches!(
        store.load(issuer.slot()).await.unwrap(),
        Slot::Empty
    ));
    assert!(store.list().await.unwrap().is_empty());
    assert!(
        !store
            .remove(issuer.slot(), ExpectedSlot::Anything)
            .await
            .unwrap()
    );
    drop(store.generate_key().await.unwrap());
    assert!(
        names(home.path()).is_empty(),
        "the directory is made by the first write"
    );

    let other = TestIssuer::polygon();
    let record = other.record(&store, "nonce001").await;
    save(&store, &other, &record).await;
    let before = names(&store.directory().join(".locks"));
    assert!(
        !store
            .remove(issuer.slot(), ExpectedSlot::Anything)
            .await
            .unwrap()
    );
    assert_eq!(names(&store.directory().join(".locks")), before);
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_reads() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let store = FsStore::open(home.path().join("above").join("sessions"));
    let issuer = TestIssuer::ethereum();
    let record = issuer.record(&store, "nonce001").await;
    save(&store, &issuer, &record).await;
    drop(
        store
            .lock_prompt(issuer.slot(), Duration::from_secs(1))
            .await
            .unwrap(),
    );
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let directory = store.directory();
    assert_eq!(mode(&home.path().join("above")), 0o700);
    assert_eq!(mode(directory), 0o700);
    assert_eq!(mode(&store.path_of(issuer.slot())), 0o600);
    let locks = directory.join(".locks");
    assert_eq!(mode(&locks), 0o700);
    // of the two, and of the seal, which is not written meanwhile
    assert_eq!(names(&locks).len(), 3);
    for name in names(&locks) {
        assert_eq!(mode(&locks.join(&name)), 0o600, "{name}");
        assert_eq!(fs::metadata(locks.join(&name)).unwrap().len(), 0, "{name}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn no_link_is_followed() {
    use std::os::unix::fs::symlink;
    let (store, home) = open();
    let issuer = TestIssuer::ethereum();
    let record = issuer.record(&store, "nonce001").await;
    save(&store, &issuer, &record).await;
    let path = store.path_of(issuer.slot());
    let elsewhere = home.path().join("elsewhere");
    fs::rename(&path, &elsewhere).unwrap();
    let target = fs::read(&elsewhere).unwrap();
    for to in [&elsewhere, &home.path().join("nowhere"), &path] {
        symlink(to, &path).unwrap();
        let (code, text) = reason(&store, &issuer).await;
        assert_eq!(code, "symlink", "a link to {}", to.display());
        assert!(text.contains(path.to_str().unwrap()), "{text}");
        assert_eq!(listed(&store).await, [Listed::Slot(issuer.slot().clone())]);
        assert!(
            store
                .remove(issuer.slot(), ExpectedSlot::Anything)
                .await
                .unwrap()
        );
        assert!(matches!(
            store.load(issuer.slot()).await.unwrap(),
            Slot::Empty
        ));
    }
    // a save replaces the link, and not what it leads to
    symlink(&elsewhere, &path).unwrap();
    let other = issuer.record(&store, "nonce002").await;
    let seen = store.load(issuer.slot()).await.unwrap().expected();
    store.save(issuer.slot(), &other, seen).await.unwrap();
    assert_eq!(record_of(&store, &issuer).await.tag(), other.tag());
    assert_eq!(fs::read(&elsewhere).unwrap(), target);

    // nor is one in the place of a lock or of a staged file
    let locks = store.directory().join(".locks");
    for name in names(&locks) {
        fs::remove_file(locks.join(&name)).unwrap();
        symlink(&elsewhere, locks.join(&name)).unwrap();
    }
    save(&store, &issuer, &record).await;
    assert_eq!(fs::read(&elsewhere).unwrap(), target);
    fs::remove_dir_all(&locks).unwrap();
    let staged = format!(".staged-{}", path.file_name().unwrap().to_str().unwrap());
    symlink(&elsewhere, store.directory().join(&staged)).unwrap();
    save(&store, &issuer, &record).await;
    assert_eq!(fs::read(&elsewhere).unwrap(), target);
    assert!(!names(store.directory()).contains(&staged));
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_no_file_is_unreadable_and_does_not_block() {
    let (store, _home) = open();
    let issuer = TestIssuer::ethereum();
    let path = store.path_of(issuer.slot());
    fs::create_dir_all(&path).unwrap();
    assert_eq!(reason(&store, &issuer).await.0, "not_a_file");
    assert_eq!(listed(&store).await, [Listed::Slot(issuer.slot().clone())]);
    let record = issuer.record(&store, "nonce001").await;
    save(&store, &issuer, &record).await;
    assert_eq!(record_of(&store, &issuer).await.tag(), record.tag());
    assert!(
        store
            .remove(issuer.slot(), ExpectedSlot::Anything)
            .await
            .unwrap()
    );

    match std::process::Command::new("mkfifo").arg(&path).status() {
        Ok(status) if status.success() => {
            assert_eq!(reason(&store, &issuer).await.0, "not_a_file");
            save(&store, &issuer, &record).await;
            assert_eq!(record_of(&store, &issuer).await.tag(), record.tag());
        }
        other => println!("skipped: no named pipe can be made ({other:?})"),
    }
}

#[tokio::test]
async fn what_is_no_record_is_unreadable_with_a_precise_reason() {
    let (store, _home) = open();
    let issuer = TestIssuer::ethereum();
    let record = issuer.record(&store, "nonce001").await;
    save(&store, &issuer, &record).await;
    let path = store.path_of(issuer.slot());
    let whole = record.to_session_string();
    let length = whole.len();
    let newline = format!("white space as byte {0} of {0}", length + 1);
    let with = |end: &str| [whole.as_bytes(), end.as_bytes()].concat();
    for (bytes, code, text) in [
        (Vec::new(), "malformed_session", "not hold a session string"),
        (with("\n"), "white_space", &*newline),
        (with("\r\n"), "white_space", "white space as byte"),
        (
            [b" ", whole.as_bytes()].concat(),
            "white_space",
            "white space as byte 1 of",
        ),
        (with("*"), "malformed_session", "base64url"),
        (with("="), "malformed_session", "base64url"),
        (b"\xff\xfe".to_vec(), "malformed_session", "base64url"),
        (b"e30".to_vec(), "malformed_session", "JSON"),
    ] {
        fs::write(&path, &bytes).unwrap();
        let (found, why) = reason(&store, &issuer).await;
        assert_eq!(found, code, "{why}");
        assert!(why.contains(text), "{text:?} is not in {why}");
        assert!(why.contains(path.to_str().unwrap()), "{why}");
    }
}

#[tokio::test]
async fn half_a_record_is_unreadable_and_tells_no_secret() {
    let (store, _home) = open();
    let issuer = TestIssuer::ethereum();
    let record = issuer.record(&store, "nonce001").await;
    save(&store, &issuer, &record).await;
    let path = store.path_of(issuer.slot());
    let whole = record.to_session_string();
    let seed = data_encoding::BASE64.encode(&*record.key().to_seed());
    let mut tags = Vec::new();
    for length in (0..whole.len()).step_by(7) {
        fs::write(&path, &whole[..length]).unwrap();
        let (code, why) = reason(&store, &issuer).await;
        assert_eq!(code, "malformed_session", "{length} bytes: {why}");
        assert!(
            !why.contains(&seed[..12]) && !why.contains(&whole[40..60]),
            "{why}"
        );
        let slot = store.load(issuer.slot()).await.unwrap();
        assert!(!format!("{slot:?}").contains(&seed[..12]));
        tags.push(format!("{:?}", slot.tag()));
    }
    let all = tags.len();
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), all, "whatever differs has a tag of its own");
    // never in the way of a new one
    let seen = store.load(issuer.slot()).await.unwrap().expected();
    store.save(issuer.slot(), &record, seen).await.unwrap();
    assert_eq!(record_of(&store, &issuer).await.tag(), record.tag());
}

#[tokio::test]
async fn a_huge_file_is_not_read() {
    let (store, _home) = open();
    let issuer = TestIssuer::ethereum();
    let path = store.path_of(issuer.slot());
    fs::create_dir_all(store.directory()).unwrap();
    let file = fs::File::create(&path).unwrap();
    for (length, code) in [
        (1_u64 << 40, "file_too_large"),
        ((2 << 20) + 1, "file_too_large"),
        (2 << 20, "malformed_session"),
    ] {
        file.set_len(length).unwrap();
        let (found, why) = reason(&store, &issuer).await;
        assert_eq!(found, code, "{why}");
    }
    assert!(
        store
            .remove(issuer.slot(), ExpectedSlot::Anything)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn what_would_not_come_back_is_not_written() {
    let (store, _home) = open();
    let issuer = TestIssuer::ethereum();
    let old = issuer.record(&store, "nonce001").await;
    save(&store, &issuer, &old).await;
    let text = "x".repeat(60_000);
    let too_long = issuer
        .record_with(&store, "nonce002", |payload| {
            payload.with_resources(vec![text; 20])
        })
        .await;
    let error = store
        .save(issuer.slot(), &too_long, ExpectedSlot::Anything)
        .await
        .unwrap_err();
    assert!(
        with_sources(&error).contains("session string"),
        "{}",
        with_sources(&error)
    );
    assert_eq!(record_of(&store, &issuer).await.tag(), old.tag());
}

#[tokio::test]
async fn foreign_files_are_listed_and_nothing_of_ours() {
    let (store, _home) = open();
    let issuer = TestIssuer::solana();
    let record = issuer.record(&store, "nonce001").await;
    save(&store, &issuer, &record).await;
    let directory = store.directory();
    fs::write(directory.join("notes.txt"), "").unwrap();
    fs::write(directory.join(".DS_Store"), "").unwrap();
    fs::write(directory.join(".staged-did+pkh+abc+1+x.session"), "").unwrap();
    fs::write(directory.join("did+pkh+abc+1+X.session"), "").unwrap();
    fs::create_dir(directory.join("backup")).unwrap();
    assert_eq!(
        listed(&store).await,
        [
            Listed::Slot(issuer.slot().clone()),
            Listed::Foreign(".DS_Store".to_owned()),
            Listed::Foreign("backup".to_owned()),
            Listed::Foreign("did+pkh+abc+1+X.session".to_owned()),
            Listed::Foreign("notes.txt".to_owned()),
        ]
    );
}

#[tokio::test]
async fn leftovers_of_a_crash_are_swept_by_the_next_writer_of_that_issuer_only() {
    let (store, _home) = open();
    let (issuer, other) = (TestIssuer::ethereum(), TestIssuer::polygon());
    let record = issuer.record(&store, "nonce001").await;
    let leftover = |issuer: &TestIssuer| {
        let name = store.path_of(issuer.slot());
        let name = format!(".staged-{}", name.file_name().unwrap().to_str().unwrap());
        store.directory().join(name)
    };
    fs::create_dir_all(store.directory()).unwrap();
    fs::write(leftover(&issuer), "half a sess").unwrap();
    fs::write(leftover(&other), "half a sess").unwrap();
    assert!(matches!(
        store.load(issuer.slot()).await.unwrap(),
        Slot::Empty
    ));
    assert!(listed(&store).await.is_empty());

    save(&store, &issuer, &record).await;
    assert!(!leftover(&issuer).exists() && leftover(&other).exists());
    assert_eq!(record_of(&store, &issuer).await.tag(), record.tag());

    // it may hold a secret: a remove takes it too, though it was no record
    assert!(
        !store
            .remove(other.slot(), ExpectedSlot::Anything)
            .await
            .unwrap()
    );
    assert!(!leftover(&other).exists());
}

#[tokio::test]
async fn a_record_of_another_issuer_is_returned_unjudged() {
    let (store, _home) = open();
    let (issuer, other) = (TestIssuer::ethereum(), TestIssuer::polygon());
    let record = issuer.record(&store, "nonce001").await;
    save(&store, &issuer, &record).await;
    fs::copy(store.path_of(issuer.slot()), store.path_of(other.slot())).unwrap();
    assert_eq!(record_of(&store, &other).await.tag(), record.tag());
}

#[tokio::test]
async fn long_issuers_are_found_by_their_content() {
    let (store, _home) = open();
    let issuer = long_issuer();
    let slot = SlotId::from(&issuer);
    let key = store.generate_key().await.unwrap();
    // whose capability it is counts, not who signed it
    let payload = cacao::Payload::builder(
        "app.example",
        issuer.clone(),
        key.did_key().as_str(),
        "nonce001",
        "2024-01-01T00:00:00Z".parse().unwrap(),
    );
    let capability = cacao::Cacao::new(cacao::HeaderType::Caip122, payload.build().unwrap(), None);
    let record = SessionRecord::<Ed25519SigningKey>::new(capability, key);
    let saved = store.save(&slot, &record, ExpectedSlot::Absent).await;
    saved.unwrap();
    let path = store.path_of(&slot);
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("h=") && name.len() == 2 + 64 + 8, "{name}");
    assert!(matches!(
        store.load(&slot).await.unwrap(),
        Slot::Record { .. }
    ));
    assert_eq!(listed(&store).await, [Listed::Slot(slot.clone())]);

    // a hash whose content does not tell its issuer is nobody's
    let liar = store
        .directory()
        .join(format!("h={}.session", "0".repeat(64)));
    fs::copy(&path, &liar).unwrap();
    fs::write(&path, "no session").unwrap();
    let foreign =
        |path: &Path| Listed::Foreign(path.file_name().unwrap().to_str().unwrap().to_owned());
    assert_eq!(listed(&store).await, [foreign(&liar), foreign(&path)]);
    assert!(matches!(
        store.load(&slot).await.unwrap(),
        Slot::Unreadable { .. }
    ));
    assert!(store.remove(&slot, ExpectedSlot::Anything).await.unwrap());
}

fn long_issuer() -> Issuer {
    let account: AccountId = format!("abc:1:{}", "X".repeat(128)).parse().unwrap();
    account.into()
}

#[tokio::test]
async fn a_store_without_a_key_does_not_read_sealed_records() {
    let (store, _home) = open();
    let issuer = TestIssuer::ethereum();
    fs::create_dir_all(store.directory()).unwrap();
    let sealed = store.path_of(issuer.slot()).with_extension("sealed");
    fs::write(&sealed, "did-session sealed 1\n").unwrap();
    let (code, why) = reason(&store, &issuer).await;
    assert_eq!(code, "sealed");
    assert!(why.contains(sealed.to_str().unwrap()), "{why}");
    assert_eq!(listed(&store).await, [Listed::Slot(issuer.slot().clone())]);
    let record = issuer.record(&store, "nonce001").await;
    let blind = store
        .save(issuer.slot(), &record, ExpectedSlot::Absent)
        .await;
    assert!(
        matches!(blind, Err(StoreError::Conflict { .. })),
        "{blind:?}"
    );
    let seen = store.load(issuer.slot()).await.unwrap().expected();
    store.save(issuer.slot(), &record, seen).await.unwrap();
    assert!(!sealed.exists(), "a record is there once");
    assert_eq!(record_of(&store, &issuer).await.tag(), record.tag());
    fs::write(&sealed, "").unwrap();
    assert!(
        store
            .remove(issuer.slot(), ExpectedSlot::Anything)
            .await
            .unwrap()
    );
    assert!(!sealed.exists());
}

/// Without a tokio runtime there is an error, and no panic.
#[test]
fn needs_a_runtime() {
    let (store, _home) = open();
    let issuer = TestIssuer::ethereum();
    let mut context = Context::from_waker(Waker::noop());
    match pin!(store.load(issuer.slot())).poll(&mut context) {
        Poll::Ready(Err(error)) => assert!(with_sources(&error).contains("runtime"), "{error}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_file_in_the_place_of_the_directory_is_an_error() {
    let (store, _home) = open();
    let issuer = TestIssuer::ethereum();
    let record = issuer.record(&store, "nonce001").await;
    fs::write(store.directory(), "").unwrap();
    let directory = store.directory().to_str().unwrap();
    let errors = [
        store.load(issuer.slot()).await.map(drop).unwrap_err(),
        store
            .save(issuer.slot(), &record, ExpectedSlot::Anything)
            .await
            .map(drop)
            .unwrap_err(),
        store
            .remove(issuer.slot(), ExpectedSlot::Anything)
            .await
            .map(drop)
            .unwrap_err(),
        store.list().await.map(drop).unwrap_err(),
        store
            .lock_prompt(issuer.slot(), Duration::ZERO)
            .await
            .map(drop)
            .unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, StoreError::Medium { .. }), "{error:?}");
        assert!(error.to_string().contains(directory), "{error}");
    }
}

async fn listed(store: &FsStore) -> Vec<Listed> {
    let mut listed = store.list().await.unwrap();
    listed.sort();
    listed
}
