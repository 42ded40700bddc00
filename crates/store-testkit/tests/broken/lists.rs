//! What is broken about lists in pages and about what has expired, and what is lost on the way.

use crate::store::{BrokenStore, Entry, Fault};
use cacao::UnixTime;
use session_core::{
    ExpectedSlot, ListCursor, Listed, Page, SessionStore, Slot, SlotId, StoreError,
};
use std::num::NonZeroUsize;
use std::time::Duration;
use store_testkit::Lost;

impl BrokenStore {
    pub(crate) fn page(
        &self,
        list: Vec<Listed>,
        after: Option<&ListCursor>,
        limit: NonZeroUsize,
    ) -> Result<Page, StoreError> {
        if self.is(Fault::PagesByPosition) {
            let mut list = list;
            list.sort();
            let from = after.map_or(0, |at| at.as_str().parse().unwrap());
            let to = list.len().min(from + limit.get());
            let next = (to < list.len()).then(|| ListCursor::new(to.to_string()));
            let entries = list.get(from..to).unwrap_or_default().to_vec();
            return Ok(Page::new(entries, next));
        }
        let longer = limit.saturating_add(1);
        let limit = if self.is(Fault::LongPages) {
            longer
        } else {
            limit
        };
        let mut page = Page::of(list, after, limit)?;
        match self.fault() {
            Fault::PagesOverlap if page.entries.len() > 1 => {
                let last_but_one = page.entries.len() - 2;
                let overlapping = ListCursor::behind(&page.entries[last_but_one]);
                page.next = page.next.map(|_| overlapping);
            }
            Fault::LosesLastPage if after.is_some() && page.next.is_none() => page.entries.clear(),
            _ => {}
        }
        Ok(page)
    }

    pub(crate) async fn purge_all(&self, before: UnixTime) -> Result<usize, StoreError> {
        if self.is(Fault::PurgesNothing) {
            return Ok(0);
        }
        if self.is(Fault::PurgesInTwoSteps) {
            return self.purge_in_two_steps(before).await;
        }
        let mut map = self.map();
        let count = map.len();
        map.retain(|_, (_, entry)| match entry {
            Entry::Garbage => !self.is(Fault::PurgesUnreadable),
            Entry::Record(record) => {
                let a_moment_later = before + Duration::from_nanos(1);
                !match self.fault() {
                    Fault::PurgesAll => true,
                    Fault::PurgesTooEarly => record.expired_before(a_moment_later),
                    _ => record.expired_before(before),
                }
            }
        });
        Ok(count - map.len())
    }

    async fn purge_in_two_steps(&self, before: UnixTime) -> Result<usize, StoreError> {
        let mut purged = 0;
        for entry in self.list().await? {
            let Listed::Slot(slot) = entry else { continue };
            let Slot::Record { record, .. } = self.load(&slot).await? else {
                continue;
            };
            if record.expired_before(before) {
                futures_timer::Delay::new(Duration::from_millis(1)).await;
                purged += usize::from(self.remove(&slot, ExpectedSlot::Anything).await?);
            }
        }
        Ok(purged)
    }

    /// Something is lost of a change, if it is to be; then this is pretended, by a store that does.
    pub(crate) async fn over_the_wire<T>(
        &self,
        slot: &SlotId,
        pretended: T,
        change: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        match self.take_lost() {
            None => return change.await,
            Some(Lost::Request) => {}
            Some(Lost::Reply) => {
                let _ = change.await;
            }
        }
        match self.fault() {
            Fault::LostIsFailure => Err(StoreError::medium("cannot reach the server", "reset")),
            Fault::LostIsConflict => Err(StoreError::conflict(slot)),
            Fault::LostIsSuccess => Ok(pretended),
            _ => Err(StoreError::unknown(slot)),
        }
    }
}
