//! How an engine is used: which keys, how long to wait, whom to trust.

use crate::error::Error;
use std::fmt;
use std::time::Duration;

/// How Redis or Valkey is used. User, password, host, port and database are in the URL.
///
/// ```
/// use std::time::Duration;
/// use store_redis::Options;
///
/// let options = Options::new()
///     .with_prefix("notes:")?
///     .with_reply_timeout(Duration::from_millis(500));
/// # let _ = options;
/// # Ok::<_, store_redis::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct Options {
    pub(crate) prefix: String,
    pub(crate) connect_timeout: Duration,
    pub(crate) reply_timeout: Duration,
    pub(crate) clock_tolerance: Option<Duration>,
    pub(crate) challenge_life: Duration,
    pub(crate) record_expiry: Option<Duration>,
    #[cfg(feature = "tls")]
    pub(crate) root_certificates: Option<Vec<u8>>,
    #[cfg(feature = "tls")]
    pub(crate) client_certificate: Option<(Vec<u8>, zeroize::Zeroizing<Vec<u8>>)>,
}

impl Options {
    /// The default prefix of keys.
    pub const DEFAULT_PREFIX: &str = "did-session:";
    /// How long to wait for a connection, by default.
    pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
    /// How long to wait for a reply, by default.
    pub const DEFAULT_REPLY_TIMEOUT: Duration = Duration::from_secs(2);
    /// How far apart clocks may be, by default; and by how much longer than asked
    /// for used proofs and challenges are kept.
    pub const DEFAULT_CLOCK_TOLERANCE: Duration = Duration::from_secs(300);
    /// How long a login challenge lives, by default: as long as those of `session-http`.
    pub const DEFAULT_CHALLENGE_LIFE: Duration = Duration::from_secs(600);
    /// The largest number of characters of a prefix.
    pub const MAX_PREFIX_LEN: usize = 100;

    /// As the constants say.
    pub fn new() -> Self {
        Self {
            prefix: Self::DEFAULT_PREFIX.to_owned(),
            connect_timeout: Self::DEFAULT_CONNECT_TIMEOUT,
            reply_timeout: Self::DEFAULT_REPLY_TIMEOUT,
            clock_tolerance: Some(Self::DEFAULT_CLOCK_TOLERANCE),
            challenge_life: Self::DEFAULT_CHALLENGE_LIFE,
            record_expiry: None,
            #[cfg(feature = "tls")]
            root_certificates: None,
            #[cfg(feature = "tls")]
            client_certificate: None,
        }
    }

    /// All keys begin with this text, so that several applications share a database. It may be
    /// empty, and has printable characters of ASCII without `{` and `}`, which choose a cluster's
    /// slot.
    ///
    /// # Errors
    /// [`Error::Prefix`] when it is too long or has another character.
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Result<Self, Error> {
        let prefix = prefix.into();
        let problem = if prefix.len() > Self::MAX_PREFIX_LEN {
            Some("it is longer than 100 characters")
        } else if !prefix
            .bytes()
            .all(|b| b.is_ascii_graphic() && b != b'{' && b != b'}')
        {
            Some("it has a character that is not printable ASCII, a space or a brace")
        } else {
            None
        };
        match problem {
            Some(problem) => Err(Error::Prefix { problem }),
            None => {
                self.prefix = prefix;
                Ok(self)
            }
        }
    }

    /// Waits so long for a connection, its handshake included.
    pub const fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Waits so long for a reply.
    pub const fn with_reply_timeout(mut self, timeout: Duration) -> Self {
        self.reply_timeout = timeout;
        self
    }

    /// Servers whose clock is further from the engine's are refused with [`Error::Clocks`] when
    /// they use a proof or a challenge; and for so much longer than asked for these are kept.
    pub const fn with_clock_tolerance(mut self, tolerance: Duration) -> Self {
        self.clock_tolerance = Some(tolerance);
        self
    }

    /// Goes by whatever time servers say, however far it is from the engine's: for tests with a
    /// clock of their own. One server whose clock is ahead makes proofs and challenges of the
    /// others too old.
    pub const fn with_any_clock(mut self) -> Self {
        self.clock_tolerance = None;
        self
    }

    /// How long the challenges of the servers live: of those that were issued before the engine
    /// lost what it remembered, none counts.
    pub const fn with_challenge_life(mut self, life: Duration) -> Self {
        self.challenge_life = life;
        self
    }

    /// Lets the engine delete the sessions of an issuer this long after the last `exp`. Without it
    /// nothing expires in the engine, which is what the contract of stores says: a record that has
    /// expired is returned like any other, and [`purge`](session_core::SessionStore::purge) removes
    /// it when somebody asks for it.
    pub const fn with_record_expiry(mut self, after_exp: Duration) -> Self {
        self.record_expiry = Some(after_exp);
        self
    }

    /// With TLS, trusts these certificates (PEM) and no others, instead of those that the
    /// operating system trusts.
    #[cfg(feature = "tls")]
    pub fn with_root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates = Some(pem.into());
        self
    }

    /// With TLS, shows this certificate (PEM) and proves to have its key (PEM).
    #[cfg(feature = "tls")]
    pub fn with_client_certificate(
        mut self,
        certificate: impl Into<Vec<u8>>,
        key: impl Into<Vec<u8>>,
    ) -> Self {
        self.client_certificate = Some((certificate.into(), zeroize::Zeroizing::new(key.into())));
        self
    }

    /// By how much longer than asked for something is remembered.
    pub(crate) fn margin(&self) -> Duration {
        self.clock_tolerance
            .unwrap_or(Self::DEFAULT_CLOCK_TOLERANCE)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

/// Certificates and their key are not shown.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("prefix", &self.prefix)
            .field("connect_timeout", &self.connect_timeout)
            .field("reply_timeout", &self.reply_timeout)
            .field("clock_tolerance", &self.clock_tolerance)
            .field("challenge_life", &self.challenge_life)
            .field("record_expiry", &self.record_expiry)
            .finish_non_exhaustive()
    }
}
