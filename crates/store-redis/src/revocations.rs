//! Revocations, for all processes that share the engine.

use crate::error::{Error, Failure};
use crate::handle::Redis;
use crate::keys::{PARTS, did, key, part_of, tag};
use crate::reply::{array, bytes, int};
use crate::script::change;
use crate::time::{BEFORE, digits, millis, text};
use async_trait::async_trait;
use cacao::{Cacao, Issuer, UnixTime};
use dag_jws::Cid;
use session_core::StoreError;
use session_core::revoke::{AcceptedRevocation, RevocationEntry, Revocations, Revoked};
use std::collections::BTreeMap;
use std::fmt;

change!(REVOKE, "lua/revoke.lua");
change!(PURGE, "lua/purge_revoked.lua");

/// Revocations that processes share. Clones use one connection.
///
/// The revocations of an issuer are one hash: to find out whether a capability was revoked takes
/// one command, which reads two of its fields. Nothing expires in the engine;
/// [`purge`](Revocations::purge) forgets what need not be kept. How durable a revocation is, the
/// engine's persistence says: with `appendonly yes` and `appendfsync always` it is when
/// [`record`](Revocations::record) returns.
#[derive(Clone)]
pub struct RedisRevocations {
    redis: Redis,
}

/// How many issuers are looked at in one go.
const PAGE: usize = 500;

impl RedisRevocations {
    /// The revocations in this engine.
    #[must_use]
    pub fn new(redis: &Redis) -> Self {
        Self {
            redis: redis.clone(),
        }
    }

    /// The hash of an issuer, and the index of its part.
    fn keys(&self, did: &str) -> [Vec<u8>; 2] {
        let tag = tag('v', part_of(did));
        let prefix = &self.redis.options().prefix;
        [
            key(prefix, &tag, &[b":", did.as_bytes()]),
            key(prefix, &tag, &[b"index"]),
        ]
    }

    async fn record_of(&self, did: &str, entries: &[&RevocationEntry]) -> Result<(), Failure> {
        let mut arguments = vec![did.as_bytes().to_vec()];
        for entry in entries {
            let (field, time) = match entry.revoked() {
                Revoked::Identity(identity) => (of_identity(&identity, entry.domain()), None),
                Revoked::AllBefore(time) => (of_all(entry.domain()), Some(digits(time))),
            };
            let keep = entry.keep_until();
            arguments.extend([
                field,
                time.unwrap_or_default().into_bytes(),
                keep.map_or_else(|| "-".to_owned(), digits).into_bytes(),
                keep.map_or_else(|| b"+inf".to_vec(), |keep| text(millis(keep))),
            ]);
        }
        let keys = self.keys(did);
        let keys = keys.each_ref().map(Vec::as_slice);
        let arguments: Vec<_> = arguments.iter().map(Vec::as_slice).collect();
        self.redis.change(&REVOKE, &keys, &arguments).await?;
        Ok(())
    }

    async fn purge_all(&self, now: UnixTime) -> Result<usize, Failure> {
        const EXPECTED: &str = "the index of revocations";
        let (until, now) = (format!("({}", millis(now)), digits(now));
        let mut purged = 0;
        let mut parts: Vec<u16> = (0..PARTS).collect();
        while !parts.is_empty() {
            let mut pages = redis::pipe();
            for part in &parts {
                let index = key(&self.redis.options().prefix, &tag('v', *part), &[b"index"]);
                let page = pages
                    .cmd("ZRANGEBYSCORE")
                    .arg(index)
                    .arg("-inf")
                    .arg(&until);
                page.arg("LIMIT").arg(0).arg(PAGE);
            }
            let pages = self.redis.link().query_all(&pages).await?;
            let mut more = Vec::new();
            for (part, page) in parts.into_iter().zip(pages) {
                let page = array(page, EXPECTED)?;
                if page.len() == PAGE {
                    more.push(part);
                }
                for did in page {
                    let did = bytes(did, EXPECTED)?.and_then(|did| String::from_utf8(did).ok());
                    let did = did.ok_or(Error::Damaged { expected: EXPECTED })?;
                    let keys = self.keys(&did);
                    let keys = keys.each_ref().map(Vec::as_slice);
                    let arguments = [did.as_bytes(), now.as_bytes()];
                    let count = self.redis.change(&PURGE, &keys, &arguments).await?;
                    purged += usize::try_from(int(&count, "a number")?).unwrap_or(0);
                }
            }
            parts = more;
        }
        Ok(purged)
    }
}

/// The field of one capability.
fn of_identity(identity: &Cid, domain: &str) -> Vec<u8> {
    [b"i", &*identity.to_bytes(), domain.as_bytes()].concat()
}

/// The field of all that was signed up to some time.
fn of_all(domain: &str) -> Vec<u8> {
    [b"a", domain.as_bytes()].concat()
}

/// Reads a value: the time up to which all ends, where there is one.
fn read(value: &[u8]) -> Result<Option<UnixTime>, Error> {
    let expected = "a revocation that this store wrote";
    let damaged = || Error::Damaged { expected };
    let value = str::from_utf8(value).map_err(|_| damaged())?;
    let (time, keep) = value.split_once(' ').ok_or_else(damaged)?;
    let is_time = |text: &str| text.len() == 22 && text.bytes().all(|b| b.is_ascii_digit());
    if !(keep == "-" || is_time(keep)) {
        return Err(damaged());
    }
    if time.is_empty() {
        return Ok(None);
    }
    let nanos: i128 = time
        .parse()
        .ok()
        .filter(|_| is_time(time))
        .ok_or_else(damaged)?;
    Ok(Some(UnixTime::from_nanos(nanos - BEFORE)))
}

#[async_trait]
impl Revocations for RedisRevocations {
    async fn is_revoked(&self, capability: &Cacao) -> Result<bool, StoreError> {
        const EXPECTED: &str = "two fields of a hash";
        let action = || self.redis.action("ask whether a capability was revoked");
        let failed = |error: Error| StoreError::medium(action(), error);
        let payload = capability.payload();
        let [hash, _] = self.keys(&did(payload.issuer()));
        let mut get = redis::cmd("HMGET");
        get.arg(hash)
            .arg(of_identity(&capability.identity(), payload.domain()))
            .arg(of_all(payload.domain()));
        let reply = self.redis.query(&get).await;
        let reply = reply.map_err(|failure| failure.into_store_error(&action()))?;
        let fields = array(reply, EXPECTED).map_err(failed)?;
        let Ok([identity, all]) = <[redis::Value; 2]>::try_from(fields) else {
            return Err(failed(Error::Answer { expected: EXPECTED }));
        };
        let identity = bytes(identity, EXPECTED).map_err(failed)?;
        let identity = identity
            .map(|value| read(&value))
            .transpose()
            .map_err(failed)?;
        let all = bytes(all, EXPECTED).map_err(failed)?;
        let all = all.map(|value| read(&value)).transpose().map_err(failed)?;
        if all == Some(None) {
            let expected = "the time of a revocation of all";
            return Err(failed(Error::Damaged { expected }));
        }
        let by_time = |time: UnixTime| payload.issued_at().unix_time() <= time;
        Ok(identity.is_some() || all.flatten().is_some_and(by_time))
    }

    async fn record(&self, revocation: &AcceptedRevocation) -> Result<(), StoreError> {
        let mut issuers: BTreeMap<String, Vec<&RevocationEntry>> = BTreeMap::new();
        for entry in revocation.entries() {
            issuers.entry(did(entry.issuer())).or_default().push(entry);
        }
        for (did, entries) in issuers {
            let recorded = self.record_of(&did, &entries).await;
            let action = || self.redis.action("record a revocation");
            recorded.map_err(|failure| failure.into_store_error(&action()))?;
        }
        Ok(())
    }

    async fn count(&self, issuer: &Issuer, _: &str) -> Result<usize, StoreError> {
        let action = || self.redis.action("count revocations");
        let [hash, _] = self.keys(&did(issuer));
        let mut len = redis::cmd("HLEN");
        len.arg(hash);
        let reply = self.redis.query(&len).await;
        let reply = reply.map_err(|failure| failure.into_store_error(&action()))?;
        let count = int(&reply, "how long a hash is");
        let count = count.map_err(|error| StoreError::medium(action(), error))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    async fn purge(&self, now: UnixTime) -> Result<usize, StoreError> {
        let purged = self.purge_all(now).await;
        let action = || self.redis.action("purge revocations");
        purged.map_err(|failure| failure.into_store_error(&action()))
    }
}

impl fmt::Debug for RedisRevocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedisRevocations")
            .field(&self.redis)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_times_are_ordered_as_times_are() {
        let times = [i128::MIN, -1, 0, 1, 1_700_000_000_000_000_000, i128::MAX];
        let texts = times.map(|nanos| digits(UnixTime::from_nanos(nanos)));
        assert!(
            texts.is_sorted() && texts.iter().all(|text| text.len() == 22),
            "{texts:?}"
        );
        let time = UnixTime::from_nanos(1_700_000_000_123_456_789);
        let value = format!("{} -", digits(time));
        assert_eq!(read(value.as_bytes()), Ok(Some(time)));
        assert_eq!(read(format!(" {}", digits(time)).as_bytes()), Ok(None));
        for damaged in ["", " ", "1 -", "x -", " 1", "-"] {
            assert!(read(damaged.as_bytes()).is_err(), "{damaged:?}");
        }
    }
}
