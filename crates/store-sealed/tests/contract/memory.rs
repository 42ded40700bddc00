//! Seeds, passphrases and keys that were dropped are in no heap page of the process. A child process
//! uses a sealed store and drops it; its parent, who knows the secrets, looks through its memory.

use crate::common::{files, key, record_of, save};
use session_core::{ExpectedSlot, SessionStore};
use std::fs;
use store_fs::FsStore;
use store_sealed::{SealKey, SealedStore};
use store_testkit::fixtures::TestIssuer;
use store_testkit::run;
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
    let session = record.to_session_string();
    let json = data_encoding::BASE64URL_NOPAD
        .decode(session.as_bytes())
        .unwrap();
    let base64 = std::str::from_utf8(&json)
        .unwrap()
        .split('"')
        .nth(3)
        .unwrap();
    let seed = data_encoding::BASE64.decode(base64.as_bytes()).unwrap();
    let needles = [
        ("the seed", &seed[..]),
        ("the key of the store", &KEY[..]),
        ("half of the key", &KEY[16..]),
        ("the passphrase", PASSPHRASE.as_bytes()),
        ("the seed in base64", &base64.as_bytes()[..40]),
        ("the session string", &session.as_bytes()[28..80]),
    ];
    let mut command = this_test("memory::child_uses_a_sealed_store");
    command.env(DIRECTORY, directory);
    let mut child = Waiting::spawn(&mut command);
    child.until("holding");
    for what in [&needles[0], &needles[1], &needles[5]] {
        assert!(
            !child.holding(what.1).is_empty(),
            "{} is not found while it lives",
            what.0
        );
    }
    child.go_on();
    child.until("dropped");
    // the memory is read as before: the name of the issuer, which is no secret, is still found
    assert!(!child.holding(b"did:pkh").is_empty());
    for (what, needle) in needles {
        let found = child.holding(needle);
        // constants of this program stand in what was mapped from its file
        let found: Vec<_> = found.iter().filter(|at| !at.starts_with('/')).collect();
        assert!(found.is_empty(), "{what} is still there: {found:?}");
    }
    child.go_on();
    assert!(child.ended_well());
}
