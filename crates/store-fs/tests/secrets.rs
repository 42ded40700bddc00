//! What a thief gets from errors and events: nothing.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use cacao::{Provers, eip191::Eip191};
use common::block_on;
use session_core::{
    Error as SessionError, Request, SessionRecord, SessionStore, Sessions, Slot, SlotId,
};
use session_wallets::EthereumWallet;
use std::fmt::Debug;
use std::fs;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use test_support::with_sources;
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
        let _ = write!(self.clone(), "{}{error:#?}", with_sources(error));
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
    let request = Request::new("app.example", ["ceramic://*"]);
    let (session, errors) = block_on(async {
        let sessions = Sessions::new(store.clone(), Provers::none().with(Eip191).unwrap());
        let session = sessions.get(&wallet, &request).await.unwrap();
        sessions.get(&wallet, &request).await.unwrap();
        told.shown(&(&session, &sessions, session.key()));
        let issuer = session.issuer();
        let slot_id = SlotId::from(issuer);
        told.shown(&store.load(&slot_id).await.unwrap());
        let path = store.path_of(&slot_id);
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
            let slot = store.load(&slot_id).await.unwrap();
            told.shown(&slot);
            if let Slot::Unreadable { source, .. } = slot {
                told.error(&*source);
                errors += 1;
            }
            if let Err(error) = SessionRecord::from_session_string_unverified(&spoiled) {
                told.error(&error);
            }
            match sessions.find(issuer, &request).await {
                Ok(session) => told.shown(&session),
                Err(SessionError::NotUsable(reason)) => told.error(&*reason),
                Err(error) => panic!("{error}"),
            }
        }
        let session = session.serialize();
        (session.as_bytes().to_vec(), errors)
    });
    let text = told.text();
    assert!(errors > 100, "{errors} records were unreadable");
    assert!(
        text.contains("event=\"asked\"") && text.contains("event=\"granted\""),
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
