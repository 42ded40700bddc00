//! The capabilities that clients registered.

use crate::batch::{Ask, Batches};
use crate::database::{Postgres, seconds};
use crate::error::Error;
use async_trait::async_trait;
use cacao::UnixTime;
use dag_jws::Cid;
use session_core::StoreError;
use session_core::server::Capabilities;
use std::sync::Arc;

/// Registered capabilities that every process shares that uses the database. They stay until they
/// have ended, and are [swept](Postgres::sweep) then.
///
/// Those that are asked for while a statement is under way are read by the next one.
#[derive(Clone, Debug)]
pub struct PostgresCapabilities {
    blocks: Batches<Blocks>,
    put: Arc<str>,
}

struct Blocks {
    database: Postgres,
    statement: Arc<str>,
}

impl Postgres {
    /// The registered capabilities in this database.
    #[must_use]
    pub fn capabilities(&self) -> PostgresCapabilities {
        let statement = self.sql(
            "SELECT (SELECT block FROM {schema}.capabilities AS kept WHERE kept.cid = asked.cid) \
             FROM unnest($1::bytea[]) WITH ORDINALITY AS asked (cid, place) ORDER BY place",
        );
        let put = self.change_sql(
            "done AS (INSERT INTO {schema}.capabilities AS kept (cid, block, until) \
             SELECT $2::bytea, $3::bytea, $4::bigint WHERE (SELECT ok FROM asked) \
             ON CONFLICT (cid) DO UPDATE SET block = excluded.block, until = excluded.until \
             WHERE kept.until < excluded.until OR kept.block <> excluded.block)",
            "true",
        );
        PostgresCapabilities {
            blocks: Batches::new(
                Blocks {
                    database: self.clone(),
                    statement,
                },
                self.max_wait() * 2,
            ),
            put,
        }
    }
}

#[async_trait]
impl Ask for Blocks {
    type Question = Vec<u8>;
    type Answer = Option<Arc<[u8]>>;

    async fn ask(&self, cids: Vec<Vec<u8>>) -> Result<Vec<Self::Answer>, Error> {
        let rows = self.database.read(&self.statement, &[&cids]).await?;
        let block = |row: &tokio_postgres::Row| {
            let block: Option<&[u8]> = row.try_get(0)?;
            Ok(block.map(Arc::from))
        };
        rows.iter().map(block).collect()
    }
}

#[async_trait]
impl Capabilities for PostgresCapabilities {
    async fn get(&self, cid: &Cid) -> Result<Option<Arc<[u8]>>, StoreError> {
        let block = self.blocks.ask(cid.to_bytes()).await;
        block.map_err(|error| error.at("cannot read a registered capability"))
    }

    async fn put(&self, cid: &Cid, block: &[u8], until: UnixTime) -> Result<(), StoreError> {
        let (cid, until) = (cid.to_bytes(), seconds(until));
        let database = &self.blocks.asker().database;
        let put = database.change(&self.put, &[&cid, &block, &until]).await;
        put.map_err(|failure| failure.error.at("cannot keep a capability"))?;
        Ok(())
    }
}
