//! The server's side: a judge over what the server keeps.

use crate::caller::Caller;
use crate::digest::{ContentCheck, Expected};
use crate::judge::{Judged, Judging, Need, Purpose, Route, Rules, Usage};
use crate::mac::Secret;
use crate::missing::Missing;
use crate::refusal::Refusal;
use crate::state::State;
use crate::target::{Origin, OriginError};
use cacao::{EthCall, Requirement, UnixTime};
use dag_jws::Cid;
use didkey::DidKey;
use http::Uri;
use http::request::Parts;
use session_core::Context;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Judges requests, for one domain. Cheap to clone.
///
/// ```
/// use cacao::{Provers, eip191::Eip191};
/// use session_core::{Clock, Context, SystemClock};
/// use session_http::{Route, Server, State};
///
/// # async fn serve(parts: http::request::Parts) -> Result<(), Box<dyn std::error::Error>> {
/// // only what is named is trusted; what was proven is remembered
/// let context = Context::with_system_clock(Provers::none().with(Eip191)?.with_memory(10_000));
/// let state = State::in_memory(SystemClock.now())?;
/// let server = Server::builder("notes.example.com", &context, state)
///     .with_origin("https://notes.example.com")?
///     .build()?;
///
/// let accepted = server.judge(&parts, &parts.uri, Route::new()).await?;
/// accepted.caller().require("app://notes/write")?;
/// // … and while the content is read:
/// let mut check = accepted.content_check();
/// assert!(check.update(b"content") && check.finish());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Server(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) rules: Rules,
    pub(crate) context: Context,
    pub(crate) state: State,
    pub(crate) purged: Mutex<Option<Duration>>,
    missing: Missing,
}

/// Builds a [`Server`].
#[derive(Debug)]
#[must_use]
pub struct ServerBuilder {
    domain: String,
    context: Context,
    state: State,
    origins: Vec<Origin>,
    secret: Option<Secret>,
    max_lifetime: Duration,
}

/// Why a server cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No origin was named, and `https://` with the domain is not an origin.
    #[error("the server has no origin: name one by `with_origin`")]
    Origin(#[source] OriginError),
    /// The operating system gives no randomness.
    #[error("the operating system gives no randomness: {0}")]
    Randomness(String),
}

impl ServerBuilder {
    /// How long a capability may last, by default: 90 days.
    pub const DEFAULT_MAX_LIFETIME: Duration = Duration::from_secs(90 * 24 * 60 * 60);

    /// Serves this origin. Without any, the origin is `https://` and the domain. Call it several
    /// times for a server that is reached under several names.
    ///
    /// # Errors
    /// [`OriginError`] if the text is not an origin.
    pub fn with_origin(mut self, origin: &str) -> Result<Self, OriginError> {
        self.origins.push(Origin::parse(origin)?);
        Ok(self)
    }

    /// Issues nonces and challenges under this secret: the processes of one authority have the
    /// same. Without one it is random.
    pub fn with_secret(mut self, secret: Secret) -> Self {
        self.secret = Some(secret);
        self
    }

    /// Accepts capabilities that last at most this long from `iat` to `exp`, instead of
    /// [`DEFAULT_MAX_LIFETIME`](Self::DEFAULT_MAX_LIFETIME). A longest lifetime in the context's
    /// policy takes precedence. The server keeps revocations for that long.
    pub const fn with_max_lifetime(mut self, lifetime: Duration) -> Self {
        self.max_lifetime = lifetime;
        self
    }

    /// The server.
    ///
    /// # Errors
    /// If no origin was named and `https://` with the domain is not an origin; if the operating
    /// system gives no randomness.
    pub fn build(mut self) -> Result<Server, BuildError> {
        if self.origins.is_empty() {
            let origin = Origin::parse(&format!("https://{}", self.domain));
            self.origins.push(origin.map_err(BuildError::Origin)?);
        }
        let secret = match self.secret {
            Some(secret) => secret,
            None => Secret::random().map_err(|error| BuildError::Randomness(error.to_string()))?,
        };
        // without a longest lifetime what was revoked could never be forgotten
        let policy = self.context.policy().clone();
        let longest = policy.max_lifetime().unwrap_or(self.max_lifetime);
        let context = self.context.with_policy(policy.with_max_lifetime(longest));
        let rules = Rules {
            requirement: Requirement::for_domain(&self.domain),
            domain: self.domain,
            origins: self.origins,
            provers: context.provers().clone(),
            policy: context.policy().clone(),
            secret,
            replay: Arc::clone(&self.state.replay),
        };
        Ok(Server(Arc::new(Inner {
            rules,
            context,
            state: self.state,
            purged: Mutex::default(),
            missing: Missing::default(),
        })))
    }
}

/// A request that is not refused.
#[derive(Clone, Debug)]
pub struct Accepted {
    caller: Caller,
    expected: Expected,
    nonce: Option<String>,
}

impl Accepted {
    /// The session that it is from.
    #[must_use]
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// What the proof says about its content.
    #[must_use]
    pub const fn expected_content(&self) -> Expected {
        self.expected
    }

    /// Compares the content with what was signed, while it is read. Do not use the content before
    /// [`finish`](ContentCheck::finish) has accepted it.
    #[must_use]
    pub fn content_check(&self) -> ContentCheck {
        ContentCheck::new(self.expected)
    }

    /// What belongs into `DID-Session-Nonce` of the response, if anything does.
    #[must_use]
    pub fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }
}

/// A request in which a key registers a capability, which is its content.
#[derive(Clone, Debug)]
pub struct Registering {
    pub(crate) key: DidKey,
    pub(crate) capability: Cid,
    pub(crate) usage: Usage,
    expected: Expected,
    nonce: Option<String>,
}

impl Registering {
    /// The key that made the proof.
    #[must_use]
    pub const fn key(&self) -> &DidKey {
        &self.key
    }

    /// Compares the content with what was promised, while it is read.
    #[must_use]
    pub fn content_check(&self) -> ContentCheck {
        ContentCheck::new(self.expected)
    }

    /// What belongs into `DID-Session-Nonce` of the response, if anything does.
    #[must_use]
    pub fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }
}

impl Server {
    /// Begins to build a server for a domain: it accepts only capabilities that were signed for
    /// exactly this domain. Clock, provers, policy and nodes are those of the context; revocations
    /// are those of the state.
    pub fn builder(domain: impl Into<String>, context: &Context, state: State) -> ServerBuilder {
        ServerBuilder {
            domain: domain.into(),
            context: context.clone(),
            state,
            origins: Vec::new(),
            secret: None,
            max_lifetime: ServerBuilder::DEFAULT_MAX_LIFETIME,
        }
    }

    /// The domain for which capabilities must have been signed.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.0.rules.domain
    }

    /// Judges a request by its head. `uri` is its target as it arrived: `parts.uri`, unless a
    /// router removed something from it.
    ///
    /// # Errors
    /// [`Refusal`], also when a store fails.
    pub async fn judge(&self, parts: &Parts, uri: &Uri, route: Route) -> Result<Accepted, Refusal> {
        let judged = self.run(parts, uri, (route, Purpose::Act)).await?;
        let caller = judged.caller.ok_or(Refusal::CapabilityRequired)?;
        if judged.came_along {
            self.list(caller.capability().cacao()).await?;
        }
        Ok(Accepted {
            caller,
            expected: judged.expected,
            nonce: judged.nonce,
        })
    }

    /// Judges the head of a request whose content is a capability. The proof is used up by
    /// [`log_in`](Self::log_in) or [`register`](Self::register), when the capability holds.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn judge_registration(
        &self,
        parts: &Parts,
        uri: &Uri,
        route: Route,
    ) -> Result<Registering, Refusal> {
        let judged = self.run(parts, uri, (route, Purpose::Register)).await?;
        Ok(Registering {
            key: judged.key,
            capability: judged.capability,
            usage: judged.usage,
            expected: judged.expected,
            nonce: judged.nonce,
        })
    }

    /// What belongs into `DID-Session-Nonce` beside a refusal of this request.
    #[must_use]
    pub fn nonce_for(&self, parts: &Parts, uri: &Uri) -> Option<String> {
        self.0.rules.nonce_for(parts, uri, self.now())
    }

    /// Fails if the caller was revoked in the meantime: for handlers that run for long, and after
    /// content that took long to arrive.
    ///
    /// # Errors
    /// [`Refusal::InvalidToken`] if it was revoked, [`Refusal::Unavailable`] if that is not known.
    pub async fn check_still(&self, caller: &Caller) -> Result<(), Refusal> {
        let capability = caller.capability().cacao();
        let is_over = capability
            .payload()
            .expires_at()
            .is_some_and(|exp| exp.unix_time() + self.0.rules.policy.skew() < self.now());
        if is_over {
            return Err(Refusal::InvalidToken("expired"));
        }
        match self.0.state.revocations.is_revoked(capability).await? {
            true => Err(Refusal::InvalidToken("revoked")),
            false => Ok(()),
        }
    }

    /// The driver of the machine: it carries out what the judge wants to know.
    async fn run(
        &self,
        parts: &Parts,
        uri: &Uri,
        kind: (Route, Purpose),
    ) -> Result<Judged, Refusal> {
        let Inner { rules, state, .. } = &*self.0;
        let (mut judging, mut need) = Judging::begin(rules, parts, uri, kind, self.now())?;
        loop {
            need = match need {
                Need::Capability(cid) => {
                    let block = self.capability(&cid).await?;
                    judging.on_capability(rules, block.as_deref(), self.now())?
                }
                Need::Use { proof, until } => {
                    let remembered = state.replay.remember(proof, until, self.now()).await?;
                    judging.on_use(rules, remembered)?
                }
                Need::Chain(calls) => {
                    let outcomes = self.ask(&calls).await?;
                    judging.on_chain(&outcomes, self.now())?
                }
                Need::Revocation(capability) => {
                    let is_revoked = state.revocations.is_revoked(&capability).await?;
                    judging.on_revocation(rules, is_revoked, self.now())?
                }
                Need::Done(judged) => return Ok(*judged),
            };
        }
    }

    async fn capability(&self, cid: &Cid) -> Result<Option<Arc<[u8]>>, Refusal> {
        let Inner {
            missing,
            state,
            context,
            ..
        } = &*self.0;
        let now = context.clock().monotonic();
        if missing.is_known_to_be(cid, now) {
            return Ok(None);
        }
        let block = state.capabilities.get(cid).await?;
        if block.is_none() {
            missing.note(cid, now);
        }
        Ok(block)
    }

    pub(crate) fn is_registered(&self, cid: &Cid) {
        self.0
            .missing
            .forget(cid, self.0.context.clock().monotonic());
    }

    async fn ask(&self, calls: &[EthCall]) -> Result<Vec<cacao::CallOutcome>, Refusal> {
        let rpc = self.0.context.rpc();
        let nobody = Refusal::InvalidToken("chain_unavailable");
        let answer = rpc.ok_or(nobody)?.eth_calls(calls).await;
        Ok(answer.map_err(cacao::Error::chain)?)
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.0.context.clock().now()
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("domain", &self.domain())
            .field("origins", &self.0.rules.origins)
            .finish_non_exhaustive()
    }
}
