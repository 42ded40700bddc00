//! Which sessions an issuer has.

use async_trait::async_trait;
use cacao::{Issuer, UnixTime};
use dag_jws::Cid;
use session_core::StoreError;
use session_core::server::{Device, Devices};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Devices in memory. Clones share them, and they end with the last clone. If there is no room for
/// another issuer, its devices are not listed until one of the other issuers has no devices any
/// more.
#[derive(Clone, Debug)]
pub struct MemoryDevices {
    issuers: Arc<Mutex<HashMap<Issuer, Vec<Device>>>>,
    capacity: usize,
}

impl MemoryDevices {
    /// For how many issuers there is room, by default.
    pub const DEFAULT_CAPACITY: usize = 100_000;

    /// How many devices of one issuer are kept.
    pub const MAX_OF_ONE: usize = 64;

    /// There is none.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(Self::DEFAULT_CAPACITY)
    }

    /// There is none, and room for so many issuers.
    #[must_use]
    pub fn with_capacity(issuers: usize) -> Self {
        Self {
            issuers: Arc::default(),
            capacity: issuers,
        }
    }
}

impl Default for MemoryDevices {
    fn default() -> Self {
        Self::new()
    }
}

fn is_over(device: &Device, now: UnixTime) -> bool {
    device.expires_at().is_some_and(|exp| exp < now)
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl Devices for MemoryDevices {
    async fn add(&self, device: &Device, now: UnixTime) -> Result<(), StoreError> {
        let mut issuers = self.issuers.lock().unwrap_or_else(PoisonError::into_inner);
        if issuers.len() >= self.capacity && !issuers.contains_key(device.issuer()) {
            issuers.retain(|_, devices| devices.iter().any(|device| !is_over(device, now)));
            if issuers.len() >= self.capacity {
                // a login matters more than its place on a list, and nobody else loses theirs
                return Ok(());
            }
        }
        let devices = issuers.entry(device.issuer().clone()).or_default();
        devices.retain(|kept| !is_over(kept, now) && kept.identity() != device.identity());
        devices.push(device.clone());
        if devices.len() > Self::MAX_OF_ONE {
            // without an end comes last
            let ends = |device: &Device| (device.expires_at().is_none(), device.expires_at());
            let first = devices
                .iter()
                .enumerate()
                .min_by_key(|(_, device)| ends(device));
            if let Some((first, _)) = first {
                devices.remove(first);
            }
        }
        Ok(())
    }

    async fn list(
        &self,
        issuer: &Issuer,
        domain: &str,
        now: UnixTime,
    ) -> Result<Vec<Device>, StoreError> {
        let issuers = self.issuers.lock().unwrap_or_else(PoisonError::into_inner);
        let devices = issuers.get(issuer).into_iter().flatten();
        let wanted = devices.filter(|device| device.domain() == domain && !is_over(device, now));
        Ok(wanted.rev().cloned().collect())
    }

    async fn remove(&self, issuer: &Issuer, identity: &Cid) -> Result<(), StoreError> {
        let mut issuers = self.issuers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(devices) = issuers.get_mut(issuer) {
            devices.retain(|device| device.identity() != identity);
            if devices.is_empty() {
                issuers.remove(issuer);
            }
        }
        Ok(())
    }
}
