//! What servers share: the contracts of `session_core::server` and of revocations.

use super::engine::open;
use cacao::UnixTime;
use store_redis::{
    Redis, RedisCapabilities, RedisChallenges, RedisDevices, RedisReplayWindow, RedisRevocations,
};
use test_support::Kind;

const BEGAN: UnixTime = UnixTime::from_secs(1_699_000_000);

async fn window(redis: Redis) -> RedisReplayWindow {
    RedisReplayWindow::open(&redis, BEGAN).await.unwrap()
}

macro_rules! contracts {
    ($engine:ident, $kind:expr) => {
        mod $engine {
            use super::*;

            store_testkit::replay_window_contract!(window(open($kind).await).await);
            store_testkit::challenges_contract!(RedisChallenges::new(&open($kind).await).unwrap());
            store_testkit::capabilities_contract!(RedisCapabilities::new(&open($kind).await));
            store_testkit::devices_contract!(RedisDevices::new(&open($kind).await));
            store_testkit::revocations_contract!(RedisRevocations::new(&open($kind).await));
        }
    };
}

contracts!(redis, Kind::Redis);
contracts!(valkey, Kind::Valkey);
