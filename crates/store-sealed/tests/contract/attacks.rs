//! Whoever writes to the medium, and has no key.

use crate::common::{Files, Record, files, key, reason, record_of, save, sealed_in};
use proptest::prelude::*;
use session_core::{
    ExpectedSlot, SealableStore, SealedRecord, SealedSlot, SessionStore, Slot, SlotId, StoreError,
};
use std::fs;
use std::sync::OnceLock;
use store_fs::FsStore;
use store_memory::MemoryStore;
use store_sealed::{Error, SealKey, SealedStore, StoreId};
use store_testkit::fixtures::TestIssuer;
use store_testkit::run;
use test_support::with_sources;

#[tokio::test]
async fn a_sealed_record_shows_its_head_and_nothing_else() {
    let (store, _home) = files(1).await;
    let issuer = TestIssuer::solana();
    let record = save(&store, &issuer).await;
    let bytes = fs::read(store.inner().sealed_path_of(issuer.slot())).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(text.starts_with("did-session sealed 3\n"));
    assert!(text.contains(&issuer.issuer().did()));
    let session = record.to_session_string();
    assert!(!text.contains(&session[..16]) && !text.contains("nonce001"));
    let key = record.key().did_key().to_string();
    assert!(!text.contains(&key) && !text.contains("app.example"));
    // the same record twice has two texts
    save(&store, &issuer).await;
    assert_ne!(
        fs::read(store.inner().sealed_path_of(issuer.slot())).unwrap(),
        bytes
    );
}

#[tokio::test]
async fn a_wrong_key_is_known_before_anything_is_written() {
    let (store, home) = files(1).await;
    let issuer = TestIssuer::ethereum();
    let record = save(&store, &issuer).await;
    let directory = store.inner().directory().to_owned();
    let contents = || {
        let mut all: Vec<_> = fs::read_dir(&directory)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect();
        all.sort();
        all
    };
    let before = contents();
    for wrong in [key(2), key(0)] {
        for opened in [
            SealedStore::open(store.inner().clone(), &wrong).await,
            SealedStore::open_or_create(store.inner().clone(), &wrong).await,
        ] {
            assert!(matches!(opened, Err(Error::WrongKey)), "{opened:?}");
        }
    }
    let passphrase = SealKey::from_passphrase("correct horse").unwrap();
    let error = SealedStore::open(store.inner().clone(), &passphrase)
        .await
        .unwrap_err();
    assert_eq!(error.code(), "other_kind_of_seal_key");
    let error = SealedStore::create(store.inner().clone(), &key(1))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "store_already_sealed");
    assert_eq!(contents(), before);
    assert_eq!(record_of(&store, issuer.slot()).await.tag(), record.tag());
    drop(home);
}

#[tokio::test]
async fn a_record_opens_for_its_slot_and_in_its_store_only() {
    let (store, _home) = files(1).await;
    let (elsewhere, _other_home) = files(1).await;
    let (issuer, other) = (TestIssuer::ethereum(), TestIssuer::polygon());
    save(&store, &other).await;
    let path = |store: &Files, slot: &SlotId| store.inner().sealed_path_of(slot);
    let sealed = fs::read(path(&store, other.slot())).unwrap();
    for slot in [issuer.slot().clone(), other.slot_in("work")] {
        fs::write(path(&store, &slot), &sealed).unwrap();
        let (code, why) = reason(&store, &slot).await;
        assert_eq!(code, "sealed_for_other_slot");
        assert!(why.contains(&other.issuer().did()), "{why}");

        // a head that was rewritten does not help
        let text = sealed
            .iter()
            .map(|byte| char::from(*byte))
            .collect::<String>();
        let moved = text.replace(&other.issuer().did(), &slot.issuer().did());
        let moved = moved.replacen("default", &slot.profile().to_string(), 1);
        let moved: Vec<_> = moved.chars().map(|c| u8::try_from(c).unwrap()).collect();
        fs::write(path(&store, &slot), &moved).unwrap();
        assert_eq!(reason(&store, &slot).await.0, "does_not_open");
    }
    save(&elsewhere, &issuer).await;
    fs::write(path(&elsewhere, other.slot()), &sealed).unwrap();
    assert_eq!(
        reason(&elsewhere, other.slot()).await.0,
        "sealed_for_other_store"
    );
    let text = sealed
        .iter()
        .map(|byte| char::from(*byte))
        .collect::<String>();
    let moved = text.replace(&store.id().to_string(), &elsewhere.id().to_string());
    let moved: Vec<_> = moved.chars().map(|c| u8::try_from(c).unwrap()).collect();
    fs::write(path(&elsewhere, other.slot()), &moved).unwrap();
    assert_eq!(reason(&elsewhere, other.slot()).await.0, "does_not_open");

    // another store in its place is noticed by who pins the id
    let id = store.id();
    let swapped = SealedStore::open(elsewhere.inner().clone(), &key(1))
        .await
        .unwrap();
    let error = swapped.expect_id(id).unwrap_err();
    assert_eq!(error.code(), "other_store_id");
    let ok = SealedStore::open(store.inner().clone(), &key(1))
        .await
        .unwrap();
    assert_eq!(ok.expect_id(id).unwrap().id(), id);
}

/// Neither is the store read in plain, nor anything written beside sealed records.
#[tokio::test]
async fn a_sealed_store_cannot_be_used_in_plain() {
    let (store, _home) = files(1).await;
    let (issuer, other) = (TestIssuer::ethereum(), TestIssuer::polygon());
    save(&store, &issuer).await;
    let memory = SealedStore::create(MemoryStore::new(), &key(1))
        .await
        .unwrap();
    save(&memory, &issuer).await;
    refuses_plain(&FsStore::open(store.inner().directory()), &issuer, &other).await;
    refuses_plain(memory.inner(), &issuer, &other).await;
    // nor is a sealed record replaced where somebody took away what says how it opens
    let (anything, seal) = (
        ExpectedSlot::Anything,
        store.inner().directory().join(".seal"),
    );
    let kept = fs::read(&seal).unwrap();
    fs::remove_file(&seal).unwrap();
    let record = issuer.record(store.inner(), "nonce003").await;
    let blind = store.inner().save(issuer.slot(), &record, anything).await;
    assert!(with_sources(&blind.unwrap_err()).contains("sealed"));
    fs::write(&seal, kept).unwrap();
    assert!(store.load(issuer.slot()).await.unwrap().tag().is_some());
    // who logs out needs no key
    assert!(store.inner().remove(issuer.slot(), anything).await.unwrap());
    assert!(matches!(
        store.load(issuer.slot()).await.unwrap(),
        Slot::Empty
    ));
}

async fn refuses_plain<S: SealableStore>(plain: &S, issuer: &TestIssuer, other: &TestIssuer) {
    assert_eq!(reason(plain, issuer.slot()).await.0, "sealed");
    let record = issuer.record(plain, "nonce002").await;
    let expected = plain.load(issuer.slot()).await.unwrap().expected();
    for (slot, expected) in [
        (issuer.slot(), expected),
        (issuer.slot(), ExpectedSlot::Anything),
        (other.slot(), ExpectedSlot::Absent),
    ] {
        let error = plain.save(slot, &record, expected).await.unwrap_err();
        assert!(matches!(error, StoreError::Medium { .. }), "{error:?}");
        assert!(with_sources(&error).contains("sealed"), "{error:?}");
    }
    assert!(matches!(
        plain.load_sealed(issuer.slot()).await.unwrap(),
        SealedSlot::Sealed(_)
    ));
    assert!(matches!(
        plain.load_sealed(other.slot()).await.unwrap(),
        SealedSlot::Empty
    ));
}

/// What lies there in plain is not read, and is sealed on demand, with its tag.
#[tokio::test]
async fn plain_records_are_not_read_until_they_are_sealed() {
    let home = tempfile::tempdir().unwrap();
    let inner = FsStore::open(home.path());
    let (issuer, other) = (TestIssuer::ethereum(), TestIssuer::solana());
    let record = save(&inner, &issuer).await;
    let work = issuer.slot_in("work");
    inner
        .save(&work, &record, ExpectedSlot::Absent)
        .await
        .unwrap();
    fs::write(inner.path_of(other.slot()), "garbage").unwrap();

    let store = SealedStore::create(inner.clone(), &key(1)).await.unwrap();
    let (code, why) = reason(&store, issuer.slot()).await;
    assert_eq!(code, "not_sealed");
    assert!(
        why.contains(inner.path_of(issuer.slot()).to_str().unwrap()),
        "{why}"
    );
    let seen = store.load(issuer.slot()).await.unwrap().expected();
    assert_eq!(seen, ExpectedSlot::Tag(record.tag()));

    let done = store.seal_plain().await.unwrap();
    assert_eq!(
        (done.sealed, &done.unreadable[..]),
        (2, &[other.slot().clone()][..])
    );
    for slot in [issuer.slot(), &work] {
        assert_eq!(record_of(&store, slot).await.tag(), record.tag());
        assert!(!inner.path_of(slot).exists(), "no plain copy stays");
    }
    assert_eq!(store.seal_plain().await.unwrap().sealed, 0);
}

#[tokio::test]
async fn without_its_seal_nothing_opens_and_nothing_is_lost() {
    let (store, _home) = files(1).await;
    let issuer = TestIssuer::ethereum();
    let record = save(&store, &issuer).await;
    let seal = store.inner().directory().join(".seal");
    let kept = fs::read(&seal).unwrap();
    fs::remove_file(&seal).unwrap();
    for opened in [
        SealedStore::open(store.inner().clone(), &key(1)).await,
        SealedStore::create(store.inner().clone(), &key(1)).await,
        SealedStore::open_or_create(store.inner().clone(), &key(1)).await,
    ] {
        assert!(matches!(opened, Err(Error::SealMissing)), "{opened:?}");
    }
    fs::write(&seal, kept).unwrap();
    let store = SealedStore::open(store.inner().clone(), &key(1))
        .await
        .unwrap();
    assert_eq!(record_of(&store, issuer.slot()).await.tag(), record.tag());
}

/// An older record is one that this store wrote for this slot: nothing tells it from the newer.
#[tokio::test]
async fn an_older_record_of_the_same_slot_is_not_noticed() {
    let (store, _home) = files(1).await;
    let issuer = TestIssuer::ethereum();
    let older = save(&store, &issuer).await;
    let kept = sealed_in(store.inner(), issuer.slot()).await;
    save(&store, &issuer).await;
    let anything = ExpectedSlot::Anything;
    store.inner().save_sealed(&kept, anything).await.unwrap();
    assert_eq!(record_of(&store, issuer.slot()).await.tag(), older.tag());
}

/// A store with one record, as its medium has it.
struct Written {
    id: StoreId,
    seal: Vec<u8>,
    sealed: SealedRecord,
    record: Record,
}

fn written() -> &'static Written {
    static WRITTEN: OnceLock<Written> = OnceLock::new();
    WRITTEN.get_or_init(|| {
        run(async {
            let store = SealedStore::create(MemoryStore::new(), &key(1))
                .await
                .unwrap();
            let issuer = TestIssuer::ethereum();
            let record = save(&store, &issuer).await;
            Written {
                id: store.id(),
                seal: store.inner().load_seal().await.unwrap().unwrap(),
                sealed: sealed_in(store.inner(), issuer.slot()).await,
                record,
            }
        })
    })
}

async fn opened(seal: &[u8]) -> Result<SealedStore<MemoryStore>, Error> {
    let inner = MemoryStore::new();
    assert!(inner.replace_seal(seal, None).await.unwrap());
    SealedStore::open(inner, &key(1)).await
}

/// Lays these bytes into the slot, as far as they are a record at all, and loads it.
async fn loads(bytes: &[u8]) -> Result<Record, ()> {
    let written = written();
    let store = opened(&written.seal).await.unwrap();
    let SealedSlot::Sealed(sealed) = SealedSlot::of_bytes(bytes) else {
        return Err(());
    };
    let saved = store.inner().save_sealed(&sealed, ExpectedSlot::Absent);
    saved.await.unwrap();
    match store.load(written.sealed.slot()).await.unwrap() {
        Slot::Record { record, .. } => Ok(record),
        // it says that it is for another slot, and lies there
        Slot::Empty | Slot::Unreadable { .. } => Err(()),
    }
}

#[test]
fn no_byte_of_a_seal_or_a_record_can_be_altered() {
    let written = written();
    run(async {
        assert_eq!(opened(&written.seal).await.unwrap().id(), written.id);
        let record = loads(written.sealed.as_bytes()).await.unwrap();
        assert_eq!(record.tag(), written.record.tag());
        for at in 0..written.seal.len() {
            let mut seal = written.seal.clone();
            seal[at] ^= 1 << (at % 8);
            assert!(opened(&seal).await.is_err(), "byte {at} of the seal");
            assert!(opened(&written.seal[..at]).await.is_err(), "cut at {at}");
        }
        let whole = written.sealed.as_bytes();
        for at in 0..whole.len() {
            let mut bytes = whole.to_vec();
            bytes[at] ^= 1 << (at % 8);
            assert!(loads(&bytes).await.is_err(), "byte {at} of the record");
            if at % 3 == 0 {
                assert!(loads(&whole[..at]).await.is_err(), "cut at {at}");
            }
        }
        for byte in [0, b'\n', b'A'] {
            assert!(loads(&[whole, &[byte]].concat()).await.is_err());
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn what_was_altered_is_an_error_and_never_another_record(
        changes in prop::collection::vec((any::<prop::sample::Index>(), 1..=u8::MAX), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
        of_seal: bool,
    ) {
        let written = written();
        let whole = if of_seal { &written.seal } else { written.sealed.as_bytes() };
        let mut bytes = whole.to_vec();
        for (at, change) in &changes {
            let at = at.index(bytes.len());
            bytes[at] ^= change;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        prop_assume!(bytes != *whole);
        run(async {
            if of_seal {
                prop_assert!(opened(&bytes).await.is_err());
            } else {
                prop_assert!(loads(&bytes).await.is_err());
            }
            Ok(())
        })?;
    }
}
