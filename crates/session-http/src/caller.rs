//! Who a request is from.

use crate::refusal::Refusal;
use cacao::{Issuer, Policy, Timestamp, UnixTime, VerifiedCacao};
use dag_jws::Cid;
use didkey::DidKey;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Who a request is from: a session whose proof was judged. Only a [`Server`](crate::Server) makes
/// one. Cheap to clone.
#[derive(Clone)]
pub struct Caller(Arc<Parts>);

struct Parts {
    capability: VerifiedCacao,
    key: DidKey,
    policy: Policy,
    at: UnixTime,
}

impl Caller {
    pub(crate) fn new(
        capability: VerifiedCacao,
        key: DidKey,
        policy: &Policy,
        at: UnixTime,
    ) -> Self {
        let policy = policy.clone();
        Self(Arc::new(Parts {
            capability,
            key,
            policy,
            at,
        }))
    }

    /// The issuer on whose behalf the session acts.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        self.0.capability.issuer()
    }

    /// The session key.
    #[must_use]
    pub fn key(&self) -> &DidKey {
        &self.0.key
    }

    /// The [identity](cacao::Cacao::identity) of the capability, by which sessions are counted and
    /// revoked.
    #[must_use]
    pub fn identity(&self) -> Cid {
        self.capability().cacao().identity()
    }

    /// The capability, as it was judged.
    #[must_use]
    pub fn capability(&self) -> &VerifiedCacao {
        &self.0.capability
    }

    /// The resources that it grants.
    pub fn resources(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.capability().payload().resources()
    }

    /// Until when it holds.
    #[must_use]
    pub fn expires_at(&self) -> Option<&Timestamp> {
        self.capability().payload().expires_at()
    }

    /// When the request was judged.
    #[must_use]
    pub fn judged_at(&self) -> UnixTime {
        self.0.at
    }

    /// Requires that the session grants a resource, according to the policy's matcher.
    ///
    /// # Errors
    /// [`Refusal::InsufficientScope`].
    pub fn require(&self, resource: &str) -> Result<(), Refusal> {
        if self.0.policy.covers(self.resources(), resource) {
            return Ok(());
        }
        Err(Refusal::InsufficientScope {
            scope: resource.to_owned(),
        })
    }

    /// Requires that the issuer signed within this time.
    ///
    /// # Errors
    /// [`Refusal::InsufficientUserAuthentication`].
    pub fn require_login_within(&self, max_age: Duration) -> Result<(), Refusal> {
        let signed = self.capability().payload().issued_at().unix_time();
        if signed + max_age >= self.0.at {
            return Ok(());
        }
        Err(Refusal::InsufficientUserAuthentication { max_age })
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("issuer", &self.issuer().did())
            .field("key", &self.key().as_str())
            .field("identity", &self.identity().to_string())
            .finish_non_exhaustive()
    }
}
