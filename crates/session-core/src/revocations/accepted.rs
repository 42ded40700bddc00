//! A revocation statement that was accepted: the only thing that can be recorded.

use cacao::{Cacao, Issuer, Policy, Timestamp, UnixTime, VerifiedCacao};
use dag_jws::Cid;

/// A revocation statement that was accepted. Only
/// [`judge_revocation`](crate::revoke::judge_revocation) makes one.
#[derive(Clone, Debug)]
pub struct AcceptedRevocation {
    pub(crate) maker: VerifiedCacao,
    pub(crate) entries: Vec<RevocationEntry>,
    pub(crate) signed_until: UnixTime,
}

impl AcceptedRevocation {
    /// The revocation of a session by itself, without a statement: the holder of the session could
    /// make one, so a server that has just seen a proof by the session's key may use this instead.
    #[must_use]
    pub fn of_itself(maker: &VerifiedCacao, policy: &Policy) -> Self {
        let entry = RevocationEntry::of_itself(maker.cacao(), policy);
        Self {
            maker: maker.clone(),
            entries: vec![entry],
            signed_until: maker.cacao().payload().issued_at().unix_time(),
        }
    }

    /// The capability under which it was made, as it was judged.
    #[must_use]
    pub const fn maker(&self) -> &VerifiedCacao {
        &self.maker
    }

    /// What it revokes: at least one entry.
    #[must_use]
    pub fn entries(&self) -> &[RevocationEntry] {
        &self.entries
    }

    /// Until when everything was signed that it names: a store that has no room for each of its
    /// entries may end instead whatever the issuer signed for the domain until then.
    #[must_use]
    pub const fn signed_until(&self) -> UnixTime {
        self.signed_until
    }
}

/// One thing that was revoked, as implementations of [`Revocations`](super::Revocations) keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationEntry {
    pub(super) issuer: Issuer,
    pub(super) domain: String,
    pub(super) revoked: Revoked,
    pub(super) keep_until: Option<UnixTime>,
}

/// What was revoked, for an issuer and a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// The capability of this [identity](Cacao::identity).
    Identity(Cid),
    /// Every capability with an `iat` at this time or earlier.
    AllBefore(UnixTime),
}

impl RevocationEntry {
    /// An entry as it was kept.
    #[must_use]
    pub fn new(
        issuer: &Issuer,
        domain: impl Into<String>,
        revoked: Revoked,
        keep_until: Option<UnixTime>,
    ) -> Self {
        Self {
            issuer: issuer.normalized(),
            domain: domain.into(),
            revoked,
            keep_until,
        }
    }

    /// A capability that ends itself, whose `exp` is known.
    pub(crate) fn of_itself(capability: &Cacao, policy: &Policy) -> Self {
        let payload = capability.payload();
        let exp = payload.expires_at().map(Timestamp::unix_time);
        let keep_until = policy.accepted_until(payload.issued_at().unix_time(), exp);
        let revoked = Revoked::Identity(capability.identity());
        Self::new(payload.issuer(), payload.domain(), revoked, keep_until)
    }

    /// The issuer whose capabilities are revoked, in the canonical spelling.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// For which domain they were signed.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// What was revoked.
    #[must_use]
    pub const fn revoked(&self) -> Revoked {
        self.revoked
    }

    /// Until when the entry must be kept; `None` means forever.
    #[must_use]
    pub const fn keep_until(&self) -> Option<UnixTime> {
        self.keep_until
    }

    /// Whether this entry revokes the capability. Issuer and domain must match in any case: nobody
    /// can revoke an identity of another issuer.
    #[must_use]
    pub fn covers(&self, capability: &Cacao) -> bool {
        let payload = capability.payload();
        self.issuer == *payload.issuer()
            && self.domain == payload.domain()
            && match self.revoked {
                Revoked::Identity(identity) => identity == capability.identity(),
                Revoked::AllBefore(time) => payload.issued_at().unix_time() <= time,
            }
    }
}
