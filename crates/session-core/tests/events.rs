//! What an observer is told.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::wallet;

use cacao::Provers;
use didkey::{Ed25519SigningKey, P256SigningKey};
use session_core::{
    AuthMethod, Context, DidSession, Event, ManualClock, Observer, Request, Sessions,
};
use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store_memory::MemoryStore;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};
use wallet::{Act, HOUR, NOW, Wallet, request};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn context(clock: &Arc<ManualClock>) -> Context {
    Context::with_shared_clock(Arc::clone(clock) as _, Provers::all_compiled_in())
}

/// Notes what it is told.
#[derive(Clone, Default)]
struct Notes(
    Arc<Mutex<Vec<(String, String)>>>,
    /// Of which identity something was told.
    Arc<Mutex<Vec<(&'static str, String)>>>,
);

impl Observer for Notes {
    fn event(&self, event: &Event<'_>) {
        let name = event.kind.name();
        let reason = event
            .kind
            .reason()
            .map_or(String::new(), |reason| format!(" {reason}"));
        let issuer = if event.issuer.is_some() {
            ""
        } else {
            " of nobody"
        };
        let profile = match event.profile.is_default() {
            true => String::new(),
            false => format!(" in {}", event.profile),
        };
        let what = event.capability.map_or("", |_| " capability");
        let count = event.kind.count();
        let count = count.map_or(String::new(), |count| format!(" {count}"));
        let note = format!("{name}{reason}{count}{issuer}{profile}{what}");
        if let Some(capability) = event.capability {
            let identity = capability.identity().to_string();
            self.1.lock().unwrap().push((name, identity));
        }
        self.0.lock().unwrap().push((note, format!("{event:?}")));
    }
}

impl Notes {
    fn take(&self) -> Vec<String> {
        let notes = std::mem::take(&mut *self.0.lock().unwrap());
        self.1.lock().unwrap().clear();
        notes.into_iter().map(|(note, _)| note).collect()
    }

    fn take_identities(&self) -> Vec<(&'static str, String)> {
        let identities = std::mem::take(&mut *self.1.lock().unwrap());
        self.take();
        identities
    }
}

#[tokio::test]
async fn an_observer_is_told_what_happens_and_nothing_secret() {
    let (clock, notes) = (Arc::new(ManualClock::new(NOW)), Notes::default());
    let context = context(&clock).with_observer(notes.clone());
    let sessions = Sessions::with_context(MemoryStore::new(), context);
    let sessions = sessions.with_profile("work".parse().unwrap());
    let (wallet, day) = (Wallet::new(), request(["x:a"]).with_lifetime(DAY));

    wallet.will(Act::Decline);
    sessions.get(&*wallet, &day).await.unwrap_err();
    assert_eq!(notes.take(), ["asked in work", "declined declined in work"]);
    wallet.will(Act::Sign);
    let session = sessions.get(&*wallet, &day).await.unwrap();
    assert_eq!(
        notes.take(),
        ["asked in work", "granted in work capability"]
    );
    session.create_jws(&serde_json::json!({})).await.unwrap();
    assert_eq!(notes.take(), ["signed in work capability"]);
    let seed = session.key().to_seed();

    sessions.get(&*wallet, &day).await.unwrap();
    assert_eq!(notes.take(), ["reused in work capability"]);
    sessions.get(&*wallet, &request(["x:b"])).await.unwrap();
    let refused = "refused resource_not_granted in work capability";
    assert_eq!(
        notes.take(),
        [
            refused,
            "asked in work",
            "granted in work capability",
            "replaced in work capability"
        ]
    );
    clock.set(NOW + DAY * 7 - HOUR / 2);
    let renewed = sessions
        .renew(&*wallet, &request(["x:b"]), HOUR)
        .await
        .unwrap();
    let refused = "refused ends_too_soon in work capability";
    let told = [
        refused,
        "asked in work",
        "granted in work capability",
        "renewed in work capability",
    ];
    let all = notes.0.lock().unwrap().clone();
    assert_eq!(notes.take(), told);
    sessions.remove(wallet.issuer()).await.unwrap();
    assert_eq!(notes.take(), ["removed in work capability"]);
    sessions.sign_in(&*wallet, &request(["x:b"])).await.unwrap();
    assert_eq!(
        notes.take(),
        ["asked of nobody in work", "granted in work capability"]
    );

    for seed in [seed, renewed.key().to_seed()] {
        for (_, shown) in &all {
            for secret in [
                data_encoding::HEXLOWER.encode(seed.as_slice()),
                data_encoding::BASE64.encode(seed.as_slice()),
                format!("{:?}", seed.as_slice()),
            ] {
                assert!(!shown.contains(&secret));
            }
        }
    }
}

/// What leaves the grammar is told before the wallet is asked, and not when it is not asked.
#[tokio::test]
async fn an_observer_is_warned_of_texts_outside_of_the_grammar() {
    let (clock, notes) = (Arc::new(ManualClock::new(NOW)), Notes::default());
    let context = context(&clock).with_observer(notes.clone());
    let sessions = Sessions::with_context(MemoryStore::new(), context.clone());
    let wallet = Wallet::new();
    let request = Request::new("My App", ["notes", "x:a", "a b:c"]);
    sessions.get(&*wallet, &request).await.unwrap();
    let warned = ["warned domain", "warned resources", "warned resources"];
    let told = [&warned[..], &["asked", "granted capability"]].concat();
    assert_eq!(notes.take(), told);
    sessions.get(&*wallet, &request).await.unwrap();
    assert_eq!(notes.take(), ["reused capability"]);
    DidSession::authorize(&context, &*wallet, &request)
        .await
        .unwrap();
    assert_eq!(notes.take(), told);
    let shown = request.warnings()[0].to_string();
    assert!(
        shown.contains("\"My App\" holds a space as character 3"),
        "{shown}"
    );
}

/// A session that is kept in no store is told of as one that is.
#[tokio::test]
async fn an_observer_is_told_of_sessions_outside_of_stores() {
    let (clock, notes) = (Arc::new(ManualClock::new(NOW)), Notes::default());
    let context = context(&clock).with_observer(notes.clone());
    let (wallet, request) = (Wallet::new(), request(["x:a"]));
    let granted = ["asked", "granted capability"];
    let nobodys = ["asked of nobody", "granted capability"];

    let session = DidSession::authorize(&context, &*wallet, &request).await;
    let session = session.unwrap();
    let identity = session.cacao().identity().to_string();
    assert_eq!(notes.take_identities(), [("granted", identity)]);
    let key = P256SigningKey::generate().unwrap();
    let made = DidSession::authorize_key(&context, key, &*wallet, &request).await;
    made.unwrap();
    assert_eq!(notes.take(), granted);
    DidSession::sign_in(&context, &*wallet, &request)
        .await
        .unwrap();
    assert_eq!(notes.take(), nobodys);

    wallet.will(Act::Decline);
    let declined = DidSession::authorize(&context, &*wallet, &request).await;
    assert_eq!(declined.unwrap_err().code(), "declined");
    assert_eq!(notes.take(), ["asked", "declined declined"]);
    let declined = DidSession::sign_in(&context, &*wallet, &request).await;
    assert_eq!(declined.unwrap_err().code(), "declined");
    let told = ["asked of nobody", "declined declined of nobody"];
    assert_eq!(notes.take(), told);
    // one who signs something else grants nothing
    wallet.will(Act::OtherAccount);
    let other = DidSession::authorize(&context, &*wallet, &request).await;
    other.unwrap_err();
    assert_eq!(notes.take(), ["asked"]);
    // who takes signatures from the key says so
    let session = session.erase();
    session.key().sign(b"by hand").await.unwrap();
    session.signed().unwrap();
    assert_eq!(notes.take(), ["signed capability"]);
    clock.set(NOW + DAY * 8);
    assert_eq!(session.signed().unwrap_err().code(), "expired");
    assert_eq!(notes.take(), [""; 0]);
}

#[tokio::test]
async fn an_observer_is_told_what_is_put_and_purged() {
    let (clock, notes) = (Arc::new(ManualClock::new(NOW)), Notes::default());
    let context = context(&clock).with_observer(notes.clone());
    let sessions = Sessions::with_context(MemoryStore::new(), context.clone());
    let (wallet, day) = (Wallet::new(), request(["x:a"]).with_lifetime(DAY));
    let first = DidSession::<Ed25519SigningKey>::authorize(&context, &*wallet, &day).await;
    let second = DidSession::<Ed25519SigningKey>::authorize(&context, &*wallet, &day).await;
    let (first, second) = (first.unwrap(), second.unwrap());
    notes.take();

    sessions.put(&first).await.unwrap();
    assert_eq!(notes.take(), ["stored capability"]);
    // the same again takes the place of nothing
    sessions.put(&first).await.unwrap();
    assert_eq!(notes.take(), ["stored capability"]);
    sessions.put(&second).await.unwrap();
    let identity = second.cacao().identity().to_string();
    assert_eq!(
        notes.take_identities(),
        [("stored", identity.clone()), ("replaced", identity)]
    );

    assert_eq!(sessions.purge(NOW).await.unwrap(), 0);
    assert_eq!(notes.take(), [""; 0]);
    assert_eq!(sessions.purge(NOW + DAY * 2).await.unwrap(), 1);
    assert_eq!(notes.take(), ["purged 1 of nobody"]);
    assert!(!sessions.remove_profile(wallet.issuer()).await.unwrap());
    assert!(sessions.remove(wallet.issuer()).await.unwrap().is_empty());
    assert_eq!(notes.take(), [""; 0]);
}

/// Whoever ends every session of an account hears which they were.
#[tokio::test]
async fn an_observer_is_told_which_sessions_are_removed() {
    let (clock, notes) = (Arc::new(ManualClock::new(NOW)), Notes::default());
    let context = context(&clock).with_observer(notes.clone());
    let sessions = Sessions::with_context(MemoryStore::new(), context);
    let (wallet, request) = (Wallet::new(), request(["x:a"]));
    let mut identities = Vec::new();
    for profile in ["default", "home", "work"] {
        let sessions = sessions.clone().with_profile(profile.parse().unwrap());
        let session = sessions.get(&*wallet, &request).await.unwrap();
        identities.push(("removed", session.cacao().identity().to_string()));
    }
    notes.take();
    let removed = sessions.remove(wallet.issuer()).await.unwrap();
    assert_eq!(removed.len(), 3);
    assert_eq!(
        notes
            .0
            .lock()
            .unwrap()
            .iter()
            .map(|(note, _)| &**note)
            .collect::<Vec<_>>(),
        [
            "removed capability",
            "removed in home capability",
            "removed in work capability"
        ]
    );
    assert_eq!(notes.take_identities(), identities);

    let session = sessions.get(&*wallet, &request).await.unwrap();
    let identity = session.cacao().identity().to_string();
    notes.take();
    assert!(sessions.remove_profile(wallet.issuer()).await.unwrap());
    assert_eq!(notes.take_identities(), [("removed", identity)]);
}

thread_local! {
    /// The fields of the last event that `tracing` was told of on this thread.
    static FIELDS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct Fields;

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        FIELDS.with_borrow_mut(|fields| fields.push(format!("{field}={value:?}")));
    }
}

impl Subscriber for Fields {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "session_core::event"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        FIELDS.with_borrow_mut(Vec::clear);
        event.record(&mut Fields);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn events_go_to_tracing_with_all_that_is_known() {
    // for the whole program: what one thread does not want to hear would be kept from the others
    tracing::subscriber::set_global_default(Fields).unwrap();
    let told = || FIELDS.with_borrow(|fields| fields.join(" "));
    let context = context(&Arc::new(ManualClock::new(NOW)));
    let sessions = Sessions::with_context(MemoryStore::new(), context);
    let sessions = sessions.with_profile("work".parse().unwrap());
    let (wallet, request) = (Wallet::new(), request(["x:a"]));
    let session = sessions.get(&*wallet, &request).await.unwrap();
    let issuer = wallet.issuer();
    let identity = session.cacao().identity();
    let theirs = |name: &str| {
        let about = format!("issuer={issuer} profile=work identity={identity}");
        format!("message=session event=\"{name}\" {about}")
    };
    assert_eq!(told(), theirs("granted"));
    sessions.remove(issuer).await.unwrap();
    assert_eq!(told(), theirs("removed"));
    sessions.put(&session).await.unwrap();
    assert_eq!(told(), theirs("stored"));
    sessions.purge(NOW + DAY * 30).await.unwrap();
    let nobodys = "event=\"purged\" count=1 issuer=- profile=default identity=-";
    assert_eq!(told(), format!("message=session {nobodys}"));
}
