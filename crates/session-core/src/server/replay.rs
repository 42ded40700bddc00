//! Which proofs were used: each counts once.

use super::forward;
use crate::store::StoreError;
use async_trait::async_trait;
use cacao::{MaybeSend, MaybeSync, UnixTime};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// By what a proof is remembered: 128 bits of SHA-256 over its key and its `jti`, and never over
/// its signature, of which there may be two for one proof (ECDSA is malleable).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProofId([u8; 16]);

impl ProofId {
    /// The id of the proof with this `jti`, by the key of this `did:key`.
    #[must_use]
    pub fn new(key: &str, jti: &str) -> Self {
        let mut hash = Sha256::new();
        // a did:key has no white space, so that the two cannot run into each other
        hash.update(key.as_bytes());
        hash.update(b" ");
        hash.update(jti.as_bytes());
        let hash = hash.finalize();
        let mut id = [0; 16];
        for (to, from) in id.iter_mut().zip(hash) {
            *to = from;
        }
        Self(id)
    }

    /// The 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// What a [`ReplayWindow`] says about a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remembered {
    /// It was not used before, and is remembered from now on.
    First,
    /// It was used before.
    Again,
    /// It is so old that its use might have been forgotten already, so it is not known whether it
    /// was used. That happens after a clock was set back.
    TooOld,
}

/// Since when a window remembers, if it does not outlive every process that uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayMemory {
    /// When it began. It does not know what was used before.
    pub since: UnixTime,
    /// A random value, which differs after each beginning: a server mixes it into the nonces that
    /// it issues, so that nonces from before are refused.
    pub id: [u8; 16],
}

/// Remembers which proofs were used.
///
/// # Contract
/// 1. Of any number of calls with one `proof`, at once or one after the other, by whatever clones
///    or processes share the window, exactly one answers [`Remembered::First`], as long as `until`
///    is not past.
/// 2. A use that cannot be remembered, for example for lack of room, is an error, and nothing is
///    forgotten before its `until` to make room.
/// 3. A proof whose use may have been forgotten already gives [`Remembered::TooOld`], never
///    `First`.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait ReplayWindow: MaybeSend + MaybeSync {
    /// Remembers the use of a proof, until the time from which on it would be refused anyway.
    ///
    /// # Errors
    /// When input or output fails, or there is no more room: then nothing is known, and the proof
    /// does not count.
    async fn remember(
        &self,
        proof: ProofId,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<Remembered, StoreError>;

    /// Since when the window remembers, by the clock of the caller, if it may end before its users
    /// do. `None` if it outlives every process that uses it.
    ///
    /// Processes may share a window that begins anew while they run. A caller that accepted a proof
    /// as fresh must look at this again after [`remember`](Self::remember) has answered: if the
    /// beginning has changed, the proof does not count.
    fn memory(&self) -> Option<ReplayMemory>;
}

forward!(ReplayWindow {
    fn remember(&self, proof: ProofId, until: UnixTime, now: UnixTime) -> Result<Remembered, StoreError>;
} sync { fn memory(&self) -> Option<ReplayMemory>; });

#[cfg(test)]
mod tests {
    use super::ProofId;

    #[test]
    fn a_proof_is_its_key_and_its_jti() {
        let id = ProofId::new("did:key:z6Mk", "abc");
        assert_eq!(id, ProofId::new("did:key:z6Mk", "abc"));
        for (key, jti) in [
            ("did:key:z6Mka", "bc"),
            ("did:key:z6Mk", "abd"),
            ("did:key:z6M", "abc"),
        ] {
            assert_ne!(id, ProofId::new(key, jti));
        }
    }
}
