//! Which login challenges were used up.

use super::forward;
use crate::store::StoreError;
use async_trait::async_trait;
use cacao::{MaybeSend, MaybeSync, UnixTime};
use dag_jws::Cid;
use std::sync::Arc;

/// By what a challenge is remembered: 16 bytes of it that no other challenge has.
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

/// The result of using a challenge up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consumed {
    /// It had not been used, and now belongs to this capability.
    Now,
    /// The same capability had used it: a login that is repeated because its answer was lost.
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
/// 2. A use that cannot be remembered, for example for lack of room, is an error, and nothing is
///    forgotten before its `until` to make room.
/// 3. A challenge whose use may have been forgotten already, because a clock was set back, never
///    gives [`Consumed::Now`]: it gives an error or [`Consumed::ByAnother`].
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait Challenges: MaybeSend + MaybeSync {
    /// Uses a challenge up for the capability of this [identity](cacao::Cacao::identity);
    /// remembered until the time from which on the challenge is refused anyway.
    ///
    /// # Errors
    /// When input or output fails, or there is no more room: then nobody may log in with this
    /// challenge.
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
