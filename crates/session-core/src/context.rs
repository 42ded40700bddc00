//! What every judgement needs: a clock, trusted provers, a policy, nodes of chains, and
//! revocations.

use crate::chain::EthereumRpc;
use crate::clock::{Clock, Time};
use crate::error::Error;
use crate::event::{self, Event, EventKind, Observer};
use crate::revocations::Revocations;
use crate::store::Profile;
use cacao::{Cacao, Issuer, Policy, Provers, UnixTime};
use std::fmt;
use std::sync::Arc;

/// The clock, the provers and the policy by which sessions are judged, with the nodes and
/// revocations that are asked and the observer that is informed. Cheap to clone.
///
/// ```
/// use cacao::{Provers, eip191::Eip191};
/// use session_core::Context;
///
/// // only what is named is trusted
/// let context = Context::with_system_clock(Provers::none().with(Eip191)?.with_memory(1000));
/// # Ok::<_, cacao::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct Context {
    clock: Arc<dyn Clock>,
    provers: Provers,
    policy: Policy,
    rpc: Option<Arc<dyn EthereumRpc>>,
    revocations: Option<Arc<dyn Revocations>>,
    observer: Option<Arc<dyn Observer>>,
    own_store: bool,
}

impl Context {
    /// Judges by this clock, these provers and the default policy.
    pub fn new(clock: impl Clock + 'static, provers: Provers) -> Self {
        Self::with_shared_clock(Arc::new(clock), provers)
    }

    /// Judges by the clock of the operating system, these provers and the default policy.
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    pub fn with_system_clock(provers: Provers) -> Self {
        Self::new(crate::clock::SystemClock, provers)
    }

    /// As [`new`](Self::new), with a clock that is shared.
    pub fn with_shared_clock(clock: Arc<dyn Clock>, provers: Provers) -> Self {
        Self {
            clock,
            provers,
            policy: Policy::default(),
            rpc: None,
            revocations: None,
            observer: None,
            own_store: false,
        }
    }

    /// Judges by this policy.
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Asks contract wallets through this. Without it, a session of a contract wallet whose chain
    /// must be asked is an error.
    pub fn with_rpc(mut self, rpc: impl EthereumRpc + 'static) -> Self {
        self.rpc = Some(Arc::new(rpc));
        self
    }

    /// Does not use a session that was revoked according to these revocations.
    pub fn with_revocations(mut self, revocations: impl Revocations + 'static) -> Self {
        self.revocations = Some(Arc::new(revocations));
        self
    }

    /// The same context without revocations, for ending a session even if they cannot be read.
    pub fn without_revocations(mut self) -> Self {
        self.revocations = None;
        self
    }

    /// Informs this observer about what happens.
    pub fn with_observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Declares that nobody else writes to the store. Then the answer of a contract that is kept
    /// with a record counts, for as long as the policy allows.
    pub const fn with_own_store(mut self) -> Self {
        self.own_store = true;
        self
    }

    /// The clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The provers that are trusted.
    pub const fn provers(&self) -> &Provers {
        &self.provers
    }

    /// The policy.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    pub(crate) fn time(&self) -> Time {
        Time {
            wall: self.clock.now(),
            monotonic: self.clock.monotonic(),
        }
    }

    /// How contract wallets are asked.
    #[must_use]
    pub fn rpc(&self) -> Option<&dyn EthereumRpc> {
        self.rpc.as_deref()
    }

    /// The revocations that are asked.
    #[must_use]
    pub fn revocations(&self) -> Option<&Arc<dyn Revocations>> {
        self.revocations.as_ref()
    }

    pub(crate) const fn asks_revocations(&self) -> bool {
        self.revocations.is_some()
    }

    pub(crate) async fn is_revoked(&self, capability: &Cacao) -> Result<bool, Error> {
        match &self.revocations {
            Some(revocations) => Ok(revocations.is_revoked(capability).await?),
            None => Ok(false),
        }
    }

    pub(crate) const fn trusts_its_store(&self) -> bool {
        self.own_store
    }

    pub(crate) fn tell(
        &self,
        kind: EventKind<'_>,
        issuer: Option<&Issuer>,
        profile: &Profile,
        capability: Option<&Cacao>,
    ) {
        let event = Event {
            kind,
            issuer,
            profile,
            capability,
        };
        event::trace(&event);
        if let Some(observer) = &self.observer {
            observer.event(&event);
        }
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("provers", &self.provers)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
