//! The one connection to the engine, which all clones share: made when it is needed, given up
//! when it broke or did not answer, and made again by the next caller.

use crate::clock::EngineClock;
use crate::error::{Error, Failure};
use crate::options::Options;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, ProtocolVersion, PushInfo, PushKind, Value};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A connection, or how to get one.
pub(crate) struct Link {
    client: Client,
    address: String,
    connect_timeout: Duration,
    reply_timeout: Duration,
    state: Mutex<State>,
}

enum State {
    Apart,
    Connecting(Attempt),
    Connected(Arc<Live>),
}

/// Shared by all who wait for it, so that an engine that comes back sees one attempt and not one
/// for each caller.
type Attempt = Shared<BoxFuture<'static, Result<Arc<Live>, Error>>>;

/// A connection, and what the engine said of itself when it was made.
pub(crate) struct Live {
    connection: MultiplexedConnection,
    is_dead: Arc<AtomicBool>,
    pub(crate) engine: Engine,
    pub(crate) clock: EngineClock,
}

/// What an engine says of itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Engine {
    /// Another one after each start. Where it is not told, another one for each connection.
    pub(crate) run: String,
    /// Whether it writes each change down before it answers, as far as it says.
    pub(crate) keeps: bool,
    /// What it does when its memory is full, unless it does not tell.
    pub(crate) policy: Option<String>,
}

impl Link {
    /// Touches no network.
    pub(crate) fn new(url: &str, options: &Options) -> Result<Self, Error> {
        let client = client(url, options)?;
        let address = client.get_connection_info().addr().to_string();
        Ok(Self {
            client,
            address,
            connect_timeout: options.connect_timeout,
            reply_timeout: options.reply_timeout,
            state: Mutex::new(State::Apart),
        })
    }

    /// Host and port, for people.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// A connection that is not known to be broken.
    pub(crate) async fn live(&self) -> Result<Arc<Live>, Error> {
        let attempt = {
            // nobody panics while holding it
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            match &*state {
                State::Connected(live) if !live.is_dead() => return Ok(Arc::clone(live)),
                State::Connecting(attempt) if attempt.peek().is_none() => attempt.clone(),
                _ => {
                    let attempt = self.begin()?;
                    *state = State::Connecting(attempt.clone());
                    attempt
                }
            }
        };
        let live = attempt.clone().await;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(&*state, State::Connecting(current) if current.ptr_eq(&attempt)) {
            *state = match &live {
                Ok(live) => State::Connected(Arc::clone(live)),
                Err(_) => State::Apart,
            };
        }
        live
    }

    /// Begins to connect, in a task of its own: whoever waits may go.
    fn begin(&self) -> Result<Attempt, Error> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| Error::NoRuntime)?;
        let (client, connect, reply) = (
            self.client.clone(),
            self.connect_timeout,
            self.reply_timeout,
        );
        let attempt = async move { connect_to(&client, connect, reply).await.map(Arc::new) };
        let attempt = attempt.boxed().shared();
        runtime.spawn(attempt.clone().map(drop));
        Ok(attempt)
    }

    /// Sends a command, and waits for its answer.
    pub(crate) async fn query(&self, command: &Cmd) -> Result<Value, Failure> {
        let live = self.live().await?;
        self.query_on(&live, command).await
    }

    pub(crate) async fn query_on(&self, live: &Live, command: &Cmd) -> Result<Value, Failure> {
        let mut connection = live.connection.clone();
        match command.query_async(&mut connection).await {
            Ok(value) => Ok(value),
            Err(error) => Err(self.failed(live, &error)),
        }
    }

    /// Sends several commands at once, and waits for all answers. Of their errors one is told.
    pub(crate) async fn query_all(
        &self,
        commands: &redis::Pipeline,
    ) -> Result<Vec<Value>, Failure> {
        let live = self.live().await?;
        self.query_all_on(&live, commands).await
    }

    pub(crate) async fn query_all_on(
        &self,
        live: &Live,
        commands: &redis::Pipeline,
    ) -> Result<Vec<Value>, Failure> {
        let mut connection = live.connection.clone();
        match commands.query_async(&mut connection).await {
            Ok(values) => Ok(values),
            Err(error) => Err(self.failed(live, &error)),
        }
    }

    /// Asks the engine what time it is.
    pub(crate) async fn look_at_clock(&self, live: &Live) -> Result<(), Error> {
        let said = self.query_on(live, &redis::cmd("TIME")).await;
        live.clock.set(said.map_err(|failure| failure.error)?)
    }

    fn failed(&self, live: &Live, error: &redis::RedisError) -> Failure {
        // a connection that does not answer may be one whose other end has gone
        if error.is_io_error() || error.is_unrecoverable_error() {
            live.is_dead.store(true, Ordering::SeqCst);
        }
        Failure::of_sent(error, self.reply_timeout)
    }
}

impl Live {
    fn is_dead(&self) -> bool {
        self.is_dead.load(Ordering::SeqCst)
    }
}

/// Reads a URL. What is wrong with it is said without quoting it, since it may hold a password.
fn client(url: &str, options: &Options) -> Result<Client, Error> {
    let problem = |problem| Error::Url { problem };
    let parsed = redis::parse_redis_url(url).ok_or_else(|| {
        problem("it does not begin with redis://, rediss://, valkey://, valkeys:// or unix://")
    })?;
    let is_tls = matches!(parsed.scheme(), "rediss" | "valkeys");
    if is_tls && !cfg!(feature = "tls") {
        return Err(problem(
            "it asks for TLS, and the feature `tls` is not enabled",
        ));
    }
    let info = redis::IntoConnectionInfo::into_connection_info(parsed)
        .map_err(|_| problem("its host, port, database, user or password is not valid"))?;
    let settings = info
        .redis_settings()
        .clone()
        .set_protocol(ProtocolVersion::RESP3);
    let info = info.set_redis_settings(settings);
    #[cfg(feature = "tls")]
    if is_tls {
        return tls_client(info, options);
    }
    let _ = options;
    Client::open(info).map_err(|_| problem("it does not name an engine"))
}

#[cfg(feature = "tls")]
fn tls_client(info: redis::ConnectionInfo, options: &Options) -> Result<Client, Error> {
    // an application that has chosen a provider has done so already, and keeps it
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client_tls = options
        .client_certificate
        .as_ref()
        .map(|(certificate, key)| redis::ClientTlsConfig {
            client_cert: certificate.clone(),
            client_key: key.to_vec(),
        });
    let certificates = redis::TlsCertificates {
        client_tls,
        root_cert: options.root_certificates.clone(),
    };
    Client::build_with_tls(info, certificates).map_err(|_| Error::Connect {
        problem: "a certificate or its key is not valid PEM".to_owned(),
    })
}

async fn connect_to(client: &Client, connect: Duration, reply: Duration) -> Result<Live, Error> {
    let is_dead = Arc::new(AtomicBool::new(false));
    let watch = Arc::clone(&is_dead);
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(connect))
        .set_response_timeout(Some(reply))
        .set_pipeline_buffer_size(1024)
        // told when the other end closes, even while nobody waits for an answer
        .set_push_sender(move |push: PushInfo| {
            if push.kind == PushKind::Disconnection {
                watch.store(true, Ordering::SeqCst);
            }
            Ok::<_, std::convert::Infallible>(())
        });
    let mut connection = client
        .get_multiplexed_async_connection_with_config(&config)
        .await
        .map_err(|error| Error::of_connecting(&error, connect))?;
    let info = redis::cmd("INFO");
    let engine = match info.query_async::<Value>(&mut connection).await {
        Ok(Value::BulkString(text)) => Engine::of_info(&String::from_utf8_lossy(&text)),
        Ok(Value::VerbatimString { text, .. } | Value::SimpleString(text)) => {
            Engine::of_info(&text)
        }
        Ok(_) => Engine::default(),
        Err(error) => match Error::of(&error, reply) {
            Error::NotPermitted => Engine::default(),
            other => return Err(other),
        },
    };
    let clock = EngineClock::default();
    match redis::cmd("TIME").query_async(&mut connection).await {
        Ok(said) => clock.set(said)?,
        Err(error) => match Error::of(&error, reply) {
            // whoever may not ask changes nothing either
            Error::NotPermitted => {}
            other => return Err(other),
        },
    }
    Ok(Live {
        connection,
        clock,
        is_dead,
        engine: engine.with_some_run()?,
    })
}

impl Engine {
    /// From the text of `INFO`.
    fn of_info(text: &str) -> Self {
        let field = |name: &str| {
            let mut lines = text.lines();
            lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim))
        };
        Self {
            run: field("run_id").unwrap_or_default().to_owned(),
            keeps: field("aof_enabled") == Some("1"),
            policy: field("maxmemory_policy").map(str::to_owned),
        }
    }

    /// An engine that does not tell may be another one with each connection.
    fn with_some_run(mut self) -> Result<Self, Error> {
        if self.run.is_empty() {
            self.run = data_encoding::HEXLOWER.encode(&random()?);
        }
        Ok(self)
    }
}

/// 16 random bytes.
pub(crate) fn random() -> Result<[u8; 16], Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Error::Randomness {
        problem: error.to_string(),
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_engine_says_of_itself() {
        let text = "# Server\r\nredis_version:7.0.15\r\nrun_id:abc\r\n\r\n# Memory\r\n\
                    maxmemory_policy:noeviction\r\n# Persistence\r\naof_enabled:1\r\n";
        let engine = Engine::of_info(text);
        assert_eq!(engine.run, "abc");
        assert!(engine.keeps);
        assert_eq!(engine.policy.as_deref(), Some("noeviction"));
        let silent = || Engine::of_info("").with_some_run().unwrap();
        assert_ne!(silent().run, silent().run);
        assert!(!silent().keeps);
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said_without_quoting_it() {
        for url in [
            "http://user:secret@localhost",
            "redis://user:secret@",
            "redis://user:secret@localhost/x",
            "user:secret",
            "redis://user:secret@localhost:99999",
            "redis://:secret@0.0.0.0",
        ] {
            let error = client(url, &Options::new()).err().unwrap();
            assert_eq!(error.code(), "invalid_url", "{url}");
            assert!(!format!("{error} {error:?}").contains("secret"), "{url}");
        }
    }
}
