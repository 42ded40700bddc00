//! The prompt lock: a lease, whose end the engine's clock tells.

use crate::error::Failure;
use crate::handle::Redis;
use crate::keys::{did, key, part_of, tag};
use crate::reply::int;
use crate::script::{Change, change};
use crate::time::{millis_of, text};
use async_trait::async_trait;
use session_core::{LeaseOwner, LeaseStore, SlotId, StoreError};
use std::time::Duration;

change!(TAKE, "lua/take.lua");
change!(RENEW, "lua/renew.lua");
change!(RELEASE, "lua/release.lua");

/// Leases in an engine.
pub(crate) struct RedisLeases(pub(crate) Redis);

impl RedisLeases {
    async fn change(
        &self,
        change: &Change,
        slot: &SlotId,
        arguments: &[&[u8]],
    ) -> Result<bool, StoreError> {
        let did = did(slot.issuer());
        let profile = slot.profile().to_string();
        let rest: [&[u8]; 4] = [b"lease:", did.as_bytes(), b" ", profile.as_bytes()];
        let key = key(&self.0.options().prefix, &tag('s', part_of(&did)), &rest);
        let ran = self.0.change(change, &[&key], arguments).await;
        let said = ran.and_then(|reply| Ok::<_, Failure>(int(&reply, "a number")?));
        let action = || self.0.action("reserve a wallet");
        Ok(said.map_err(|failure| failure.into_slot_error(&action(), slot))? == 1)
    }
}

#[async_trait]
impl LeaseStore for RedisLeases {
    async fn take(
        &self,
        slot: &SlotId,
        owner: &LeaseOwner,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        let ttl = text(millis_of(ttl));
        self.change(&TAKE, slot, &[owner.as_str().as_bytes(), &ttl])
            .await
    }

    async fn renew(
        &self,
        slot: &SlotId,
        owner: &LeaseOwner,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        let ttl = text(millis_of(ttl));
        self.change(&RENEW, slot, &[owner.as_str().as_bytes(), &ttl])
            .await
    }

    async fn release(&self, slot: &SlotId, owner: &LeaseOwner) -> Result<(), StoreError> {
        self.change(&RELEASE, slot, &[owner.as_str().as_bytes()])
            .await?;
        Ok(())
    }
}
