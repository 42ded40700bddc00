//! Everything that instances share, in a Redis or Valkey: what `session-http` keeps by
//! `store-redis`, and the notes beside it, a hash for each account.

use anyhow::Result;
use async_trait::async_trait;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, Client, RedisError, Script};
use session_core::{Clock, SystemClock};
use session_http::State;
use std::sync::LazyLock;
use store_redis::{
    Redis, RedisCapabilities, RedisChallenges, RedisDevices, RedisReplayWindow, RedisRevocations,
};

use crate::notes::{MAX_NOTES, Note, Notes, NotesError, SharedNotes, sort};

pub(crate) async fn open(url: &str) -> Result<(State, SharedNotes)> {
    let redis = Redis::open(url).await?;
    let state = State::new(
        RedisReplayWindow::open(&redis, SystemClock.now()).await?,
        RedisChallenges::new(&redis)?,
        RedisCapabilities::new(&redis),
        RedisDevices::new(&redis),
        RedisRevocations::new(&redis),
    );
    Ok((state, SharedNotes::new(RedisNotes::open(url).await?)))
}

/// The notes of an account, by their ids, and a number that each change makes greater.
#[derive(Clone)]
pub(crate) struct RedisNotes(ConnectionManager);

/// Keeps a note if there is room, or if one of its id is there: 0 if so, 1 if there is none, 2 if
/// there is no room.
static SAVE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local found = redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 \
         if ARGV[3] == '1' and not found then return 1 end \
         if not found and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return 2 end \
         redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) \
         redis.call('INCR', KEYS[2]) \
         return 0",
    )
});

static REMOVE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return 1 end \
         redis.call('INCR', KEYS[2]) \
         return 0",
    )
});

impl RedisNotes {
    async fn open(url: &str) -> Result<Self> {
        let config = ConnectionManagerConfig::new();
        let client = Client::open(url)?;
        let connection = client.get_connection_manager_with_config(config);
        Ok(Self(connection.await?))
    }

    fn connection(&self) -> ConnectionManager {
        self.0.clone()
    }
}

/// The keys of an account. The braces keep them together in a cluster.
fn keys(owner: &str) -> [String; 2] {
    [
        format!("notes:{{{owner}}}:all"),
        format!("notes:{{{owner}}}:version"),
    ]
}

fn store(error: impl std::error::Error + Send + Sync + 'static) -> NotesError {
    NotesError::Store(error.into())
}

#[async_trait]
impl Notes for RedisNotes {
    async fn list(&self, owner: &str) -> Result<Vec<Note>, NotesError> {
        let [all, _] = keys(owner);
        let texts: Vec<String> = self.connection().hvals(all).await.map_err(store)?;
        let notes = texts.iter().map(|text| serde_json::from_str(text));
        let mut notes: Vec<Note> = notes.collect::<Result<_, _>>().map_err(store)?;
        sort(&mut notes);
        Ok(notes)
    }

    async fn save(&self, owner: &str, note: &Note, replaces: bool) -> Result<(), NotesError> {
        let [all, version] = keys(owner);
        let text = serde_json::to_string(note).map_err(store)?;
        let mut save = SAVE.key(all);
        let save = save.key(version).arg(&note.id).arg(text);
        let save = save.arg(u8::from(replaces)).arg(MAX_NOTES);
        let said: Result<u8, RedisError> = save.invoke_async(&mut self.connection()).await;
        match said.map_err(store)? {
            0 => Ok(()),
            1 => Err(NotesError::NotFound),
            _ => Err(NotesError::Full),
        }
    }

    async fn remove(&self, owner: &str, id: &str) -> Result<(), NotesError> {
        let [all, version] = keys(owner);
        let mut remove = REMOVE.key(all);
        let remove = remove.key(version).arg(id);
        let said: Result<u8, RedisError> = remove.invoke_async(&mut self.connection()).await;
        match said.map_err(store)? {
            0 => Ok(()),
            _ => Err(NotesError::NotFound),
        }
    }

    async fn version(&self, owner: &str) -> Result<u64, NotesError> {
        let [_, version] = keys(owner);
        let number: Option<u64> = self.connection().get(version).await.map_err(store)?;
        Ok(number.unwrap_or_default())
    }
}
