//! What there is, in pages: an index of issuers for each part, and the profiles of each issuer.

use crate::error::{Error, Failure};
use crate::handle::Redis;
use crate::keys::{PARTS, key, tag};
use crate::reply::{array, bytes};
use session_core::{ListCursor, Listed, Page, Profile, SlotId};

/// How many issuers are asked about in one go.
const BATCH: usize = 500;
/// In how many parts is looked at once.
const PARTS_AT_ONCE: u16 = 64;

/// An issuer in an index.
pub(crate) struct Indexed {
    pub(crate) part: u16,
    pub(crate) did: String,
}

impl Indexed {
    pub(crate) fn keys(&self, redis: &Redis) -> [Vec<u8>; 2] {
        keys(redis, self.part, &self.did)
    }
}

/// The records of an issuer, and the index in which the issuer is.
pub(crate) fn keys(redis: &Redis, part: u16, did: &str) -> [Vec<u8>; 2] {
    let (prefix, tag) = (&redis.options().prefix, tag('s', part));
    [
        key(prefix, &tag, &[b":", did.as_bytes()]),
        key(prefix, &tag, &[b"index"]),
    ]
}

/// Up to `most` issuers from this place on, the place itself included; fewer only at the end.
pub(crate) async fn issuers(
    redis: &Redis,
    (start, did): (u16, &str),
    most: usize,
) -> Result<Vec<Indexed>, Failure> {
    const EXPECTED: &str = "the index of sessions";
    let mut found = Vec::new();
    let mut begin = start;
    while begin < PARTS && found.len() < most {
        let end = (begin + PARTS_AT_ONCE).min(PARTS);
        let mut pages = redis::pipe();
        for part in begin..end {
            let [_, index] = keys(redis, part, "");
            let from = match part == start && !did.is_empty() {
                true => format!("[{did}"),
                false => "-".to_owned(),
            };
            let page = pages.cmd("ZRANGEBYLEX").arg(index).arg(from).arg("+");
            page.arg("LIMIT").arg(0).arg(most);
        }
        let pages = redis.link().query_all(&pages).await?;
        for (part, page) in (begin..end).zip(pages) {
            for did in array(page, EXPECTED)? {
                let did = bytes(did, EXPECTED)?.unwrap_or_default();
                let did = String::from_utf8_lossy(&did).into_owned();
                found.push(Indexed { part, did });
            }
        }
        begin = end;
    }
    found.truncate(most);
    Ok(found)
}

/// Where a page begins: behind a profile of an issuer.
struct Place {
    part: u16,
    did: String,
    profile: String,
}

impl Place {
    fn read(cursor: &ListCursor) -> Option<Self> {
        let mut words = cursor.as_str().split(' ');
        let (part, did, profile) = (words.next()?, words.next()?, words.next()?);
        let is_last = words.next().is_none();
        let part = part.parse().ok().filter(|part| *part < PARTS && is_last)?;
        Some(Self {
            part,
            did: did.to_owned(),
            profile: profile.to_owned(),
        })
    }
}

/// A page of at most `limit` entries.
pub(crate) async fn page(
    redis: &Redis,
    after: Option<&ListCursor>,
    limit: usize,
) -> Result<Page, Failure> {
    const EXPECTED: &str = "the profiles of an issuer";
    let after = after.map(|cursor| {
        Place::read(cursor).ok_or(Error::Damaged {
            expected: "a cursor of this store",
        })
    });
    let after = after.transpose()?;
    let most = limit.saturating_add(1).clamp(2, BATCH);
    let mut entries: Vec<Listed> = Vec::new();
    let mut last = None;
    let (mut part, mut did) = after
        .as_ref()
        .map_or((0, String::new()), |place| (place.part, place.did.clone()));
    loop {
        let found = issuers(redis, (part, &did), most).await?;
        if found.is_empty() {
            return Ok(Page::new(entries, None));
        }
        let mut profiles = redis::pipe();
        for issuer in &found {
            let [records, _] = issuer.keys(redis);
            profiles.cmd("HKEYS").arg(records);
        }
        let profiles = redis.link().query_all(&profiles).await?;
        for (issuer, profiles) in found.iter().zip(profiles) {
            let mut names = Vec::new();
            for name in array(profiles, EXPECTED)? {
                let name = bytes(name, EXPECTED)?.unwrap_or_default();
                names.push(String::from_utf8_lossy(&name).into_owned());
            }
            names.sort_unstable();
            let is_begun = |place: &&Place| place.part == issuer.part && place.did == issuer.did;
            let behind = after.as_ref().filter(is_begun).map(|place| &place.profile);
            names.retain(|name| behind.is_none_or(|behind| name > behind));
            for name in names {
                if entries.len() >= limit {
                    return Ok(Page::new(entries, last));
                }
                last = Some(ListCursor::new(format!(
                    "{} {} {name}",
                    issuer.part, issuer.did
                )));
                entries.push(entry(&issuer.did, &name));
            }
        }
        let Some(end) = found.last().filter(|_| found.len() >= most) else {
            return Ok(Page::new(entries, None));
        };
        // from behind the last one: no text is between a text and the same with a zero
        (part, did) = (end.part, format!("{}\0", end.did));
    }
}

fn entry(did: &str, profile: &str) -> Listed {
    let slot = || -> Option<SlotId> {
        let issuer: cacao::Issuer = did.parse().ok()?;
        let slot = SlotId::new(issuer).with_profile(profile.parse::<Profile>().ok()?);
        // one slot, one name
        let is_its_name = crate::keys::did(slot.issuer()) == did;
        (is_its_name && slot.profile().to_string() == profile).then_some(slot)
    };
    slot().map_or_else(|| Listed::Foreign(format!("{did} {profile}")), Listed::Slot)
}
