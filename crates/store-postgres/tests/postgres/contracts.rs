//! The contracts, each over a schema of its own.

use crate::server::Server;
use store_postgres::Postgres;

async fn open() -> Postgres {
    Server::shared().unwrap().database().await
}

store_testkit::revocations_contract!(open().await.revocations());
store_testkit::replay_window_contract!(open().await.replay_window());
store_testkit::challenges_contract!(open().await.challenges());
store_testkit::capabilities_contract!(open().await.capabilities());
store_testkit::devices_contract!(open().await.devices());
