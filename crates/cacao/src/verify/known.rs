//! Signatures of capabilities that were checked before, so that they need not be checked again.
#![cfg_attr(
    target_family = "wasm",
    allow(
        clippy::arc_with_non_send_sync,
        reason = "verifiers are Send wherever there are threads"
    )
)]

use super::verifiers::{Member, Memory};
use super::{Claim, Proof};
use crate::codec::BlockDigest;
use crate::error::Error;
use crate::model::Cacao;
use core::fmt;
use quick_cache::sync::Cache;
use quick_cache::{DefaultHashBuilder, Lifecycle, UnitWeighter};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::vec::Vec;

/// Verdicts of different verifiers that are kept of one capability.
const MAX_VERDICTS: usize = 4;

/// Remembers which capabilities were found to be signed by their issuer: a server that meets the
/// same session again and again pays for the curve arithmetic of its capability once.
///
/// A verdict belongs to the exact bytes of the capability, which its CID names, and to the very
/// verifier that reached it: the built-in ones are each one and the same everywhere, one of the
/// caller's own is the same in clones of the set that it was added to. **Only the signature is
/// remembered.** Window, audience, issuer, resources and what the policy asks of a passkey are
/// judged each time, so a capability that has expired is refused however well it is known.
/// Refusals are not remembered, nor is what a contract answered, which may change its mind, nor
/// what a verifier of the caller's own says unless it has
/// [`verify_known`](crate::Verifier::verify_known).
///
/// The number of capabilities is bounded, and one whose block is longer than
/// [`MAX_BLOCK_LEN`](Self::MAX_BLOCK_LEN) is never kept. Clones share everything; it is safe to
/// use from many threads at once.
///
/// ```
/// use cacao::{Cacao, Error, Expected, KnownCapabilities, Policy, UnixTime, Verifiers};
///
/// struct Server {
///     verifiers: Verifiers,
/// }
///
/// impl Server {
///     fn new() -> Self {
///         let known = KnownCapabilities::new(10_000);
///         Self { verifiers: Verifiers::default().remembering(&known) }
///     }
///
///     fn request(&self, block: &[u8], key: &str, now: UnixTime) -> Result<String, Error> {
///         let capability = self.verifiers.read_dag_cbor(block)?;
///         let expected = Expected::anything().audience(key);
///         let verified =
///             capability.verify(&self.verifiers, &Policy::default(), &expected, now)?;
///         Ok(verified.issuer().did())
///     }
/// }
/// ```
#[derive(Clone)]
pub struct KnownCapabilities(Arc<Inner>);

struct Inner {
    cache: Cache<Digest, Arc<Entry>, UnitWeighter, DefaultHashBuilder, Evictions>,
    hits: AtomicU64,
    misses: AtomicU64,
    evictions: Evictions,
}

/// The SHA-256 of a block, which is all that differs between CIDs of capabilities.
type Digest = [u8; 32];

/// A capability, and which verifiers accepted its signature.
struct Entry {
    cacao: Cacao,
    verdicts: Vec<(Member, Proof)>,
}

/// What became of the questions so far, since the memory was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownStats {
    /// Signatures that were known.
    pub hits: u64,
    /// Signatures that had to be checked.
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
    pub fn new(capacity: usize) -> Self {
        let evictions = Evictions::default();
        let cache = Cache::with(
            capacity,
            capacity as u64,
            UnitWeighter,
            DefaultHashBuilder::default(),
            evictions.clone(),
        );
        Self(Arc::new(Inner {
            cache,
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            evictions,
        }))
    }

    /// What became of the questions so far.
    #[must_use]
    pub fn stats(&self) -> KnownStats {
        KnownStats {
            hits: self.0.hits.load(Ordering::Relaxed),
            misses: self.0.misses.load(Ordering::Relaxed),
            evictions: self.0.evictions.0.load(Ordering::Relaxed),
            len: self.0.cache.len(),
        }
    }

    /// Forgets every capability; the counters go on.
    pub fn clear(&self) {
        self.0.cache.clear();
    }

    pub(super) fn as_memory(&self) -> Arc<dyn Memory> {
        Arc::clone(&self.0) as Arc<dyn Memory>
    }
}

impl Memory for Inner {
    fn verify(&self, member: &Member, claim: &Claim<'_>) -> Result<Proof, Error> {
        let BlockDigest { digest, len } = claim.cacao().block_digest();
        let entry = self.cache.get(&digest);
        let known = entry.as_ref().and_then(|entry| entry.verdict(member));
        if let Some(judged) = known.and_then(|proof| member.verifier().verify_known(claim, proof)) {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return judged;
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        let proof = member.verifier().verify(claim)?;
        if len <= KnownCapabilities::MAX_BLOCK_LEN
            && member.verifier().verify_known(claim, &proof).is_some()
        {
            let entry = Entry::with(entry.as_deref(), claim.cacao(), member, &proof);
            self.cache.insert(digest, Arc::new(entry));
        }
        Ok(proof)
    }

    fn recall(&self, block: &[u8]) -> Result<Cacao, Error> {
        let named = BlockDigest::of(block);
        match self.cache.get(&named.digest) {
            Some(entry) => Ok(entry.cacao.clone()),
            None => Cacao::from_dag_cbor_named(block, Some(named)),
        }
    }
}

impl Entry {
    fn verdict(&self, of: &Member) -> Option<&Proof> {
        let verdict = self.verdicts.iter().find(|(member, _)| member.is(of));
        verdict.map(|(_, proof)| proof)
    }

    /// What was known, and one verdict more.
    fn with(known: Option<&Self>, cacao: &Cacao, member: &Member, proof: &Proof) -> Self {
        let others = known.map_or(&[][..], |known| &known.verdicts);
        let others = others.iter().filter(|(other, _)| !other.is(member));
        let verdicts = core::iter::once((member.clone(), proof.clone()))
            .chain(others.cloned())
            .take(MAX_VERDICTS)
            .collect();
        let cacao = known.map_or(cacao, |known| &known.cacao).clone();
        Self { cacao, verdicts }
    }
}

/// Counts what is forgotten to make room.
#[derive(Clone, Default)]
struct Evictions(Arc<AtomicU64>);

impl Lifecycle<Digest, Arc<Entry>> for Evictions {
    type RequestState = ();

    fn on_evict(&self, (): &mut (), _: Digest, _: Arc<Entry>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for KnownCapabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KnownCapabilities")
            .field(&self.stats())
            .finish()
    }
}
