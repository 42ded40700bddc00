//! A list in pages.

use super::StoreError;
use super::record::Listed;
use super::slot_id::SlotId;
use crate::base64;
use ::base64::Engine;
use ::base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::num::NonZeroUsize;

/// A part of what [`list_page`](crate::SessionStore::list_page) lists.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The entries: never more than were asked for, perhaps fewer, perhaps none.
    pub entries: Vec<Listed>,
    /// Where the next page begins; `None` after the last one.
    pub next: Option<ListCursor>,
}

/// Where a page of [`list_page`](crate::SessionStore::list_page) begins. Only the store that made
/// it understands it; it can be kept and sent as a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListCursor(String);

impl ListCursor {
    /// A cursor with this text, which the store has made.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The slot after which the next page begins, for a store that has its slots in an order.
    #[must_use]
    pub fn behind(entry: &Listed) -> Self {
        Self(URL_SAFE_NO_PAD.encode(place_of(entry)))
    }
}

/// Where an entry stands in a list that is cut into pages. No two entries stand at one place.
fn place_of(entry: &Listed) -> Vec<u8> {
    let text = match entry {
        Listed::Slot(slot) => {
            let profile = slot.profile().name().unwrap_or_default();
            format!("slot\0{}\0{profile}", slot.issuer().did())
        }
        Listed::Foreign(name) => format!("foreign\0{name}"),
    };
    text.into_bytes()
}

impl Page {
    /// A page of these entries.
    #[must_use]
    pub const fn new(entries: Vec<Listed>, next: Option<ListCursor>) -> Self {
        Self { entries, next }
    }

    /// The page after a cursor, for a store that has the whole list at hand. A slot that is in the
    /// list at the beginning and at the end of a walk is in exactly one page.
    ///
    /// # Errors
    /// [`StoreError::Medium`] when the cursor is not one that this made.
    pub fn of(
        list: impl IntoIterator<Item = Listed>,
        after: Option<&ListCursor>,
        limit: NonZeroUsize,
    ) -> Result<Self, StoreError> {
        let after = match after {
            None => Default::default(),
            Some(cursor) => base64::decode(cursor.0.as_bytes())
                .map_err(|error| StoreError::medium("cannot list from this cursor", error))?,
        };
        let places = list.into_iter().map(|entry| (place_of(&entry), entry));
        let mut rest: Vec<_> = places.filter(|(place, _)| *place > *after).collect();
        let is_last = rest.len() <= limit.get();
        if !is_last {
            // only what is shown needs an order
            rest.select_nth_unstable(limit.get());
            rest.truncate(limit.get());
        }
        rest.sort_unstable();
        let entries: Vec<_> = rest.into_iter().map(|(_, entry)| entry).collect();
        let next = entries.last().filter(|_| !is_last).map(ListCursor::behind);
        Ok(Self { entries, next })
    }
}

impl From<SlotId> for Listed {
    fn from(slot: SlotId) -> Self {
        Self::Slot(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cacao::Issuer;

    fn slot(number: usize) -> Listed {
        let issuer: Issuer = format!("abc:1:{number}").parse().unwrap();
        SlotId::new(issuer).into()
    }

    fn walk(mut list: impl FnMut(usize) -> Vec<Listed>, limit: usize) -> Vec<Listed> {
        let (mut after, mut seen) = (None, Vec::new());
        for step in 0.. {
            let limit = NonZeroUsize::new(limit).unwrap();
            let page = Page::of(list(step), after.as_ref(), limit).unwrap();
            assert!(page.entries.len() <= limit.get());
            seen.extend(page.entries);
            let Some(next) = page.next else { break };
            after = Some(ListCursor::new(next.as_str()));
        }
        seen
    }

    #[test]
    fn each_is_in_one_page_whatever_the_order() {
        let foreign = ["a", "s", "slot\0x", ""].map(|name| Listed::Foreign(name.to_owned()));
        let work = |number| match slot(number) {
            Listed::Slot(slot) => Listed::Slot(slot.with_profile("work".parse().unwrap())),
            other => other,
        };
        let mut all: Vec<_> = (0..40).flat_map(|n| [slot(n), work(n)]).collect();
        all.extend(foreign);
        all.sort();
        for limit in [1, 2, 7, all.len() - 1, all.len(), all.len() + 1] {
            let turned = |step: usize| {
                let mut list = all.clone();
                list.rotate_left(step * 13 % all.len());
                list
            };
            let mut seen = walk(turned, limit);
            seen.sort();
            assert_eq!(seen, all, "{limit}");
        }
        assert!(walk(|_| Vec::new(), 3).is_empty());
    }

    #[test]
    fn what_comes_and_goes_moves_nobody() {
        let seen = walk(
            |step| {
                let stays = (100..150).map(slot);
                // others come and go on both sides of wherever the walk is
                let others = (0..step % 7 * 40).map(|n| slot(n * 31 % 100));
                stays.chain(others).collect()
            },
            3,
        );
        for number in 100..150 {
            let times = seen.iter().filter(|entry| **entry == slot(number)).count();
            assert_eq!(times, 1, "{number}");
        }
    }

    #[test]
    fn a_cursor_of_something_else_is_refused() {
        let one = NonZeroUsize::MIN;
        let error = Page::of([], Some(&ListCursor::new("no cursor")), one).unwrap_err();
        assert_eq!(error.code(), "store_failed");
    }
}
