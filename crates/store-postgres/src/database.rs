//! The database: its connections, and how a statement is run.

use crate::config::PostgresConfig;
use crate::connect::{Fresh, ServerClock, no_connection, pool};
use crate::error::Error;
use cacao::UnixTime;
use deadpool_postgres::{Object, Pool};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::time::timeout;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

/// The values of a statement, in their order.
pub(crate) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// Whether whoever asks still waits for it, by the server's clock: a column `ok`.
pub(crate) const IN_TIME: &str =
    "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint <= $1 AS ok";

/// How often a statement is run anew that the server took back as a whole.
const TRIES: usize = 8;

/// A database that was [migrated](crate::migrate). It holds sessions, revocations, and what a
/// server keeps between requests. Clones share its connections, and so do the stores that are made
/// from it.
///
/// Connections are made when they are needed, and made anew when they were lost.
#[derive(Clone)]
pub struct Postgres(Arc<Inner>);

struct Inner {
    config: PostgresConfig,
    pool: Pool,
    clock: ServerClock,
    /// When what has ended was last swept away, in seconds of the time that callers say.
    swept: AtomicI64,
}

/// What a statement does, and so what may be done when its answer was lost.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It only reads: it can be run again.
    Reads,
    /// It writes.
    Writes,
}

/// A statement that did not do what it should.
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// Whether it may have been done all the same.
    pub(crate) may_be_done: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            error,
            may_be_done: false,
        }
    }
}

/// What came of one run.
enum Run {
    Done(Vec<Row>),
    /// It was not done, and can be run at once again.
    Again(Error),
    Failed(Failure),
}

impl Postgres {
    /// Opens the database, and checks that it can be used: the server answers, the role may log in,
    /// and the schema is that of this release.
    ///
    /// # Errors
    /// Whatever keeps it from being used, among it [`Error::NotMigrated`] and [`Error::Newer`].
    pub async fn open(config: PostgresConfig) -> Result<Self, Error> {
        let database = Self(Arc::new(Inner {
            pool: pool(&config)?,
            config,
            clock: ServerClock::default(),
            swept: AtomicI64::new(i64::MIN),
        }));
        drop(database.connection().await?);
        Ok(database)
    }

    /// How it is used.
    #[must_use]
    pub fn config(&self) -> &PostgresConfig {
        &self.0.config
    }

    pub(crate) fn clock(&self) -> &ServerClock {
        &self.0.clock
    }

    pub(crate) fn sql(&self, statement: &str) -> Arc<str> {
        self.config().in_schema(statement).into()
    }

    /// A statement that changes something if its caller still waits for it: a part `done` that looks
    /// at `(SELECT ok FROM asked)`, and what is told beside that. Its parameters begin with `$2`.
    pub(crate) fn change_sql(&self, done: &str, told: &str) -> Arc<str> {
        self.sql(&format!(
            "WITH asked AS MATERIALIZED ({IN_TIME}), {done} SELECT ok, {told} FROM asked"
        ))
    }

    /// A connection, which is nobody else's as long as it is held.
    pub(crate) async fn connection(&self) -> Result<Object, Error> {
        let Inner {
            config,
            pool,
            clock,
            ..
        } = &*self.0;
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(Error::NoRuntime);
        }
        let object = pool.get().await;
        let object = object.map_err(|error| no_connection(config, error))?;
        if Object::metrics(&object).recycled.is_some() {
            return Ok(object);
        }
        Fresh::new(object).prepared(config, clock).await
    }

    /// Runs a statement by itself, and answers its rows once it is committed.
    pub(crate) async fn run(
        &self,
        statement: &str,
        values: Values<'_>,
        effect: Effect,
    ) -> Result<Vec<Row>, Failure> {
        let mut tries = 1;
        loop {
            let connection = match self.connection().await {
                // lost while it was made: nothing was run yet
                Err(Error::Lost) if tries < TRIES => {
                    tries += 1;
                    continue;
                }
                made => made?,
            };
            match self.run_on(connection, statement, values, effect).await {
                Run::Done(rows) => return Ok(rows),
                Run::Again(_) if tries < TRIES => tries += 1,
                Run::Again(error) => return Err(error.into()),
                Run::Failed(failure) => return Err(failure),
            }
        }
    }

    /// The same, for what only reads.
    pub(crate) async fn read(
        &self,
        statement: &str,
        values: Values<'_>,
    ) -> Result<Vec<Row>, Error> {
        let rows = self.run(statement, values, Effect::Reads).await;
        rows.map_err(|failure| failure.error)
    }

    /// The same, for what writes and of which nobody asks whether it was done after an error.
    pub(crate) async fn write(
        &self,
        statement: &str,
        values: Values<'_>,
    ) -> Result<Vec<Row>, Error> {
        let rows = self.run(statement, values, Effect::Writes).await;
        rows.map_err(|failure| failure.error)
    }

    /// Runs a change, which is told until when its caller waits (`$1`) and says first whether it came
    /// in time: what is late does nothing. Every change goes through here, but for uses of proofs and
    /// challenges, of which one that is late lets nobody in.
    pub(crate) async fn change(&self, statement: &str, values: Values<'_>) -> Result<Row, Failure> {
        let mut looked = false;
        loop {
            let max_wait = self.max_wait();
            let deadline = self.clock().after(max_wait);
            let mut all: Vec<&(dyn ToSql + Sync)> = vec![&deadline];
            all.extend_from_slice(values);
            let rows = self.run(statement, &all, Effect::Writes).await?;
            let row = rows.into_iter().next();
            let row = row.ok_or_else(|| Error::answer("it has no row"))?;
            if row.try_get(0).map_err(Error::from)? {
                return Ok(row);
            }
            // the first time, the server's clock may have been set, or it is another server's
            if std::mem::replace(&mut looked, true) {
                return Err(Error::Late { max_wait }.into());
            }
            self.look_at_clock().await?;
        }
    }

    async fn run_on(
        &self,
        connection: Object,
        statement: &str,
        values: Values<'_>,
        effect: Effect,
    ) -> Run {
        let max_wait = self.max_wait();
        let late = Error::Late { max_wait };
        let prepared = match timeout(max_wait, connection.prepare_cached(statement)).await {
            Ok(Ok(prepared)) => prepared,
            Ok(Err(error)) if connection.is_closed() || ends_connection(&error) => {
                // nothing was run yet
                close(connection);
                return Run::Again(Error::Lost);
            }
            Ok(Err(error)) => return Run::Failed(Error::from(error).into()),
            Err(_) => {
                close(connection);
                return Run::Failed(late.into());
            }
        };
        let may_be_done = effect == Effect::Writes;
        let error = match timeout(max_wait, connection.query(&prepared, values)).await {
            Ok(Ok(rows)) => return Run::Done(rows),
            Ok(Err(error)) => error,
            Err(_) => {
                // nobody waits behind what hangs
                close(connection);
                let error = late;
                return Run::Failed(Failure { error, may_be_done });
            }
        };
        match error.code() {
            // the server took back all of it, for the sake of others
            Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED) => {
                Run::Again(error.into())
            }
            // it does not know what was prepared
            Some(&SqlState::INVALID_SQL_STATEMENT_NAME) => {
                close(connection);
                Run::Again(error.into())
            }
            _ if connection.is_closed() || ends_connection(&error) => {
                close(connection);
                match may_be_done {
                    true => Run::Failed(Failure {
                        error: Error::Lost,
                        may_be_done,
                    }),
                    false => Run::Again(Error::Lost),
                }
            }
            _ => Run::Failed(Error::from(error).into()),
        }
    }

    /// Whether it is time to sweep away what has ended by this time, once a minute at most.
    pub(crate) fn is_time_to_sweep(&self, now: UnixTime) -> bool {
        let now = whole_seconds(now);
        let swept = self.0.swept.load(Ordering::Relaxed);
        let is_first = swept == i64::MIN;
        if !is_first && now.saturating_sub(swept) < 60 {
            return false;
        }
        let order = Ordering::Relaxed;
        let ours = self.0.swept.compare_exchange(swept, now, order, order);
        ours.is_ok() && !is_first
    }

    /// How many seconds before `now` something must have ended to be forgotten.
    pub(crate) fn forgotten_at(&self, now: UnixTime) -> i64 {
        let tolerance = self.config().clock_tolerance.as_secs();
        let tolerance = i64::try_from(tolerance).unwrap_or(i64::MAX);
        whole_seconds(now).saturating_sub(tolerance)
    }

    /// Asks the server what time it is.
    pub(crate) async fn look_at_clock(&self) -> Result<(), Error> {
        let connection = self.connection().await?;
        let max_wait = self.max_wait();
        let looked = timeout(max_wait, self.clock().look(&connection)).await;
        looked.map_err(|_| Error::Late { max_wait })?
    }

    pub(crate) fn max_wait(&self) -> Duration {
        self.config().max_wait
    }
}

fn close(connection: Object) {
    drop(Object::take(connection));
}

/// Whether the server ends the connection with this error, perhaps after the work was done.
fn ends_connection(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().is_none_or(|said| {
        let code = said.code().code();
        matches!(said.severity(), "FATAL" | "PANIC")
            || code.starts_with("08")
            || code.starts_with("57P")
    })
}

/// Whole seconds since 1970, rounded up: nothing is forgotten early.
pub(crate) fn seconds(time: UnixTime) -> i64 {
    let seconds = time.as_nanos().div_euclid(1_000_000_000) + 1;
    i64::try_from(seconds).unwrap_or(if seconds < 0 { i64::MIN } else { i64::MAX })
}

/// Whole seconds since 1970, rounded down.
pub(crate) fn whole_seconds(time: UnixTime) -> i64 {
    seconds(time).saturating_sub(1)
}

/// Nanoseconds since 1970, as `numeric` takes them.
pub(crate) fn nanos(time: UnixTime) -> String {
    time.as_nanos().to_string()
}

/// The time of a `numeric` that was read as a text.
pub(crate) fn time(nanos: &str) -> Result<UnixTime, Error> {
    let nanos = nanos.parse();
    nanos
        .map(UnixTime::from_nanos)
        .map_err(|_| Error::answer("a time is not a whole number"))
}

/// Shows the schema.
impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Postgres").field(&self.0.config).finish()
    }
}
