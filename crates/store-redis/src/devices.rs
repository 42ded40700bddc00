//! Which sessions an issuer has, for all processes that share the engine.

use crate::error::Error;
use crate::handle::Redis;
use crate::keys::{did, key};
use crate::reply::{array, bytes};
use crate::script::change;
use crate::time::{millis, millis_of, text};
use async_trait::async_trait;
use cacao::{Issuer, UnixTime};
use dag_jws::Cid;
use session_core::StoreError;
use session_core::server::{Device, Devices};
use std::fmt;
use std::time::Duration;

change!(ADD, "lua/add_device.lua");
change!(REMOVE, "lua/remove_device.lua");

/// Devices that processes share. Clones use one connection.
///
/// The devices of an issuer are one hash, which the engine deletes some time after the last of
/// them has expired. An issuer has room for [`MAX_OF_ONE`](Self::MAX_OF_ONE); for how many
/// issuers there is room, the engine's memory says.
#[derive(Clone)]
pub struct RedisDevices {
    redis: Redis,
}

impl RedisDevices {
    /// How many devices of one issuer are kept.
    pub const MAX_OF_ONE: usize = 64;

    /// How long after the last one's end the engine deletes them.
    const MARGIN: Duration = Duration::from_secs(3600);

    /// The devices in this engine.
    #[must_use]
    pub fn new(redis: &Redis) -> Self {
        Self {
            redis: redis.clone(),
        }
    }

    fn key(&self, issuer: &Issuer) -> Vec<u8> {
        let tag = format!("d:{}", did(issuer));
        key(&self.redis.options().prefix, &tag, &[])
    }
}

/// What is kept of a device, one line for each of its parts.
fn write(device: &Device) -> String {
    let time = |time: UnixTime| time.as_nanos().to_string();
    let expires_at = device.expires_at().map(time);
    [
        &time(device.issued_at()),
        expires_at.as_deref().unwrap_or_default(),
        &time(device.seen_at()),
        device.key(),
        device.domain(),
    ]
    .join("\n")
}

/// Reads a device, and which login it was.
fn read(issuer: &Issuer, identity: &[u8], value: &[u8]) -> Option<(u64, Device)> {
    let identity = Cid::try_from(identity).ok()?;
    let value = str::from_utf8(value).ok()?;
    let mut parts = value.splitn(3, ' ');
    let number = parts.next()?.parse().ok()?;
    let _end = parts.next()?;
    let mut lines = parts.next()?.split('\n');
    let time = |text: &str| text.parse().ok().map(UnixTime::from_nanos);
    let issued_at = time(lines.next()?)?;
    let expires_at = match lines.next()? {
        "" => None,
        text => Some(time(text)?),
    };
    let seen_at = time(lines.next()?)?;
    let (key, domain) = (lines.next()?, lines.next()?);
    if lines.next().is_some() {
        return None;
    }
    let device = Device::new(
        issuer, domain, identity, key, issued_at, expires_at, seen_at,
    );
    Some((number, device))
}

#[async_trait]
impl Devices for RedisDevices {
    async fn add(&self, device: &Device, now: UnixTime) -> Result<(), StoreError> {
        let key = self.key(device.issuer());
        let identity = device.identity().to_bytes();
        let end = device.expires_at().map(|exp| text(millis(exp)));
        let (end, kept, now) = (end.unwrap_or_default(), write(device), text(millis(now)));
        let room = Self::MAX_OF_ONE.to_string();
        let margin = text(millis_of(Self::MARGIN));
        let arguments = [
            &*identity,
            &end,
            kept.as_bytes(),
            &now,
            room.as_bytes(),
            &margin,
        ];
        let reply = self.redis.change(&ADD, &[&key], &arguments).await;
        reply.map_err(|failure| failure.into_store_error(&self.redis.action("keep a device")))?;
        Ok(())
    }

    async fn list(
        &self,
        issuer: &Issuer,
        domain: &str,
        now: UnixTime,
    ) -> Result<Vec<Device>, StoreError> {
        const EXPECTED: &str = "the devices of an issuer";
        let action = || self.redis.action("list devices");
        let failed = |error: Error| StoreError::medium(action(), error);
        // RESP3 tells a hash as a map
        let mut get = redis::cmd("HGETALL");
        get.arg(self.key(issuer));
        let reply = self.redis.query(&get).await;
        let pairs = match reply.map_err(|failure| failure.into_store_error(&action()))? {
            redis::Value::Map(pairs) => pairs,
            other => {
                let mut values = array(other, EXPECTED).map_err(failed)?.into_iter();
                let mut pairs = Vec::new();
                while let (Some(field), Some(value)) = (values.next(), values.next()) {
                    pairs.push((field, value));
                }
                pairs
            }
        };
        let mut devices = Vec::new();
        for (field, value) in pairs {
            let field = bytes(field, EXPECTED).map_err(failed)?.unwrap_or_default();
            let value = bytes(value, EXPECTED).map_err(failed)?.unwrap_or_default();
            if field == b"#" {
                continue;
            }
            let read = read(issuer, &field, &value);
            let expected = "a device that this store wrote";
            devices.push(read.ok_or(Error::Damaged { expected }).map_err(failed)?);
        }
        devices.retain(|(_, device)| {
            device.domain() == domain && device.expires_at().is_none_or(|exp| exp >= now)
        });
        devices.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
        Ok(devices.into_iter().map(|(_, device)| device).collect())
    }

    async fn remove(&self, issuer: &Issuer, identity: &Cid) -> Result<(), StoreError> {
        let (key, identity) = (self.key(issuer), identity.to_bytes());
        let reply = self.redis.change(&REMOVE, &[&key], &[&identity]).await;
        reply.map_err(|failure| failure.into_store_error(&self.redis.action("forget a device")))?;
        Ok(())
    }
}

impl fmt::Debug for RedisDevices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedisDevices").field(&self.redis).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let issuer: Issuer = "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn"
            .parse()
            .unwrap();
        let identity = cacao::car::dag_cbor_cid(b"x");
        for expires in [None, Some(UnixTime::from_nanos(-7))] {
            let device = Device::new(
                &issuer,
                "app.example",
                identity,
                "did:key:z",
                UnixTime::from_secs(1),
                expires,
                UnixTime::from_nanos(12_345_678_901_234_567_890),
            );
            let value = format!("12 - {}", write(&device));
            let read_back = read(&issuer, &identity.to_bytes(), value.as_bytes());
            assert_eq!(read_back, Some((12, device)));
            for damaged in ["", "12", "12 -", "x - 1", &value[..value.len() - 20]] {
                assert_eq!(
                    read(&issuer, &identity.to_bytes(), damaged.as_bytes()),
                    None
                );
            }
        }
    }
}
