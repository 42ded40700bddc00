//! What was revoked, in memory: a ledger behind a lock that many readers hold at once, and what
//! becomes of it when there is no room for more.

use async_trait::async_trait;
use cacao::{Cacao, Issuer, UnixTime};
use session_core::StoreError;
use session_core::revoke::{
    AcceptedRevocation, RevocationEntry, RevocationLedger, Revocations, Revoked,
};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

/// Revocations in memory. Clones share them, and they end with the last clone. A server that has
/// more than one process, or that restarts before the last revoked session has expired, must keep
/// them elsewhere.
///
/// There is room for so many entries, [`purge`](Revocations::purge) makes more, and a flood is never
/// answered by forgetting or refusing one. Where there is no room, what lies there is kept more
/// coarsely, so that it ends more than it did, never less: of the accounts with the most entries, each
/// has one instead, about whatever it signed until then; and when there are more accounts than room,
/// whatever *anybody* signed until the oldest of them is over. So whoever floods it with one account
/// or a thousand ends their own sessions; whoever has as many accounts as there is room makes the
/// owners of the oldest sessions log in again.
///
/// ```
/// use session_core::{Context, ManualClock};
/// use store_memory::MemoryRevocations;
///
/// let revocations = MemoryRevocations::new();
/// # let clock = ManualClock::new(cacao::UnixTime::EPOCH);
/// let context = Context::new(clock, cacao::Provers::none())
///     .with_revocations(revocations.clone());
/// # let _ = context;
/// ```
#[derive(Clone, Debug)]
pub struct MemoryRevocations {
    kept: Arc<RwLock<Kept>>,
    capacity: usize,
}

impl MemoryRevocations {
    /// How many entries there is room for, by default: about 30 MB.
    pub const DEFAULT_CAPACITY: usize = 100_000;

    /// Nothing is revoked.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(Self::DEFAULT_CAPACITY)
    }

    /// Nothing is revoked, and there is room for so many entries, one at least.
    #[must_use]
    pub fn with_capacity(entries: usize) -> Self {
        Self {
            kept: Arc::default(),
            capacity: entries.max(1),
        }
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.ledger.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for MemoryRevocations {
    fn default() -> Self {
        Self::new()
    }
}

/// An issuer and a domain.
type Account = (Issuer, String);

fn account(issuer: &Issuer, domain: &str) -> Account {
    (issuer.normalized(), domain.to_owned())
}

#[derive(Debug, Default)]
struct Kept {
    ledger: RevocationLedger,
    /// Until when everything was signed that an account has entries about.
    signed_until: HashMap<Account, UnixTime>,
    /// Whatever was signed until then is over, whoever signed it.
    all_before: Option<UnixTime>,
}

/// All entries of an account, as one.
struct Share {
    entries: usize,
    signed_until: UnixTime,
    keep_until: Option<UnixTime>,
}

impl Kept {
    fn is_revoked(&self, capability: &Cacao) -> bool {
        let issued_at = capability.payload().issued_at().unix_time();
        self.all_before.is_some_and(|time| issued_at <= time) || self.ledger.is_revoked(capability)
    }

    /// Adds an entry about what was signed until then.
    fn add(&mut self, entry: &RevocationEntry, signed_until: UnixTime, capacity: usize) {
        if self.ledger.len() >= capacity && !self.ledger.contains(entry) {
            // a part of it at once, since all of it is looked through
            self.leave(capacity - capacity.div_ceil(8));
        }
        let signed_until = match entry.revoked() {
            Revoked::AllBefore(time) => time,
            Revoked::Identity(_) => signed_until,
        };
        let account = account(entry.issuer(), entry.domain());
        let known = self.signed_until.entry(account).or_insert(signed_until);
        *known = (*known).max(signed_until);
        self.ledger.add(entry.clone());
    }

    /// Leaves so many entries at most, which end whatever was ended before.
    fn leave(&mut self, most: usize) {
        let shares = self.shares();
        let mut largest: Vec<_> = shares
            .iter()
            .filter(|(_, share)| share.entries > 1)
            .collect();
        largest.sort_by_key(|(_, share)| Reverse(share.entries));
        let mut ledger_len = self.ledger.len();
        let mut joined = HashMap::new();
        for (account, share) in largest {
            if ledger_len <= most {
                break;
            }
            ledger_len -= share.entries - 1;
            let entry = RevocationEntry::new(
                &account.0,
                &*account.1,
                Revoked::AllBefore(share.signed_until),
                share.keep_until,
            );
            joined.insert(account.clone(), entry);
        }
        if ledger_len > most {
            // one entry is left of each account
            let mut times: Vec<_> = shares.values().map(|share| share.signed_until).collect();
            times.sort_unstable();
            let oldest = times.get(ledger_len - most - 1).copied();
            self.all_before = self.all_before.max(oldest);
        }
        let entries = self.ledger.entries().filter(|entry| {
            let account = account(entry.issuer(), entry.domain());
            !joined.contains_key(&account)
        });
        let mut ledger = RevocationLedger::default();
        let is_left = |entry: &RevocationEntry| {
            let share = shares.get(&account(entry.issuer(), entry.domain()));
            share.is_none_or(|share| Some(share.signed_until) > self.all_before)
        };
        let entries = entries.chain(joined.values().cloned()).filter(is_left);
        for entry in entries {
            ledger.add(entry);
        }
        self.ledger = ledger;
        self.forget_accounts();
    }

    fn shares(&self) -> BTreeMap<Account, Share> {
        let mut shares = BTreeMap::new();
        for entry in self.ledger.entries() {
            let account = account(entry.issuer(), entry.domain());
            // every account that has an entry has a time
            let Some(signed_until) = self.signed_until.get(&account).copied() else {
                continue;
            };
            let share = shares.entry(account).or_insert(Share {
                entries: 0,
                signed_until,
                keep_until: entry.keep_until(),
            });
            share.entries += 1;
            share.keep_until = match (share.keep_until, entry.keep_until()) {
                (Some(one), Some(other)) => Some(one.max(other)),
                _ => None,
            };
        }
        shares
    }

    /// Forgets the times of accounts that have no entries any more.
    fn forget_accounts(&mut self) {
        let ledger = &self.ledger;
        self.signed_until
            .retain(|(issuer, domain), _| ledger.len_of(issuer, domain) > 0);
    }
}

// Nobody panics while holding it; were it so, each entry in it is still whole.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl Revocations for MemoryRevocations {
    async fn is_revoked(&self, capability: &Cacao) -> Result<bool, StoreError> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        Ok(kept.is_revoked(capability))
    }

    async fn record(&self, revocation: &AcceptedRevocation) -> Result<(), StoreError> {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        for entry in revocation.entries() {
            kept.add(entry, revocation.signed_until(), self.capacity);
        }
        Ok(())
    }

    async fn count(&self, issuer: &Issuer, domain: &str) -> Result<usize, StoreError> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        Ok(kept.ledger.len_of(issuer, domain))
    }

    async fn purge(&self, now: UnixTime) -> Result<usize, StoreError> {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let purged = kept.ledger.purge(now);
        kept.forget_accounts();
        Ok(purged)
    }
}
