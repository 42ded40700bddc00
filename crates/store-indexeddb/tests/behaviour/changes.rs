//! Other tabs hear what changed.

use crate::common::{fresh, fresh_builder, js, save_anyway};
use session_core::{ExpectedSlot, SessionStore};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use store_indexeddb::{Change, ChangeKind, IndexedDbStore, Subscription};
use store_testkit::fixtures::TestIssuer;
use wasm_bindgen_test::wasm_bindgen_test;

type Heard = Rc<RefCell<Vec<Change>>>;

fn listen(store: &IndexedDbStore) -> (Heard, Subscription) {
    let heard = Heard::default();
    let kept = Rc::clone(&heard);
    let subscription = store
        .on_change(move |change| kept.borrow_mut().push(change))
        .unwrap();
    (heard, subscription)
}

async fn settle() {
    futures_timer::Delay::new(Duration::from_millis(100)).await;
}

#[wasm_bindgen_test]
async fn saves_and_removals_are_heard_until_the_subscription_ends() {
    let store = fresh();
    let other = fresh_builder().build().unwrap();
    let (heard, subscription) = listen(&store);
    let issuer = TestIssuer::ethereum_in_checksum_case();
    let record = issuer.record(&store, "nonce001").await;
    // another database is another matter
    save_anyway(&other, issuer.slot(), &record).await;
    save_anyway(&store, issuer.slot(), &record).await;
    store
        .remove(issuer.slot(), ExpectedSlot::Anything)
        .await
        .unwrap();
    // nothing was there any more, so nothing changed
    store
        .remove(issuer.slot(), ExpectedSlot::Anything)
        .await
        .unwrap();
    settle().await;
    let kinds: Vec<_> = heard.borrow().iter().map(|change| change.kind).collect();
    assert_eq!(kinds, [ChangeKind::Saved, ChangeKind::Removed]);
    assert!(
        heard
            .borrow()
            .iter()
            .all(|change| change.slot == *issuer.slot())
    );
    drop(subscription);
    save_anyway(&store, issuer.slot(), &record).await;
    settle().await;
    assert_eq!(heard.borrow().len(), 2);
}

#[wasm_bindgen_test]
async fn what_is_no_change_is_not_heard() {
    let store = fresh();
    let (heard, _subscription) = listen(&store);
    let body = "const channel = new BroadcastChannel('did-session:' + a);
        for (const message of [null, 1, 'saved', {}, { change: 'saved' },
            { change: 'saved', issuer: 5 }, { change: 'eaten', issuer: b },
            { change: 'saved', issuer: 'nobody' }]) channel.postMessage(message);
        channel.postMessage({ change: 'removed', issuer: b });
        channel.close()";
    let issuer = TestIssuer::solana();
    js(
        body,
        &[&store.database().into(), &issuer.issuer().did().into()],
    )
    .await;
    settle().await;
    assert_eq!(heard.borrow().len(), 1);
}
