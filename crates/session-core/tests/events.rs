//! What an observer is told.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::wallet;

use cacao::Provers;
use session_core::{
    AuthMethod, Context, DidSession, Event, ManualClock, Observer, Request, Sessions,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store_memory::MemoryStore;
use wallet::{Act, HOUR, NOW, Wallet, request};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn context(clock: &Arc<ManualClock>) -> Context {
    Context::with_shared_clock(Arc::clone(clock) as _, Provers::all_compiled_in())
}

/// Notes what it is told.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<(String, String)>>>);

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
        let note = format!("{name}{reason}{issuer}{profile}{what}");
        self.0.lock().unwrap().push((note, format!("{event:?}")));
    }
}

impl Notes {
    fn take(&self) -> Vec<String> {
        let notes = std::mem::take(&mut *self.0.lock().unwrap());
        notes.into_iter().map(|(note, _)| note).collect()
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
    assert_eq!(notes.take(), ["removed in work"]);
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
    assert_eq!(notes.take(), warned);
    let shown = request.warnings()[0].to_string();
    assert!(
        shown.contains("\"My App\" holds a space as character 3"),
        "{shown}"
    );
}
