//! What one call requires of a JWS.

use crate::error::Error;
use cacao::{Cacao, Policy, Proven, Provers, Requirement, UnixTime};

/// How a JWS is judged: when, what is required, under which capability.
///
/// ```
/// use cacao::{Issuer, Policy, Provers, Requirement, UnixTime, eip191::Eip191};
/// use core::time::Duration;
/// use dag_jws::Verification;
///
/// let issuer: Issuer = "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44".parse()?;
/// let requirement = Requirement::for_domain("app.example").with_issuer(issuer);
/// let verification = Verification::new(UnixTime::from_secs(1_680_797_719), requirement)
///     .with_provers(Provers::none().with(Eip191)?)
///     .with_policy(Policy::default().with_skew(Duration::from_secs(60)));
/// # Ok::<_, cacao::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Verification {
    pub(super) at: UnixTime,
    pub(super) requirement: Requirement,
    pub(super) capability: Option<Cacao>,
    /// What was proven of it before.
    pub(super) proven: Option<Proven>,
    pub(super) provers: Provers,
    pub(super) policy: Policy,
    pub(super) require_bound: bool,
}

impl Verification {
    /// Judges at this time, by the default policy, without a capability and without provers.
    ///
    /// A required issuer must be the key itself, or must have delegated to the key in the supplied
    /// capability. Only a capability can meet the other requirements, such as the domain. The
    /// audience is always the key, whatever the requirement says.
    pub fn new(at: UnixTime, requirement: Requirement) -> Self {
        Self {
            at,
            requirement,
            capability: None,
            proven: None,
            provers: Provers::none(),
            policy: Policy::default(),
            require_bound: false,
        }
    }

    /// What is required.
    pub const fn requirement(&self) -> &Requirement {
        &self.requirement
    }

    /// Requires this instead.
    pub fn with_requirement(mut self, requirement: Requirement) -> Self {
        self.requirement = requirement;
        self
    }

    /// The capability under which the key signed. A supplied capability is always judged: its
    /// signature, its window, its audience, and its CID if the header names one.
    pub fn with_capability(mut self, capability: &Cacao) -> Self {
        self.capability = Some(capability.clone());
        self.proven = None;
        self
    }

    /// As [`with_capability`](Self::with_capability), with a proof of its signature that was found
    /// before, for example by asking a chain. Everything except the signature is judged.
    pub fn with_proven(mut self, proven: &Proven) -> Self {
        self.capability = Some(proven.cacao().clone());
        self.proven = Some(proven.clone());
        self
    }

    /// The provers that are trusted to prove the signature of the capability. Provers that
    /// [remember](Provers::with_memory) prove it once: each further JWS under the same capability
    /// costs one signature, that of the JWS.
    pub fn with_provers(mut self, provers: Provers) -> Self {
        self.provers = provers;
        self
    }

    /// The policy for the capability. A rule that
    /// [only a capability can meet](Policy::needs_a_capability) refuses a JWS without one.
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Refuses a capability that is supplied but not named in the signed header: only `cap`
    /// shows that the key meant this one.
    pub const fn with_bound_capability(mut self) -> Self {
        self.require_bound = true;
        self
    }

    /// The capability of a block that came with a JWS.
    pub(crate) fn read_capability(&self, block: &[u8]) -> Result<Cacao, Error> {
        self.provers.read_dag_cbor(block).map_err(Error::Capability)
    }

    /// The capability that was supplied.
    pub(crate) const fn supplied(&self) -> Option<&Cacao> {
        self.capability.as_ref()
    }
}
