//! Keeps sessions in Redis (6.2 or newer) or Valkey, and what the processes of one server share:
//! used proofs and challenges, registered capabilities, devices, and revocations.
//!
//! ```no_run
//! use session_core::{Context, SystemClock, Clock};
//! use store_redis::{Options, Redis, RedisReplayWindow, RedisRevocations, RedisStore};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let options = Options::new().with_prefix("notes:")?;
//! let redis = Redis::open_with("redis://notes:password@localhost/0", options).await?;
//! let store = RedisStore::new(&redis);
//! let window = RedisReplayWindow::open(&redis, SystemClock.now()).await?;
//! let context = Context::new(SystemClock, cacao::Provers::none())
//!     .with_revocations(RedisRevocations::new(&redis));
//! # let _ = (store, window, context);
//! # Ok(())
//! # }
//! ```
//!
//! # How it talks to the engine
//! - Every operation is one command or one script (Lua), and one round trip; comparison and change
//!   are one step. A script that the engine does not know yet is sent again with its text, once.
//! - All clones of a [`Redis`] use one connection, over which operations do not wait for each
//!   other. A connection that broke, or over which no answer came in time, is made again by the
//!   next operation; nothing is ever sent twice.
//! - If the answer to an operation is lost, the operation fails; for a session the error is
//!   [`StoreError::Unknown`](session_core::StoreError::Unknown), after which the flow loads the
//!   slot again. Such an operation is counted neither as done nor as not done.
//! - Connecting and every answer have a time-out, two seconds each unless [`Options`] say otherwise.
//!   A change says until when its caller waits, by the engine's clock. A change that arrives later
//!   does nothing, so that nothing that was removed comes back, and no caller that has gone keeps the
//!   wallet reserved. (The use of a proof or of a challenge has no such time: a late one lets nobody
//!   in.)
//! - All keys begin with a prefix, and those of one operation have one hash tag, so that they lie
//!   in one slot of a cluster. The crate connects to one server and follows no redirections; to use
//!   a cluster, connect to a proxy in front of it.
//! - User and password are in the URL, and in no error and no `Debug` output. Errors have the codes
//!   of the engine but not its words, since engines quote commands.
//!
//! # What the engine must be
//! - `maxmemory-policy noeviction`: an engine that evicts keys when its memory is full forgets who
//!   was logged out. [`Redis::open`] refuses any other policy, if the user may call `INFO`. A full
//!   engine refuses new entries, and forgets nothing.
//! - `appendonly yes` with `appendfsync always`, if a session or a revocation that was acknowledged
//!   must survive a crash of the machine. With `everysec` a crash may lose the last second, and
//!   without `appendonly` everything after the last snapshot.
//! - A failover to a replica loses what had not reached it yet, so sessions that were removed or
//!   revoked in the last moment may come back. `min-replicas-to-write` limits that.
//! - Used proofs do not depend on any of this: after each start of the engine, and after each
//!   failover that changes its `run_id`, `session-http` asks for fresh nonces. Challenges from
//!   before are refused if the engine kept its changes, or if anything is left that shows the loss:
//!   see [`RedisChallenges`].
//! - Clocks of servers may be as far from the engine's as
//!   [`Options::with_clock_tolerance`] says. Leases go by the engine's clock alone.
//!
//! # What its user must be allowed
//! `+eval +evalsha +hget +hmget +hset +hdel +hkeys +hgetall +hincrby +zadd +zrem +zcard +zrange
//! +zrangebylex +zrangebyscore +get +set +del +exists +pexpire +pexpireat +persist +pttl +time` on
//! the keys of the prefix, and better `+info`: without it each new connection counts as a start of
//! the engine. If the URL has the number of a database, add `+select`.
#![forbid(unsafe_code)]

mod batch;
mod capabilities;
mod challenges;
mod clock;
mod devices;
mod error;
mod handle;
mod keys;
mod lease;
mod link;
mod list;
mod memory;
mod options;
mod record;
mod replay;
mod reply;
mod revocations;
mod script;
mod sealed;
mod store;
mod time;

pub use capabilities::RedisCapabilities;
pub use challenges::RedisChallenges;
pub use devices::RedisDevices;
pub use error::Error;
pub use handle::Redis;
pub use options::Options;
pub use replay::RedisReplayWindow;
pub use revocations::RedisRevocations;
pub use store::RedisStore;

/// The examples of the README are compiled, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
