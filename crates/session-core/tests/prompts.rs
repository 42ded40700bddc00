//! Several callers at once: one prompt, shared outcomes, nobody waits in vain, nothing comes
//! back that was removed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::wallet;

use cacao::Provers;
use futures_util::FutureExt as _;
use session_core::{AuthMethod, Context, ExpectedSlot, SessionKey, SessionStore, Sessions, Slot};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use store_memory::MemoryStore;
use wallet::{Act, Wallet, request, sessions};

fn get(
    sessions: &Sessions<MemoryStore>,
    wallet: &Arc<Wallet>,
    resource: &'static str,
) -> tokio::task::JoinHandle<Result<String, &'static str>> {
    let (sessions, wallet) = (sessions.clone(), Arc::clone(wallet));
    tokio::spawn(async move {
        let session = sessions.get(&*wallet, &request([resource])).await;
        session
            .map(|s| s.key_did().to_string())
            .map_err(|error| error.code())
    })
}

/// Lets the other tasks go as far as they get.
async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn callers_at_once_ask_once_and_get_the_same() {
    let ((sessions, _), wallet) = (sessions(), Wallet::waiting());
    let calls: Vec<_> = (0..5).map(|_| get(&sessions, &wallet, "a")).collect();
    wallet.until_asked(1).await;
    settle().await;
    wallet.open.add_permits(5);
    let mut keys = Vec::new();
    for call in calls {
        keys.push(call.await.unwrap().unwrap());
    }
    keys.dedup();
    assert_eq!((keys.len(), wallet.asked()), (1, 1));
}

#[tokio::test]
async fn two_sessions_over_one_store_ask_once() {
    let ((one, clock), wallet) = (sessions(), Wallet::waiting());
    let context = Context::with_shared_clock(clock, Provers::all_compiled_in());
    let two = Sessions::with_context(one.store().clone(), context);
    let calls = [get(&one, &wallet, "a"), get(&two, &wallet, "a")];
    wallet.until_asked(1).await;
    settle().await;
    wallet.open.add_permits(2);
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(wallet.asked(), 1);
}

#[tokio::test]
async fn a_decline_is_shared() {
    let ((sessions, _), wallet) = (sessions(), Wallet::waiting());
    wallet.will(Act::Decline);
    let calls = [get(&sessions, &wallet, "a"), get(&sessions, &wallet, "a")];
    wallet.until_asked(1).await;
    settle().await;
    wallet.open.add_permits(2);
    for call in calls {
        assert_eq!(call.await.unwrap(), Err("declined"));
    }
    assert_eq!(wallet.asked(), 1);
}

#[tokio::test]
async fn a_waiter_whom_the_outcome_does_not_serve_asks_for_itself() {
    let ((sessions, _), wallet) = (sessions(), Wallet::waiting());
    let calls = [get(&sessions, &wallet, "a"), get(&sessions, &wallet, "b")];
    wallet.until_asked(1).await;
    wallet.open.add_permits(2);
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(wallet.asked(), 2);
}

#[tokio::test]
async fn a_hit_does_not_wait_for_an_open_wallet() {
    let ((sessions, _), wallet) = (sessions(), Wallet::waiting());
    wallet.open.add_permits(1);
    get(&sessions, &wallet, "a").await.unwrap().unwrap();
    let open = get(&sessions, &wallet, "b");
    wallet.until_asked(2).await;
    get(&sessions, &wallet, "a").await.unwrap().unwrap();
    assert!(
        sessions
            .has_session_for(wallet.issuer(), &request(["a"]))
            .await
            .unwrap()
    );
    assert!(!open.is_finished());
    open.abort();
}

#[tokio::test]
async fn a_cancelled_caller_hands_over() {
    let ((sessions, _), wallet) = (sessions(), Wallet::waiting());
    let first = get(&sessions, &wallet, "a");
    wallet.until_asked(1).await;
    let second = get(&sessions, &wallet, "a");
    settle().await;
    first.abort();
    wallet.until_asked(2).await;
    wallet.open.add_permits(1);
    second.await.unwrap().unwrap();
    assert_eq!(wallet.asked(), 2);
}

#[tokio::test]
async fn the_longest_wait_ends_busy() {
    let ((sessions, clock), wallet) = (sessions(), Wallet::waiting());
    let open = get(&sessions, &wallet, "a");
    wallet.until_asked(1).await;
    let impatient = request(["a"]).with_max_wait(Duration::from_millis(20));
    let mut waiter = pin!(sessions.get(&*wallet, &impatient));
    assert!(waiter.as_mut().now_or_never().is_none());
    clock.advance(Duration::from_millis(19));
    assert!(waiter.as_mut().now_or_never().is_none());
    clock.advance(Duration::from_millis(1));
    let error = waiter.await.unwrap_err();
    assert_eq!(error.code(), "busy");
    // another process, or other sessions over the same store, wait for the store's lock
    let other = Sessions::new(sessions.store().clone(), Provers::all_compiled_in());
    let error = other.get(&*wallet, &impatient).await.unwrap_err();
    assert_eq!(error.code(), "busy");
    open.abort();
}

#[tokio::test]
async fn what_was_removed_while_the_wallet_was_open_does_not_come_back() {
    let ((sessions, _), wallet) = (sessions(), Wallet::waiting());
    wallet.open.add_permits(1);
    get(&sessions, &wallet, "a").await.unwrap().unwrap();
    let more = get(&sessions, &wallet, "b");
    wallet.until_asked(2).await;
    assert_eq!(sessions.remove(wallet.issuer()).await.unwrap().len(), 1);
    wallet.open.add_permits(1);
    assert_eq!(more.await.unwrap(), Err("store_conflict"));
    let slot = sessions
        .store()
        .load(&wallet.issuer().into())
        .await
        .unwrap();
    assert!(matches!(slot, Slot::Empty));
}

#[tokio::test]
async fn a_session_stored_meanwhile_stands_if_it_serves() {
    let ((sessions, clock), wallet) = (sessions(), Wallet::waiting());
    let caller = get(&sessions, &wallet, "a");
    wallet.until_asked(1).await;
    // somebody who takes no locks logs in with a wallet of its own
    let context = Context::with_shared_clock(clock, Provers::all_compiled_in());
    let other = Sessions::with_context(MemoryStore::new(), context);
    other.get(&*Wallet::new(), &request(["a"])).await.unwrap();
    let Slot::Record { record, .. } = other.store().load(&wallet.issuer().into()).await.unwrap()
    else {
        panic!("nothing was stored");
    };
    sessions
        .store()
        .save(&wallet.issuer().into(), &record, ExpectedSlot::Absent)
        .await
        .unwrap();
    wallet.open.add_permits(1);
    let key = caller.await.unwrap().unwrap();
    assert_eq!(key, record.key().did().as_str());
}

/// A caller that is generic over store and auth method can be spawned: the futures are `Send`.
#[tokio::test]
async fn a_generic_caller_runs_on_another_thread() {
    async fn login<S, A>(sessions: Sessions<S>, auth: A) -> Result<String, session_core::Error>
    where
        S: SessionStore + 'static,
        A: AuthMethod + 'static,
    {
        let call = async move {
            let session = sessions.get(&auth, &request(["a"])).await?.erase();
            session.create_jws(&serde_json::json!({ "a": 1 })).await?;
            Ok(session.key_did().to_string())
        };
        tokio::spawn(call).await.unwrap()
    }
    let chain = "eip155:1".parse().unwrap();
    let wallet = session_wallets::EthereumWallet::from_secret(&[7; 32], &chain).unwrap();
    let boxed: Box<dyn SessionStore<Key = didkey::Ed25519SigningKey>> =
        Box::new(MemoryStore::new());
    login(Sessions::new(boxed, Provers::all_compiled_in()), wallet)
        .await
        .unwrap();
}
