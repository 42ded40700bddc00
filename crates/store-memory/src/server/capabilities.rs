//! Registered capabilities: a cache, since whoever is asked for one registers it again.

use async_trait::async_trait;
use cacao::UnixTime;
use dag_jws::Cid;
use quick_cache::sync::Cache;
use session_core::StoreError;
use session_core::server::Capabilities;
use std::fmt;
use std::sync::Arc;

/// Registered capabilities in memory. Clones share them. When there is no more room, those that are
/// used least give way; their clients are asked for them again.
#[derive(Clone)]
pub struct MemoryCapabilities(Arc<Cache<Cid, Arc<[u8]>, Weight>>);

/// A block weighs its bytes, and what is needed to find it.
#[derive(Clone)]
struct Weight;

impl quick_cache::Weighter<Cid, Arc<[u8]>> for Weight {
    fn weight(&self, _: &Cid, block: &Arc<[u8]>) -> u64 {
        block.len() as u64 + MemoryCapabilities::OVERHEAD
    }
}

impl MemoryCapabilities {
    /// How many bytes there is room for, by default: 64 MB, or 70,000 capabilities.
    pub const DEFAULT_BYTES: u64 = 64_000_000;

    /// What a block takes beside its bytes.
    const OVERHEAD: u64 = 224;

    /// None is known.
    #[must_use]
    pub fn new() -> Self {
        Self::with_bytes(Self::DEFAULT_BYTES)
    }

    /// None is known, and there is room for so many bytes.
    #[must_use]
    pub fn with_bytes(bytes: u64) -> Self {
        let capabilities = usize::try_from(bytes / 900).unwrap_or(usize::MAX);
        Self(Arc::new(Cache::with_weighter(capabilities, bytes, Weight)))
    }

    /// How many bytes are taken.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.weight()
    }
}

impl Default for MemoryCapabilities {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl Capabilities for MemoryCapabilities {
    async fn get(&self, cid: &Cid) -> Result<Option<Arc<[u8]>>, StoreError> {
        Ok(self.0.get(cid))
    }

    // what has expired is used no more, and so gives way
    async fn put(&self, cid: &Cid, block: &[u8], _: UnixTime) -> Result<(), StoreError> {
        self.0.insert(*cid, block.into());
        Ok(())
    }
}

impl fmt::Debug for MemoryCapabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryCapabilities")
            .field("len", &self.0.len())
            .finish_non_exhaustive()
    }
}
