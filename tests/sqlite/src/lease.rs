//! The prompt lock: a row of the table `leases`, by the clock of the database.

use crate::Database;
use async_trait::async_trait;
use rusqlite::params;
use session_core::{Clock, LeaseOwner, LeaseStore, Leases, SlotId, StoreError};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// Leases of this database. One that is dropped is given back at once, if there is a runtime that
/// can do it; otherwise it ends with its time.
pub(crate) fn leases(database: &Database, clock: Arc<dyn Clock>, ttl: Duration) -> Leases {
    let leases = Leases::new(database.clone(), clock).with_ttl(ttl);
    leases.with_spawner(|task| {
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(task);
        }
    })
}

/// Milliseconds since 1970.
const NOW: &str = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

fn millis(ttl: Duration) -> i64 {
    i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX)
}

#[async_trait]
impl LeaseStore for Database {
    async fn take(
        &self,
        slot: &SlotId,
        owner: &LeaseOwner,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        let take = format!(
            "INSERT INTO leases VALUES (?1, ?2, {NOW} + ?3) ON CONFLICT DO UPDATE
             SET owner = excluded.owner, until = excluded.until
             WHERE owner = excluded.owner OR until <= {NOW}"
        );
        let taken = self.change(
            &take,
            params![slot.to_string(), owner.as_str(), millis(ttl)],
        )?;
        Ok(taken == 1)
    }

    async fn renew(
        &self,
        slot: &SlotId,
        owner: &LeaseOwner,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        let renew = format!(
            "UPDATE leases SET until = {NOW} + ?3
             WHERE slot = ?1 AND owner = ?2 AND until > {NOW}"
        );
        let renewed = self.change(
            &renew,
            params![slot.to_string(), owner.as_str(), millis(ttl)],
        )?;
        Ok(renewed == 1)
    }

    async fn release(&self, slot: &SlotId, owner: &LeaseOwner) -> Result<(), StoreError> {
        let release = "DELETE FROM leases WHERE slot = ?1 AND owner = ?2";
        self.change(release, params![slot.to_string(), owner.as_str()])
            .map(drop)
    }
}
