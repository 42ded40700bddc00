//! Registered capabilities, for all processes that share the engine.

use crate::handle::Redis;
use crate::keys::{PARTS, key, tag};
use crate::reply::bytes;
use crate::script::change;
use crate::time::{millis_of, millis_up, text};
use async_trait::async_trait;
use cacao::UnixTime;
use dag_jws::Cid;
use session_core::StoreError;
use session_core::server::Capabilities;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

change!(REGISTER, "lua/register.lua");

/// Registered capabilities that processes share. Clones use one connection.
///
/// There is room for a limited number; the oldest give way, and their clients are asked for them
/// again. They are kept in 256 hashes, each of which the engine deletes when the newest one in it
/// has expired.
#[derive(Clone)]
pub struct RedisCapabilities {
    redis: Redis,
    of_part: usize,
}

impl RedisCapabilities {
    /// How many there is room for, by default: about 100 MB.
    pub const DEFAULT_CAPACITY: usize = 100_000;

    /// However little is left of a capability, it is kept so long.
    const LEAST: Duration = Duration::from_secs(300);

    /// The capabilities in this engine.
    #[must_use]
    pub fn new(redis: &Redis) -> Self {
        Self::with_capacity(redis, Self::DEFAULT_CAPACITY)
    }

    /// The capabilities in this engine, with room for about so many.
    #[must_use]
    pub fn with_capacity(redis: &Redis, capabilities: usize) -> Self {
        Self {
            redis: redis.clone(),
            of_part: capabilities.div_ceil(usize::from(PARTS)).max(1),
        }
    }

    fn key(&self, cid: &Cid, what: &[u8]) -> Vec<u8> {
        let part = cid.hash().digest().last().copied().map_or(0, u16::from);
        key(&self.redis.options().prefix, &tag('c', part), &[what])
    }
}

#[async_trait]
impl Capabilities for RedisCapabilities {
    async fn get(&self, cid: &Cid) -> Result<Option<Arc<[u8]>>, StoreError> {
        let mut get = redis::cmd("HGET");
        get.arg(self.key(cid, b"blocks")).arg(cid.to_bytes());
        let action = || self.redis.action("read a capability");
        let reply = self.redis.query(&get).await;
        let reply = reply.map_err(|failure| failure.into_store_error(&action()))?;
        let block = bytes(reply, "the block of a capability")
            .map_err(|error| StoreError::medium(action(), error))?;
        Ok(block.map(Into::into))
    }

    async fn put(&self, cid: &Cid, block: &[u8], until: UnixTime) -> Result<(), StoreError> {
        let keys = [self.key(cid, b"blocks"), self.key(cid, b"order")];
        let name = cid.to_bytes();
        let (room, until, least) = (
            self.of_part.to_string(),
            text(millis_up(until)),
            text(millis_of(Self::LEAST)),
        );
        let keys = keys.each_ref().map(Vec::as_slice);
        let arguments = [&*name, block, room.as_bytes(), &until, &least];
        let reply = self.redis.change(&REGISTER, &keys, &arguments).await;
        let action = || self.redis.action("keep a capability");
        reply.map_err(|failure| failure.into_store_error(&action()))?;
        Ok(())
    }
}

impl fmt::Debug for RedisCapabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisCapabilities")
            .field("redis", &self.redis)
            .field("of_part", &self.of_part)
            .finish()
    }
}
