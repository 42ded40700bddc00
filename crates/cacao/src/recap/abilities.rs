//! What a ReCap grants: on which target which ability, with which restrictions; and its order.

use super::parts::{Ability, Restriction};
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::fmt;

/// The abilities that a ReCap grants, target by target (`att` of ERC-5573).
///
/// An ability has a list of restrictions, which are alternatives: with none of them it grants
/// nothing, with the empty one it grants everything.
#[derive(Clone, Default)]
pub struct Abilities(pub(super) BTreeMap<Box<str>, BTreeMap<Ability, Vec<Restriction>>>);

impl Abilities {
    /// Every target and ability with its restrictions, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Ability, &[Restriction])> {
        self.0.iter().flat_map(|(target, abilities)| {
            let of_target = abilities.iter();
            of_target.map(move |(ability, restrictions)| (&**target, ability, &**restrictions))
        })
    }

    /// The targets, sorted.
    pub fn targets(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.keys().map(|target| &**target)
    }

    /// The restrictions of an ability, if it is named.
    #[must_use]
    pub fn restrictions(&self, target: &str, ability: &Ability) -> Option<&[Restriction]> {
        self.0.get(target)?.get(ability).map(Vec::as_slice)
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
        let abilities = self.0.entry(target.into()).or_default();
        let list = abilities.entry(ability).or_default();
        let mut known: BTreeSet<Restriction> = list.iter().cloned().collect();
        list.extend(
            restrictions
                .into_iter()
                .filter(|new| known.insert(new.clone())),
        );
    }

    /// What either grants, in the one form that this has: restrictions sorted, and left out beside
    /// the one that restricts nothing.
    pub(super) fn union(&self, other: &Self) -> Self {
        let mut union = self.clone();
        for (target, ability, restrictions) in other.iter() {
            union.add(target, ability.clone(), restrictions.iter().cloned());
        }
        for list in union.0.values_mut().flat_map(BTreeMap::values_mut) {
            if list.iter().any(Restriction::is_none) {
                *list = Vec::from([Restriction::none()]);
            }
            list.sort_unstable();
        }
        union
    }
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
        self.0.fmt(f)
    }
}
