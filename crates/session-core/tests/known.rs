//! With a memory a session that is asked for again costs no signature, and is judged all the same.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

#[path = "common/wallet.rs"]
#[allow(dead_code, reason = "shared with the other tests")]
mod wallet;

use cacao::KnownCapabilities;
use session_core::{AuthMethod, Context, DidSession, ManualClock, SessionOptions, Sessions};
use std::sync::Arc;
use std::time::Duration;
use store_memory::MemoryStore;
use wallet::{HOUR, NOW, Wallet, options};

fn context(clock: &Arc<ManualClock>, known: &KnownCapabilities) -> Context {
    Context::with_shared_clock(Arc::clone(clock) as _).remembering(known)
}

#[tokio::test]
async fn a_signature_is_checked_when_it_is_made_and_never_again() {
    let (clock, known) = (Arc::new(ManualClock::new(NOW)), KnownCapabilities::new(8));
    let context = context(&clock, &known);
    let sessions = Sessions::with_context(MemoryStore::new(), context.clone());
    let (wallet, options) = (Wallet::new(), options(["a"]));
    let first = sessions.get(&*wallet, &options).await.unwrap();
    for _ in 0..3 {
        let again = sessions.get(&*wallet, &options).await.unwrap();
        assert_eq!(again.key_did(), first.key_did());
        assert!(
            sessions
                .has_session_for(wallet.issuer(), &options)
                .await
                .unwrap()
        );
    }
    let restored = DidSession::from_session_in(&context, &first.serialize()).unwrap();
    assert_eq!(restored.key_did(), first.key_did());
    assert_eq!((wallet.asked(), known.stats().misses), (1, 1));
    assert_eq!(known.stats().hits, 7);
}

#[tokio::test]
async fn a_known_session_expires_and_covers_no_more_than_it_did() {
    let (clock, known) = (Arc::new(ManualClock::new(NOW)), KnownCapabilities::new(8));
    let sessions = Sessions::with_context(MemoryStore::new(), context(&clock, &known));
    let wallet = Wallet::new();
    let wish: SessionOptions = options(["a"]).expires_in(HOUR);
    sessions.get(&*wallet, &wish).await.unwrap();
    let has = |options: SessionOptions| {
        let (sessions, wallet) = (&sessions, &wallet);
        async move {
            sessions
                .has_session_for(wallet.issuer(), &options)
                .await
                .unwrap()
        }
    };
    assert!(has(options(["a"])).await);
    assert!(!has(options(["b"])).await);
    clock.advance(HOUR + Duration::from_secs(1));
    assert!(!has(options(["a"])).await);
    let renewed = sessions.get(&*wallet, &wish).await.unwrap();
    assert_eq!(wallet.asked(), 2);
    assert!(!renewed.is_expired());
}
