//! Which login challenges were used up, by all processes that share the engine.

use crate::error::{Error, Failure};
use crate::handle::Redis;
use crate::keys::key;
use crate::memory::Known;
use crate::reply::{array, bytes, int};
use crate::script::Script;
use crate::time::{millis, millis_of, millis_up, text};
use async_trait::async_trait;
use cacao::UnixTime;
use dag_jws::Cid;
use session_core::StoreError;
use session_core::server::{ChallengeId, Challenges, Consumed};
use std::fmt;
use std::sync::{Arc, LazyLock};

static CONSUME: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/consume.lua")));

/// Used challenges that processes share. Clones use one connection.
///
/// A challenge is a key with the identity that had it, which the engine deletes after the
/// challenge's end and the [tolerance](crate::Options::with_clock_tolerance) for clocks.
///
/// An engine that does not write its changes down (`appendonly yes`) forgets them when it ends.
/// Where that is seen, by what such an engine had saved or by a process that had used it before,
/// challenges from before count no more. Where nothing is left that could show it, a challenge
/// could be used again, once and by the same key.
#[derive(Clone)]
pub struct RedisChallenges(Arc<Inner>);

struct Inner {
    redis: Redis,
    known: Known,
}

impl RedisChallenges {
    /// The used challenges in this engine.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn new(redis: &Redis) -> Result<Self, StoreError> {
        let known = Known::new().map_err(|error| {
            StoreError::medium(redis.action("open the used challenges"), error)
        })?;
        Ok(Self(Arc::new(Inner {
            redis: redis.clone(),
            known,
        })))
    }
}

impl Inner {
    async fn consume(
        &self,
        challenge: ChallengeId,
        identity: &Cid,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<Consumed, Failure> {
        const EXPECTED: &str = "what is said of a used challenge";
        let link = self.redis.link();
        let live = link.live().await?;
        let options = self.redis.options();
        let key = |rest: &[&[u8]]| key(&options.prefix, "challenges", rest);
        let (known, fresh) = self.known.names();
        let keys = [key(&[b"state"]), key(&[b":", challenge.as_bytes()])];
        let arguments = [
            live.engine.run.clone().into_bytes(),
            known.clone(),
            fresh.to_vec(),
            text(millis_of(options.margin())),
            text(options.clock_tolerance.map_or(-1, millis_of)),
            text(millis_up(until)),
            text(millis(now)),
            identity.to_bytes(),
            text(millis_of(options.challenge_life)),
            text(i64::from(live.engine.keeps)),
        ];
        let keys = keys.each_ref().map(Vec::as_slice);
        let arguments = arguments.each_ref().map(Vec::as_slice);
        let reply = CONSUME.run(link, &live, &keys, &arguments).await?;
        let mut reply = array(reply, EXPECTED)?.into_iter();
        let mut next = || reply.next().ok_or(Error::Answer { expected: EXPECTED });
        let id = bytes(next()?, EXPECTED)?.and_then(|id| <[u8; 16]>::try_from(id).ok());
        let id = id.ok_or(Error::Damaged {
            expected: "the state of used challenges",
        })?;
        if id.as_slice() != known {
            self.known.adopt(id, (0, 0), now)?;
        }
        match int(&next()?, EXPECTED)? {
            0 => Ok(Consumed::Now),
            1 => Ok(Consumed::ByTheSame),
            2 => Ok(Consumed::ByAnother),
            3 => {
                let offset = bytes(next()?, EXPECTED)?.unwrap_or_default();
                let offset = String::from_utf8_lossy(&offset).parse().unwrap_or(0_i64);
                let seconds = offset / 1000;
                Err(Error::Clocks { seconds }.into())
            }
            _ => Err(Error::Answer { expected: EXPECTED }.into()),
        }
    }
}

#[async_trait]
impl Challenges for RedisChallenges {
    async fn consume(
        &self,
        challenge: ChallengeId,
        identity: &Cid,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<Consumed, StoreError> {
        let inner = &self.0;
        let said = inner.consume(challenge, identity, until, now).await;
        said.map_err(|failure| {
            failure.into_store_error(&inner.redis.action("use a challenge up"))
        })
    }
}

impl fmt::Debug for RedisChallenges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedisChallenges")
            .field(&self.0.redis)
            .finish()
    }
}
