//! What a ReCap grants: on which target which ability, with which restrictions; and its order.

use super::parts::{Ability, Restriction};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

/// The abilities that a ReCap grants, target by target (`att` of ERC-5573).
///
/// An ability has a list of restrictions, which are alternatives: with none of them it grants
/// nothing, with the empty one it grants everything.
#[derive(Clone, Default)]
pub struct Abilities(Vec<(Box<str>, OfTarget)>);

/// The abilities on one target with their restrictions. Like the targets they are sorted, and each
/// is there once: there are few, and a tree for each type of them would be much code.
pub(super) type OfTarget = Vec<(Ability, Vec<Restriction>)>;

impl Abilities {
    /// Those of these targets, in any order: each is there once, and so is each of its abilities.
    pub(super) fn of(mut targets: Vec<(Box<str>, OfTarget)>) -> Self {
        targets.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        for (_, abilities) in &mut targets {
            abilities.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
            for (_, list) in abilities {
                each_once(list);
            }
        }
        Self(targets)
    }

    /// Every target with its abilities, sorted.
    pub(super) fn by_target(&self) -> impl Iterator<Item = (&str, &OfTarget)> {
        self.0
            .iter()
            .map(|(target, abilities)| (&**target, abilities))
    }

    /// Every target and ability with its restrictions, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Ability, &[Restriction])> {
        self.by_target().flat_map(|(target, abilities)| {
            let of_target = abilities.iter();
            of_target.map(move |(ability, restrictions)| (target, ability, &**restrictions))
        })
    }

    /// The targets, sorted.
    pub fn targets(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|(target, _)| &**target)
    }

    /// The restrictions of an ability, if it is named.
    #[must_use]
    pub fn restrictions(&self, target: &str, ability: &Ability) -> Option<&[Restriction]> {
        let place = self.0.binary_search_by(|(known, _)| (**known).cmp(target));
        let (_, abilities) = self.0.get(place.ok()?)?;
        let place = abilities.binary_search_by(|(known, _)| known.cmp(ability));
        let (_, restrictions) = abilities.get(place.ok()?)?;
        Some(restrictions)
    }

    /// Whether the ability is granted without restrictions.
    #[must_use]
    pub fn grants(&self, target: &str, ability: &str) -> bool {
        let found = ability.parse().ok();
        found
            .and_then(|ability| self.restrictions(target, &ability))
            .is_some_and(|list| list.iter().any(Restriction::is_none))
    }

    /// Whether nothing is granted by it, be abilities named or not.
    #[must_use]
    pub fn grants_nothing(&self) -> bool {
        self.iter()
            .all(|(.., restrictions)| restrictions.is_empty())
    }

    /// Whether everything in it is in `other`, too.
    #[must_use]
    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.first_beyond(other).is_none()
    }

    /// The first target and ability that `other` does not grant as far as this.
    pub(super) fn first_beyond(&self, other: &Self) -> Option<(&str, &Ability)> {
        self.iter().find_map(|(target, ability, restrictions)| {
            let granted = other.restrictions(target, ability);
            let within = granted.is_some_and(|granted| {
                restrictions
                    .iter()
                    .all(|wanted| granted.iter().any(|have| have.is_none() || have == wanted))
            });
            (!within).then_some((target, ability))
        })
    }

    /// Adds restrictions to an ability, each once.
    pub(super) fn add(
        &mut self,
        target: &str,
        ability: Ability,
        restrictions: impl IntoIterator<Item = Restriction>,
    ) {
        if let Some(abilities) = entry(&mut self.0, target.into())
            && let Some(list) = entry(abilities, ability)
        {
            list.extend(restrictions);
            each_once(list);
        }
    }

    /// What either grants, in the one form that this has: restrictions sorted, and left out beside
    /// the one that restricts nothing.
    pub(super) fn union(&self, other: &Self) -> Self {
        let mut union = self.clone();
        for (target, ability, restrictions) in other.iter() {
            union.add(target, ability.clone(), restrictions.iter().cloned());
        }
        for (_, list) in union.0.iter_mut().flat_map(|(_, abilities)| abilities) {
            if list.iter().any(Restriction::is_none) {
                *list = Vec::from([Restriction::none()]);
            }
            list.sort_unstable();
        }
        union
    }
}

/// What stands at a key, which is put in its place if it is not there yet.
fn entry<K: Ord, V: Default>(map: &mut Vec<(K, V)>, key: K) -> Option<&mut V> {
    let place = match map.binary_search_by(|(known, _)| known.cmp(&key)) {
        Ok(place) => place,
        Err(place) => {
            map.insert(place, (key, V::default()));
            place
        }
    };
    map.get_mut(place).map(|(_, value)| value)
}

/// Leaves the first of what is there more than once, and the order.
fn each_once(list: &mut Vec<Restriction>) {
    if list.len() < 2 {
        return;
    }
    let mut sorted: Vec<_> = list.drain(..).enumerate().collect();
    sorted.sort_unstable_by(|(i, one), (j, other)| one.cmp(other).then(i.cmp(j)));
    sorted.dedup_by(|(_, later), (_, first)| later == first);
    sorted.sort_unstable_by_key(|(i, _)| *i);
    list.extend(sorted.into_iter().map(|(_, restriction)| restriction));
}

/// Equal are those that grant the same, in whichever order restrictions stand.
impl PartialEq for Abilities {
    fn eq(&self, other: &Self) -> bool {
        self.is_subset_of(other) && other.is_subset_of(self)
    }
}

impl Eq for Abilities {}

impl fmt::Debug for Abilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Map<'a>(&'a OfTarget);

        impl fmt::Debug for Map<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let abilities = self.0.iter();
                f.debug_map()
                    .entries(abilities.map(|(ability, list)| (ability, list)))
                    .finish()
            }
        }

        let targets = self.by_target();
        f.debug_map()
            .entries(targets.map(|(target, abilities)| (target, Map(abilities))))
            .finish()
    }
}
