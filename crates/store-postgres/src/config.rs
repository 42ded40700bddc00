//! Where the database is, and how it is used.

use crate::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;
use tokio_postgres::config::{Host, SslMode};

/// Where the database is, and how it is used. Its `Debug` shows no part of the connection string.
#[derive(Clone)]
pub struct PostgresConfig {
    pub(crate) server: tokio_postgres::Config,
    pub(crate) schema: Name,
    pub(crate) connections: usize,
    pub(crate) max_wait: Duration,
    pub(crate) clock_tolerance: Duration,
    pub(crate) lease_ttl: Option<Duration>,
    pub(crate) logged_parameters: bool,
    pub(crate) tls: Tls,
}

/// How connections are protected.
#[derive(Clone)]
pub(crate) enum Tls {
    None,
    #[cfg(feature = "tls")]
    Rustls(tokio_postgres_rustls::MakeRustlsConnect),
}

/// A name that stands in statements as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name(String);

impl Name {
    const MAX_LEN: usize = 40;

    pub(crate) fn new(name: &str) -> Result<Self, Error> {
        let is_letter = |c: char| c.is_ascii_lowercase();
        let is_allowed = |c: char| is_letter(c) || c.is_ascii_digit() || c == '_';
        let is_name = name.starts_with(is_letter)
            && name.chars().all(is_allowed)
            && name.len() <= Self::MAX_LEN
            && !name.starts_with("pg_");
        if is_name {
            Ok(Self(name.to_owned()))
        } else {
            let name = name.to_owned();
            Err(Error::Name { name })
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl PostgresConfig {
    /// The schema, unless another one is named.
    pub const DEFAULT_SCHEMA: &str = "did_session";
    /// How many connections at most, by default.
    pub const DEFAULT_CONNECTIONS: usize = 8;
    /// How long to wait for a connection or an answer, by default.
    pub const DEFAULT_MAX_WAIT: Duration = Duration::from_secs(5);
    /// How far the clocks of those who share the database may be apart, by default.
    pub const DEFAULT_CLOCK_TOLERANCE: Duration = Duration::from_secs(10 * 60);

    /// A database by its connection string, as `libpq` knows it: a URL
    /// (`postgres://user:password@host:port/database`) or keywords and values.
    ///
    /// # Errors
    /// [`Error::ConnectionString`], which does not repeat it.
    pub fn new(connection_string: &str) -> Result<Self, Error> {
        let parsed = connection_string.parse();
        let mut server: tokio_postgres::Config = parsed.map_err(|_| Error::ConnectionString)?;
        if server.get_application_name().is_none() {
            server.application_name("did-session");
        }
        Ok(Self {
            server,
            schema: Name(Self::DEFAULT_SCHEMA.to_owned()),
            connections: Self::DEFAULT_CONNECTIONS,
            max_wait: Self::DEFAULT_MAX_WAIT,
            clock_tolerance: Self::DEFAULT_CLOCK_TOLERANCE,
            lease_ttl: None,
            logged_parameters: false,
            tls: Tls::None,
        })
    }

    /// In this schema: 1 to 40 characters of `a-z`, `0-9` and `_`, beginning with a letter.
    ///
    /// # Errors
    /// [`Error::Name`] when it is not such a name.
    pub fn with_schema(mut self, schema: &str) -> Result<Self, Error> {
        self.schema = Name::new(schema)?;
        Ok(self)
    }

    /// With so many connections at most; at least one. Listening to changes takes one more.
    #[must_use]
    pub fn with_connections(mut self, connections: usize) -> Self {
        self.connections = connections.max(1);
        self
    }

    /// How long to wait for a connection, and for the answer to one statement. The server ends a
    /// statement that takes longer.
    #[must_use]
    pub fn with_max_wait(mut self, max_wait: Duration) -> Self {
        self.max_wait = max_wait.max(Duration::from_millis(10));
        self
    }

    /// How far apart the clocks of the processes that share the database may be. Used proofs and
    /// challenges are kept for this much longer; a process whose clock is further behind is
    /// refused.
    #[must_use]
    pub const fn with_clock_tolerance(mut self, tolerance: Duration) -> Self {
        self.clock_tolerance = tolerance;
        self
    }

    /// How long the prompt lock lasts if nobody renews it, by the server's clock: this is how long
    /// others wait when its holder dies.
    #[must_use]
    pub const fn with_lease_ttl(mut self, ttl: Duration) -> Self {
        self.lease_ttl = Some(ttl);
        self
    }

    /// Uses the server even if it writes the parameters of statements into its log. Anyone who
    /// reads that log then has the sessions, unless their records are sealed.
    #[must_use]
    pub const fn with_logged_parameters(mut self) -> Self {
        self.logged_parameters = true;
        self
    }

    /// Protects connections by TLS, and trusts the servers whose certificates these authorities
    /// signed (PEM, RFC 7468). The host is compared with the certificate.
    ///
    /// # Errors
    /// [`Error::Tls`] when there is no certificate in it, or one that cannot be read.
    #[cfg(feature = "tls")]
    pub fn with_root_certificates(mut self, pem: &[u8]) -> Result<Self, Error> {
        use rustls::pki_types::{CertificateDer, pem::PemObject};
        use rustls::{ClientConfig, RootCertStore};
        use std::sync::Arc;
        let failed = |reason: String| Error::Tls { reason };
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| failed(error.to_string()))?;
            let added = roots.add(certificate);
            added.map_err(|error| failed(error.to_string()))?;
        }
        if roots.is_empty() {
            return Err(failed("there is no certificate".to_owned()));
        }
        // named, since a build may have several
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(error.to_string()))?;
        let config = builder.with_root_certificates(roots).with_no_client_auth();
        let connect = tokio_postgres_rustls::MakeRustlsConnect::new(config);
        self.tls = Tls::Rustls(connect);
        self.server.ssl_mode(SslMode::Require);
        Ok(self)
    }

    /// The schema.
    #[must_use]
    pub fn schema(&self) -> &str {
        self.schema.as_str()
    }

    /// The statements by which an administrator gives a role exactly the rights that a running
    /// program needs: it reads and writes rows, and cannot migrate. The last ones keep the server
    /// from logging what the role's statements carry, and need a superuser, or on PostgreSQL 15 and
    /// later somebody with `GRANT SET ON PARAMETER`.
    ///
    /// # Errors
    /// [`Error::Name`] when the role's name is not as [`with_schema`](Self::with_schema) wants names.
    pub fn grants(&self, role: &str) -> Result<String, Error> {
        let role = Name::new(role)?;
        let grants = include_str!("../migrations/grants.sql");
        Ok(self.in_schema(grants).replace("{role}", role.as_str()))
    }

    /// A statement in the schema.
    pub(crate) fn in_schema(&self, statement: &str) -> String {
        statement.replace("{schema}", self.schema.as_str())
    }

    /// Whether connections may be made this way.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match (&self.tls, self.server.get_ssl_mode()) {
            (Tls::None, SslMode::Disable) => Ok(()),
            (Tls::None, SslMode::Prefer) if self.stays_here() => Ok(()),
            (Tls::None, SslMode::Prefer) => Err(Error::Plaintext),
            (Tls::None, _) => Err(Error::Tls {
                reason: "the connection string wants it, and no authorities are named".to_owned(),
            }),
            #[cfg(feature = "tls")]
            (Tls::Rustls(_), _) => Ok(()),
        }
    }

    /// Whether every address is one of this machine.
    fn stays_here(&self) -> bool {
        let hosts = self.server.get_hosts().iter().all(|host| match host {
            Host::Tcp(name) => {
                let address: Option<IpAddr> = name.parse().ok();
                name == "localhost" || address.is_some_and(|address| address.is_loopback())
            }
            #[cfg(unix)]
            Host::Unix(_) => true,
        });
        let addresses = self.server.get_hostaddrs();
        addresses.iter().all(IpAddr::is_loopback) && (hosts || !addresses.is_empty())
    }
}

impl fmt::Debug for PostgresConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresConfig")
            .field("schema", &self.schema.as_str())
            .field("connections", &self.connections)
            .field("max_wait", &self.max_wait)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_to_stand_in_a_statement() {
        let longest = "a".repeat(40);
        for name in ["a", "did_session", "s2", &*longest] {
            assert!(Name::new(name).is_ok(), "{name}");
        }
        let long = "a".repeat(41);
        for name in [
            "", "A", "1a", "_a", "a-b", "a b", "a;b", "a\"b", "pg_x", "é", &*long,
        ] {
            assert!(matches!(Name::new(name), Err(Error::Name { .. })), "{name}");
        }
    }

    #[test]
    fn plain_text_stays_on_the_machine_unless_somebody_says_so() {
        let check = |text: &str| PostgresConfig::new(text).unwrap().check();
        for text in [
            "postgres://u:p@localhost/db",
            "postgres://u:p@127.0.0.1/db",
            "postgres://u:p@[::1]/db",
            "host=/run/postgresql user=u",
            "host=db.example hostaddr=127.0.0.1 user=u",
            "postgres://u:p@db.example/db?sslmode=disable",
        ] {
            assert!(check(text).is_ok(), "{text}");
        }
        for text in [
            "postgres://u:p@db.example/db",
            "postgres://u:p@localhost,db.example/db",
            "host=localhost hostaddr=10.0.0.1 user=u",
        ] {
            assert!(matches!(check(text), Err(Error::Plaintext)), "{text}");
        }
        let wants = check("postgres://u:p@db.example/db?sslmode=require");
        assert!(matches!(wants, Err(Error::Tls { .. })));
    }

    #[test]
    fn no_text_shows_the_password() {
        let secret = "hunter2secret";
        let bad = PostgresConfig::new(&format!("postgres://u:{secret}@h:port/db")).unwrap_err();
        let good = PostgresConfig::new(&format!("postgres://u:{secret}@localhost/db")).unwrap();
        let mut texts = vec![bad.to_string(), format!("{bad:?}"), format!("{good:?}")];
        texts.push(format!("{:?}", std::error::Error::source(&bad)));
        for text in texts {
            assert!(!text.contains(secret), "{text}");
        }
    }

    #[cfg(feature = "tls")]
    #[test]
    fn authorities_are_certificates() {
        let config = || PostgresConfig::new("postgres://u@db.example/db").unwrap();
        for pem in [&b""[..], b"no certificate"] {
            let error = config().with_root_certificates(pem).unwrap_err();
            assert_eq!(error.code(), "tls_failed");
        }
    }
}
