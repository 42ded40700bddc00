//! Why the database did not do what it was asked. No text has a password, a connection string or
//! what stands in a row.

use session_core::StoreError;
use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::error::{DbError, SqlState};

/// Why an operation of the database failed. It is also the source of
/// [`StoreError::Medium`](session_core::StoreError::Medium).
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The connection string is not valid. What it says is not repeated: it may hold a password.
    #[error("the connection string is not valid")]
    ConnectionString,
    /// The name is not one of 1 to 40 characters of `a-z`, `0-9` and `_`, beginning with a letter.
    #[error("{name:?} is not a valid name of a schema or a role here")]
    Name {
        /// The name.
        name: String,
    },
    /// The connection would carry keys in plain text to another machine.
    #[error(
        "the connection would leave this machine in plain text: configure TLS, or say sslmode=disable"
    )]
    Plaintext,
    /// TLS cannot be had as it was configured: the server does not offer it, or its certificate is
    /// not accepted.
    #[error("TLS cannot be used: {reason}")]
    Tls {
        /// Why.
        reason: String,
    },
    /// The server cannot be reached.
    #[error("the database server cannot be reached")]
    Unreachable {
        /// What the network said.
        #[source]
        source: Arc<dyn StdError + Send + Sync>,
    },
    /// The server refused the login: a wrong password, an unknown role or database.
    #[error("the database server refused the login (SQLSTATE {code})")]
    Login {
        /// The SQLSTATE.
        code: String,
    },
    /// The role lacks a privilege. `PostgresConfig::grants` says what it needs.
    #[error("the role lacks a privilege, which the statements of `grants` give: {message}")]
    Privilege {
        /// What the server said.
        message: String,
    },
    /// The server, or the role, only reads: a standby, or `default_transaction_read_only`.
    #[error("the database is read-only: connect to its primary")]
    ReadOnly,
    /// The server has no room left.
    #[error("the database has no room: {message}")]
    Full {
        /// What the server said.
        message: String,
    },
    /// The schema holds nothing of this crate: [`migrate`](crate::migrate) makes it.
    #[error("the schema {schema} was not migrated: run `migrate` by the role that owns the tables")]
    NotMigrated {
        /// The schema.
        schema: String,
    },
    /// The schema is that of an older release: [`migrate`](crate::migrate) it.
    #[error(
        "the schema has version {found}, but version {known} is needed: run `migrate` by the role that owns the tables"
    )]
    Older {
        /// Which version was found.
        found: i32,
        /// Which version this release needs.
        known: i32,
    },
    /// The schema is that of a newer release, which this one does not know.
    #[error(
        "the schema has version {found}, but {known} is the newest that this program knows: update the program"
    )]
    Newer {
        /// Which version was found.
        found: i32,
        /// The newest that this release knows.
        known: i32,
    },
    /// The server writes the parameters of statements into its log, keys of sessions among them.
    #[error(
        "the server logs the parameters of statements, which hold keys: \
         set log_parameter_max_length to 0 for the role"
    )]
    ParametersLogged,
    /// No connection was free, or there was no answer, within this time.
    #[error("the database did not answer within {max_wait:?}")]
    Late {
        /// How long was waited.
        max_wait: Duration,
    },
    /// The connection was lost.
    #[error("the connection to the database was lost")]
    Lost,
    /// The server said something else.
    #[error("the database failed (SQLSTATE {code}): {message}")]
    Server {
        /// The SQLSTATE.
        code: String,
        /// What the server said, without the details, which may quote a row.
        message: String,
    },
    /// The answer does not fit the statement.
    #[error("the answer of the database cannot be read: {problem}")]
    Answer {
        /// What is wrong with it.
        problem: String,
    },
    /// More callers wait than there is room for.
    #[error(
        "{waiting} callers are waiting for the database already, which is the most that may; try again later"
    )]
    Crowded {
        /// How many.
        waiting: usize,
    },
    /// There is no tokio runtime.
    #[error("this needs a tokio runtime, but was called outside of one")]
    NoRuntime,
}

impl Error {
    /// A stable name of the reason in snake case, for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ConnectionString => "connection_string_invalid",
            Self::Name { .. } => "name_invalid",
            Self::Plaintext => "plaintext_refused",
            Self::Tls { .. } => "tls_failed",
            Self::Unreachable { .. } => "unreachable",
            Self::Login { .. } => "login_refused",
            Self::Privilege { .. } => "privilege_missing",
            Self::ReadOnly => "read_only",
            Self::Full { .. } => "no_room",
            Self::NotMigrated { .. } => "not_migrated",
            Self::Older { .. } => "schema_older",
            Self::Newer { .. } => "schema_newer",
            Self::ParametersLogged => "parameters_logged",
            Self::Late { .. } => "late",
            Self::Lost => "connection_lost",
            Self::Server { .. } => "server_failed",
            Self::Answer { .. } => "answer_unreadable",
            Self::Crowded { .. } => "crowded",
            Self::NoRuntime => "no_runtime",
        }
    }

    /// As what a store fails with, at this action.
    pub(crate) fn at(self, action: impl Into<String>) -> StoreError {
        StoreError::medium(action, self)
    }

    pub(crate) fn answer(problem: impl Into<String>) -> Self {
        Self::Answer {
            problem: problem.into(),
        }
    }
}

/// What the client library says, without what may be secret.
impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        if let Some(said) = error.as_db_error() {
            return Self::said(said);
        }
        if error.is_closed() {
            return Self::Lost;
        }
        let kind = error.to_string();
        match error.into_source() {
            Some(source) if source.is::<std::io::Error>() => match handshake(&*source) {
                Some(reason) => Self::Tls { reason },
                None => Self::Unreachable {
                    source: Arc::from(source),
                },
            },
            // the server does not offer it, for example
            _ if kind.starts_with("error performing TLS handshake") => Self::Tls { reason: kind },
            _ => Self::Answer { problem: kind },
        }
    }
}

/// Why TLS was not agreed on, where that is it: a certificate that is not accepted, for example.
#[cfg(feature = "tls")]
fn handshake(error: &(dyn StdError + 'static)) -> Option<String> {
    let inner = error.downcast_ref::<std::io::Error>()?.get_ref()?;
    let reason = inner.downcast_ref::<rustls::Error>()?;
    Some(reason.to_string())
}

#[cfg(not(feature = "tls"))]
const fn handshake(_: &(dyn StdError + 'static)) -> Option<String> {
    None
}

impl Error {
    fn said(error: &DbError) -> Self {
        let code = error.code();
        let message = error.message().to_owned();
        match code {
            &SqlState::INSUFFICIENT_PRIVILEGE => Self::Privilege { message },
            &SqlState::READ_ONLY_SQL_TRANSACTION => Self::ReadOnly,
            &SqlState::DISK_FULL | &SqlState::OUT_OF_MEMORY => Self::Full { message },
            &SqlState::INVALID_CATALOG_NAME => Self::Login {
                code: code.code().to_owned(),
            },
            _ if code.code().starts_with("28") => Self::Login {
                code: code.code().to_owned(),
            },
            _ => Self::Server {
                code: code.code().to_owned(),
                message,
            },
        }
    }
}
