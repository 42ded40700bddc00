//! Connections: how they are made, and what each is told before its first use.

use crate::config::{PostgresConfig, Tls};
use crate::error::Error;
use cacao::UnixTime;
use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime,
};
use session_core::EngineClock;
use std::time::Duration;
use tokio_postgres::{AsyncMessage, Client, NoTls};

/// The newest version of the schema that this release knows.
pub(crate) const SCHEMA_VERSION: i32 = 1;

pub(crate) fn pool(config: &PostgresConfig) -> Result<Pool, Error> {
    config.check()?;
    let recycling = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let server = server_of(config);
    let manager = match &config.tls {
        Tls::None => Manager::from_config(server, NoTls, recycling),
        #[cfg(feature = "tls")]
        Tls::Rustls(tls) => Manager::from_config(server, tls.clone(), recycling),
    };
    let max_wait = Some(config.max_wait);
    let builder = Pool::builder(manager)
        .max_size(config.connections)
        .wait_timeout(max_wait)
        .create_timeout(max_wait)
        .runtime(Runtime::Tokio1);
    builder.build().map_err(|_| Error::NoRuntime)
}

/// How the server is reached: a connection that died without a word is noticed, too.
fn server_of(config: &PostgresConfig) -> tokio_postgres::Config {
    let mut server = config.server.clone();
    server.connect_timeout(config.max_wait);
    server.keepalives_idle(Duration::from_secs(30));
    server
}

/// What a pool says when it has no connection.
pub(crate) fn no_connection(config: &PostgresConfig, error: PoolError) -> Error {
    match error {
        PoolError::Backend(error) => error.into(),
        PoolError::Timeout(_) => Error::Late {
            max_wait: config.max_wait,
        },
        PoolError::NoRuntimeSpecified => Error::NoRuntime,
        _ => Error::Lost,
    }
}

/// A connection beside the pool, and each message that comes by itself is handed over.
pub(crate) async fn listener(
    config: &PostgresConfig,
    mut tell: impl FnMut(AsyncMessage) + Send + 'static,
) -> Result<(Client, tokio::task::JoinHandle<()>), Error> {
    config.check()?;
    let server = server_of(config);
    // one loop, whatever the stream is
    macro_rules! listen {
        ($tls:expr) => {{
            let (client, mut connection) = server.connect($tls).await?;
            let task = tokio::spawn(async move {
                while let Some(Ok(message)) =
                    std::future::poll_fn(|context| connection.poll_message(context)).await
                {
                    tell(message);
                }
            });
            Ok((client, task))
        }};
    }
    match &config.tls {
        Tls::None => listen!(NoTls),
        #[cfg(feature = "tls")]
        Tls::Rustls(tls) => listen!(tls.clone()),
    }
}

/// Says to a new connection how its statements are run, and asks whether it may be used.
pub(crate) async fn prepare(
    client: &Client,
    config: &PostgresConfig,
    clock: &ServerClock,
) -> Result<(), Error> {
    let max_wait = config.max_wait.as_millis();
    // what a server sets otherwise must not change what a statement means; each finds its rows by a
    // key, so that one plan serves all values, and is made once; a role that may not hide parameters
    // goes on, and is looked at below
    let settings = format!(
        "SET statement_timeout = {max_wait}; SET lock_timeout = {max_wait}; \
         SET idle_in_transaction_session_timeout = 60000; \
         SET default_transaction_isolation = 'read committed'; \
         SET client_min_messages = warning; \
         SET plan_cache_mode = force_generic_plan; \
         DO $$ BEGIN PERFORM set_config('log_parameter_max_length', '0', false); \
         PERFORM set_config('log_parameter_max_length_on_error', '0', false); \
         EXCEPTION WHEN others THEN NULL; END $$"
    );
    client.batch_execute(&settings).await?;
    if !config.logged_parameters && logs_parameters(client).await? {
        return Err(Error::ParametersLogged);
    }
    clock.look(client).await?;
    let found = version(client, config).await?.unwrap_or_default();
    match found.cmp(&SCHEMA_VERSION) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(Error::Newer {
            found,
            known: SCHEMA_VERSION,
        }),
        std::cmp::Ordering::Less if found == 0 => Err(Error::NotMigrated {
            schema: config.schema().to_owned(),
        }),
        std::cmp::Ordering::Less => Err(Error::Older {
            found,
            known: SCHEMA_VERSION,
        }),
    }
}

/// Whether this connection's parameters may be written into the server's log.
async fn logs_parameters(client: &Client) -> Result<bool, Error> {
    let setting = "SELECT \
         coalesce(current_setting('log_parameter_max_length', true), '-1') <> '0' \
         AND (current_setting('log_statement') IN ('mod', 'all') \
         OR current_setting('log_min_duration_statement') <> '-1' \
         OR coalesce(current_setting('log_min_duration_sample', true), '-1') <> '-1' \
         OR coalesce(current_setting('log_transaction_sample_rate', true), '0') <> '0') \
         OR coalesce(current_setting('log_parameter_max_length_on_error', true), '0') <> '0'";
    Ok(client.query_one(setting, &[]).await?.try_get(0)?)
}

/// The version of the schema, if it is there.
pub(crate) async fn version(
    client: &Client,
    config: &PostgresConfig,
) -> Result<Option<i32>, Error> {
    let table = config.in_schema("{schema}.migrations");
    let there = "SELECT to_regclass($1) IS NOT NULL";
    let there: bool = client.query_one(there, &[&table]).await?.try_get(0)?;
    if !there {
        return Ok(None);
    }
    let newest = config.in_schema("SELECT max(version) FROM {schema}.migrations");
    Ok(client.query_one(&newest, &[]).await?.try_get(0)?)
}

/// A fresh connection that is being prepared: closed unless that succeeds.
pub(crate) struct Fresh(Option<Object>);

impl Fresh {
    pub(crate) const fn new(object: Object) -> Self {
        Self(Some(object))
    }

    pub(crate) async fn prepared(
        mut self,
        config: &PostgresConfig,
        clock: &ServerClock,
    ) -> Result<Object, Error> {
        if let Some(object) = &self.0 {
            let prepared = prepare(object, config, clock);
            let late = Error::Late {
                max_wait: config.max_wait,
            };
            let prepared = tokio::time::timeout(config.max_wait, prepared).await;
            prepared.map_err(|_| late)??;
        }
        self.0.take().ok_or(Error::Lost)
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Some(object) = self.0.take() {
            drop(Object::take(object));
        }
    }
}

/// What the server's clock shows, in microseconds since 1970: a statement that arrives later than
/// its caller waits for it does nothing.
#[derive(Debug, Default)]
pub(crate) struct ServerClock(EngineClock);

impl ServerClock {
    /// Asks the server what time it is.
    pub(crate) async fn look(&self, client: &Client) -> Result<(), Error> {
        let now = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
        let now: i64 = client.query_one(now, &[]).await?.try_get(0)?;
        let shown = UnixTime::from_nanos(i128::from(now) * 1000);
        self.0.set(shown);
        Ok(())
    }

    /// What the server's clock shows when so much time has passed, or a little less.
    pub(crate) fn after(&self, time: Duration) -> i64 {
        let shown = self.0.after(time).map_or(0, UnixTime::as_nanos) / 1000;
        i64::try_from(shown).unwrap_or(i64::MAX)
    }
}
