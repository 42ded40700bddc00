//! Keeps sessions in Redis or Valkey.
#![forbid(unsafe_code)]

mod batch;
mod capabilities;
mod challenges;
mod devices;
mod error;
mod handle;
mod keys;
mod link;
mod memory;
mod options;
mod replay;
mod reply;
mod revocations;
mod script;
mod time;

pub use capabilities::RedisCapabilities;
pub use challenges::RedisChallenges;
pub use devices::RedisDevices;
pub use error::Error;
pub use handle::Redis;
pub use options::Options;
pub use replay::RedisReplayWindow;
pub use revocations::RedisRevocations;
