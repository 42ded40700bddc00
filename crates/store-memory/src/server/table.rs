//! Sets of 128-bit fingerprints, by the time until which they are kept: 16 bytes for each place,
//! and nothing beside it.

/// A set with open addressing and linear probing. A place that is zero is free. It never has a
/// single element taken out: it goes as a whole.
#[derive(Default)]
pub(super) struct Fingerprints {
    places: Box<[u128]>,
    len: usize,
}

impl Fingerprints {
    /// Fewest places, once there is anything.
    const MIN: usize = 8;

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) const fn bytes(&self) -> usize {
        self.places.len() * size_of::<u128>()
    }

    /// Whether it is there; `hash` is secret, so that nobody can choose fingerprints that collide.
    pub(super) fn contains(&self, fingerprint: u128, hash: u64) -> bool {
        let fingerprint = fingerprint.max(1);
        self.probe(hash)
            .take_while(|place| *place != 0)
            .any(|place| place == fingerprint)
    }

    /// Adds what is not there.
    pub(super) fn add(&mut self, fingerprint: u128, hash: impl Fn(u128) -> u64) {
        // seven of eight places are filled at most: below 37 bytes for each fingerprint
        if (self.len + 1) * 8 > self.places.len() * 7 {
            let doubled = (self.places.len() * 2).max(Self::MIN);
            let old = std::mem::replace(&mut self.places, vec![0; doubled].into());
            for fingerprint in old.into_iter().filter(|place| *place != 0) {
                self.put(fingerprint, hash(fingerprint));
            }
        }
        let fingerprint = fingerprint.max(1);
        self.put(fingerprint, hash(fingerprint));
        self.len += 1;
    }

    fn put(&mut self, fingerprint: u128, hash: u64) {
        let (before, after) = self.places.split_at_mut(start(hash, self.places.len()));
        let free = after.iter_mut().chain(before).find(|place| **place == 0);
        if let Some(free) = free {
            *free = fingerprint;
        }
    }

    fn probe(&self, hash: u64) -> impl Iterator<Item = u128> {
        let (before, after) = self.places.split_at(start(hash, self.places.len()));
        after.iter().chain(before).copied()
    }
}

/// Where to begin: the number of places is a power of two, or zero.
#[allow(clippy::cast_possible_truncation)] // the low bits are wanted
const fn start(hash: u64, places: usize) -> usize {
    hash as usize & places.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    proptest! {
        #[test]
        fn it_is_a_set(values in proptest::collection::vec(0..200_u128, 0..300), spread in 0..3_u32) {
            // few hashes, so that probing is long
            let hash = |value: u128| u64::try_from(value).unwrap_or_default() >> (spread * 4);
            let (mut ours, mut model) = (Fingerprints::default(), HashSet::new());
            for value in values {
                // zero and one are one fingerprint
                let value = value.max(1);
                let is_there = ours.contains(value, hash(value));
                prop_assert_eq!(is_there, !model.insert(value));
                if !is_there {
                    ours.add(value, hash);
                }
                prop_assert_eq!(ours.len(), model.len());
                prop_assert!(model.iter().all(|value| ours.contains(*value, hash(*value))));
            }
        }
    }
}
