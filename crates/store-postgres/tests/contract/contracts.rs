//! The contracts, each over a schema of its own, by a role that may do no more than it needs to.

use crate::server::{ADMIN, APP, Server, config, connect, url};
use session_core::{Clock, SessionStore, SlotId};
use std::sync::Arc;
use std::time::Duration;
use store_postgres::{Postgres, PostgresStore};
use store_testkit::{Kept, Lost};
use test_support::{Fault, Proxy};

/// The store, and where it keeps things.
type Store = Kept<PostgresStore, Medium>;

/// A schema of its own, behind what loses replies.
pub(crate) struct Medium {
    pub(crate) database: Postgres,
    proxy: Proxy,
}

/// How long a lease lasts.
pub(crate) const TTL: Duration = Duration::from_secs(2);

impl Medium {
    pub(crate) async fn new() -> Self {
        let server = Server::shared();
        let schema = server.new_schema().await;
        let proxy = Proxy::start(server.port()).await;
        let config = config(&url(APP, proxy.port()), &schema).with_lease_ttl(TTL);
        let database = Postgres::open(config).await.unwrap();
        Self { database, proxy }
    }

    /// Another pool on the same schema.
    pub(crate) async fn reopen(&self) -> Postgres {
        let config = self.database.config().clone();
        Postgres::open(config).await.unwrap()
    }

    /// Loses the next request, or its reply.
    pub(crate) fn lose(&self, lost: Lost) {
        self.proxy.once(match lost {
            Lost::Request => Fault::CutRequest,
            Lost::Reply => Fault::Cut,
        });
    }

    /// Takes the lock over another pool, and neither renews it nor gives it back.
    pub(crate) async fn crash(&self, slot: &SlotId) {
        let other = self.reopen().await.sessions();
        let lock = other.lock_prompt(slot, Duration::from_secs(5)).await;
        std::mem::forget(lock.unwrap());
    }

    /// Leaves a row that is not a record, by the administrator's hand.
    pub(crate) async fn spoil(&self, slot: &SlotId) {
        let admin = connect(&Server::shared().url(ADMIN)).await;
        let schema = self.database.config().schema();
        let put = format!(
            "INSERT INTO {schema}.sessions (issuer, profile, record) \
             VALUES ($1, $2, 'no session') \
             ON CONFLICT (issuer, profile) DO UPDATE SET record = excluded.record"
        );
        let profile = slot.profile().name().unwrap_or_default();
        admin
            .execute(&put, &[&slot.issuer().did(), &profile])
            .await
            .unwrap();
    }
}

async fn database() -> Postgres {
    Server::shared().database().await
}

async fn open() -> Store {
    let medium = Medium::new().await;
    Kept::new(medium.database.sessions(), medium)
}

async fn reopen(store: Store) -> Store {
    let database = store.guard().reopen().await;
    store.reopen(|_| database.sessions())
}

/// Another pool on the same schema, by another clock.
async fn another(store: &Store, clock: Arc<dyn Clock>) -> Store {
    let database = store.guard().reopen().await;
    store.clone().reopen(|_| database.sessions_by(clock))
}

async fn lossy(store: &Store, lost: Lost) {
    store.guard().lose(lost);
}

async fn crash(store: &Store, slot: &SlotId) {
    store.guard().crash(slot).await;
}

async fn spoil(store: &Store, slot: &SlotId) {
    store.guard().spoil(slot).await;
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
store_testkit::sealable_contract!(open().await);
store_testkit::revocations_contract!(database().await.revocations());
store_testkit::replay_window_contract!(database().await.replay_window());
store_testkit::challenges_contract!(database().await.challenges());
store_testkit::capabilities_contract!(database().await.capabilities());
store_testkit::devices_contract!(database().await.devices());
