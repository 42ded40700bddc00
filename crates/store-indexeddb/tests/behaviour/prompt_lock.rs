//! One prompt at a time, whoever holds the lock.

use crate::common::{fresh_builder, js, name_of};
use session_core::{PromptLockGuard, SessionStore, StoreError};
use std::time::Duration;
use store_indexeddb::IndexedDbStore;
use store_testkit::fixtures::TestIssuer;
use wasm_bindgen_test::wasm_bindgen_test;

const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(20);

fn is_busy(lock: &Result<Box<dyn PromptLockGuard>, StoreError>) -> bool {
    matches!(lock, Err(StoreError::Busy { .. }))
}

/// Another store over the same database, as another tab has one.
fn twins(web_locks: bool) -> (IndexedDbStore, IndexedDbStore) {
    let mut builder = fresh_builder();
    if !web_locks {
        builder = builder.without_web_locks();
    }
    (builder.clone().build().unwrap(), builder.build().unwrap())
}

#[wasm_bindgen_test]
async fn stores_over_one_database_share_the_prompt_lock() {
    for web_locks in [true, false] {
        let (one, other) = twins(web_locks);
        let (ethereum, solana) = (TestIssuer::ethereum(), TestIssuer::solana());
        let held = one.lock_prompt(ethereum.slot(), SHORT).await.unwrap();
        for max_wait in [Duration::ZERO, SHORT] {
            let refused = other.lock_prompt(ethereum.slot(), max_wait).await;
            assert!(is_busy(&refused), "web locks: {web_locks}, {max_wait:?}");
        }
        // in every spelling, and no other issuer's
        let spelled = TestIssuer::ethereum_in_checksum_case();
        assert!(is_busy(&other.lock_prompt(spelled.slot(), SHORT).await));
        let free = other.lock_prompt(solana.slot(), Duration::ZERO).await;
        assert!(free.is_ok(), "web locks: {web_locks}");
        drop(held);
        let got = other.lock_prompt(ethereum.slot(), LONG).await;
        assert!(got.is_ok(), "web locks: {web_locks}");
    }
}

#[wasm_bindgen_test]
async fn whoever_stops_waiting_is_no_longer_in_the_queue() {
    for web_locks in [true, false] {
        let (one, other) = twins(web_locks);
        let issuer = TestIssuer::ethereum();
        let held = one.lock_prompt(issuer.slot(), SHORT).await.unwrap();
        // cancelled while it waits
        let waiting = other.lock_prompt(issuer.slot(), LONG);
        let delay = std::pin::pin!(futures_timer::Delay::new(SHORT));
        drop(futures_util::future::select(waiting, delay).await);
        // out of time
        assert!(is_busy(&other.lock_prompt(issuer.slot(), SHORT).await));
        drop(held);
        let again = one.lock_prompt(issuer.slot(), LONG).await;
        assert!(again.is_ok(), "web locks: {web_locks}");
    }
}

#[wasm_bindgen_test]
async fn a_web_lock_of_our_name_is_held() {
    let (store, _) = twins(true);
    let issuer = TestIssuer::ethereum();
    let count = "const { held } = await navigator.locks.query();
        return held.filter(lock => lock.name.includes(a)).length";
    let held = store.lock_prompt(issuer.slot(), SHORT).await.unwrap();
    assert_eq!(js(count, &[&name_of(&store)]).await, 1);
    drop(held);
    // the promise that holds it settles, then the browser takes it back
    futures_timer::Delay::new(SHORT).await;
    assert_eq!(js(count, &[&name_of(&store)]).await, 0);
}

/// The only lease in the database of leases, as JSON, or `null`.
async fn lease(store: &IndexedDbStore) -> Option<String> {
    js(
        "const request = indexedDB.open(a + '-leases', 1);
         const db = await settled(request);
         const all = await settled(db.transaction('leases').objectStore('leases').getAll());
         db.close();
         return all.length ? JSON.stringify(all[0]) : null",
        &[&name_of(store)],
    )
    .await
    .as_string()
}

#[wasm_bindgen_test]
async fn a_lease_is_given_back_and_a_dead_one_ends() {
    let (store, _) = twins(false);
    let issuer = TestIssuer::ethereum();
    let held = store.lock_prompt(issuer.slot(), SHORT).await.unwrap();
    assert!(lease(&store).await.is_some());
    drop(held);
    futures_timer::Delay::new(Duration::from_millis(300)).await;
    assert_eq!(lease(&store).await, None);

    // a tab that died: its lease stands until its end, and no longer; one that ends later than
    // any lease does was written by a clock that has been set back
    for (until, is_free) in [
        ("Date.now() + 60_000", false),
        ("Date.now() - 1", true),
        ("Date.now() + 3_600_000", true),
        ("'garbage'", true),
    ] {
        let body = format!(
            "const db = await settled(indexedDB.open(a + '-leases', 1));
             const store = db.transaction('leases', 'readwrite').objectStore('leases');
             await settled(store.put({{ holder: 'a dead tab', until: {until} }}, b));
             db.close()"
        );
        js(&body, &[&name_of(&store), &issuer.issuer().did().into()]).await;
        let lock = store.lock_prompt(issuer.slot(), Duration::ZERO).await;
        assert_eq!(lock.is_ok(), is_free, "{until}");
        drop(lock);
        futures_timer::Delay::new(Duration::from_millis(300)).await;
    }
}

/// The clocks of the page, as a test moves them: that of the device, and `performance.now()`.
async fn move_clocks(wall: f64, steady: f64) {
    js(
        "globalThis.realClocks ??= [Date.now, performance.now.bind(performance)];
         const [date, steady] = globalThis.realClocks;
         Date.now = () => date() + a;
         performance.now = () => steady() + b",
        &[&wall.into(), &steady.into()],
    )
    .await;
}

#[wasm_bindgen_test]
async fn a_lease_is_over_for_its_holder_first_whatever_clocks_show() {
    let issuer = TestIssuer::ethereum();
    for (wall, steady) in [(0.0, 76_000.0), (76_000.0, 0.0), (-2000.0, 0.0)] {
        let (store, twin) = twins(false);
        let held = store.lock_prompt(issuer.slot(), SHORT).await.unwrap();
        assert!(held.is_held());
        move_clocks(wall, steady).await;
        assert!(!held.is_held(), "moved by {wall} and {steady}");
        // set back, it is free for the others
        if wall < 0.0 {
            assert!(
                twin.lock_prompt(issuer.slot(), Duration::ZERO)
                    .await
                    .is_ok()
            );
        }
        move_clocks(0.0, 0.0).await;
    }
}
