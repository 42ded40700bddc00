//! Capabilities that were proven before, so that they need not be proven again.

mod digest;
#[cfg(any(test, target_family = "wasm"))]
mod recent;
#[cfg(not(target_family = "wasm"))]
mod shared;

use self::digest::Digest;
#[cfg(target_family = "wasm")]
use self::recent::Recent as Memory;
#[cfg(not(target_family = "wasm"))]
use self::shared::Shared as Memory;
use super::{Facts, Proven};
use crate::error::Error;
use crate::model::{BlockDigest, Cacao};
use cid::Cid;
use core::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The memory of [provers](crate::Provers::with_memory): a server that meets the same session many
/// times pays for the curve arithmetic of its capability only once.
///
/// A proof belongs to the exact bytes of the capability, which its CID names, and to the set of
/// provers that reached it. **Only the signature is remembered.** Window, audience, issuer,
/// resources and the policy for passkeys are judged each time, so an expired capability is refused
/// even if its proof is remembered, and the answer of a contract counts only for as long as the
/// policy allows. Refusals are not remembered.
///
/// The number of capabilities is bounded, and one whose block is longer than
/// [`MAX_BLOCK_LEN`](Self::MAX_BLOCK_LEN) is never kept. Clones share everything; it is safe to
/// use from many threads at once.
///
/// ```
/// use cacao::{Cacao, Error, Policy, Provers, Requirement, UnixTime};
///
/// struct Server {
///     provers: Provers,
/// }
///
/// impl Server {
///     fn new(provers: Provers) -> Self {
///         Self { provers: provers.with_memory(10_000) }
///     }
///
///     fn request(&self, block: &[u8], key: &str, now: UnixTime) -> Result<String, Error> {
///         let capability = self.provers.read_dag_cbor(block)?;
///         let requirement = Requirement::for_domain("app.example").with_audience(key);
///         let verified =
///             capability.verify(&self.provers, &Policy::default(), &requirement, now)?;
///         Ok(verified.issuer().did())
///     }
/// }
/// ```
#[derive(Clone)]
pub struct KnownCapabilities(Arc<Inner>);

struct Inner {
    cache: Memory<Proven>,
    capacity: usize,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// How often the memory helped, since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownStats {
    /// Capabilities that were known to be signed by their issuer.
    pub hits: u64,
    /// Capabilities that had to be proven.
    pub misses: u64,
    /// Capabilities that were forgotten to make room.
    pub evictions: u64,
    /// Capabilities that are known now.
    pub len: usize,
}

impl KnownCapabilities {
    /// The longest block that is kept, in bytes.
    pub const MAX_BLOCK_LEN: usize = 16 * 1024;

    /// Remembers at most this many capabilities (rounded up so that all parts of the memory are
    /// of one size); those that are asked for least go first. A capability as wallets make them
    /// takes about 3 KiB.
    #[must_use]
    pub(super) fn new(capacity: usize) -> Self {
        Self(Arc::new(Inner {
            cache: Memory::new(capacity),
            capacity,
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }))
    }

    /// How often the memory helped so far.
    #[must_use]
    pub fn stats(&self) -> KnownStats {
        KnownStats {
            hits: self.0.hits.load(Ordering::Relaxed),
            misses: self.0.misses.load(Ordering::Relaxed),
            evictions: self.0.cache.evictions(),
            len: self.0.cache.len(),
        }
    }

    /// Forgets every capability; the counters go on.
    pub fn clear(&self) {
        self.0.cache.clear();
    }

    /// What was proven of the capability with this CID, if it is known. Its contract's word may
    /// have aged: judge it.
    #[must_use]
    pub fn get(&self, cid: &Cid) -> Option<Proven> {
        let known = self.0.cache.get(&digest(cid)?);
        known.filter(|proven| proven.cacao().cid() == *cid)
    }

    /// An empty memory of the same capacity.
    pub(super) fn anew(&self) -> Self {
        Self::new(self.0.capacity)
    }

    /// What was proven of exactly this capability, where it still `counts`.
    pub(super) fn recall(&self, cacao: &Cacao, counts: impl Fn(&Facts) -> bool) -> Option<Proven> {
        let BlockDigest { digest, .. } = cacao.block_digest();
        let known = self
            .0
            .cache
            .get(&digest)
            .filter(|proven| counts(proven.facts()));
        let counter = match known {
            Some(_) => &self.0.hits,
            None => &self.0.misses,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        known
    }

    pub(super) fn keep(&self, proven: &Proven) {
        let BlockDigest { digest, len } = proven.cacao().block_digest();
        if len <= Self::MAX_BLOCK_LEN {
            self.0.cache.insert(digest, proven.clone());
        }
    }

    pub(super) fn read_dag_cbor(&self, block: &[u8]) -> Result<Cacao, Error> {
        let named = BlockDigest::of(block);
        match self.0.cache.get(&named.digest) {
            Some(proven) => Ok(proven.cacao().clone()),
            None => Cacao::from_dag_cbor_named(block, Some(named)),
        }
    }
}

/// What tells a CID of a capability from another one; `None` for CIDs that no capability has.
fn digest(cid: &Cid) -> Option<Digest> {
    cid.hash().digest().try_into().ok()
}

impl fmt::Debug for KnownCapabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KnownCapabilities")
            .field(&self.stats())
            .finish()
    }
}
