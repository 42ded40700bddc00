//! The contracts, each over a schema of its own, by a role that may do no more than it needs to.

use crate::server::{ADMIN, APP, Server, config, connect, url};
use session_core::{Clock, SessionStore, SlotId};
use std::sync::Arc;
use std::time::Duration;
use store_postgres::{Postgres, PostgresStore};
use store_testkit::{Kept, Lost};
use test_engines::{Fault, Proxy};

/// The store, its database, and what loses its replies.
type Store = Kept<PostgresStore, (Postgres, Arc<Proxy>)>;

/// How long a lease lasts.
const TTL: Duration = Duration::from_secs(2);

async fn database() -> Postgres {
    Server::shared().database().await
}

async fn open() -> Store {
    let server = Server::shared();
    let schema = server.new_schema().await;
    let proxy = Arc::new(Proxy::start(server.port()).await);
    let config = config(&url(APP, proxy.port()), &schema).with_lease_ttl(TTL);
    let database = Postgres::open(config).await.unwrap();
    Kept::new(database.sessions(), (database, proxy))
}

/// Another pool on the same schema.
async fn reopen(store: Store) -> Store {
    let config = store.guard().0.config().clone();
    let database = Postgres::open(config).await.unwrap();
    store.reopen(|_| database.sessions())
}

/// Another pool on the same schema, by another clock.
async fn another(store: &Store, clock: Arc<dyn Clock>) -> Store {
    let config = store.guard().0.config().clone();
    let database = Postgres::open(config).await.unwrap();
    store.clone().reopen(|_| database.sessions_by(clock))
}

async fn lossy(store: &Store, lost: Lost) {
    store.guard().1.once(match lost {
        Lost::Request => Fault::CutRequest,
        Lost::Reply => Fault::Cut,
    });
}

/// Takes the lock over another pool, and neither renews it nor gives it back.
async fn crash(store: &Store, slot: &SlotId) {
    let other = Postgres::open(store.guard().0.config().clone())
        .await
        .unwrap();
    let lock = other
        .sessions()
        .lock_prompt(slot, Duration::from_secs(5))
        .await;
    std::mem::forget(lock.unwrap());
}

/// Leaves a row that is not a record, by the administrator's hand.
async fn spoil(store: &Store, slot: &SlotId) {
    let admin = connect(&Server::shared().url(ADMIN)).await;
    let schema = store.guard().0.config().schema();
    let put = format!(
        "INSERT INTO {schema}.sessions (issuer, profile, record) VALUES ($1, $2, 'no session') \
         ON CONFLICT (issuer, profile) DO UPDATE SET record = excluded.record"
    );
    let profile = slot.profile().name().unwrap_or_default();
    admin
        .execute(&put, &[&slot.issuer().did(), &profile])
        .await
        .unwrap();
}

store_testkit::store_contract!(
    open().await,
    corrupt = spoil,
    lossy = lossy,
    another = another,
    ttl = TTL,
    crash = crash,
    never = [foreign_key]
);
store_testkit::store_durability!(open().await, reopen = reopen);
store_testkit::revocations_contract!(database().await.revocations());
store_testkit::replay_window_contract!(database().await.replay_window());
store_testkit::challenges_contract!(database().await.challenges());
store_testkit::capabilities_contract!(database().await.capabilities());
store_testkit::devices_contract!(database().await.devices());
