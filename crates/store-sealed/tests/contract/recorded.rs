//! Directories that were sealed before there was a data key: one with a key, recorded as it was, and
//! one with a passphrase and a profile, in the form that was written then.

use crate::common::{key, record_of, save};
use session_core::{Listed, SessionStore, SlotId};
use std::fs;
use std::path::Path;
use store_fs::FsStore;
use store_sealed::{Error, KeyKind, SealKey, SealedStore};
use store_testkit::fixtures::TestIssuer;
use tempfile::TempDir;

/// A copy of a recorded directory.
fn recorded(name: &str) -> (FsStore, TempDir) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/recorded");
    let home = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(from.join(name)).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), home.path().join(entry.file_name())).unwrap();
    }
    (FsStore::open(home.path()), home)
}

fn passphrase(text: &str) -> SealKey {
    SealKey::from_passphrase(text).unwrap()
}

async fn opens_goes_on_and_gets_another_key(inner: FsStore, old: SealKey, slots: &[SlotId]) {
    let info = SealedStore::info(&inner).await.unwrap().unwrap();
    assert_eq!((info.format, info.key), (1, KeyKind::PassphraseOrKey));
    let store = SealedStore::open(inner.clone(), &old).await.unwrap();
    let mut listed = store.list().await.unwrap();
    listed.sort();
    assert_eq!(
        listed,
        slots.iter().cloned().map(Listed::Slot).collect::<Vec<_>>()
    );
    let mut records = Vec::new();
    for slot in slots {
        let record = record_of(&store, slot).await;
        let payload = record.capability().payload();
        assert_eq!(payload.issuer(), slot.issuer());
        assert_eq!(record.key().did_key().as_str(), payload.audience());
        // a record in an older format is replaced for what it is
        let expected = store.load(slot).await.unwrap().expected();
        records.push((slot, record, expected));
    }
    let (slot, record, expected) = &records[0];
    store.save(slot, record, *expected).await.unwrap();
    assert_eq!(record_of(&store, slot).await.tag(), record.tag());

    store.rekey(&key(9)).await.unwrap();
    assert!(SealedStore::open(inner.clone(), &old).await.is_err());
    let again = SealedStore::open(inner.clone(), &key(9)).await.unwrap();
    assert_eq!(again.id(), info.id);
    for (slot, record, _) in &records {
        assert_eq!(record_of(&again, slot).await.tag(), record.tag());
    }
    let info = SealedStore::info(&inner).await.unwrap().unwrap();
    assert_eq!((info.format, info.key), (2, KeyKind::Key));
}

#[tokio::test]
async fn a_directory_that_was_sealed_with_a_key_opens() {
    let (inner, _home) = recorded("first-key");
    let issuer: cacao::Issuer = "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44"
        .parse()
        .unwrap();
    let slots = [SlotId::new(issuer)];
    opens_goes_on_and_gets_another_key(inner, key(7), &slots).await;
}

#[tokio::test]
async fn a_directory_that_was_sealed_with_a_passphrase_opens() {
    let home = tempfile::tempdir().unwrap();
    let inner = FsStore::open(home.path());
    let issuer = TestIssuer::solana();
    let slots = [issuer.slot().clone(), issuer.slot_in("work")];
    let text = "correct horse battery staple";
    for slot in &slots {
        let record = issuer.record(&inner, "nonce001").await;
        let sealed = sealed_then(text, slot, record.to_session_string().as_bytes());
        fs::write(inner.sealed_path_of(slot), sealed).unwrap();
    }
    fs::write(home.path().join(".seal"), SEAL).unwrap();
    let old = passphrase(text);
    opens_goes_on_and_gets_another_key(inner, old, &slots).await;
}

const SEAL: &str = r#"{"format":"did-session seal 1","store":"000102030405060708090a0b0c0d0e0f","salt":"101112131415161718191a1b1c1d1e1f","argon2id":{"memory_kib":65536,"passes":3,"lanes":1}}"#;

/// As a record was sealed then: by the key of the passphrase, with the head as associated data.
fn sealed_then(passphrase: &str, slot: &SlotId, text: &[u8]) -> Vec<u8> {
    use argon2::{Algorithm, Argon2, Params, Version};
    use chacha20poly1305::XChaCha20Poly1305;
    use chacha20poly1305::aead::{Aead, KeyInit, Payload};
    let mut key = [0; 32];
    let salt: Vec<u8> = (0x10..0x20).collect();
    Argon2::new(
        Algorithm::Argon2id,
        Version::V0x13,
        Params::new(65536, 3, 1, Some(32)).unwrap(),
    )
    .hash_password_into(passphrase.as_bytes(), &salt, &mut key)
    .unwrap();
    let (store, issuer) = ("000102030405060708090a0b0c0d0e0f", slot.issuer());
    let head = match slot.profile().name() {
        None => format!("did-session sealed 1\n{store}\n{issuer}\n"),
        Some(profile) => format!("did-session sealed 2\n{store}\n{issuer}\n{profile}\n"),
    };
    let nonce = [9; 24];
    let payload = Payload {
        msg: text,
        aad: head.as_bytes(),
    };
    let sealed = XChaCha20Poly1305::new((&key).into()).encrypt((&nonce).into(), payload);
    [head.as_bytes(), &nonce, &sealed.unwrap()].concat()
}

/// Their seal has no check value: the records tell.
#[tokio::test]
async fn their_wrong_keys_are_known_before_anything_is_written() {
    let (inner, home) = recorded("first-key");
    for wrong in [key(8), passphrase("correct horse")] {
        let error = SealedStore::open(inner.clone(), &wrong).await.unwrap_err();
        assert!(matches!(error, Error::WrongKey), "{error:?}");
    }
    assert!(!home.path().join(".locks").exists(), "nothing was written");
    // a record that was damaged does not keep the right key out, when another one opens
    let store = SealedStore::open(inner.clone(), &key(7)).await.unwrap();
    let other = TestIssuer::polygon();
    save(&store, &other).await;
    fs::write(inner.sealed_path_of(other.slot()), "garbage").unwrap();
    SealedStore::open(inner, &key(7)).await.unwrap();
}
