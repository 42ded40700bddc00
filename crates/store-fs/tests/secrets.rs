//! What a thief or a forger gets: nothing from errors and events, and no sealed record that was
//! altered.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{block_on, chain, reason, record_of, save};
use session_core::{EthereumWallet, SessionOptions, SessionRecord, SessionStore, Sessions, Slot};
use std::fmt::Debug;
use std::fs;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use store_fs::FsStore;
use store_testkit::fixtures::TestIssuer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Everything that was told, by any thread.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<u8>>>);

impl Told {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    fn shown(&self, what: &impl Debug) {
        let _ = write!(self.clone(), "{what:?}{what:#?}");
    }

    fn error(&self, error: &(dyn std::error::Error + 'static)) {
        let _ = write!(self.clone(), "{}{error:#?}", chain(error));
    }
}

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Every spelling of a seed that could be printed.
fn spellings(seed: &[u8]) -> [String; 5] {
    use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
    [
        HEXLOWER.encode(seed),
        HEXUPPER.encode(seed),
        BASE64_NOPAD.encode(seed),
        BASE64URL_NOPAD.encode(seed),
        format!("{seed:?}"),
    ]
}

#[test]
fn no_event_and_no_error_holds_the_seed() {
    let told = Told::default();
    let writer = told.clone();
    // of all threads: the store works on others
    tracing_subscriber::registry()
        .with(LevelFilter::TRACE)
        .with(
            tracing_subscriber::fmt::layer()
                .with_ansi(false)
                .with_writer(move || writer.clone()),
        )
        .init();
    let (store, _home) = common::open();
    let wallet = EthereumWallet::from_secret(&[7; 32], &"eip155:1".parse().unwrap()).unwrap();
    let options = SessionOptions::new("app.example", ["ceramic://*"]);
    let (session, errors) = block_on(async {
        let sessions = Sessions::new(store.clone());
        let session = sessions.get(&wallet, &options).await.unwrap();
        sessions.get(&wallet, &options).await.unwrap();
        told.shown(&(&session, &sessions, session.key()));
        let issuer = session.issuer();
        told.shown(&store.load(issuer).await.unwrap());
        let path = store.path_of(issuer);
        let whole = fs::read_to_string(&path).unwrap();
        let mut errors = 0;
        // half records, spoiled ones, and one with more behind it
        for spoiled in (0..whole.len())
            .step_by(7)
            .map(|end| whole[..end].to_owned())
            .chain((0..whole.len()).step_by(5).map(|at| {
                let mut bytes = whole.clone().into_bytes();
                bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
                String::from_utf8(bytes).unwrap()
            }))
            .chain([format!("{whole}\n"), format!("{whole}{whole}")])
        {
            fs::write(&path, &spoiled).unwrap();
            let slot = store.load(issuer).await.unwrap();
            told.shown(&slot);
            if let Slot::Unreadable { source, .. } = slot {
                told.error(&*source);
                errors += 1;
            }
            if let Err(error) = SessionRecord::from_session_string_unverified(&spoiled) {
                told.error(&error);
            }
            match sessions.find(issuer, &options).await.unwrap() {
                Ok(session) => told.shown(&session),
                Err(reason) => told.error(&reason),
            }
        }
        let session = session.serialize();
        (session.as_bytes().to_vec(), errors)
    });
    let text = told.text();
    assert!(errors > 100, "{errors} records were unreadable");
    assert!(
        text.contains("asking the issuer to sign"),
        "events are heard"
    );
    let json = data_encoding::BASE64URL_NOPAD.decode(&session).unwrap();
    let json = String::from_utf8(json).unwrap();
    let base64 = json.split('"').nth(3).unwrap();
    let seed = data_encoding::BASE64.decode(base64.as_bytes()).unwrap();
    let session = String::from_utf8(session).unwrap();
    let wallet_secret = spellings(&[7; 32]);
    for secret in spellings(&seed).iter().chain(&wallet_secret) {
        assert!(!text.contains(secret.as_str()), "a seed was told");
    }
    // the part of the session string in which the seed stands
    assert!(
        !text.contains(&session[28..80]),
        "a session string was told"
    );
}

/// The seal covers the whole file: what it says in plain, too.
#[cfg(feature = "sealed")]
#[test]
fn no_byte_of_a_sealed_record_can_be_altered() {
    let home = tempfile::tempdir().unwrap();
    let store = sealed(home.path());
    let issuer = TestIssuer::ethereum();
    block_on(async {
        let record = issuer.record(&store, "nonce001").await;
        save(&store, &issuer, &record).await;
        let path = store.path_of(issuer.issuer());
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
    });
}

/// What a file store cannot promise, stated so that nobody believes it: an older file is a record
/// that this store wrote for this issuer.
#[cfg(feature = "sealed")]
#[test]
fn an_older_file_of_the_same_issuer_is_not_noticed() {
    let home = tempfile::tempdir().unwrap();
    let store = sealed(home.path());
    let issuer = TestIssuer::ethereum();
    block_on(async {
        let older = issuer.record(&store, "nonce001").await;
        save(&store, &issuer, &older).await;
        let path = store.path_of(issuer.issuer());
        let kept = fs::read(&path).unwrap();
        let newer = issuer.record(&store, "nonce002").await;
        save(&store, &issuer, &newer).await;
        fs::write(&path, &kept).unwrap();
        assert_eq!(record_of(&store, &issuer).await.tag(), older.tag());
        assert!(store.remove(issuer.issuer()).await.unwrap());
        fs::write(&path, &kept).unwrap();
        assert_eq!(record_of(&store, &issuer).await.tag(), older.tag());
    });
}

#[cfg(feature = "sealed")]
fn sealed(directory: &std::path::Path) -> FsStore {
    FsStore::open_sealed(directory, store_fs::SealKey::from_bytes(&[1; 32]))
}
