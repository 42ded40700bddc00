//! What processes share in Redis, as `store-redis` asks for it, and as it would be asked for
//! without batches.

use anyhow::Result;
use async_trait::async_trait;
use redis::aio::MultiplexedConnection;
use redis::{Client, Cmd, ExistenceCheck, SetExpiry, SetOptions};
use session_core::StoreError;
use session_core::server::{ProofId, Remembered, ReplayMemory, ReplayWindow};
use session_http::{State, UnixTime};
use store_redis::{
    Redis, RedisCapabilities, RedisChallenges, RedisDevices, RedisReplayWindow, RedisRevocations,
};

/// A window that is older than its engine, so that no nonce is wanted.
struct Old<W>(W, ReplayMemory);

#[async_trait]
impl<W: ReplayWindow> ReplayWindow for Old<W> {
    async fn remember(
        &self,
        proof: ProofId,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<Remembered, StoreError> {
        // the first use of a memory tells that it is another one
        match self.0.remember(proof, until, now).await? {
            Remembered::TooOld => self.0.remember(proof, until, now).await,
            said => Ok(said),
        }
    }

    fn memory(&self) -> Option<ReplayMemory> {
        Some(self.1)
    }
}

/// A command for each proof.
struct OneByOne(MultiplexedConnection);

#[async_trait]
impl ReplayWindow for OneByOne {
    async fn remember(
        &self,
        proof: ProofId,
        _: UnixTime,
        _: UnixTime,
    ) -> Result<Remembered, StoreError> {
        let mut key = b"alone:".to_vec();
        key.extend(proof.as_bytes());
        let options = SetOptions::default()
            .conditional_set(ExistenceCheck::NX)
            .with_expiration(SetExpiry::EX(66));
        let mut connection = self.0.clone();
        let asked = Cmd::set_options(key, "", options);
        let said: Option<String> = asked
            .query_async(&mut connection)
            .await
            .map_err(|error| StoreError::medium("cannot remember a proof", error))?;
        Ok(said.map_or(Remembered::Again, |_| Remembered::First))
    }

    fn memory(&self) -> Option<ReplayMemory> {
        None
    }
}

fn state(redis: &Redis, replay: impl ReplayWindow + 'static) -> Result<State> {
    Ok(State::new(
        replay,
        RedisChallenges::new(redis)?,
        RedisCapabilities::new(redis),
        RedisDevices::new(redis),
        RedisRevocations::new(redis),
    ))
}

/// Asked in batches, and one by one.
pub(crate) async fn states(port: u16, began: UnixTime) -> Result<[State; 2]> {
    let url = format!("redis://127.0.0.1:{port}");
    let redis = Redis::open(&url).await?;
    let memory = ReplayMemory {
        since: began,
        id: [1; 16],
    };
    let now = session_core::Clock::now(&session_core::SystemClock);
    let batched = Old(RedisReplayWindow::open(&redis, now).await?, memory);
    let client = Client::open(url)?;
    let alone = OneByOne(client.get_multiplexed_async_connection().await?);
    Ok([state(&redis, batched)?, state(&redis, alone)?])
}
