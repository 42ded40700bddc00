//! The capabilities that clients registered, by CID.

use super::forward;
use crate::store::StoreError;
use async_trait::async_trait;
use cacao::{MaybeSend, MaybeSync, UnixTime};
use dag_jws::Cid;
use std::sync::Arc;

/// Keeps the blocks of capabilities, so that a request need only name them. It is a convenience
/// of clients and no authority: what is read is verified like anything else, and what was
/// forgotten is asked for again.
///
/// # Contract
/// 1. What `get` gives has the hash of the CID that was asked for, or is refused by whoever asked.
/// 2. Anything may be forgotten at any time.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait Capabilities: MaybeSend + MaybeSync {
    /// The DAG-CBOR block of the capability with this CID.
    ///
    /// # Errors
    /// Of input and output.
    async fn get(&self, cid: &Cid) -> Result<Option<Arc<[u8]>>, StoreError>;

    /// Keeps a block under its CID, for no longer than until this time.
    ///
    /// # Errors
    /// Of input and output.
    async fn put(&self, cid: &Cid, block: &[u8], until: UnixTime) -> Result<(), StoreError>;
}

forward!(Capabilities {
    fn get(&self, cid: &Cid) -> Result<Option<Arc<[u8]>>, StoreError>;
    fn put(&self, cid: &Cid, block: &[u8], until: UnixTime) -> Result<(), StoreError>;
});
