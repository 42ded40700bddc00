//! What a caller asks a wallet for, and what a stored session must satisfy to be used instead.

use crate::error::Error;
use cacao::recap::Recap;
use cacao::{Requirement, UnixTime};
use std::time::Duration;

/// What a caller asks for: the site, the resources, the lifetime, and the words that the user
/// reads.
///
/// If no stored session can be used, a wallet is asked to sign this. A stored session must meet
/// everything except the statement: see [`requirement`](Self::requirement).
///
/// Before anybody is asked, texts that a user would misread are refused: those with characters that
/// are invisible or move others, and a domain that looks like another host. So are a statement, a
/// nonce or a request id outside of the grammar of EIP-4361. A domain or a resource outside of it
/// causes a [warning](Self::warnings).
///
/// ```
/// use session_core::Request;
/// use std::time::Duration;
///
/// let request = Request::new("app.example", ["ceramic://*"])
///     .with_lifetime(Duration::from_secs(24 * 60 * 60));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Request {
    pub(super) domain: String,
    pub(super) resources: Vec<String>,
    pub(super) recap: Option<Recap>,
    pub(super) accepted_domains: Vec<String>,
    pub(super) statement: Option<String>,
    pub(super) longer_statement: bool,
    pub(super) request_id: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) lifetime: Option<Duration>,
    pub(super) end: Option<UnixTime>,
    pub(super) strict_grammar: bool,
    exact: bool,
    pub(super) min_remaining: Option<Duration>,
    max_wait: Duration,
}

impl Request {
    /// How long a session lasts, by default: seven days.
    pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);
    /// What the user reads, by default.
    pub const DEFAULT_STATEMENT: &str =
        "Give this application access to some of your data on Ceramic";
    /// How long to wait for the prompt of another caller, by default.
    pub const DEFAULT_MAX_WAIT: Duration = Duration::from_secs(120);

    /// A stored session is not used in its last minute, nor in the last tenth of a shorter
    /// lifetime, since it would end before the caller could do anything with it.
    pub const REUSE_MARGIN: Duration = Duration::from_secs(60);

    /// A request of this domain (usually a host) for these resources. It needs at least one
    /// resource, unless a [ReCap](Self::with_recap) is added.
    pub fn new<R: Into<String>>(
        domain: impl Into<String>,
        resources: impl IntoIterator<Item = R>,
    ) -> Self {
        Self {
            domain: domain.into(),
            resources: resources.into_iter().map(Into::into).collect(),
            recap: None,
            accepted_domains: Vec::new(),
            statement: Some(Self::DEFAULT_STATEMENT.to_owned()),
            longer_statement: false,
            request_id: None,
            nonce: None,
            lifetime: None,
            end: None,
            strict_grammar: false,
            exact: false,
            min_remaining: None,
            max_wait: Self::DEFAULT_MAX_WAIT,
        }
    }

    /// Lets a new session last this long, at least a millisecond, and does not use a stored one
    /// that lasts longer.
    pub const fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    /// Lets a new session end at just this time, to the millisecond, whenever the wallet is asked, and
    /// does not use a stored one that ends later. It takes the place of a
    /// [lifetime](Self::with_lifetime).
    pub const fn with_end(mut self, time: UnixTime) -> Self {
        self.end = Some(time);
        self
    }

    /// Sets the statement, which the user reads: letters, digits, spaces and
    /// `-._~:/?#[]@!$&'()*+,;=`, by the grammar of EIP-4361. For wallets that sign UTF-8 (all
    /// except those of Ethereum and Tezos), it may also have letters beyond ASCII.
    pub fn with_statement(mut self, statement: impl Into<String>) -> Self {
        self.statement = Some(statement.into());
        self
    }

    /// Asks without a statement.
    pub fn without_statement(mut self) -> Self {
        self.statement = None;
        self
    }

    /// Allows the wallet to add sentences to the end of the statement. Some wallets do so to
    /// describe what a capability grants (ERC-5573).
    pub const fn with_longer_statement(mut self) -> Self {
        self.longer_statement = true;
        self
    }

    /// Asks for the abilities of this ReCap (ERC-5573), too: it becomes the last resource, and the
    /// statement ends with its translation, whether it is written here or by the wallet. A stored
    /// session is used only if its own ReCap grants all of it. A second one is merged with the first.
    ///
    /// ```
    /// use cacao::recap::Recap;
    /// use session_core::Request;
    ///
    /// let recap = Recap::of("https://files.example/photos/", "crud/read")?;
    /// let request = Request::new("app.example", ["ceramic://*"]).with_recap(recap);
    /// # Ok::<_, cacao::recap::RecapError>(())
    /// ```
    pub fn with_recap(mut self, recap: Recap) -> Self {
        self.recap = Some(match &self.recap {
            Some(first) => first.merge(&recap),
            None => recap,
        });
        self
    }

    /// Sets `requestId` (`*pchar` in the grammar of EIP-4361: for example, it has no spaces), which
    /// a stored session must have, too.
    pub fn with_request_id(mut self, request_id: impl Into<String>) -> Self {
        self.request_id = Some(request_id.into());
        self
    }

    /// Sets the nonce, for example to the challenge of a server: at least eight letters and digits.
    /// A stored session must have this nonce, too. By default a new nonce is random.
    pub fn with_nonce(mut self, nonce: impl Into<String>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// Uses a stored session only when it grants exactly these resources and no more.
    pub const fn with_exact_resources(mut self) -> Self {
        self.exact = true;
        self
    }

    /// Uses a stored session only if it is valid for at least this long from now on. This must not
    /// be longer than the [lifetime](Self::with_lifetime), since no session could meet that.
    pub const fn with_min_remaining(mut self, remaining: Duration) -> Self {
        self.min_remaining = Some(remaining);
        self
    }

    /// Waits at most this long for another caller's prompt for the same account.
    pub const fn with_max_wait(mut self, max_wait: Duration) -> Self {
        self.max_wait = max_wait;
        self
    }

    /// Keeps strictly to the grammar of EIP-4361: refuses a domain that is not an authority of RFC
    /// 3986 (a host, with or without a port), and resources that are not URIs. By default they only
    /// cause [warnings](Self::warnings).
    pub const fn with_strict_grammar(mut self) -> Self {
        self.strict_grammar = true;
        self
    }

    /// Also accepts a session that was signed for this domain, for wallets that always name the
    /// page's own host.
    pub fn with_accepted_domain(mut self, domain: impl Into<String>) -> Self {
        self.accepted_domains.push(domain.into());
        self
    }

    /// The domain that asks.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The resources that are asked for, without the ReCap.
    #[must_use]
    pub fn resources(&self) -> &[String] {
        &self.resources
    }

    /// The ReCap that is asked for, if there is one.
    #[must_use]
    pub const fn recap(&self) -> Option<&Recap> {
        self.recap.as_ref()
    }

    /// The statement, if there is one, without the words for the ReCap.
    #[must_use]
    pub fn statement(&self) -> Option<&str> {
        self.statement.as_deref()
    }

    /// `requestId`, if there is one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The resources as they are signed: the ReCap is the last one.
    pub(super) fn all_resources(&self) -> Vec<String> {
        let recap = self.recap.as_ref().map(Recap::to_urn);
        self.resources.iter().cloned().chain(recap).collect()
    }

    /// The statement as it is signed: it ends with the words for the ReCap.
    pub(super) fn whole_statement(&self) -> Option<String> {
        let own = self.statement.as_deref();
        match &self.recap {
            Some(recap) => Some(recap.statement(own)),
            None => own.map(str::to_owned),
        }
    }

    /// How long to wait for the prompt of another caller.
    #[must_use]
    pub const fn max_wait(&self) -> Duration {
        self.max_wait
    }

    /// What a stored session of any issuer must satisfy to be used for this request.
    pub fn requirement(&self) -> Requirement {
        let domains = std::iter::once(&self.domain).chain(&self.accepted_domains);
        let mut requirement = Requirement::for_domains(domains)
            .with_resources(&self.resources)
            .with_margin(Self::REUSE_MARGIN);
        if let Some(recap) = &self.recap {
            requirement = requirement.with_recap(recap.clone());
        }
        if let Some(nonce) = &self.nonce {
            requirement = requirement.with_nonce(nonce);
        }
        if let Some(request_id) = &self.request_id {
            requirement = requirement.with_request_id(request_id);
        }
        if self.exact {
            requirement = requirement.with_exact_resources();
        }
        if let Some(remaining) = self.min_remaining {
            requirement = requirement.with_min_remaining(remaining);
        }
        if let Some(end) = self.end {
            requirement = requirement.with_latest_end(end);
        } else if let Some(lifetime) = self.lifetime {
            requirement = requirement.with_max_remaining(lifetime);
        }
        requirement
    }

    /// What a stored session must satisfy when it may be due for renewal: it may last longer than a
    /// new one would.
    pub(crate) fn renewal_requirement(&self) -> Requirement {
        let any_lifetime = Self {
            lifetime: None,
            end: None,
            ..self.clone()
        };
        any_lifetime.requirement()
    }
}

pub(super) fn invalid(option: &'static str, problem: impl Into<String>) -> Error {
    Error::InvalidOption {
        option,
        problem: problem.into(),
    }
}
