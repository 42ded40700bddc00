//! The memory of a page: it has one thread and few entries, and what it takes is downloaded.

use super::digest::Digest;
use alloc::vec::Vec;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The values that were asked for last, each at its key.
pub(super) struct Recent<V>(Mutex<Entries<V>>);

struct Entries<V> {
    /// By their keys.
    sorted: Vec<Entry<V>>,
    capacity: usize,
    /// How often something was asked for or kept.
    uses: u64,
    evictions: u64,
}

struct Entry<V> {
    key: Digest,
    last_use: u64,
    value: V,
}

impl<V: Clone> Recent<V> {
    pub(super) const fn new(capacity: usize) -> Self {
        Self(Mutex::new(Entries {
            sorted: Vec::new(),
            capacity,
            uses: 0,
            evictions: 0,
        }))
    }

    fn entries(&self) -> MutexGuard<'_, Entries<V>> {
        // nothing in here can panic halfway
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, key: &Digest) -> Option<V> {
        let mut entries = self.entries();
        let place = entries.place(key).ok()?;
        entries.uses += 1;
        let now = entries.uses;
        let entry = entries.sorted.get_mut(place)?;
        entry.last_use = now;
        Some(entry.value.clone())
    }

    /// Keeps a value, and forgets the one that was asked for longest ago where there is no room.
    pub(super) fn insert(&self, key: Digest, value: V) {
        let mut entries = self.entries();
        if entries.capacity == 0 {
            return;
        }
        entries.uses += 1;
        let entry = Entry {
            key,
            last_use: entries.uses,
            value,
        };
        match entries.place(&key) {
            Ok(place) => {
                if let Some(known) = entries.sorted.get_mut(place) {
                    *known = entry;
                }
            }
            Err(_) => {
                if entries.sorted.len() == entries.capacity {
                    entries.forget_one();
                }
                let place = entries.place(&key).unwrap_or_else(|place| place);
                entries.sorted.insert(place, entry);
            }
        }
    }

    pub(super) fn clear(&self) {
        self.entries().sorted.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.entries().sorted.len()
    }

    /// How many values were forgotten to make room.
    pub(super) fn evictions(&self) -> u64 {
        self.entries().evictions
    }
}

impl<V> Entries<V> {
    fn place(&self, key: &Digest) -> Result<usize, usize> {
        self.sorted.binary_search_by(|entry| entry.key.cmp(key))
    }

    fn forget_one(&mut self) {
        let by_use = self.sorted.iter().enumerate();
        if let Some((oldest, _)) = by_use.min_by_key(|(_, entry)| entry.last_use) {
            self.sorted.remove(oldest);
            self.evictions += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn key(n: u8) -> Digest {
        [n; 32]
    }

    #[test]
    fn what_was_asked_for_longest_ago_goes_first() {
        let recent = Recent::new(2);
        recent.insert(key(2), "two");
        recent.insert(key(1), "one");
        assert_eq!(recent.get(&key(2)), Some("two"));
        recent.insert(key(3), "three");
        assert_eq!(recent.get(&key(1)), None);
        assert_eq!(recent.get(&key(2)), Some("two"));
        assert_eq!(recent.get(&key(3)), Some("three"));
        assert_eq!((recent.len(), recent.evictions()), (2, 1));
    }

    #[test]
    fn a_key_has_one_value() {
        let recent = Recent::new(2);
        recent.insert(key(1), "one");
        recent.insert(key(1), "uno");
        assert_eq!(recent.get(&key(1)), Some("uno"));
        assert_eq!((recent.len(), recent.evictions()), (1, 0));
        recent.clear();
        assert_eq!((recent.get(&key(1)), recent.len()), (None, 0));
    }

    #[test]
    fn without_room_nothing_is_kept() {
        let recent = Recent::new(0);
        recent.insert(key(1), "one");
        assert_eq!((recent.get(&key(1)), recent.len()), (None, 0));
    }
}
