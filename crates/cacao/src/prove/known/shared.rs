//! The memory of servers: many threads share it.

use super::digest::Digest;
use quick_cache::sync::Cache;
use quick_cache::{DefaultHashBuilder, Lifecycle, UnitWeighter};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The values that are asked for most, each at its key.
pub(super) struct Shared<V: Clone> {
    cache: Cache<Digest, V, UnitWeighter, DefaultHashBuilder, Evictions>,
    evictions: Evictions,
}

impl<V: Clone> Shared<V> {
    /// For at most so many, rounded up so that all parts of the memory are of one size.
    pub(super) fn new(capacity: usize) -> Self {
        let evictions = Evictions::default();
        let cache = Cache::with(
            capacity,
            capacity as u64,
            UnitWeighter,
            DefaultHashBuilder::default(),
            evictions.clone(),
        );
        Self { cache, evictions }
    }

    pub(super) fn get(&self, key: &Digest) -> Option<V> {
        self.cache.get(key)
    }

    pub(super) fn insert(&self, key: Digest, value: V) {
        self.cache.insert(key, value);
    }

    pub(super) fn clear(&self) {
        self.cache.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.cache.len()
    }

    /// How many values were forgotten to make room.
    pub(super) fn evictions(&self) -> u64 {
        self.evictions.0.load(Ordering::Relaxed)
    }
}

/// Counts what is forgotten to make room.
#[derive(Clone, Default)]
struct Evictions(Arc<AtomicU64>);

impl<V> Lifecycle<Digest, V> for Evictions {
    type RequestState = ();

    fn on_evict(&self, (): &mut (), _: Digest, _: V) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
