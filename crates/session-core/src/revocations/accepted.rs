//! What came of a statement: the only thing that can be recorded.

use cacao::{Cacao, Issuer, Policy, Timestamp, UnixTime, VerifiedCacao};
use dag_jws::Cid;

/// A revocation statement that counts. Made by [`judge_revocation`](crate::revoke::judge_revocation)
/// only.
#[derive(Clone, Debug)]
pub struct AcceptedRevocation {
    pub(crate) maker: VerifiedCacao,
    pub(crate) entries: Vec<RevocationEntry>,
    pub(crate) signed_until: UnixTime,
}

impl AcceptedRevocation {
    /// That a session ends itself, which needs no statement to be judged: whoever holds the session
    /// could make one. A server that just saw the session's key at work may take that for it.
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

    /// What it ends: at least one entry.
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

/// What was revoked of an issuer and a domain.
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

    /// Whose capabilities are meant, in the canonical spelling.
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

    /// Until when it must be kept; `None` is forever.
    #[must_use]
    pub const fn keep_until(&self) -> Option<UnixTime> {
        self.keep_until
    }

    /// Whether the capability is one that is meant. Issuer and domain count in any case: an
    /// identity that somebody else names is not revoked.
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
