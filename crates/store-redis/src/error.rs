//! Why the engine did not do what it was asked, without a word of what was sent to it.

use redis::{ErrorKind, RedisError, ServerErrorKind};
use session_core::{SlotId, StoreError};
use std::time::Duration;

/// Why an operation of Redis or Valkey failed.
///
/// It is the source of a [`StoreError::Medium`]. It never holds a password, a user's name, a key
/// or a value: it repeats only the code of the engine's error, since engines quote commands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not the URL of an engine.
    #[error("the URL is not a valid one of Redis or Valkey: {problem}")]
    Url {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The text is not a prefix of keys.
    #[error("the prefix of keys is not a valid one: {problem}")]
    Prefix {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// There is no tokio runtime, which connections need.
    #[error("this needs a tokio runtime, but was called outside of one")]
    NoRuntime,
    /// No connection can be made.
    #[error("no connection can be made: {problem}")]
    Connect {
        /// What the operating system or TLS says.
        problem: String,
    },
    /// The engine does not accept this user and password, or wants some.
    #[error("the engine does not accept this user and password")]
    Authentication,
    /// The engine did not answer in time.
    #[error("the engine did not answer within {after:?}")]
    TimedOut {
        /// How long was waited.
        after: Duration,
    },
    /// The request reached the engine when its caller waited no longer, and nothing was done.
    #[error("the request reached the engine later than {after:?}, and was not carried out")]
    Late {
        /// How long is waited.
        after: Duration,
    },
    /// The connection broke before the answer was there.
    #[error("the connection was lost: {problem}")]
    Lost {
        /// What the operating system says.
        problem: String,
    },
    /// The engine is a replica, to which nothing can be written.
    #[error("the engine is a read-only replica: connect to its primary")]
    ReadOnly,
    /// The engine has no room for more, and forgets nothing for it.
    #[error("the engine has no room for more: raise its maxmemory")]
    OutOfMemory,
    /// The user of this connection may not do this.
    #[error(
        "the engine's user may not do this: allow it the commands that the documentation of store-redis lists"
    )]
    NotPermitted,
    /// The engine is busy: it reads its data after a start, or runs a long script.
    #[error("the engine is busy: {code}")]
    Busy {
        /// The engine's code.
        code: String,
    },
    /// The engine refused, for a reason that its code names.
    #[error("the engine refused: {code}")]
    Refused {
        /// The engine's code.
        code: String,
    },
    /// The engine throws keys away when its memory is full, which a store cannot be built on.
    #[error("the engine's maxmemory-policy is {policy}, but a store needs noeviction")]
    Evicts {
        /// The policy.
        policy: String,
    },
    /// The caller's clock and the engine's are too far apart.
    #[error("the clock of this machine and the engine's are {seconds} seconds apart")]
    Clocks {
        /// By how much the caller's clock is ahead; negative when it is behind.
        seconds: i64,
    },
    /// The answer does not fit the command.
    #[error("the answer of the engine is not {expected}")]
    Answer {
        /// What was expected.
        expected: &'static str,
    },
    /// The value of a key is not one that this crate writes.
    #[error("the value in the engine is not {expected}")]
    Damaged {
        /// What was expected.
        expected: &'static str,
    },
    /// More callers wait than there is room for.
    #[error(
        "{waiting} callers are waiting for the engine already, which is the most that may; try again later"
    )]
    Crowded {
        /// How many.
        waiting: usize,
    },
    /// The operating system gives no randomness.
    #[error("the operating system gives no randomness: {problem}")]
    Randomness {
        /// What it says.
        problem: String,
    },
}

impl Error {
    /// A stable name of the reason in snake case, for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Url { .. } => "invalid_url",
            Self::Prefix { .. } => "invalid_prefix",
            Self::NoRuntime => "no_runtime",
            Self::Connect { .. } => "cannot_connect",
            Self::Authentication => "not_authenticated",
            Self::TimedOut { .. } => "timed_out",
            Self::Late { .. } => "late",
            Self::Lost { .. } => "connection_lost",
            Self::ReadOnly => "read_only",
            Self::OutOfMemory => "out_of_memory",
            Self::NotPermitted => "not_permitted",
            Self::Busy { .. } => "busy",
            Self::Refused { .. } => "refused",
            Self::Evicts { .. } => "evicts",
            Self::Clocks { .. } => "clocks_apart",
            Self::Answer { .. } => "unexpected_answer",
            Self::Damaged { .. } => "damaged",
            Self::Crowded { .. } => "crowded",
            Self::Randomness { .. } => "no_randomness",
        }
    }

    /// Of an attempt to connect.
    pub(crate) fn of_connecting(error: &RedisError, within: Duration) -> Self {
        match Self::of(error, within) {
            // what an engine says about a handshake may be about its words
            Self::Refused { code } if code == "ERR" => Self::Authentication,
            Self::Lost { problem } => Self::Connect { problem },
            other => other,
        }
    }

    /// Of an operation.
    pub(crate) fn of(error: &RedisError, within: Duration) -> Self {
        if error.is_timeout() {
            return Self::TimedOut { after: within };
        }
        match error.kind() {
            // the words of the operating system, of TLS, or of the client; never the engine's
            ErrorKind::Io => Self::Lost {
                problem: error.to_string(),
            },
            ErrorKind::AuthenticationFailed => Self::Authentication,
            ErrorKind::Server(ServerErrorKind::ReadOnly) => Self::ReadOnly,
            ErrorKind::Server(ServerErrorKind::NoPerm) => Self::NotPermitted,
            ErrorKind::Server(ServerErrorKind::BusyLoading) => Self::Busy {
                code: "LOADING".to_owned(),
            },
            ErrorKind::RESP3NotSupported => Self::Refused {
                code: "NOPROTO".to_owned(),
            },
            ErrorKind::InvalidClientConfig | ErrorKind::Client => Self::Connect {
                problem: "the client's settings do not fit".to_owned(),
            },
            ErrorKind::Parse | ErrorKind::UnexpectedReturnType => Self::Answer {
                expected: "one of its protocol",
            },
            _ => Self::of_code(error.code().unwrap_or_default()),
        }
    }

    fn of_code(code: &str) -> Self {
        match code {
            "WRONGPASS" | "NOAUTH" => Self::Authentication,
            "OOM" => Self::OutOfMemory,
            "BUSY" => Self::Busy {
                code: code.to_owned(),
            },
            "WRONGTYPE" => Self::Damaged {
                expected: "of the type that this store writes",
            },
            // a code is one word; were it more, it could quote
            _ if code.len() <= 24 && code.bytes().all(|b| b.is_ascii_uppercase()) => {
                Self::Refused {
                    code: code.to_owned(),
                }
            }
            _ => Self::Refused {
                code: "ERR".to_owned(),
            },
        }
    }
}

/// An operation that failed, and whether anything is known of what it did.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// It was sent, and nobody knows what came of it.
    pub(crate) is_unknown: bool,
}

impl Failure {
    /// Nothing was done.
    pub(crate) const fn nothing_done(error: Error) -> Self {
        Self {
            error,
            is_unknown: false,
        }
    }

    /// An operation that was sent failed.
    pub(crate) fn of_sent(error: &RedisError, within: Duration) -> Self {
        let error = Error::of(error, within);
        let is_unknown = matches!(
            error,
            Error::TimedOut { .. } | Error::Lost { .. } | Error::Answer { .. }
        );
        Self { error, is_unknown }
    }

    /// As the error of a store: `action` says what was tried.
    pub(crate) fn into_store_error(self, action: &str) -> StoreError {
        StoreError::medium(action, self.error)
    }

    /// As the error of a change of a slot, of which nobody may know whether it was made.
    pub(crate) fn into_slot_error(self, action: &str, slot: &SlotId) -> StoreError {
        if self.is_unknown {
            StoreError::unknown(slot)
        } else {
            self.into_store_error(action)
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::nothing_done(error)
    }
}
