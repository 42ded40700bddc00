//! The right to ask the wallet for a slot: a row with an end, by the server's clock.

use crate::database::{Failure, Postgres};
use crate::error::Error;
use crate::slot::columns;
use async_trait::async_trait;
use session_core::{LeaseOwner, LeaseStore, SlotId, StoreError};
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::types::ToSql;

/// The leases in a database.
pub(crate) struct PromptLeases {
    database: Postgres,
    take: Arc<str>,
    renew: Arc<str>,
    release: Arc<str>,
}

impl PromptLeases {
    pub(crate) fn new(database: Postgres) -> Self {
        let until = "clock_timestamp() + $5::float8 * interval '1 second'";
        let here = "(SELECT ok FROM asked) AND issuer = $2 AND profile = $3 AND holder = $4";
        let change = |done: String| {
            let done = format!("done AS ({done} RETURNING 1)");
            database.change_sql(&done, "EXISTS (SELECT FROM done)")
        };
        Self {
            take: change(format!(
                "INSERT INTO {{schema}}.prompt_leases AS held (issuer, profile, holder, until) \
                 SELECT $2::text, $3::text, $4::text, {until} WHERE (SELECT ok FROM asked) \
                 ON CONFLICT (issuer, profile) DO UPDATE \
                 SET holder = excluded.holder, until = {until} \
                 WHERE held.holder = excluded.holder OR held.until <= clock_timestamp()"
            )),
            renew: change(format!(
                "UPDATE {{schema}}.prompt_leases SET until = {until} \
                 WHERE {here} AND until > clock_timestamp()"
            )),
            release: change(format!("DELETE FROM {{schema}}.prompt_leases WHERE {here}")),
            database,
        }
    }

    /// Whether a statement finds the lease to be its owner's.
    async fn has(
        &self,
        statement: &str,
        slot: &SlotId,
        owner: &LeaseOwner,
        ttl: Option<Duration>,
    ) -> Result<bool, StoreError> {
        let (issuer, profile) = columns(slot);
        let owner = owner.as_str();
        let ttl = ttl.as_ref().map(Duration::as_secs_f64);
        let mut values: Vec<&(dyn ToSql + Sync)> = vec![&issuer, &profile, &owner];
        if let Some(ttl) = &ttl {
            values.push(ttl);
        }
        let told = self.database.change(statement, &values).await;
        let told = told.and_then(|row| Ok(row.try_get(1).map_err(Error::from)?));
        told.map_err(|failure| failed(slot, failure))
    }
}

fn failed(slot: &SlotId, failure: Failure) -> StoreError {
    let Failure { error, may_be_done } = failure;
    match error {
        Error::Lost | Error::Late { .. } if may_be_done => StoreError::unknown(slot),
        error => error.at(format!("cannot reserve the wallet of {slot}")),
    }
}

#[async_trait]
impl LeaseStore for PromptLeases {
    async fn take(
        &self,
        slot: &SlotId,
        owner: &LeaseOwner,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        self.has(&self.take, slot, owner, Some(ttl)).await
    }

    async fn renew(
        &self,
        slot: &SlotId,
        owner: &LeaseOwner,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        self.has(&self.renew, slot, owner, Some(ttl)).await
    }

    async fn release(&self, slot: &SlotId, owner: &LeaseOwner) -> Result<(), StoreError> {
        self.has(&self.release, slot, owner, None).await?;
        Ok(())
    }
}
