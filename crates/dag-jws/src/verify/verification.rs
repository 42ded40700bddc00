//! What one call asks of a JWS.

use crate::error::Error;
use alloc::string::String;
use cacao::{Cacao, Expected, Issuer, Policy, UnixTime, VerifiedCacao, Verifiers};

/// How a JWS is judged: when, signed by whom, under which capability.
///
/// ```
/// use cacao::{Issuer, Policy, UnixTime, Verifiers};
/// use core::time::Duration;
/// use dag_jws::Verification;
///
/// let issuer: Issuer = "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44".parse()?;
/// let verification = Verification::new(UnixTime::from_secs(1_680_797_719))
///     .issuer(issuer)
///     .policy(Policy::default().skew(Duration::from_secs(60)));
/// # Ok::<_, cacao::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Verification {
    pub(super) at: UnixTime,
    pub(super) issuer: Option<Issuer>,
    pub(super) capability: Option<Supplied>,
    /// Domain, nonce and resources; issuer and audience are known when the key is.
    pub(super) expected: Expected,
    pub(super) verifiers: Verifiers,
    pub(super) policy: Policy,
    pub(super) require_bound: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Supplied {
    Claimed(Cacao),
    Verified(VerifiedCacao),
}

impl Supplied {
    pub(super) const fn cacao(&self) -> &Cacao {
        match self {
            Self::Claimed(cacao) => cacao,
            Self::Verified(verified) => verified.cacao(),
        }
    }
}

impl Verification {
    /// Judges at this time: by any key, without a capability, with the built-in verifiers and the
    /// default policy.
    pub fn new(at: UnixTime) -> Self {
        Self {
            at,
            issuer: None,
            capability: None,
            expected: Expected::anything(),
            verifiers: Verifiers::default(),
            policy: Policy::default(),
            require_bound: false,
        }
    }

    /// Signed by this issuer: by the key itself when it is the issuer, otherwise by a key to
    /// which the issuer delegated in the capability that is supplied.
    pub fn issuer(mut self, issuer: Issuer) -> Self {
        self.issuer = Some(issuer);
        self
    }

    /// The capability under which the key signed. Once supplied it is always judged: its
    /// signature, its window, its audience, and its CID where the header names one.
    pub fn capability(mut self, capability: &Cacao) -> Self {
        self.capability = Some(Supplied::Claimed(capability.clone()));
        self
    }

    /// As [`capability`](Self::capability), with a verdict on its signature that was reached
    /// before, by a verifier that had to ask a chain for example. Everything but the signature is
    /// judged again; what the policy asks of a passkey counts as part of the signature.
    pub fn verified_capability(mut self, capability: VerifiedCacao) -> Self {
        self.capability = Some(Supplied::Verified(capability));
        self
    }

    /// Under a capability that grants at least these resources; the policy says how one covers
    /// another.
    pub fn resources<R: Into<String>>(mut self, resources: impl IntoIterator<Item = R>) -> Self {
        self.expected = self.expected.resources(resources);
        self
    }

    /// Under a capability that was signed for this domain, to the letter.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.expected = self.expected.domain(domain);
        self
    }

    /// Under a capability that answers this challenge.
    pub fn nonce(mut self, nonce: impl Into<String>) -> Self {
        self.expected = self.expected.nonce(nonce);
        self
    }

    /// Who checks the signature of the capability. A set that
    /// [remembers](Verifiers::read_dag_cbor) checks it once: each further JWS under the same
    /// capability costs one signature, that of the JWS.
    pub fn verifiers(mut self, verifiers: Verifiers) -> Self {
        self.verifiers = verifiers;
        self
    }

    /// The rules for the capability's window and resources.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Refuses a capability that is supplied but not named in the signed header: only `cap`
    /// shows that the key meant this one.
    pub const fn require_bound_capability(mut self) -> Self {
        self.require_bound = true;
        self
    }

    /// Remembers which capabilities are signed by their issuer, as the verifiers that are set by
    /// now find them.
    #[cfg(feature = "std")]
    pub fn remembering(mut self, known: &cacao::KnownCapabilities) -> Self {
        self.verifiers = self.verifiers.remembering(known);
        self
    }

    /// The capability of a block that came with a JWS.
    pub(crate) fn read_capability(&self, block: &[u8]) -> Result<Cacao, Error> {
        self.verifiers
            .read_dag_cbor(block)
            .map_err(Error::Capability)
    }

    /// The capability that was supplied.
    pub(crate) fn supplied(&self) -> Option<&Cacao> {
        self.capability.as_ref().map(Supplied::cacao)
    }
}
