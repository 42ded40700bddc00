//! The right to ask the wallet for a slot: a row with an end, by the server's clock.

use crate::database::{Effect, Failure, Postgres, Values};
use crate::error::Error;
use crate::slot::columns;
use async_trait::async_trait;
use session_core::{LeaseOwner, LeaseStore, SlotId, StoreError};
use std::sync::Arc;
use std::time::Duration;

/// The leases in a database.
pub(crate) struct PromptLeases {
    database: Postgres,
    take: Arc<str>,
    renew: Arc<str>,
    release: Arc<str>,
}

impl PromptLeases {
    pub(crate) fn new(database: Postgres) -> Self {
        let until = "clock_timestamp() + $4::float8 * interval '1 second'";
        let take = format!(
            "INSERT INTO {{schema}}.prompt_leases AS held (issuer, profile, holder, until) \
             VALUES ($1, $2, $3, {until}) ON CONFLICT (issuer, profile) DO UPDATE \
             SET holder = excluded.holder, until = {until} \
             WHERE held.holder = excluded.holder OR held.until <= clock_timestamp() RETURNING 1"
        );
        let renew = format!(
            "UPDATE {{schema}}.prompt_leases SET until = {until} WHERE issuer = $1 \
             AND profile = $2 AND holder = $3 AND until > clock_timestamp() RETURNING 1"
        );
        let release = "DELETE FROM {schema}.prompt_leases WHERE issuer = $1 AND profile = $2 \
             AND holder = $3";
        Self {
            take: database.sql(&take),
            renew: database.sql(&renew),
            release: database.sql(release),
            database,
        }
    }

    /// Whether a statement finds the lease to be its owner's.
    async fn has(
        &self,
        statement: &str,
        slot: &SlotId,
        owner: &LeaseOwner,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        let (issuer, profile) = columns(slot);
        let (owner, ttl) = (owner.as_str(), ttl.as_secs_f64());
        let values: Values<'_> = &[&issuer, &profile, &owner, &ttl];
        let rows = self.database.run(statement, values, Effect::Writes).await;
        let rows = rows.map_err(|failure| failed(slot, failure))?;
        Ok(!rows.is_empty())
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
        self.has(&self.take, slot, owner, ttl).await
    }

    async fn renew(
        &self,
        slot: &SlotId,
        owner: &LeaseOwner,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        self.has(&self.renew, slot, owner, ttl).await
    }

    async fn release(&self, slot: &SlotId, owner: &LeaseOwner) -> Result<(), StoreError> {
        let (issuer, profile) = columns(slot);
        let owner = owner.as_str();
        let values: Values<'_> = &[&issuer, &profile, &owner];
        let released = self.database.run(&self.release, values, Effect::Writes);
        released.await.map_err(|failure| failed(slot, failure))?;
        Ok(())
    }
}
