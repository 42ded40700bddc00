//! Changes that arrive when nobody waits for them any more: they do nothing, whatever they are.

use crate::server::{APP, Server, config, url};
use session_core::SessionStore;
use session_core::revoke::Revocations;
use session_core::server::{Capabilities, Devices};
use store_postgres::Postgres;
use test_support::Proxy;
use test_support::stores::late::{Both, PATIENCE};

/// The same database, through a proxy and past it.
struct Pools {
    proxy: Proxy,
    through: Postgres,
    past: Postgres,
}

impl Pools {
    async fn new() -> Self {
        let server = Server::shared();
        let schema = server.new_schema().await;
        let proxy = Proxy::start(server.port()).await;
        let through = config(&url(APP, proxy.port()), &schema).with_max_wait(PATIENCE);
        Self {
            proxy,
            through: Postgres::open(through).await.unwrap(),
            past: Postgres::open(server.config(&schema)).await.unwrap(),
        }
    }

    fn each(&self) -> [&Postgres; 2] {
        [&self.through, &self.past]
    }
}

impl Both for Pools {
    const ARRIVES_AFTER: u32 = 2;

    fn proxy(&self) -> &Proxy {
        &self.proxy
    }

    // each rule has just used the pool, which keeps its connections
    async fn connect(&self) {}

    fn sessions(&self) -> [impl SessionStore; 2] {
        self.each().map(Postgres::sessions)
    }

    fn devices(&self) -> [impl Devices; 2] {
        self.each().map(Postgres::devices)
    }

    fn revocations(&self) -> [impl Revocations; 2] {
        self.each().map(Postgres::revocations)
    }

    fn capabilities(&self) -> [impl Capabilities; 2] {
        self.each().map(Postgres::capabilities)
    }
}

fn of_postgres(rule: impl AsyncFn(Pools)) {
    store_testkit::run(async { rule(Pools::new().await).await });
}

test_support::late_changes_do_nothing!(of_postgres);
