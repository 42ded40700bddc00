//! What every judgement needs: a clock, trusted verifiers, a policy.

use crate::clock::Clock;
use cacao::{KnownCapabilities, Policy, UnixTime, Verifiers};
use std::fmt;
use std::sync::Arc;

/// The clock, the verifiers and the policy by which sessions are judged. Cheap to clone.
#[derive(Clone)]
#[must_use]
pub struct Context {
    clock: Arc<dyn Clock>,
    verifiers: Verifiers,
    policy: Policy,
}

impl Context {
    /// The built-in verifiers and the default policy, by this clock.
    pub fn with_clock(clock: impl Clock + 'static) -> Self {
        Self::with_shared_clock(Arc::new(clock))
    }

    /// As [`with_clock`](Self::with_clock), by a clock that others hold too.
    pub fn with_shared_clock(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            verifiers: Verifiers::default(),
            policy: Policy::default(),
        }
    }

    /// Trusts these verifiers.
    pub fn verifiers(mut self, verifiers: Verifiers) -> Self {
        self.verifiers = verifiers;
        self
    }

    /// Remembers which capabilities are signed by their issuer, as the verifiers that are set by
    /// now find them: a session that is asked for again costs no signature. Window, audience and
    /// resources are judged each time.
    ///
    /// ```
    /// use cacao::KnownCapabilities;
    /// use session_core::Context;
    ///
    /// let known = KnownCapabilities::new(1000);
    /// let context = Context::default().remembering(&known);
    /// ```
    pub fn remembering(mut self, known: &KnownCapabilities) -> Self {
        self.verifiers = self.verifiers.remembering(known);
        self
    }

    /// Judges by this policy.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    pub(crate) const fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    pub(crate) const fn trusted(&self) -> &Verifiers {
        &self.verifiers
    }

    pub(crate) const fn rules(&self) -> &Policy {
        &self.policy
    }
}

/// The clock of the operating system.
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
impl Default for Context {
    fn default() -> Self {
        Self::with_clock(crate::clock::SystemClock)
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("verifiers", &self.verifiers)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
