//! Which login challenges were used up.

use crate::database::{Postgres, Values, seconds};
use crate::error::Error;
use async_trait::async_trait;
use cacao::UnixTime;
use dag_jws::Cid;
use session_core::StoreError;
use session_core::server::{ChallengeId, Challenges, Consumed};
use std::sync::Arc;

/// Used challenges that every process shares that uses the database. There is as much room as the
/// database has.
#[derive(Clone, Debug)]
pub struct PostgresChallenges {
    database: Postgres,
    statement: Arc<str>,
}

impl Postgres {
    /// The used challenges in this database.
    #[must_use]
    pub fn challenges(&self) -> PostgresChallenges {
        // no row: another capability has it, or it may have been forgotten who had it
        let statement = self.sql(
            "INSERT INTO {schema}.challenges AS used (challenge, identity, until, repeats) \
             SELECT $1::bytea, $2::bytea, $3::bigint, 0 FROM {schema}.horizons AS horizon \
             WHERE horizon.name = 'challenges' AND horizon.forgotten <= $3 FOR SHARE OF horizon \
             ON CONFLICT (challenge) DO UPDATE SET repeats = used.repeats + 1 \
             WHERE used.identity = excluded.identity RETURNING repeats = 0",
        );
        PostgresChallenges {
            database: self.clone(),
            statement,
        }
    }
}

impl PostgresChallenges {
    async fn use_up(
        &self,
        challenge: ChallengeId,
        identity: &Cid,
        until: UnixTime,
    ) -> Result<Consumed, Error> {
        let (identity, until) = (identity.to_bytes(), seconds(until));
        let challenge = challenge.as_bytes().as_slice();
        let values: Values<'_> = &[&challenge, &identity, &until];
        let rows = self.database.write(&self.statement, values).await?;
        Ok(match rows.first() {
            None => Consumed::ByAnother,
            Some(row) if row.try_get(0)? => Consumed::Now,
            Some(_) => Consumed::ByTheSame,
        })
    }
}

#[async_trait]
impl Challenges for PostgresChallenges {
    async fn consume(
        &self,
        challenge: ChallengeId,
        identity: &Cid,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<Consumed, StoreError> {
        let consumed = self.use_up(challenge, identity, until).await;
        let consumed = consumed.map_err(|error| error.at("cannot use a challenge up"))?;
        self.database.sweep_now_and_then(now);
        Ok(consumed)
    }
}
