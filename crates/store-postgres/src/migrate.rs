//! Making the tables, and bringing them up to this release.

use crate::config::PostgresConfig;
use crate::connect::{SCHEMA_VERSION, listener, version};
use crate::error::Error;
use std::time::Duration;
use tokio_postgres::Client;

/// How long is waited at most for somebody else who migrates the same schema.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// Each version by the statements that make it of the one before; the first one is version 1.
const MIGRATIONS: &[&str] = &[include_str!("../migrations/0001.sql")];

/// The result of a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The version that was found; 0 if there was none.
    pub from: i32,
    /// The version that is there now.
    pub to: i32,
}

/// Makes the schema and its tables, or brings them up to this release. It can be called again, and
/// by many at once: they take turns, and a caller that finds nothing to do does nothing. It is done
/// whole or not at all.
///
/// The role needs the right to create a schema in the database (`GRANT CREATE ON DATABASE`), and
/// owns the tables then. Programs that use them need less:
/// [`PostgresConfig::grants`] says what.
///
/// # Errors
/// [`Error::Newer`] when the schema is that of a newer release, [`Error::Privilege`] when the role
/// may not create it; otherwise why the server cannot be used.
pub async fn migrate(config: &PostgresConfig) -> Result<Migrated, Error> {
    let late = Error::Late { max_wait: MAX_WAIT };
    let (client, connection) = listener(config, drop).await?;
    let migrated = tokio::time::timeout(MAX_WAIT, in_one_transaction(&client, config)).await;
    connection.abort();
    migrated.map_err(|_| late)?
}

async fn in_one_transaction(client: &Client, config: &PostgresConfig) -> Result<Migrated, Error> {
    let max_wait = MAX_WAIT.as_millis();
    let begin = format!(
        "SET statement_timeout = {max_wait}; SET client_min_messages = warning; \
         BEGIN ISOLATION LEVEL READ COMMITTED"
    );
    client.batch_execute(&begin).await?;
    // one after the other; it is given back with the transaction, however that ends
    let turn = "SELECT pg_advisory_xact_lock(hashtextextended('did-session migrate ' || $1, 0))";
    client.query(turn, &[&config.schema()]).await?;
    let from = version(client, config).await?.unwrap_or_default();
    if from > SCHEMA_VERSION {
        return Err(Error::Newer {
            found: from,
            known: SCHEMA_VERSION,
        });
    }
    if from == 0 {
        let there = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)";
        let there: bool = client
            .query_one(there, &[&config.schema()])
            .await?
            .try_get(0)?;
        if !there {
            let schema = config.in_schema("CREATE SCHEMA {schema}");
            client.batch_execute(&schema).await?;
        }
        let versions = config.in_schema(
            "CREATE TABLE IF NOT EXISTS {schema}.migrations \
             (version int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())",
        );
        client.batch_execute(&versions).await?;
    }
    let done = usize::try_from(from).unwrap_or_default();
    for (migration, version) in MIGRATIONS.iter().zip(1_i32..).skip(done) {
        client.batch_execute(&config.in_schema(migration)).await?;
        let record = config.in_schema("INSERT INTO {schema}.migrations (version) VALUES ($1)");
        client.execute(&record, &[&version]).await?;
    }
    client.batch_execute("COMMIT").await?;
    let to = SCHEMA_VERSION;
    Ok(Migrated { from, to })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_that_of_the_last_migration() {
        assert_eq!(MIGRATIONS.len(), usize::try_from(SCHEMA_VERSION).unwrap());
    }
}
