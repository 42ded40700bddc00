//! Which proofs were used, by all processes that share the engine.

use crate::batch::{Batch, Queue, Use};
use crate::error::{Error, Failure};
use crate::handle::Redis;
use crate::keys::key;
use crate::memory::Known;
use crate::reply::{array, bytes, int};
use crate::script::Script;
use crate::time::{millis, millis_of, millis_up, text};
use async_trait::async_trait;
use cacao::UnixTime;
use session_core::StoreError;
use session_core::server::{ProofId, Remembered, ReplayMemory, ReplayWindow};
use std::fmt;
use std::sync::{Arc, LazyLock};

static REMEMBER: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/remember.lua")));

/// A replay window that processes share. Clones use one connection, and send the checks that wait
/// in one batch: while one is under way, the next one is formed, of up to
/// [`MAX_BATCH`](Self::MAX_BATCH).
///
/// A proof is a key without a value, which the engine deletes after the proof's end and the
/// [tolerance](crate::Options::with_clock_tolerance) for clocks. How long that is, the caller's
/// clock says; when it is over, the engine's.
///
/// The memory begins anew when the engine does: after each restart or failover, and where its
/// keys were deleted. Every process notices that with its first use of a proof, which is
/// [`TooOld`](Remembered::TooOld), and [`memory`](ReplayWindow::memory) says so, by which
/// `session-http` asks for fresh nonces. So no engine's persistence is relied upon. What a failover
/// loses while the process that answers stays the same, nobody notices.
#[derive(Clone)]
pub struct RedisReplayWindow(Arc<Inner>);

struct Inner {
    queue: Queue,
    window: Arc<Window>,
}

struct Window {
    redis: Redis,
    known: Known,
}

impl RedisReplayWindow {
    /// Most checks in one batch.
    pub const MAX_BATCH: usize = 64;

    /// Most checks that wait; more are refused. Each waits for as long as a connection and an answer
    /// may take together, and no longer.
    pub const MAX_WAITING: usize = 16_384;

    /// The window in this engine; `now` is the time by the server's clock.
    ///
    /// # Errors
    /// When input or output fails, and when the operating system gives no randomness.
    pub async fn open(redis: &Redis, now: UnixTime) -> Result<Self, StoreError> {
        let action = || redis.action("open the replay window");
        let known = Known::new().map_err(|error| StoreError::medium(action(), error))?;
        let window = Arc::new(Window {
            redis: redis.clone(),
            known,
        });
        let opened = window.send(&[], now).await;
        opened.map_err(|failure| failure.into_store_error(&action()))?;
        let options = redis.options();
        let max_wait = options.connect_timeout + options.reply_timeout;
        let queue = Queue::new(Self::MAX_BATCH, Self::MAX_WAITING, max_wait);
        Ok(Self(Arc::new(Inner { queue, window })))
    }
}

impl Window {
    /// Asks about these proofs at once. Where another memory is there than the one that is known,
    /// all of them are too old.
    async fn send(&self, uses: &[Use], now: UnixTime) -> Result<Vec<Remembered>, Failure> {
        const EXPECTED: &str = "what is said of used proofs";
        let link = self.redis.link();
        let live = link.live().await?;
        let options = self.redis.options();
        let key = |rest: &[&[u8]]| key(&options.prefix, "replay", rest);
        let mut keys = vec![key(&[b"state"])];
        keys.extend(uses.iter().map(|one| key(&[b":", one.proof.as_bytes()])));
        let (known, fresh) = self.known.names();
        let most = options.clock_tolerance.map_or(-1, millis_of);
        let mut arguments = vec![
            live.engine.run.clone().into_bytes(),
            known.clone(),
            fresh.to_vec(),
            text(millis_of(options.margin())),
            text(most),
        ];
        for one in uses {
            arguments.extend([text(millis_up(one.until)), text(millis(one.now))]);
        }
        let keys: Vec<_> = keys.iter().map(Vec::as_slice).collect();
        let arguments: Vec<_> = arguments.iter().map(Vec::as_slice).collect();
        let reply = REMEMBER.run(link, &live, &keys, &arguments).await?;
        let mut reply = array(reply, EXPECTED)?.into_iter();
        let mut next = || reply.next().ok_or(Error::Answer { expected: EXPECTED });
        let engine = int(&next()?, EXPECTED)?;
        let id = bytes(next()?, EXPECTED)?.and_then(|id| <[u8; 16]>::try_from(id).ok());
        let id = id.ok_or(Error::Damaged {
            expected: "the state of a replay window",
        })?;
        let begin = int(&next()?, EXPECTED)?;
        if id.as_slice() != known {
            self.known.adopt(id, (begin, engine), now)?;
            return Ok(vec![Remembered::TooOld; uses.len()]);
        }
        let mut said = Vec::with_capacity(uses.len());
        for one in uses {
            said.push(match int(&next()?, EXPECTED)? {
                0 => Remembered::First,
                1 => Remembered::Again,
                2 => Remembered::TooOld,
                3 => {
                    let seconds = (millis(one.now) - engine) / 1000;
                    return Err(Error::Clocks { seconds }.into());
                }
                _ => return Err(Error::Answer { expected: EXPECTED }.into()),
            });
        }
        Ok(said)
    }
}

#[async_trait]
impl Batch for Window {
    async fn send(&self, uses: &[Use]) -> Result<Vec<Remembered>, Failure> {
        // the latest of them: by it, a memory that began anew began rather later
        let now = uses.iter().map(|one| one.now).max();
        self.send(uses, now.unwrap_or(UnixTime::EPOCH)).await
    }
}

#[async_trait]
impl ReplayWindow for RedisReplayWindow {
    async fn remember(
        &self,
        proof: ProofId,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<Remembered, StoreError> {
        let Inner { queue, window } = &*self.0;
        let this = Use { proof, until, now };
        let said = queue.ask(Arc::clone(window), this).await;
        said.map_err(|failure| failure.into_store_error(&window.redis.action("remember a proof")))
    }

    fn memory(&self) -> Option<ReplayMemory> {
        self.0.window.known.memory()
    }
}

impl fmt::Debug for RedisReplayWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedisReplayWindow")
            .field(&self.0.window.redis)
            .finish()
    }
}
