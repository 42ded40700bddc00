//! The capabilities that clients registered, by CID.

use super::forward;
use crate::store::StoreError;
use async_trait::async_trait;
use cacao::{MaybeSend, MaybeSync, UnixTime};
use dag_jws::Cid;
use std::sync::Arc;

/// Keeps the blocks of capabilities, so that a request need only name them. It is only a cache:
/// what is read from it is verified like everything else, and what it has forgotten is asked for
/// again.
///
/// # Contract
/// 1. A block from `get` should have the hash of the CID that was asked for; the caller refuses any
///    other.
/// 2. Every entry may be forgotten at any time.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait Capabilities: MaybeSend + MaybeSync {
    /// The DAG-CBOR block of the capability with this CID.
    ///
    /// # Errors
    /// When input or output fails.
    async fn get(&self, cid: &Cid) -> Result<Option<Arc<[u8]>>, StoreError>;

    /// Keeps a block under its CID, for no longer than until this time.
    ///
    /// # Errors
    /// When input or output fails.
    async fn put(&self, cid: &Cid, block: &[u8], until: UnixTime) -> Result<(), StoreError>;
}

forward!(Capabilities {
    fn get(&self, cid: &Cid) -> Result<Option<Arc<[u8]>>, StoreError>;
    fn put(&self, cid: &Cid, block: &[u8], until: UnixTime) -> Result<(), StoreError>;
});
