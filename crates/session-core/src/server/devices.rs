//! Which sessions an issuer has: the list of devices that is shown to people.

use super::forward;
use crate::store::StoreError;
use async_trait::async_trait;
use cacao::{Cacao, Issuer, MaybeSend, MaybeSync, Timestamp, UnixTime};
use dag_jws::Cid;
use std::sync::Arc;

/// A session that logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    issuer: Issuer,
    domain: String,
    identity: Cid,
    key: String,
    issued_at: UnixTime,
    expires_at: Option<UnixTime>,
    seen_at: UnixTime,
}

impl Device {
    /// The session of this capability, which logged in at this time.
    #[must_use]
    pub fn of(capability: &Cacao, seen_at: UnixTime) -> Self {
        let payload = capability.payload();
        Self {
            issuer: payload.issuer().normalized(),
            domain: payload.domain().to_owned(),
            identity: capability.identity(),
            key: payload.audience().to_owned(),
            issued_at: payload.issued_at().unix_time(),
            expires_at: payload.expires_at().map(Timestamp::unix_time),
            seen_at,
        }
    }

    /// A device as a store kept it, from the values of its getters.
    #[must_use]
    pub fn new(
        issuer: &Issuer,
        domain: impl Into<String>,
        identity: Cid,
        key: impl Into<String>,
        issued_at: UnixTime,
        expires_at: Option<UnixTime>,
        seen_at: UnixTime,
    ) -> Self {
        Self {
            issuer: issuer.normalized(),
            domain: domain.into(),
            identity,
            key: key.into(),
            issued_at,
            expires_at,
            seen_at,
        }
    }

    /// The issuer, in the canonical spelling.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// For which domain the capability was signed.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The [identity](Cacao::identity) of the capability, by which it is revoked.
    #[must_use]
    pub const fn identity(&self) -> &Cid {
        &self.identity
    }

    /// The `did:key` of the session key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// When the issuer signed.
    #[must_use]
    pub const fn issued_at(&self) -> UnixTime {
        self.issued_at
    }

    /// Until when the capability holds.
    #[must_use]
    pub const fn expires_at(&self) -> Option<UnixTime> {
        self.expires_at
    }

    /// When it logged in here.
    #[must_use]
    pub const fn seen_at(&self) -> UnixTime {
        self.seen_at
    }
}

/// Knows the sessions that logged in or were registered. It does not know which of them were
/// revoked: to show a list, also ask [`Revocations`](crate::Revocations).
///
/// # Contract
/// 1. `list` gives the devices of this issuer and domain that `add` was called with and that have
///    not expired, each identity once, the newest login first.
/// 2. `remove` of an absent device succeeds.
/// 3. An issuer has room for a limited number of devices; the one that expires first gives way. No
///    issuer takes the room of another one. If there is no room for one more issuer, `add` succeeds
///    but its devices are not listed, since nobody should be locked out because of a list.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait Devices: MaybeSend + MaybeSync {
    /// Keeps a device until it expires.
    ///
    /// # Errors
    /// When input or output fails.
    async fn add(&self, device: &Device, now: UnixTime) -> Result<(), StoreError>;

    /// The devices of an issuer for a domain.
    ///
    /// # Errors
    /// When input or output fails.
    async fn list(
        &self,
        issuer: &Issuer,
        domain: &str,
        now: UnixTime,
    ) -> Result<Vec<Device>, StoreError>;

    /// Forgets a device of an issuer.
    ///
    /// # Errors
    /// When input or output fails.
    async fn remove(&self, issuer: &Issuer, identity: &Cid) -> Result<(), StoreError>;
}

forward!(Devices {
    fn add(&self, device: &Device, now: UnixTime) -> Result<(), StoreError>;
    fn list(&self, issuer: &Issuer, domain: &str, now: UnixTime) -> Result<Vec<Device>, StoreError>;
    fn remove(&self, issuer: &Issuer, identity: &Cid) -> Result<(), StoreError>;
});
