//! Changes that arrive when nobody waits for them any more: they do nothing, whatever they are.

use super::engine::{prefix, server};
use session_core::SessionStore;
use session_core::revoke::Revocations;
use session_core::server::{Capabilities, Devices};
use store_redis::{Options, Redis, RedisCapabilities, RedisDevices, RedisRevocations, RedisStore};
use store_testkit::__private::run_or_skip;
use test_support::stores::late::{Both, PATIENCE};
use test_support::{Kind, Proxy};

/// The same database, through a proxy and past it.
struct Redises {
    proxy: Proxy,
    through: Redis,
    past: Redis,
}

impl Redises {
    async fn new(kind: Kind) -> Self {
        let server = server(kind);
        let proxy = Proxy::start(server.port()).await;
        let options = Options::new().with_prefix(prefix()).unwrap();
        let past = Redis::open_with(&server.url(), options.clone()).await;
        let url = format!("redis://127.0.0.1:{}", proxy.port());
        let options = options.with_reply_timeout(PATIENCE);
        let through = Redis::open_with(&url, options).await.unwrap();
        Self {
            proxy,
            through,
            past: past.unwrap(),
        }
    }

    fn each(&self) -> [&Redis; 2] {
        [&self.through, &self.past]
    }
}

impl Both for Redises {
    // the index is looked at first, in four pieces
    const LOOKS_FOR_SESSIONS: usize = 4;
    const LOOKS_FOR_REVOCATIONS: usize = 1;

    fn proxy(&self) -> &Proxy {
        &self.proxy
    }

    async fn connect(&self) {
        let known = RedisCapabilities::new(&self.through);
        let nothing = cacao::car::dag_cbor_cid(b"nothing");
        known.get(&nothing).await.unwrap();
    }

    fn sessions(&self) -> [impl SessionStore; 2] {
        self.each().map(RedisStore::new)
    }

    fn devices(&self) -> [impl Devices; 2] {
        self.each().map(RedisDevices::new)
    }

    fn revocations(&self) -> [impl Revocations; 2] {
        self.each().map(RedisRevocations::new)
    }

    fn capabilities(&self) -> [impl Capabilities; 2] {
        self.each().map(RedisCapabilities::new)
    }
}

fn of_each(rule: impl AsyncFn(Redises)) {
    for kind in [Kind::Redis, Kind::Valkey] {
        run_or_skip(async { rule(Redises::new(kind).await).await });
    }
}

test_support::late_changes_do_nothing!(of_each);
