//! One flight at a time, whoever holds it.

use crate::common::{fresh_builder, js, name_of};
use session_core::{FlightGuard, SessionStore, StoreError};
use std::time::Duration;
use store_indexeddb::IndexedDbStore;
use store_testkit::fixtures::TestIssuer;
use wasm_bindgen_test::wasm_bindgen_test;

const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(20);

fn is_busy(flight: &Result<Box<dyn FlightGuard>, StoreError>) -> bool {
    matches!(flight, Err(StoreError::Busy { .. }))
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
async fn stores_over_one_database_share_the_flight() {
    for web_locks in [true, false] {
        let (one, other) = twins(web_locks);
        let (ethereum, solana) = (TestIssuer::ethereum(), TestIssuer::solana());
        let held = one.flight(ethereum.issuer(), SHORT).await.unwrap();
        for patience in [Duration::ZERO, SHORT] {
            let refused = other.flight(ethereum.issuer(), patience).await;
            assert!(is_busy(&refused), "web locks: {web_locks}, {patience:?}");
        }
        // in every spelling, and no other issuer's
        let spelled = TestIssuer::ethereum_in_checksum_case();
        assert!(is_busy(&other.flight(spelled.issuer(), SHORT).await));
        let free = other.flight(solana.issuer(), Duration::ZERO).await;
        assert!(free.is_ok(), "web locks: {web_locks}");
        drop(held);
        let got = other.flight(ethereum.issuer(), LONG).await;
        assert!(got.is_ok(), "web locks: {web_locks}");
    }
}

#[wasm_bindgen_test]
async fn whoever_stops_waiting_is_no_longer_in_the_queue() {
    for web_locks in [true, false] {
        let (one, other) = twins(web_locks);
        let issuer = TestIssuer::ethereum();
        let held = one.flight(issuer.issuer(), SHORT).await.unwrap();
        // cancelled while it waits
        let waiting = other.flight(issuer.issuer(), LONG);
        let delay = std::pin::pin!(futures_timer::Delay::new(SHORT));
        drop(futures_util::future::select(waiting, delay).await);
        // out of patience
        assert!(is_busy(&other.flight(issuer.issuer(), SHORT).await));
        drop(held);
        let again = one.flight(issuer.issuer(), LONG).await;
        assert!(again.is_ok(), "web locks: {web_locks}");
    }
}

#[wasm_bindgen_test]
async fn a_web_lock_of_our_name_is_held() {
    let (store, _) = twins(true);
    let issuer = TestIssuer::ethereum();
    let count = "const { held } = await navigator.locks.query();
        return held.filter(lock => lock.name.includes(a)).length";
    let held = store.flight(issuer.issuer(), SHORT).await.unwrap();
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
    let held = store.flight(issuer.issuer(), SHORT).await.unwrap();
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
        let flight = store.flight(issuer.issuer(), Duration::ZERO).await;
        assert_eq!(flight.is_ok(), is_free, "{until}");
        drop(flight);
        futures_timer::Delay::new(Duration::from_millis(300)).await;
    }
}
