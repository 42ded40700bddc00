//! The rules for every call: tolerances, bounds, and how resources cover one another.

use super::passkeys::PasskeyRules;
use crate::dialect::{Variation, Variations};
use crate::prove::Facts;
use crate::recap::is_recap;
use crate::time::UnixTime;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

/// Decides whether a granted resource covers one that is asked for.
pub trait ResourceMatcher: Send + Sync {
    /// Whether `granted`, a resource of the capability, covers `wanted`.
    fn covers(&self, granted: &str, wanted: &str) -> bool;
}

/// A resource covers exactly itself: `ceramic://*` covers `ceramic://*` and nothing else.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExactResources;

impl ResourceMatcher for ExactResources {
    fn covers(&self, granted: &str, wanted: &str) -> bool {
        granted == wanted
    }
}

impl<F: Fn(&str, &str) -> bool + Send + Sync> ResourceMatcher for F {
    fn covers(&self, granted: &str, wanted: &str) -> bool {
        self(granted, wanted)
    }
}

/// The rules that always apply, for clients and servers alike. Cheap to clone.
///
/// The defaults are: 300 seconds of tolerance for clocks, no grace period after expiry, any
/// lifetime, resources compared exactly, ReCaps only if the statement translates them, and the
/// answer of a contract for 300 seconds.
#[derive(Clone)]
#[must_use]
pub struct Policy {
    pub(super) skew: Duration,
    pub(super) phase_out: Duration,
    pub(super) check_expiry: bool,
    pub(super) max_lifetime: Option<Duration>,
    pub(super) matcher: Arc<dyn ResourceMatcher>,
    pub(super) passkeys: PasskeyRules,
    pub(super) max_contract_age: Duration,
    pub(super) forbidden_kinds: Arc<[Box<str>]>,
    pub(super) forbidden_dialects: Variations,
    pub(super) strict_text: bool,
    pub(super) opaque_recaps: bool,
}

impl Policy {
    /// How far clocks may differ, in seconds, by default.
    pub const DEFAULT_SKEW: Duration = Duration::from_secs(300);

    /// For how long the answer of a contract counts, by default: five minutes.
    pub const DEFAULT_MAX_CONTRACT_AGE: Duration = Duration::from_secs(300);

    /// Tolerates clocks that differ by up to `skew`: on `iat`, `nbf` and `exp`.
    pub const fn with_skew(mut self, skew: Duration) -> Self {
        self.skew = skew;
        self
    }

    /// How far clocks may differ.
    #[must_use]
    pub const fn skew(&self) -> Duration {
        self.skew
    }

    /// Accepts a capability for this long after `exp`, on top of the skew.
    pub const fn with_phase_out(mut self, phase_out: Duration) -> Self {
        self.phase_out = phase_out;
        self
    }

    /// Accepts expired capabilities. `iat` and `nbf` are checked all the same.
    pub const fn dangerously_ignoring_expiry(mut self) -> Self {
        self.check_expiry = false;
        self
    }

    /// Refuses capabilities that last longer than this from `iat` to `exp`, or forever.
    pub const fn with_max_lifetime(mut self, lifetime: Duration) -> Self {
        self.max_lifetime = Some(lifetime);
        self
    }

    /// How long a capability may last from `iat` to `exp`; `None` is as long as it likes.
    #[must_use]
    pub const fn max_lifetime(&self) -> Option<Duration> {
        self.max_lifetime
    }

    /// Until when a capability can be accepted that was issued at the first time and expires at the
    /// second (`None` if that is not known). `None` means for ever. Use it to keep something for as
    /// long as a capability could be accepted.
    #[must_use]
    pub fn accepted_until(
        &self,
        issued_at: UnixTime,
        expires_at: Option<UnixTime>,
    ) -> Option<UnixTime> {
        if !self.check_expiry {
            return None;
        }
        let longest = self.max_lifetime.map(|lifetime| issued_at + lifetime);
        let end = match (expires_at, longest) {
            (Some(exp), Some(longest)) => exp.min(longest),
            (exp, longest) => exp.or(longest)?,
        };
        Some(end + self.phase_out + self.skew)
    }

    /// Decides by `matcher` which resources cover others.
    ///
    /// ```
    /// use cacao::Policy;
    ///
    /// // everything below a path
    /// let policy = Policy::default()
    ///     .with_resource_matcher(|granted: &str, wanted: &str| wanted.starts_with(granted));
    /// ```
    pub fn with_resource_matcher(mut self, matcher: impl ResourceMatcher + 'static) -> Self {
        self.matcher = Arc::new(matcher);
        self
    }

    /// Lets the answer of a contract count for this long. After that the contract must be asked
    /// again, even if the caller keeps [`Evidence`](crate::Evidence).
    pub const fn with_max_contract_age(mut self, age: Duration) -> Self {
        self.max_contract_age = age;
        self
    }

    /// Whether what was found still counts at this time: all but a contract's word does for ever.
    #[must_use]
    pub fn counts(&self, facts: &Facts, at: UnixTime) -> bool {
        facts.contract.is_none_or(|word| {
            // a note from the future is as little worth as an old one
            word.asked_at <= at + self.skew
                && at.duration_since(word.asked_at) <= self.max_contract_age
        })
    }

    /// Refuses signatures of this kind (`s.t`), for example `eip1271`, even if a prover accepts
    /// them. For Ethereum accounts this means the label, and also
    /// [what the account was found to be](crate::AccountKind::kind).
    pub fn with_forbidden_kind(mut self, kind: &str) -> Self {
        let kinds = self.forbidden_kinds.iter().cloned();
        self.forbidden_kinds = kinds.chain([kind.into()]).collect();
        self
    }

    /// Refuses this variation, although it has only one meaning. By default every variation is
    /// accepted.
    ///
    /// ```
    /// use cacao::{Policy, siwx::Variation};
    ///
    /// let policy = Policy::default()
    ///     .with_forbidden_dialect(Variation::LegacyOrder)
    ///     .with_forbidden_dialect(Variation::UnsignedMembers);
    /// ```
    pub const fn with_forbidden_dialect(mut self, variation: Variation) -> Self {
        self.forbidden_dialects = self.forbidden_dialects.with(variation);
        self
    }

    /// Refuses texts that a person may have misread: all that
    /// [`VerifiedCacao::warnings`](crate::VerifiedCacao::warnings) would report. By default they
    /// are accepted, since they were signed, and reported.
    pub const fn with_strict_text(mut self) -> Self {
        self.strict_text = true;
        self
    }

    pub(super) fn forbids(&self, kind: &str) -> bool {
        self.forbidden_kinds
            .iter()
            .any(|forbidden| **forbidden == *kind)
    }

    /// Accepts ReCaps (`urn:recap:` resources, ERC-5573) that the signed statement does not
    /// translate, that cannot be read, or that are not the last resource. They are then compared
    /// exactly, like any other resource, and grant no ability;
    /// [`VerifiedCacao::recap_statement`](crate::VerifiedCacao::recap_statement) says what was
    /// found.
    pub const fn with_opaque_recaps(mut self) -> Self {
        self.opaque_recaps = true;
        self
    }

    /// Whether a rule was set that only a capability can meet: how long it may last, which kinds of
    /// signature and which dialects it must not have, or that its texts are strict. Tolerances, and
    /// rules for passkeys and contracts, are not such rules, since they say nothing about other
    /// issuers.
    ///
    /// ```
    /// use cacao::Policy;
    ///
    /// assert!(!Policy::default().needs_a_capability());
    /// assert!(Policy::default().with_strict_text().needs_a_capability());
    /// ```
    #[must_use]
    pub fn needs_a_capability(&self) -> bool {
        self.max_lifetime.is_some()
            || !self.forbidden_kinds.is_empty()
            || !self.forbidden_dialects.is_empty()
            || self.strict_text
    }

    /// Whether one of the `granted` resources covers `wanted`.
    #[must_use]
    pub fn covers<'a>(&self, granted: impl IntoIterator<Item = &'a str>, wanted: &str) -> bool {
        granted.into_iter().any(|granted| {
            if self.opaque_recaps && is_recap(granted) {
                granted == wanted
            } else {
                self.matcher.covers(granted, wanted)
            }
        })
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            skew: Self::DEFAULT_SKEW,
            phase_out: Duration::ZERO,
            check_expiry: true,
            max_lifetime: None,
            matcher: Arc::new(ExactResources),
            passkeys: PasskeyRules::default(),
            max_contract_age: Self::DEFAULT_MAX_CONTRACT_AGE,
            forbidden_kinds: Arc::new([]),
            forbidden_dialects: Variations::NONE,
            strict_text: false,
            opaque_recaps: false,
        }
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("skew", &self.skew)
            .field("phase_out", &self.phase_out)
            .field("check_expiry", &self.check_expiry)
            .field("max_lifetime", &self.max_lifetime)
            .field("passkeys", &self.passkeys)
            .field("max_contract_age", &self.max_contract_age)
            .field("forbidden_kinds", &self.forbidden_kinds)
            .field(
                "forbidden_dialects",
                &self.forbidden_dialects.iter().collect::<Vec<_>>(),
            )
            .field("strict_text", &self.strict_text)
            .field("opaque_recaps", &self.opaque_recaps)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn until_when_a_capability_can_be_accepted() {
        let at = UnixTime::from_secs;
        let policy = Policy::default().with_skew(Duration::from_secs(10));
        assert_eq!(policy.accepted_until(at(100), Some(at(200))), Some(at(210)));
        assert_eq!(policy.accepted_until(at(100), None), None);
        let policy = policy.with_phase_out(Duration::from_secs(5));
        assert_eq!(policy.accepted_until(at(100), Some(at(200))), Some(at(215)));
        let policy = policy.with_max_lifetime(Duration::from_secs(1000));
        assert_eq!(policy.accepted_until(at(100), None), Some(at(1115)));
        assert_eq!(policy.accepted_until(at(100), Some(at(200))), Some(at(215)));
        assert_eq!(
            policy.accepted_until(at(100), Some(at(9000))),
            Some(at(1115))
        );
        let policy = policy.dangerously_ignoring_expiry();
        assert_eq!(policy.accepted_until(at(100), Some(at(200))), None);
    }
}
