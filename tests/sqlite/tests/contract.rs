//! The store keeps the contract, and what it kept is there when the file is opened again.

use session_core::{Clock, SessionStore, SlotId, SystemClock};
use sqlite_store::SqliteStore;
use std::sync::Arc;
use std::time::Duration;
use store_testkit::Kept;
use tempfile::TempDir;

type Store = Kept<SqliteStore, TempDir>;

/// Long enough for a busy machine, short enough to be waited for.
const TTL: Duration = Duration::from_secs(1);

fn open_in(home: &TempDir) -> SqliteStore {
    SqliteStore::open(&home.path().join("sessions.db"), Arc::new(SystemClock), TTL).unwrap()
}

fn open() -> Store {
    let home = tempfile::tempdir().unwrap();
    Kept::new(open_in(&home), home)
}

async fn reopen(store: Store) -> Store {
    store.reopen(open_in)
}

/// A connection of its own, as another process has; the directory stays as long as the first one.
async fn another(store: &Store, clock: Arc<dyn Clock>) -> Store {
    let path = store.guard().path().join("sessions.db");
    Kept::new(
        SqliteStore::open(&path, clock, TTL).unwrap(),
        tempfile::tempdir().unwrap(),
    )
}

/// Its holder is never heard of again.
async fn crash(store: &Store, slot: &SlotId) {
    let dead = another(store, Arc::new(SystemClock)).await;
    std::mem::forget(dead.lock_prompt(slot, TTL).await.unwrap());
}

/// A row that somebody else wrote.
async fn corrupt(store: &Store, slot: &SlotId) {
    let columns = [slot.issuer().did(), slot.profile().to_string()];
    let insert =
        "INSERT OR REPLACE INTO sessions VALUES (?1, ?2, zeroblob(32), NULL, 'no session')";
    store
        .store()
        .database()
        .run(|sql| sql.execute(insert, columns))
        .unwrap();
}

store_testkit::store_contract!(
    open(),
    corrupt = corrupt,
    another = another,
    ttl = TTL,
    crash = crash,
    never = [foreign_key, lossy]
);
store_testkit::store_durability!(open(), reopen = reopen);
