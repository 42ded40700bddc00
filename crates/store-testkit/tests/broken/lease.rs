//! A store that is whole but for its prompt lock: a lease in a table that several processes share.

use crate::pace::Pace;
use crate::store::{BrokenStore, Fault};
use async_trait::async_trait;
use didkey::Ed25519SigningKey;
use session_core::{
    AlwaysHeld, Clock, ExpectedSlot, LeaseOwner, LeaseStore, Leases, Listed, PromptLockGuard,
    RecordTag, SessionRecord, SessionStore, Slot, SlotId, StoreError, SystemClock,
};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Handle;

/// How long a lease lasts here.
pub(crate) const TTL: Duration = Duration::from_secs(1);

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeaseFault {
    None,
    /// The holder never hears that its lease is over.
    HeldForEver,
    /// Says that it renewed a lease, and did not.
    RenewsNothing,
    /// Whoever gives a lease back gives back that of another, too.
    ReleasesAnybodys,
    /// Two clocks tell when a lease is over.
    EndsByTheClockOfWhoeverAsks,
    /// Who is dead stays the holder.
    NeverEnds,
}

#[derive(Clone)]
pub(crate) struct LeasingStore {
    records: BrokenStore,
    table: Table,
    leases: Leases,
    pace: Pace,
}

type Rows = HashMap<SlotId, (String, i128)>;

#[derive(Clone)]
struct Table {
    rows: Arc<Mutex<Rows>>,
    clock: Arc<dyn Clock>,
    fault: LeaseFault,
}

impl LeasingStore {
    pub(crate) fn new(fault: LeaseFault) -> Self {
        let pace = Pace::new();
        let clock = pace.clock(&SystemClock);
        let table = Table {
            rows: Arc::default(),
            clock: Arc::clone(&clock),
            fault,
        };
        Self::over(BrokenStore::new(Fault::None), table, pace, clock)
    }

    fn over(records: BrokenStore, mut table: Table, pace: Pace, clock: Arc<dyn Clock>) -> Self {
        if table.fault == LeaseFault::EndsByTheClockOfWhoeverAsks {
            table.clock = Arc::clone(&clock);
        }
        let leases = Leases::new(table.clone(), clock).with_ttl(TTL);
        let leases = leases.with_spawner(|task| {
            if let Ok(runtime) = Handle::try_current() {
                runtime.spawn(task);
            }
        });
        Self {
            records,
            table,
            leases,
            pace,
        }
    }

    /// As another process opens it, by a clock that shows the same as this one.
    pub(crate) fn another(&self, clock: &dyn Clock) -> Self {
        let (table, pace) = (self.table.clone(), self.pace.clone());
        let clock = pace.clock(clock);
        Self::over(self.records.clone(), table, pace, clock)
    }

    /// As another process takes the lock and dies.
    pub(crate) async fn crash(&self, slot: &SlotId) {
        let dead = self.another(&SystemClock);
        std::mem::forget(dead.lock_prompt(slot, TTL).await.unwrap());
    }
}

impl Table {
    /// Changes the row of a slot, if it is nobody's or this owner's; answers whether it did.
    fn set(&self, slot: &SlotId, owner: &LeaseOwner, ttl: Duration, if_free: bool) -> bool {
        let now = self.clock.now();
        let mut rows = self.rows.lock().unwrap();
        let found = rows.get(slot);
        let is_over = |until: i128| until <= now.as_nanos() && self.fault != LeaseFault::NeverEnds;
        let is_free = found.is_none_or(|(_, until)| is_over(*until));
        let is_ours = found.is_some_and(|(held, until)| held == owner.as_str() && !is_over(*until));
        let changes = is_ours || (if_free && is_free);
        if changes {
            let until = (now + ttl).as_nanos();
            rows.insert(slot.clone(), (owner.as_str().to_owned(), until));
        }
        changes
    }
}

#[async_trait]
impl LeaseStore for Table {
    async fn take(
        &self,
        slot: &SlotId,
        owner: &LeaseOwner,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        Ok(self.set(slot, owner, ttl, true))
    }

    async fn renew(
        &self,
        slot: &SlotId,
        owner: &LeaseOwner,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        Ok(self.fault == LeaseFault::RenewsNothing || self.set(slot, owner, ttl, false))
    }

    async fn release(&self, slot: &SlotId, owner: &LeaseOwner) -> Result<(), StoreError> {
        let any = self.fault == LeaseFault::ReleasesAnybodys;
        let mut rows = self.rows.lock().unwrap();
        rows.retain(|at, (held, _)| at != slot || !(any || held == owner.as_str()));
        Ok(())
    }
}

#[async_trait]
impl SessionStore for LeasingStore {
    type Key = Ed25519SigningKey;

    async fn generate_key(&self) -> Result<Ed25519SigningKey, StoreError> {
        self.records.generate_key().await
    }

    async fn load(&self, slot: &SlotId) -> Result<Slot<Ed25519SigningKey>, StoreError> {
        self.records.load(slot).await
    }

    async fn save(
        &self,
        slot: &SlotId,
        record: &SessionRecord<Ed25519SigningKey>,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError> {
        self.records.save(slot, record, expected).await
    }

    async fn remove(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<bool, StoreError> {
        self.records.remove(slot, expected).await
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        self.records.list().await
    }

    async fn lock_prompt(
        &self,
        slot: &SlotId,
        max_wait: Duration,
    ) -> Result<Box<dyn PromptLockGuard>, StoreError> {
        let lease = self.leases.acquire(slot, max_wait).await?;
        if self.table.fault == LeaseFault::HeldForEver {
            return Ok(Box::new(AlwaysHeld(lease)));
        }
        Ok(Box::new(lease))
    }
}
