//! Which proofs were used.

use crate::batch::{Ask, Batches};
use crate::database::{Postgres, Values, seconds};
use crate::error::Error;
use async_trait::async_trait;
use cacao::UnixTime;
use session_core::StoreError;
use session_core::server::{ProofId, Remembered, ReplayMemory, ReplayWindow};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// A replay window that every process shares that uses the database. Clones share it, and it
/// outlives them all.
///
/// Proofs that come while a statement is under way go with the next one, up to a thousand at once.
/// There is as much room as the database has.
#[derive(Clone, Debug)]
pub struct PostgresReplayWindow(Batches<Proofs>);

/// Asks which of many proofs are the first.
struct Proofs {
    database: Postgres,
    statement: Arc<str>,
}

impl Postgres {
    /// The replay window in this database.
    #[must_use]
    pub fn replay_window(&self) -> PostgresReplayWindow {
        // the horizon is locked first: what lies behind it may have been forgotten, and stays so
        // until this is committed; in an order, so that nobody waits for somebody who waits
        let statement = self.sql(
            "WITH horizon AS MATERIALIZED (SELECT forgotten FROM {schema}.horizons \
             WHERE name = 'proofs' FOR SHARE), \
             firsts AS (INSERT INTO {schema}.proofs (proof, until) \
             SELECT used.proof, used.until FROM horizon, \
             unnest($1::bytea[], $2::bigint[]) AS used (proof, until) \
             WHERE used.until >= horizon.forgotten ORDER BY used.proof \
             ON CONFLICT DO NOTHING RETURNING proof) \
             SELECT forgotten, ARRAY(SELECT proof FROM firsts) FROM horizon",
        );
        PostgresReplayWindow(Batches::new(
            Proofs {
                database: self.clone(),
                statement,
            },
            self.max_wait() * 2,
        ))
    }
}

#[async_trait]
impl Ask for Proofs {
    type Question = (ProofId, i64);
    type Answer = Remembered;

    async fn ask(&self, asked: Vec<(ProofId, i64)>) -> Result<Vec<Remembered>, Error> {
        // each once, and sorted
        let mut used = BTreeMap::new();
        for (proof, until) in &asked {
            let known = used.entry(*proof.as_bytes()).or_insert(*until);
            *known = (*known).max(*until);
        }
        let proofs: Vec<&[u8]> = used.keys().map(<[u8; 16]>::as_slice).collect();
        let untils: Vec<i64> = used.values().copied().collect();
        let values: Values<'_> = &[&proofs, &untils];
        let rows = self.database.write(&self.statement, values).await?;
        let row = rows.first();
        let row = row.ok_or_else(|| Error::answer("there is no horizon of proofs"))?;
        let forgotten: i64 = row.try_get(0)?;
        let firsts: Vec<&[u8]> = row.try_get(1)?;
        let mut firsts: HashSet<&[u8]> = firsts.into_iter().collect();
        let answer = |(proof, until): &(ProofId, i64)| {
            if *until < forgotten {
                Remembered::TooOld
            } else if firsts.remove(proof.as_bytes().as_slice()) {
                Remembered::First
            } else {
                Remembered::Again
            }
        };
        Ok(asked.iter().map(answer).collect())
    }
}

#[async_trait]
impl ReplayWindow for PostgresReplayWindow {
    async fn remember(
        &self,
        proof: ProofId,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<Remembered, StoreError> {
        let remembered = self.0.ask((proof, seconds(until))).await;
        let remembered = remembered.map_err(|error| error.at("cannot remember a proof"))?;
        self.0.asker().database.sweep_now_and_then(now);
        Ok(remembered)
    }

    fn memory(&self) -> Option<ReplayMemory> {
        None
    }
}
