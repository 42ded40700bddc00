//! Forgetting what has ended.
//!
//! What must not be used twice is forgotten in two steps. The horizon says first what may have been
//! forgotten, and is committed; whoever writes locks it for as long as the statement lasts, and
//! refuses what lies behind it. Only then are rows deleted, so that nobody finds room where
//! somebody's use was.

use crate::database::{Postgres, nanos};
use crate::error::Error;
use cacao::UnixTime;

/// How many rows a statement deletes at most.
const AT_ONCE: i64 = 5_000;

/// How many entries were forgotten that had ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Swept {
    /// Used proofs.
    pub proofs: u64,
    /// Used challenges.
    pub challenges: u64,
    /// Registered capabilities.
    pub capabilities: u64,
    /// Devices.
    pub devices: u64,
}

impl Postgres {
    /// Deletes from the state of a server what had ended before this time, less the
    /// [tolerance for clocks](crate::PostgresConfig::with_clock_tolerance). It is done
    /// automatically, about once a minute, while proofs or challenges are used; any process may do
    /// it, and many at once.
    ///
    /// # Errors
    /// Why the database cannot be written.
    pub async fn sweep(&self, now: UnixTime) -> Result<Swept, Error> {
        let forgotten = self.forgotten_at(now);
        let mut swept = Swept::default();
        for (name, count) in [
            ("proofs", &mut swept.proofs),
            ("challenges", &mut swept.challenges),
        ] {
            let horizon = self.sql(
                "UPDATE {schema}.horizons SET forgotten = $2 WHERE name = $1 AND forgotten < $2",
            );
            self.write(&horizon, &[&name, &forgotten]).await?;
            let key = name.trim_end_matches('s');
            let rows = format!(
                "ended AS (SELECT {key} FROM {{schema}}.{name} \
                 WHERE (SELECT ok FROM asked) AND until < \
                 (SELECT forgotten FROM {{schema}}.horizons WHERE name = '{name}') \
                 LIMIT {AT_ONCE} FOR UPDATE SKIP LOCKED), \
                 gone AS (DELETE FROM {{schema}}.{name} AS k USING ended \
                 WHERE k.{key} = ended.{key} RETURNING 1)"
            );
            *count = self.delete_all(&rows, &[]).await?;
        }
        let capabilities = format!(
            "ended AS (SELECT cid FROM {{schema}}.capabilities \
             WHERE (SELECT ok FROM asked) AND until < $2 LIMIT {AT_ONCE} FOR UPDATE SKIP LOCKED), \
             gone AS (DELETE FROM {{schema}}.capabilities AS k USING ended \
             WHERE k.cid = ended.cid RETURNING 1)"
        );
        swept.capabilities = self.delete_all(&capabilities, &[&forgotten]).await?;
        let devices = format!(
            "ended AS (SELECT issuer, identity FROM {{schema}}.devices \
             WHERE (SELECT ok FROM asked) AND expires_at < $2::text::numeric \
             LIMIT {AT_ONCE} FOR UPDATE SKIP LOCKED), \
             gone AS (DELETE FROM {{schema}}.devices AS k USING ended \
             WHERE (k.issuer, k.identity) = (ended.issuer, ended.identity) RETURNING 1)"
        );
        let before = nanos(UnixTime::from_secs(forgotten));
        swept.devices = self.delete_all(&devices, &[&before]).await?;
        Ok(swept)
    }

    /// Runs a change that deletes some rows (`gone`), until it deletes few; returns how many.
    pub(crate) async fn delete_all(
        &self,
        gone: &str,
        values: crate::database::Values<'_>,
    ) -> Result<u64, Error> {
        let statement = self.change_sql(gone, "(SELECT count(*) FROM gone)");
        let mut all = 0;
        loop {
            let row = self.change(&statement, values).await;
            let many: i64 = row.map_err(|failure| failure.error)?.try_get(1)?;
            all += u64::try_from(many).unwrap_or_default();
            if many < AT_ONCE {
                return Ok(all);
            }
        }
    }

    /// Sweeps beside the caller, if it is time to.
    pub(crate) fn sweep_now_and_then(&self, now: UnixTime) {
        if self.is_time_to_sweep(now) {
            let database = self.clone();
            // what fails is tried again in a minute
            tokio::spawn(async move { database.sweep(now).await.ok() });
        }
    }
}
