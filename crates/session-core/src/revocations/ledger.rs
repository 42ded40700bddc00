//! All revocations, in memory and as one text: the part that implementations share.

use super::accepted::{AcceptedRevocation, RevocationEntry, Revoked};
use super::identity::read_identity;
use cacao::car::cid_text;
use cacao::{Cacao, Issuer, UnixTime};
use dag_jws::Cid;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::borrow::Borrow;
use std::collections::BTreeMap;

/// All revocations: a set of [entries](RevocationEntry) that only [`purge`](Self::purge) makes
/// smaller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RevocationLedger {
    accounts: BTreeMap<Issuer, Sorted<String, Ended>>,
    len: usize,
}

/// The few things that one account has, each at its key: smaller than a tree, in a page above all.
type Sorted<K, V> = Vec<(K, V)>;

fn place<K, V, Q: Ord + ?Sized>(map: &Sorted<K, V>, key: &Q) -> Result<usize, usize>
where
    K: Borrow<Q>,
{
    map.binary_search_by(|(known, _)| known.borrow().cmp(key))
}

fn at<'m, K, V, Q: Ord + ?Sized>(map: &'m Sorted<K, V>, key: &Q) -> Option<&'m V>
where
    K: Borrow<Q>,
{
    let (_, value) = map.get(place(map, key).ok()?)?;
    Some(value)
}

/// What ended of one issuer and domain. Each with the time until when it is kept, `None` being for
/// ever.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Ended {
    all_before: Option<(UnixTime, Option<UnixTime>)>,
    identities: Sorted<Cid, Option<UnixTime>>,
}

impl Ended {
    fn len(&self) -> usize {
        usize::from(self.all_before.is_some()) + self.identities.len()
    }
}

impl RevocationLedger {
    /// How many entries there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// How many entries there are of one issuer and domain.
    #[must_use]
    pub fn len_of(&self, issuer: &Issuer, domain: &str) -> usize {
        let domains = self.accounts.get(&issuer.normalized());
        domains
            .and_then(|domains| at(domains, domain))
            .map_or(0, Ended::len)
    }

    /// Whether nothing was revoked.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether an entry covers this capability.
    #[must_use]
    pub fn is_revoked(&self, capability: &Cacao) -> bool {
        let payload = capability.payload();
        let domains = self.accounts.get(payload.issuer());
        let Some(ended) = domains.and_then(|domains| at(domains, payload.domain())) else {
            return false;
        };
        let by_time = |(time, _): &(UnixTime, _)| payload.issued_at().unix_time() <= *time;
        ended.all_before.as_ref().is_some_and(by_time)
            || place(&ended.identities, &capability.identity()).is_ok()
    }

    /// Whether there is already an entry about the same, so that adding this one takes no room.
    #[must_use]
    pub fn contains(&self, entry: &RevocationEntry) -> bool {
        let domains = self.accounts.get(&entry.issuer);
        let ended = domains.and_then(|domains| at(domains, &*entry.domain));
        ended.is_some_and(|ended| match entry.revoked {
            Revoked::AllBefore(_) => ended.all_before.is_some(),
            Revoked::Identity(identity) => place(&ended.identities, &identity).is_ok(),
        })
    }

    /// Adds an accepted revocation; returns whether that changed anything.
    pub fn record(&mut self, revocation: &AcceptedRevocation) -> bool {
        let entries = revocation.entries().iter();
        // each of them, so no `any`
        entries.fold(false, |changed, entry| self.add(entry.clone()) | changed)
    }

    /// Adds an entry; returns whether that changed anything. Entries that are already there become
    /// neither smaller nor shorter.
    pub fn add(&mut self, entry: RevocationEntry) -> bool {
        let RevocationEntry {
            issuer,
            domain,
            revoked,
            keep_until,
        } = entry;
        let domains = self.accounts.entry(issuer).or_default();
        let place_of_domain = place(domains, &*domain).unwrap_or_else(|free| {
            domains.insert(free, (domain, Ended::default()));
            free
        });
        let Some((_, ended)) = domains.get_mut(place_of_domain) else {
            return false;
        };
        match revoked {
            Revoked::AllBefore(time) => {
                let Some(known) = &mut ended.all_before else {
                    ended.all_before = Some((time, keep_until));
                    self.len += 1;
                    return true;
                };
                let merged = (known.0.max(time), later(known.1, keep_until));
                std::mem::replace(known, merged) != merged
            }
            Revoked::Identity(identity) => {
                let place = place(&ended.identities, &identity);
                let known = match place {
                    Ok(place) => ended.identities.get_mut(place),
                    Err(free) => {
                        ended.identities.insert(free, (identity, keep_until));
                        self.len += 1;
                        None
                    }
                };
                let Some((_, known)) = known else {
                    return true;
                };
                let merged = later(*known, keep_until);
                std::mem::replace(known, merged) != merged
            }
        }
    }

    /// Deletes the entries that are kept until a time before `now`; returns how many.
    pub fn purge(&mut self, now: UnixTime) -> usize {
        let before = self.len;
        let over = |keep_until: &Option<UnixTime>| keep_until.is_some_and(|until| until < now);
        let mut len = 0;
        self.accounts.retain(|_, domains| {
            domains.retain_mut(|(_, ended)| {
                ended.all_before = ended.all_before.take().filter(|(_, until)| !over(until));
                ended.identities.retain(|(_, until)| !over(until));
                len += ended.len();
                ended.len() > 0
            });
            !domains.is_empty()
        });
        self.len = len;
        before - len
    }

    /// Every entry, in an order that depends only on the entries.
    pub fn entries(&self) -> impl Iterator<Item = RevocationEntry> {
        let accounts = self.accounts.iter().flat_map(|(issuer, domains)| {
            domains
                .iter()
                .map(move |(domain, ended)| (issuer, domain, ended))
        });
        accounts.flat_map(|(issuer, domain, ended)| {
            let all = ended
                .all_before
                .map(|(time, until)| (Revoked::AllBefore(time), until));
            let identities = ended.identities.iter();
            let identities = identities.map(|(cid, until)| (Revoked::Identity(*cid), *until));
            let what = all.into_iter().chain(identities);
            what.map(move |(revoked, until)| RevocationEntry::new(issuer, domain, revoked, until))
        })
    }

    /// The ledger as a text, for a file or a record of a database: a line with a SHA-256 of the
    /// rest, and a line of JSON for each entry. Times are in whole seconds; the time until which an
    /// entry is kept is rounded up.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut lines = String::with_capacity(self.len * 200);
        for entry in self.entries() {
            // a structure of texts and numbers can be written
            lines.push_str(&serde_json::to_string(&Line::of(&entry)).unwrap_or_default());
            lines.push('\n');
        }
        format!("{}\n{lines}", first_line(&lines))
    }

    /// Reads such a text.
    ///
    /// # Errors
    /// [`LedgerError`] unless it is exactly such a text: no part of a damaged text is believed.
    pub fn from_text(text: &str) -> Result<Self, LedgerError> {
        let damaged = |problem: &str| LedgerError {
            problem: problem.to_owned(),
        };
        let (first, lines) = text
            .split_once('\n')
            .ok_or_else(|| damaged("it has no first line"))?;
        if first != first_line(lines) {
            return Err(damaged("its first line is not that of the others"));
        }
        let mut ledger = Self::default();
        for (index, line) in lines.lines().enumerate() {
            let entry = Line::read(line).ok_or_else(|| LedgerError {
                problem: format!("line {} is not an entry", index + 2),
            })?;
            ledger.add(entry);
        }
        if ledger.to_text() != text {
            return Err(damaged("it is not as it would be written"));
        }
        Ok(ledger)
    }
}

/// The later of two times until when something is kept.
fn later(one: Option<UnixTime>, other: Option<UnixTime>) -> Option<UnixTime> {
    Some(one?.max(other?))
}

fn first_line(lines: &str) -> String {
    let digest = base16ct::lower::encode_string(&Sha256::digest(lines));
    format!("did-session-revocations 1 sha256={digest}")
}

/// An entry as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    iss: String,
    domain: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identity: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    all_before: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keep_until: Option<i64>,
}

impl Line {
    fn of(entry: &RevocationEntry) -> Self {
        let (identity, all_before) = match entry.revoked {
            Revoked::Identity(identity) => (Some(cid_text(&identity)), None),
            Revoked::AllBefore(time) => (None, Some(seconds_up(time))),
        };
        Self {
            iss: entry.issuer.did(),
            domain: entry.domain.clone(),
            identity,
            all_before,
            keep_until: entry.keep_until.map(seconds_up),
        }
    }

    fn read(line: &str) -> Option<RevocationEntry> {
        let line: Self = serde_json::from_str(line).ok()?;
        let revoked = match (line.identity, line.all_before) {
            (Some(identity), None) => Revoked::Identity(read_identity(&identity)?),
            (None, Some(time)) => Revoked::AllBefore(UnixTime::from_secs(time)),
            _ => return None,
        };
        let issuer = line.iss.parse().ok()?;
        let keep_until = line.keep_until.map(UnixTime::from_secs);
        Some(RevocationEntry::new(
            &issuer,
            line.domain,
            revoked,
            keep_until,
        ))
    }
}

/// Whole seconds, rounded up: what is kept is kept a little longer rather than shorter.
fn seconds_up(time: UnixTime) -> i64 {
    let up = UnixTime::from_nanos(time.as_nanos().saturating_add(999_999_999));
    i64::try_from(up.as_secs()).unwrap_or(i64::MAX)
}

/// The text of a ledger is damaged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is not a valid list of revocations: {problem}")]
pub struct LedgerError {
    problem: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "did:pkh:eip155:1:0x974E944Be93674Bd5fa8EE45fA0C9fdC6B15DC44";

    fn at(seconds: i64) -> UnixTime {
        UnixTime::from_secs(seconds)
    }

    fn entry(revoked: Revoked, keep_until: Option<i64>) -> RevocationEntry {
        RevocationEntry::new(&ISSUER.parse().unwrap(), "a", revoked, keep_until.map(at))
    }

    fn identity(number: u8) -> Revoked {
        Revoked::Identity(cacao::car::dag_cbor_cid(&[number]))
    }

    #[test]
    fn a_ledger_says_how_much_it_has() {
        let mut ledger = RevocationLedger::default();
        assert!(ledger.is_empty());
        ledger.add(entry(identity(1), Some(10)));
        ledger.add(entry(identity(2), Some(20)));
        ledger.add(entry(Revoked::AllBefore(at(5)), Some(10)));
        assert!(!ledger.is_empty());
        let issuer = ISSUER.parse().unwrap();
        assert_eq!((ledger.len(), ledger.len_of(&issuer, "a")), (3, 3));
        assert_eq!(ledger.len_of(&issuer, "b"), 0);
        // kept until a time is kept at that time
        assert_eq!(ledger.purge(at(10)), 0);
        assert_eq!(ledger.purge(at(11)), 2);
        assert_eq!(ledger.len_of(&issuer, "a"), 1);
        assert_eq!(ledger.purge(at(21)), 1);
        assert!(ledger.is_empty());
        assert_eq!(ledger, RevocationLedger::default());
    }

    /// Whoever keeps a ledger writes it only when something changed.
    #[test]
    fn adding_says_whether_something_changed() {
        let all = |time| Revoked::AllBefore(at(time));
        for (first, steps) in [
            (
                entry(identity(1), Some(10)),
                vec![
                    (entry(identity(1), Some(10)), false),
                    (entry(identity(1), Some(9)), false),
                    (entry(identity(1), Some(11)), true),
                    (entry(identity(2), Some(1)), true),
                    (entry(identity(1), None), true),
                    (entry(identity(1), None), false),
                    (entry(identity(1), Some(99)), false),
                ],
            ),
            (
                entry(all(5), Some(10)),
                vec![
                    (entry(all(5), Some(10)), false),
                    (entry(all(4), Some(9)), false),
                    (entry(all(6), Some(9)), true),
                    (entry(all(5), Some(11)), true),
                    (entry(all(6), None), true),
                    (entry(all(6), Some(99)), false),
                ],
            ),
        ] {
            let mut ledger = RevocationLedger::default();
            assert!(ledger.add(first));
            for (entry, changes) in steps {
                let before = ledger.clone();
                let place = ledger.contains(&entry);
                assert_eq!(ledger.add(entry.clone()), changes, "{entry:?}");
                assert_eq!(ledger != before, changes, "{entry:?}");
                assert_eq!(ledger.len() == before.len(), place, "{entry:?}");
                assert!(ledger.contains(&entry));
            }
        }
    }

    /// A time is written in whole seconds, and never in too few of them.
    #[test]
    fn the_seconds_that_are_written_are_rounded_up() {
        for (nanos, seconds) in [
            (0, 0),
            (1, 1),
            (999_999_999, 1),
            (1_000_000_000, 1),
            (1_000_000_001, 2),
            (-1, 0),
            (-1_000_000_000, -1),
        ] {
            assert_eq!(seconds_up(UnixTime::from_nanos(nanos)), seconds, "{nanos}");
        }
    }

    #[test]
    fn a_damaged_text_says_where() {
        let mut ledger = RevocationLedger::default();
        ledger.add(entry(identity(1), Some(10)));
        ledger.add(entry(identity(2), None));
        let text = ledger.to_text();
        assert_eq!(RevocationLedger::from_text(&text), Ok(ledger));
        let (_, lines) = text.split_once('\n').unwrap();
        let of = |lines: &str| format!("{}\n{lines}", first_line(lines));
        let (one, other) = lines.trim_end().split_once('\n').unwrap();
        for (text, problem) in [
            (String::new(), "it has no first line"),
            (
                format!("{text}\n"),
                "its first line is not that of the others",
            ),
            (of(&format!("x\n{other}\n")), "line 2 is not an entry"),
            (of(&format!("{one}\nx\n")), "line 3 is not an entry"),
            (
                of(&format!("{other}\n{one}\n")),
                "it is not as it would be written",
            ),
            (of(lines.trim_end()), "it is not as it would be written"),
        ] {
            let error = RevocationLedger::from_text(&text).unwrap_err();
            assert_eq!(error.problem, problem, "{text}");
        }
        // an entry names one thing
        let both = one.replacen(r#""identity""#, r#""all_before":1,"identity""#, 1);
        assert_ne!(both, one);
        let none = format!(r#"{{"iss":"{ISSUER}","domain":"a"}}"#);
        for line in [both, none] {
            let error = RevocationLedger::from_text(&of(&format!("{line}\n"))).unwrap_err();
            assert_eq!(error.problem, "line 2 is not an entry", "{line}");
        }
    }
}
