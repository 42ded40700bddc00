//! The handle that stores and server state are made of.

use crate::error::{Error, Failure};
use crate::link::{Link, Live};
use crate::options::Options;
use crate::script::Change;
use crate::time::text;
use redis::{Cmd, Value};
use std::fmt;
use std::sync::Arc;

/// A Redis or Valkey, and how it is used. Clones share one connection, over which their commands do
/// not wait for each other; a broken connection is made again.
///
/// ```no_run
/// use session_core::{ExpectedSlot, SessionStore, SlotId};
/// use store_redis::{Redis, RedisStore};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let redis = Redis::open("redis://user:password@localhost:6379/0").await?;
/// let store = RedisStore::new(&redis);
/// let issuer: cacao::Issuer = "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44".parse()?;
/// assert_eq!(store.load(&SlotId::new(issuer)).await?.expected(), ExpectedSlot::Absent);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Redis(Arc<Inner>);

struct Inner {
    link: Link,
    options: Options,
}

impl Redis {
    /// Connects to the engine of this URL:
    /// `redis://[user][:password@]host[:port][/database]`, `valkey://` likewise, `rediss://` and
    /// `valkeys://` with TLS (feature `tls`), or `unix:///path`. User and password are
    /// percent-encoded.
    ///
    /// # Errors
    /// [`Error`] when the URL is not valid, when no connection can be made, and [`Error::Evicts`]
    /// when the engine evicts keys once its memory is full, if it tells (by the command `INFO`).
    pub async fn open(url: &str) -> Result<Self, Error> {
        Self::open_with(url, Options::new()).await
    }

    /// As [`open`](Self::open), with these options.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with(url: &str, options: Options) -> Result<Self, Error> {
        let redis = Self::lazy(url, options)?;
        let live = redis.0.link.live().await?;
        match live.engine.policy.as_deref() {
            Some("noeviction") | None => Ok(redis),
            Some(policy) => Err(Error::Evicts {
                policy: policy.to_owned(),
            }),
        }
    }

    /// As [`open_with`](Self::open_with), and connects when it is first used: for servers that
    /// start before their engine. Whether the engine throws keys away is not looked at.
    ///
    /// # Errors
    /// [`Error::Url`] when the URL is not valid, [`Error::Connect`] for certificates that are not.
    pub fn lazy(url: &str, options: Options) -> Result<Self, Error> {
        let link = Link::new(url, &options)?;
        Ok(Self(Arc::new(Inner { link, options })))
    }

    pub(crate) fn link(&self) -> &Link {
        &self.0.link
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    /// Sends a command, and waits for its answer.
    pub(crate) async fn query(&self, command: &Cmd) -> Result<Value, Failure> {
        self.0.link.query(command).await
    }

    /// Changes something: by the hash of the script, and by its text where the engine does not know
    /// it yet.
    pub(crate) async fn change(
        &self,
        change: &Change,
        keys: &[&[u8]],
        arguments: &[&[u8]],
    ) -> Result<Value, Failure> {
        let send = move |live: Arc<Live>, deadline: Vec<u8>| async move {
            let arguments = [arguments, &[&deadline]].concat();
            let said = change.script().run(&self.0.link, &live, keys, &arguments);
            Ok(vec![said.await?])
        };
        let said = self.in_time(send).await?.pop();
        said.ok_or_else(|| NO_ANSWER.into())
    }

    /// Makes several changes at once, whose commands are made for a deadline. The answers have their
    /// order.
    pub(crate) async fn change_all(
        &self,
        commands: impl Fn(&[u8]) -> redis::Pipeline + Send + Sync,
    ) -> Result<Vec<Value>, Failure> {
        let commands = &commands;
        let send = move |live: Arc<Live>, deadline: Vec<u8>| async move {
            let commands = commands(&deadline);
            self.0.link.query_all_on(&live, &commands).await
        };
        self.in_time(send).await
    }

    /// Sends what changes something and does nothing when it begins later than its caller waits for
    /// it: every change goes through here, but for uses of proofs and challenges, of which one that
    /// is late lets nobody in.
    async fn in_time<F>(
        &self,
        send: impl Fn(Arc<Live>, Vec<u8>) -> F + Send,
    ) -> Result<Vec<Value>, Failure>
    where
        F: Future<Output = Result<Vec<Value>, Failure>> + Send,
    {
        let mut looked = false;
        loop {
            let live = self.0.link.live().await?;
            let deadline = self.deadline(&live);
            let said = send(Arc::clone(&live), deadline).await?;
            if !said.iter().any(is_late) {
                return Ok(said);
            }
            // nothing was done: the first time, that may be because the engine's clock was set
            if std::mem::replace(&mut looked, true) {
                let after = self.0.options.reply_timeout;
                return Err(Error::Late { after }.into());
            }
            self.0.link.look_at_clock(&live).await?;
        }
    }

    /// Until when whoever asks now waits for the answer, by the engine's clock.
    fn deadline(&self, live: &Live) -> Vec<u8> {
        text(live.clock.after(self.0.options.reply_timeout))
    }

    /// `cannot ACTION in redis at HOST:PORT`.
    pub(crate) fn action(&self, action: &str) -> String {
        format!("cannot {action} in redis at {}", self.0.link.address())
    }
}

/// What an engine says that answers fewer commands than it was sent.
const NO_ANSWER: Error = Error::Answer {
    expected: "an answer to each command",
};

/// Whether a script answers that it began too late.
fn is_late(said: &Value) -> bool {
    matches!(said, Value::SimpleString(text) if text == "LATE")
}

/// Shows where it is; neither user nor password.
impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("address", &self.0.link.address())
            .field("options", &self.0.options)
            .finish_non_exhaustive()
    }
}
