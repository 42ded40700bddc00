//! Sealed records, and the seal.
//!
//! The seal is one key. A script that saves looks into one part only, so that each part has a mark
//! beside it: that the store is sealed. The marks are made before the seal is, in one round trip
//! with it; were it cut short between, plain records are refused, until somebody seals the store.

use crate::error::{Error, Failure};
use crate::handle::Redis;
use crate::keys::{PARTS, key, mark};
use crate::record::{Read, Written};
use crate::reply::{bytes, int};
use crate::script::change;
use crate::store::{RedisStore, Saved};
use async_trait::async_trait;
use session_core::{
    ExpectedSlot, MAX_SEAL_LEN, SealError, SealableStore, SealedRecord, SealedSlot, SlotId,
    StoreError,
};

change!(REPLACE_SEAL, "lua/replace_seal.lua");
change!(MARK, "lua/mark.lua");

/// Where the seal lies.
fn seal_key(redis: &Redis) -> Vec<u8> {
    key(&redis.options().prefix, "seal", &[])
}

#[async_trait]
impl SealableStore for RedisStore {
    async fn load_sealed(&self, slot: &SlotId) -> Result<SealedSlot, StoreError> {
        let unreadable = |tag, source| SealedSlot::Unreadable { tag, source };
        Ok(match self.read(slot).await? {
            None => SealedSlot::Empty,
            Some(Read::Sealed(sealed)) => SealedSlot::Sealed(sealed),
            Some(Read::Record(_, tag)) => unreadable(tag, SealError::NotSealed.into()),
            Some(Read::Unreadable(tag, error)) => unreadable(tag, error.into()),
        })
    }

    async fn save_sealed(
        &self,
        record: &SealedRecord,
        expected: ExpectedSlot,
    ) -> Result<(), StoreError> {
        let (slot, written) = (record.slot(), Written::sealed(record));
        let action = || {
            let action = format!("save the sealed session of {slot}");
            self.redis().action(&action)
        };
        match self.put(slot, &written, expected).await {
            Ok(Saved::Done) => Ok(()),
            Ok(Saved::Unexpected) => Err(StoreError::conflict(slot)),
            Ok(Saved::Sealed) => Err(StoreError::medium(action(), SealError::Sealed)),
            Err(failure) => Err(failure.into_slot_error(&action(), slot)),
        }
    }

    async fn load_seal(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let action = || self.redis().action("read the seal");
        let mut get = redis::cmd("GET");
        get.arg(seal_key(self.redis()));
        let reply = self.redis().query(&get).await;
        let reply = reply.map_err(|failure| failure.into_store_error(&action()))?;
        let seal = bytes(reply, "a seal").and_then(|seal| match seal {
            Some(seal) if seal.len() > MAX_SEAL_LEN => Err(too_long()),
            seal => Ok(seal),
        });
        seal.map_err(|error| StoreError::medium(action(), error))
    }

    async fn replace_seal(&self, seal: &[u8], expected: Option<&[u8]>) -> Result<bool, StoreError> {
        let replaced = replace(self.redis(), seal, expected).await;
        let action = || self.redis().action("write the seal");
        replaced.map_err(|failure| failure.into_store_error(&action()))
    }
}

const fn too_long() -> Error {
    Error::Damaged {
        expected: "a seal of at most 4096 bytes",
    }
}

async fn replace(redis: &Redis, seal: &[u8], expected: Option<&[u8]>) -> Result<bool, Failure> {
    // what would not come back is not written in the first place
    if seal.len() > MAX_SEAL_LEN {
        return Err(too_long().into());
    }
    let seal_key = seal_key(redis);
    let said = if let Some(expected) = expected {
        let arguments: [&[u8]; 3] = [seal, b"bytes", expected];
        redis
            .change(&REPLACE_SEAL, &[&seal_key], &arguments)
            .await?
    } else {
        let commands = |deadline: &[u8]| {
            let mut all = redis::pipe();
            for part in 0..PARTS {
                let mark = mark(&redis.options().prefix, part);
                all.add_command(MARK.script().by_source(&[&mark], &[deadline]));
            }
            let arguments: [&[u8]; 4] = [seal, b"absent", b"", deadline];
            all.add_command(REPLACE_SEAL.script().by_source(&[&seal_key], &arguments));
            all
        };
        let mut said = redis.change_all(commands).await?;
        said.pop().ok_or(Error::Answer {
            expected: "an answer to the last command",
        })?
    };
    Ok(int(&said, "a number")? == 1)
}
