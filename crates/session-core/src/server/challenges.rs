//! Which login challenges were used up.

use super::forward;
use crate::store::StoreError;
use async_trait::async_trait;
use cacao::{MaybeSend, MaybeSync, UnixTime};
use dag_jws::Cid;
use std::sync::Arc;

/// What a challenge is remembered by: 16 bytes of it that no other one has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChallengeId([u8; 16]);

impl ChallengeId {
    /// Of these bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// What came of using a challenge up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consumed {
    /// Nobody had used it, and now it belongs to this capability.
    Now,
    /// This very capability had used it: a login that is said again, since its answer was lost.
    ByTheSame,
    /// Another capability had used it.
    ByAnother,
}

/// Remembers which challenges were used up, and by whom. Challenges need not be kept before they
/// are used: a server recognises its own by a MAC.
///
/// # Contract
/// 1. Of any number of calls with one challenge and different identities, at once or one after the
///    other, by whatever clones or processes share the memory, the calls with one identity answer
///    [`Consumed::Now`] once and else [`Consumed::ByTheSame`], and all others
///    [`Consumed::ByAnother`], as long as `until` is not past.
/// 2. What cannot be remembered, for want of room too, is an error, and nothing is forgotten for
///    it before its `until`.
/// 3. What may have been forgotten already, since a clock was set back, never answers
///    [`Consumed::Now`]: it is an error or [`Consumed::ByAnother`].
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait Challenges: MaybeSend + MaybeSync {
    /// Uses a challenge up for the capability of this [identity](cacao::Cacao::identity);
    /// remembered until the time from which on the challenge is refused anyway.
    ///
    /// # Errors
    /// Of input and output, or when there is no more room: then nobody may log in by it.
    async fn consume(
        &self,
        challenge: ChallengeId,
        identity: &Cid,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<Consumed, StoreError>;
}

forward!(Challenges {
    fn consume(&self, challenge: ChallengeId, identity: &Cid, until: UnixTime, now: UnixTime) -> Result<Consumed, StoreError>;
});
