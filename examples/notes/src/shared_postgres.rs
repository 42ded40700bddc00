//! Everything that instances share, in a PostgreSQL: what `session-http` keeps by
//! `store-postgres`, and the notes beside it, in two tables.

use anyhow::Result;
use async_trait::async_trait;
use deadpool_postgres::{Manager, Object, Pool};
use session_http::State;
use store_postgres::{Postgres, PostgresConfig, migrate};
use tokio_postgres::{GenericClient, NoTls};

use crate::notes::{MAX_NOTES, Note, Notes, NotesError, SharedNotes};

/// The role of the connection string makes the tables, too. A real service has one that may not.
pub(crate) async fn open(url: &str) -> Result<(State, SharedNotes)> {
    let config = PostgresConfig::new(url)?;
    migrate(&config).await?;
    let database = Postgres::open(config).await?;
    let state = State::new(
        database.replay_window(),
        database.challenges(),
        database.capabilities(),
        database.devices(),
        database.revocations(),
    );
    Ok((state, SharedNotes::new(PostgresNotes::open(url).await?)))
}

/// The notes of an account, and a number that each change makes greater.
struct PostgresNotes(Pool);

/// By one instance after the other: a number of our own stands for the right to do it.
const TABLES: &str = "BEGIN;
    SELECT pg_advisory_xact_lock(2004318071);
    CREATE TABLE IF NOT EXISTS notes_accounts (
        owner text PRIMARY KEY,
        version bigint NOT NULL
    );
    CREATE TABLE IF NOT EXISTS notes (
        owner text NOT NULL,
        id text NOT NULL,
        text text NOT NULL,
        edited_at bigint NOT NULL,
        PRIMARY KEY (owner, id)
    );
    COMMIT";

impl PostgresNotes {
    async fn open(url: &str) -> Result<Self> {
        let manager = Manager::new(url.parse()?, NoTls);
        let notes = Self(Pool::builder(manager).max_size(8).build()?);
        notes.client().await?.batch_execute(TABLES).await?;
        Ok(notes)
    }

    async fn client(&self) -> Result<Object, deadpool_postgres::PoolError> {
        self.0.get().await
    }
}

fn store(error: impl std::error::Error + Send + Sync + 'static) -> NotesError {
    NotesError::Store(error.into())
}

/// The next version of an account. Until the transaction ends, nobody else changes its notes.
async fn next_version(within: &impl GenericClient, owner: &str) -> Result<(), NotesError> {
    let statement = "INSERT INTO notes_accounts VALUES ($1, 1) \
        ON CONFLICT (owner) DO UPDATE SET version = notes_accounts.version + 1";
    let done = within.execute(statement, &[&owner]).await;
    done.map(drop).map_err(store)
}

#[async_trait]
impl Notes for PostgresNotes {
    async fn list(&self, owner: &str) -> Result<Vec<Note>, NotesError> {
        let statement = "SELECT id, text, edited_at FROM notes WHERE owner = $1 \
            ORDER BY edited_at DESC, id COLLATE \"C\" DESC";
        let client = self.client().await.map_err(store)?;
        let rows = client.query(statement, &[&owner]).await.map_err(store)?;
        let notes = rows.iter().map(|row| {
            let edited_at: i64 = row.try_get(2)?;
            Ok(Note {
                id: row.try_get(0)?,
                text: row.try_get(1)?,
                edited_at: u64::try_from(edited_at).unwrap_or_default(),
            })
        });
        let notes: Result<_, tokio_postgres::Error> = notes.collect();
        notes.map_err(store)
    }

    async fn save(&self, owner: &str, note: &Note, replaces: bool) -> Result<(), NotesError> {
        let mut client = self.client().await.map_err(store)?;
        // what is not committed is taken back
        let transaction = client.transaction().await.map_err(store)?;
        next_version(&*transaction, owner).await?;
        let count = "SELECT count(*), count(*) FILTER (WHERE id = $2) FROM notes WHERE owner = $1";
        let counted = transaction.query_one(count, &[&owner, &note.id]).await;
        let counted = counted.map_err(store)?;
        let (all, same): (i64, i64) = (counted.get(0), counted.get(1));
        let is_full = usize::try_from(all).map_or(true, |all| all >= MAX_NOTES);
        match (same > 0, replaces) {
            (false, true) => return Err(NotesError::NotFound),
            (false, false) if is_full => return Err(NotesError::Full),
            _ => {}
        }
        let put = "INSERT INTO notes VALUES ($1, $2, $3, $4) \
            ON CONFLICT (owner, id) DO UPDATE SET text = $3, edited_at = $4";
        let edited_at = i64::try_from(note.edited_at).unwrap_or(i64::MAX);
        let values: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
            [&owner, &note.id, &note.text, &edited_at];
        transaction.execute(put, &values).await.map_err(store)?;
        transaction.commit().await.map_err(store)
    }

    async fn remove(&self, owner: &str, id: &str) -> Result<(), NotesError> {
        let mut client = self.client().await.map_err(store)?;
        let transaction = client.transaction().await.map_err(store)?;
        next_version(&*transaction, owner).await?;
        let remove = "DELETE FROM notes WHERE owner = $1 AND id = $2";
        let removed = transaction.execute(remove, &[&owner, &id]).await;
        match removed.map_err(store)? {
            0 => Err(NotesError::NotFound),
            _ => transaction.commit().await.map_err(store),
        }
    }

    async fn version(&self, owner: &str) -> Result<u64, NotesError> {
        let statement = "SELECT version FROM notes_accounts WHERE owner = $1";
        let client = self.client().await.map_err(store)?;
        let row = client
            .query_opt(statement, &[&owner])
            .await
            .map_err(store)?;
        let version: i64 = row.map_or(Ok(0), |row| row.try_get(0)).map_err(store)?;
        Ok(u64::try_from(version).unwrap_or_default())
    }
}
