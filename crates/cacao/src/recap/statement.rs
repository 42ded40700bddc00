//! The words for what a ReCap grants, which a person reads before signing it.

use super::order::{as_members, locale, utf16};
use super::parts::Ability;
use super::{Recap, SignedRecap};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// What every translation begins with (ERC-5573, ReCap Translation Algorithm).
pub(super) const PREAMBLE: &str =
    "I further authorize the stated URI to perform the following actions on my behalf:";

/// How the abilities of a ReCap are put in words. The first one is the one that is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rendering {
    /// As ERC-5573 has it: targets and abilities sorted.
    #[default]
    Erc5573,
    /// As wallet connectors have it: targets in the order of the ReCap, abilities by their names in
    /// the order of the locale; from three namespaces on, a comma behind all clauses of a target
    /// but the first and the last.
    Connector,
}

/// A target and its abilities, in the order in which they are told.
type Entries<'a> = Vec<(&'a str, Vec<&'a Ability>)>;

impl Recap {
    /// What it grants, in the words of ERC-5573 (ReCap Translation Algorithm). Restrictions and
    /// proofs are not mentioned.
    #[must_use]
    pub fn translation(&self) -> String {
        let entries = self.abilities().by_target().map(|(target, abilities)| {
            let abilities = abilities.iter().map(|(ability, _)| ability);
            (target, abilities.collect())
        });
        erc5573(&entries.collect(), false)
    }

    /// The statement to be signed: the caller's own, if there is one, a space, and the
    /// [translation](Self::translation).
    #[must_use]
    pub fn statement(&self, own: Option<&str>) -> String {
        join(own, &self.translation())
    }
}

/// A statement that was taken apart by [`SignedRecap::split_statement`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitStatement<'a> {
    /// What stands before the translation, if anything does.
    pub own: Option<&'a str>,
    /// The translation, as it stands.
    pub translation: &'a str,
    /// How the translation is rendered.
    pub rendering: Rendering,
}

impl SignedRecap {
    /// What it grants in words.
    #[must_use]
    pub fn translation(&self, rendering: Rendering) -> String {
        match rendering {
            Rendering::Erc5573 => erc5573(&self.sorted(), false),
            Rendering::Connector => connector(self.listed()),
        }
    }

    /// Takes a signed statement apart that ends with the translation, in either rendering; `None`
    /// where it does not, so that it does not say what the ReCap grants. So it is where a target
    /// holds an apostrophe that a reader takes for its end: the words are those of another ReCap, too.
    ///
    /// ```
    /// use cacao::recap::{Recap, Rendering, SignedRecap};
    ///
    /// let recap = Recap::of("https://example.com", "crud/read")?;
    /// let statement = recap.statement(Some("Sign in."));
    /// let signed: SignedRecap = recap.to_urn().parse()?;
    /// let split = signed.split_statement(&statement).unwrap();
    /// assert_eq!(split.own, Some("Sign in."));
    /// assert_eq!(split.rendering, Rendering::Erc5573);
    /// assert_eq!(signed.split_statement("Sign in."), None);
    /// # Ok::<_, cacao::recap::RecapError>(())
    /// ```
    #[must_use]
    pub fn split_statement<'a>(&self, statement: &'a str) -> Option<SplitStatement<'a>> {
        // without it there is nothing to compare with
        if !statement.contains(PREAMBLE) {
            return None;
        }
        let sorted = self.sorted();
        let split = |translation: &str, rendering| {
            let before = statement.strip_suffix(translation)?;
            let own = match before {
                "" => None,
                before => Some(before.strip_suffix(' ')?),
            };
            Some(SplitStatement {
                own,
                translation: statement.get(before.len()..)?,
                rendering,
            })
        };
        let plain = || {
            split(&erc5573(&sorted, false), Rendering::Erc5573)
                .or_else(|| split(&erc5573(&sorted, true), Rendering::Erc5573))
        };
        let connected = || split(&connector(self.listed()), Rendering::Connector);
        self.has_one_reading().then(plain)?.or_else(connected)
    }

    /// Whether the words can be those of no other ReCap, as far as targets could end early.
    pub(super) fn has_one_reading(&self) -> bool {
        !self.abilities().targets().any(ends_early)
    }

    fn listed(&self) -> Entries<'_> {
        let entries = self.order().iter();
        entries
            .map(|(target, abilities)| (&**target, abilities.iter().collect()))
            .collect()
    }

    fn sorted(&self) -> Entries<'_> {
        let mut entries = self.listed();
        entries.sort_by(|(one, _), (other, _)| utf16(one, other));
        for (_, abilities) in &mut entries {
            abilities.sort_unstable();
        }
        entries
    }
}

/// Whether a target holds an apostrophe that is not within a word, so that what stands behind it
/// reads as another clause: `x'. (2) 'kv': 'put' for 'y`.
fn ends_early(target: &str) -> bool {
    let mut behind = target.split('\'').skip(1);
    behind.any(|rest| !rest.starts_with(char::is_alphanumeric))
}

pub(super) fn join(own: Option<&str>, translation: &str) -> String {
    match own {
        Some(own) => format!("{own} {translation}"),
        None => String::from(translation),
    }
}

/// `as_members`: with the namespaces in the order in which JavaScript lists them, which differs for
/// whole numbers.
fn erc5573(entries: &Entries<'_>, as_members: bool) -> String {
    let mut out = String::from(PREAMBLE);
    let mut number = 1;
    for (target, abilities) in entries {
        for group in groups(abilities, as_members) {
            out.push(' ');
            push_clause(&mut out, number, &group, target);
            number += 1;
        }
    }
    out
}

fn connector(mut entries: Entries<'_>) -> String {
    let mut out = String::from(PREAMBLE);
    let mut number = 1;
    as_members(&mut entries, |(target, _)| target);
    for (target, mut abilities) in entries {
        abilities.sort_by(|one, other| locale(one.name(), other.name()));
        let mut clauses = String::new();
        for group in groups(&abilities, true) {
            if !clauses.is_empty() {
                clauses.push_str(", ");
            }
            push_clause(&mut clauses, number, &group, target);
            number += 1;
        }
        out.push(' ');
        out.push_str(&clauses.replacen(".,", ".", 1));
    }
    out
}

/// The abilities by their namespaces, in the order in which these come first.
fn groups<'a>(abilities: &[&'a Ability], as_listed: bool) -> Vec<Vec<&'a Ability>> {
    let mut groups: Vec<Vec<&Ability>> = Vec::new();
    let mut places = BTreeMap::new();
    for ability in abilities {
        let place = *places.entry(ability.namespace()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(ability),
            None => groups.push(Vec::from([*ability])),
        }
    }
    if as_listed {
        as_members(&mut groups, |group| {
            group.first().map_or("", |first| first.namespace())
        });
    }
    groups
}

/// `(1) 'crud': 'delete', 'update' for 'https://example.com'.`
fn push_clause(out: &mut String, number: usize, group: &[&Ability], target: &str) {
    let namespace = group.first().map_or("", |first| first.namespace());
    out.push_str(&format!("({number}) '{namespace}': "));
    for (i, ability) in group.iter().enumerate() {
        let comma = if i > 0 { ", " } else { "" };
        out.push_str(&format!("{comma}'{}'", ability.name()));
    }
    out.push_str(&format!(" for '{target}'."));
}
