//! Keeps sessions in Redis (6.2 or newer) or Valkey, and what the processes of one server share:
//! which proofs and challenges were used, which capabilities are registered, which devices there
//! are, and what was revoked.
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
//! # How it asks
//! - Every operation is one command or one script (Lua), and one round trip; comparison and change
//!   are one step. A script that the engine does not know yet is sent again with its text, once.
//! - All clones of a [`Redis`] use one connection, over which operations do not wait for each
//!   other. A connection that broke, or over which no answer came in time, is made again by the
//!   next operation; nothing is ever sent twice.
//! - An operation that was sent and whose answer was lost is an error: of a session
//!   [`StoreError::Unknown`](session_core::StoreError::Unknown), after which the flow loads again.
//!   It is never taken for done or for not done.
//! - Connecting and every answer have a time-out, two seconds each unless [`Options`] say otherwise.
//!   A change carries until when its caller waits, by the engine's clock: one that arrives later does
//!   nothing, so that nothing that was removed comes back, and nobody has a wallet reserved who is
//!   gone. (A use of a proof or of a challenge carries none: a late one lets nobody in.)
//! - All keys begin with a prefix, and those of one operation have one hash tag, so that they lie
//!   in one slot of a cluster. The crate connects to one server, and follows no redirections:
//!   with a cluster that is a proxy which hides it.
//! - User and password stand in the URL, and in no error and no `Debug`. The words of the engine
//!   are not repeated, since engines quote commands: its codes are.
//!
//! # What the engine must be
//! - `maxmemory-policy noeviction`: an engine that throws keys away when its memory is full
//!   forgets who was logged out. [`Redis::open`] refuses another one, where the user may `INFO`.
//!   A full engine refuses what is new, and forgets nothing for it.
//! - `appendonly yes` with `appendfsync always`, where a session or a revocation that was
//!   acknowledged must survive a crash of the machine; with `everysec` the last second may be
//!   lost then, and without `appendonly` whatever came after the last snapshot.
//! - A failover to a replica loses what had not reached it. `min-replicas-to-write` bounds that.
//!   Who may be logged in again by it: sessions that were removed or revoked in the last moment.
//! - Used proofs do not rely on any of it: each start of the engine, and each failover that
//!   changes its `run_id`, is a new beginning, from which on `session-http` asks for fresh nonces.
//!   Challenges are found to be from before where the engine keeps its changes, or where anything
//!   is left that shows the loss: see [`RedisChallenges`].
//! - Clocks of servers may be as far from the engine's as
//!   [`Options::with_clock_tolerance`] says. Leases go by the engine's clock alone.
//!
//! # What its user must be allowed
//! `+eval +evalsha +hget +hmget +hset +hdel +hkeys +hgetall +hincrby +zadd +zrem +zcard +zrange
//! +zrangebylex +zrangebyscore +get +set +del +exists +pexpire +pexpireat +persist +pttl +time` on
//! the keys of the prefix, and better `+info`: without it each new connection is taken for a start
//! of the engine. Where the URL has a number of a database, `+select`, too.
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
