//! A ReCap to ask for: a builder makes it, it is valid, and is written in one way.

use super::abilities::Abilities;
use super::json::push_text;
use super::parts::{Ability, Restriction, check_uri};
use super::{PREFIX, RecapError};
use crate::cid_text::{base58btc, cid_text};
use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cid::Cid;
use serde_json::Value;

/// A ReCap that can be asked for (ERC-5573): abilities on targets, and proofs.
///
/// Every value is valid: targets are URIs, abilities have their grammar, at least one is there, no
/// name is one that readers order differently. Two are equal that grant the same by the same
/// proofs.
///
/// ```
/// use cacao::recap::Recap;
/// use serde_json::json;
///
/// let recap = Recap::builder()
///     .with_ability("https://example.com/pictures/", "crud/delete")
///     .with_ability("https://example.com/pictures/", "crud/update")
///     .with_restricted_ability("mailto:me@example.com", "msg/send", json!({"max_count": 5}))
///     .build()?;
/// assert_eq!(
///     recap.translation(),
///     "I further authorize the stated URI to perform the following actions on my behalf: \
///      (1) 'crud': 'delete', 'update' for 'https://example.com/pictures/'. \
///      (2) 'msg': 'send' for 'mailto:me@example.com'."
/// );
/// assert!(recap.to_urn().starts_with("urn:recap:eyJhdHQiOnsiaHR0cHM6"));
///
/// let less = Recap::of("https://example.com/pictures/", "crud/delete")?;
/// assert!(less.is_subset_of(&recap) && !recap.is_subset_of(&less));
/// assert_eq!(less.merge(&recap), recap);
/// # Ok::<_, cacao::recap::RecapError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Recap {
    abilities: Abilities,
    proofs: Vec<Cid>,
}

impl Recap {
    /// Starts one.
    pub fn builder() -> RecapBuilder {
        RecapBuilder::default()
    }

    /// One ability on one target, without restrictions.
    ///
    /// # Errors
    /// As [`RecapBuilder::build`].
    pub fn of(target: &str, ability: &str) -> Result<Self, RecapError> {
        Self::builder().with_ability(target, ability).build()
    }

    pub(super) fn of_parts(abilities: &Abilities, proofs: &[Cid]) -> Result<Self, RecapError> {
        let mut recap = Self {
            abilities: Abilities::default(),
            proofs: Vec::new(),
        };
        for (target, ability, restrictions) in abilities.iter() {
            check_uri(target)?;
            ability.check_writable()?;
            let checked = restrictions
                .iter()
                .map(|restriction| Restriction::of_text(restriction.as_json()))
                .collect::<Result<Vec<_>, _>>()?;
            recap.abilities.add(target, ability.clone(), checked);
        }
        for proof in proofs {
            let proof = proof.into_v1().map_err(|_| RecapError::Proof {
                text: cid_text(proof),
            })?;
            if !recap.proofs.contains(&proof) {
                recap.proofs.push(proof);
            }
        }
        if recap.abilities.iter().next().is_none() {
            return Err(RecapError::Empty);
        }
        Ok(recap)
    }

    /// The abilities that it grants.
    #[must_use]
    pub const fn abilities(&self) -> &Abilities {
        &self.abilities
    }

    /// The proofs (`prf`): capabilities from which the issuer has what it grants.
    #[must_use]
    pub fn proofs(&self) -> &[Cid] {
        &self.proofs
    }

    /// What the two grant together, by the proofs of both (ERC-5573, Merging Capability Objects).
    /// The result has one form, whichever of the two is merged into the other.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let mut proofs = [&*self.proofs, &*other.proofs].concat();
        proofs.sort_unstable();
        proofs.dedup();
        Self {
            abilities: self.abilities.union(&other.abilities),
            proofs,
        }
    }

    /// Whether `other` grants all of this, by all of its proofs. An ability without restrictions
    /// covers the same with any; otherwise restrictions are compared as values, since only the
    /// service knows what they mean.
    #[must_use]
    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.is_within(&other.abilities, &other.proofs)
    }

    pub(super) fn is_within(&self, abilities: &Abilities, proofs: &[Cid]) -> bool {
        self.abilities.is_subset_of(abilities)
            && self.proofs.iter().all(|proof| proofs.contains(proof))
    }

    /// Its canonical JSON (RFC 8785).
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::from("{\"att\":{");
        for (i, (target, abilities)) in self.abilities.by_target().enumerate() {
            separate(&mut out, i);
            push_text(&mut out, target);
            out.push_str(":{");
            for (i, (ability, restrictions)) in abilities.iter().enumerate() {
                separate(&mut out, i);
                push_text(&mut out, ability.as_str());
                out.push_str(":[");
                for (i, restriction) in restrictions.iter().enumerate() {
                    separate(&mut out, i);
                    out.push_str(restriction.as_json());
                }
                out.push(']');
            }
            out.push('}');
        }
        out.push_str("},\"prf\":[");
        for (i, proof) in self.proofs.iter().enumerate() {
            separate(&mut out, i);
            push_text(&mut out, &base58btc(proof));
        }
        out.push_str("]}");
        out
    }

    /// The resource that stands for it: `urn:recap:` and its JSON in base64url without padding
    /// (ERC-5573, ReCap URI Scheme).
    #[must_use]
    pub fn to_urn(&self) -> String {
        let mut urn = String::from(PREFIX);
        URL_SAFE_NO_PAD.encode_string(self.to_json(), &mut urn);
        urn
    }
}

fn separate(out: &mut String, i: usize) {
    if i > 0 {
        out.push(',');
    }
}

impl PartialEq for Recap {
    fn eq(&self, other: &Self) -> bool {
        self.is_subset_of(other) && other.is_subset_of(self)
    }
}

impl Eq for Recap {}

/// Collects the parts of a [`Recap`]; [`build`](Self::build) checks them.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct RecapBuilder {
    abilities: Vec<(String, String, Value)>,
    proofs: Vec<Cid>,
}

impl RecapBuilder {
    /// Grants an ability (`namespace/name`) on a target (a URI), without restrictions.
    pub fn with_ability(self, target: impl Into<String>, ability: impl Into<String>) -> Self {
        self.with_restricted_ability(target, ability, Value::Object(Default::default()))
    }

    /// Grants an ability under a restriction, a JSON object. Several restrictions of one ability
    /// are alternatives.
    pub fn with_restricted_ability(
        mut self,
        target: impl Into<String>,
        ability: impl Into<String>,
        restriction: Value,
    ) -> Self {
        self.abilities
            .push((target.into(), ability.into(), restriction));
        self
    }

    /// Adds a capability from which the issuer has what is granted.
    pub fn with_proof(mut self, proof: Cid) -> Self {
        self.proofs.push(proof);
        self
    }

    /// Checks everything.
    ///
    /// # Errors
    /// [`RecapError`] for the first part that is not valid, and if nothing is granted.
    pub fn build(self) -> Result<Recap, RecapError> {
        let mut abilities = Abilities::default();
        for (target, ability, restriction) in &self.abilities {
            let ability: Ability = ability.parse()?;
            abilities.add(target, ability, [Restriction::new(restriction)?]);
        }
        Recap::of_parts(&abilities, &self.proofs)
    }
}
