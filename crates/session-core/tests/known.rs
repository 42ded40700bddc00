//! With a memory a session that is asked for again costs no signature, and is judged all the same.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::wallet;

use cacao::{KnownCapabilities, Provers};
use session_core::{AuthMethod, Context, DidSession, ManualClock, Request, Sessions};
use std::sync::Arc;
use std::time::Duration;
use store_memory::MemoryStore;
use wallet::{HOUR, NOW, Wallet, request};

/// The context, and what it knows.
fn context(clock: &Arc<ManualClock>) -> (Context, KnownCapabilities) {
    let provers = Provers::all_compiled_in().with_memory(8);
    let known = provers.known().unwrap().clone();
    (
        Context::with_shared_clock(Arc::clone(clock) as _, provers),
        known,
    )
}

#[tokio::test]
async fn a_signature_is_checked_when_it_is_made_and_never_again() {
    let (context, known) = context(&Arc::new(ManualClock::new(NOW)));
    let sessions = Sessions::with_context(MemoryStore::new(), context.clone());
    let (wallet, request) = (Wallet::new(), request(["a"]));
    let first = sessions.get(&*wallet, &request).await.unwrap();
    for _ in 0..3 {
        let again = sessions.get(&*wallet, &request).await.unwrap();
        assert_eq!(again.key_did(), first.key_did());
        assert!(
            sessions
                .has_session_for(wallet.issuer(), &request)
                .await
                .unwrap()
        );
    }
    let restored = DidSession::from_session(&context, &first.serialize()).unwrap();
    assert_eq!(restored.key_did(), first.key_did());
    assert_eq!((wallet.asked(), known.stats().misses), (1, 1));
    assert_eq!(known.stats().hits, 7);
}

#[tokio::test]
async fn a_known_session_expires_and_covers_no_more_than_it_did() {
    let clock = Arc::new(ManualClock::new(NOW));
    let sessions = Sessions::with_context(MemoryStore::new(), context(&clock).0);
    let wallet = Wallet::new();
    let wish: Request = request(["a"]).with_lifetime(HOUR);
    sessions.get(&*wallet, &wish).await.unwrap();
    let has = |request: Request| {
        let (sessions, wallet) = (&sessions, &wallet);
        async move {
            sessions
                .has_session_for(wallet.issuer(), &request)
                .await
                .unwrap()
        }
    };
    assert!(has(request(["a"])).await);
    assert!(!has(request(["b"])).await);
    clock.advance(HOUR + Duration::from_secs(1));
    assert!(!has(request(["a"])).await);
    let renewed = sessions.get(&*wallet, &wish).await.unwrap();
    assert_eq!(wallet.asked(), 2);
    assert!(!renewed.is_expired());
}
