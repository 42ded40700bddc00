//! Seeds, passphrases and keys that were dropped are in no heap page of the process. A child process
//! uses a sealed store and drops it; its parent, who knows the secrets, looks through its memory.

use crate::common::{files, key, record_of, save};
use session_core::{ExpectedSlot, SessionStore};
use std::fs;
use store_fs::FsStore;
use store_sealed::{SealKey, SealedStore};
use store_testkit::fixtures::TestIssuer;
use store_testkit::{run, secrets_of};
use test_support::{Waiting, say_and_wait, this_test};

const DIRECTORY: &str = "STORE_SEALED_TEST_DIRECTORY";
const PASSPHRASE: &str = "a passphrase that stands nowhere else";
const KEY: [u8; 32] = *b"thirty-two bytes, nowhere else: ";

#[test]
#[ignore = "the child process of dropped_secrets_are_in_no_page"]
fn child_uses_a_sealed_store() {
    let Some(directory) = std::env::var_os(DIRECTORY) else {
        println!("skipped: this is the child process of another test");
        return;
    };
    run(async {
        let (inner, issuer) = (FsStore::open(&directory), TestIssuer::ethereum());
        let key = SealKey::from_file(std::path::Path::new(&directory).join("key")).unwrap();
        let store = SealedStore::open(inner.clone(), &key).await.unwrap();
        let record = record_of(&store, issuer.slot()).await;
        store
            .save(issuer.slot(), &record, ExpectedSlot::Tag(record.tag()))
            .await
            .unwrap();
        let text = record.to_session_string();
        say_and_wait("holding");
        drop((record, text));
        let file = std::path::Path::new(&directory).join("passphrase");
        let passphrase = SealKey::from_passphrase_file(file).unwrap();
        store.rekey(&passphrase).await.unwrap();
        SealedStore::open(inner.clone(), &key).await.unwrap_err();
        let again = SealedStore::open(inner, &passphrase).await.unwrap();
        drop(record_of(&again, issuer.slot()).await);
        drop((store, again, key, passphrase));
    });
    say_and_wait("dropped");
}

#[test]
fn dropped_secrets_are_in_no_page() {
    let (store, _home) = run(files(1));
    run(store.rekey(&SealKey::from_bytes(&KEY))).unwrap();
    let issuer = TestIssuer::ethereum();
    let record = run(save(&store, &issuer));
    assert!(run(SealedStore::open(store.inner().clone(), &key(1))).is_err());
    let directory = store.inner().directory();
    for (name, content) in [("key", &KEY[..]), ("passphrase", PASSPHRASE.as_bytes())] {
        use std::os::unix::fs::PermissionsExt;
        let path = directory.join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    }
    let mut secrets = secrets_of(&record);
    for (name, secret) in [
        ("the key of the store", &KEY[..]),
        ("half of the key", &KEY[16..]),
        ("the passphrase", PASSPHRASE.as_bytes()),
    ] {
        secrets.push((name.to_owned(), secret.to_vec()));
    }
    let held = [
        "the seed, as it is",
        "the session string, as it is",
        "the key of the store",
    ];
    let mut command = this_test("memory::child_uses_a_sealed_store");
    command.env(DIRECTORY, directory);
    // the name of the issuer is no secret
    let found = Waiting::left_behind(&mut command, &held, &secrets, b"did:pkh");
    assert_eq!(found, [""; 0]);
}
