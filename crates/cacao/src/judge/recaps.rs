//! Resources of which one may be a ReCap.

use super::ResourceMatcher;
use crate::recap::{Recap, SignedRecap, is_recap};

/// A ReCap covers each ReCap whose abilities it grants; every other resource covers itself, to the
/// letter.
///
/// It lets a ReCap be required where resources are texts. A program that has the ReCap as a value
/// requires it by [`Requirement::with_recap`](crate::Requirement::with_recap) and needs no matcher.
///
/// ```
/// use cacao::recap::{Recap, RecapResources};
/// use cacao::{Policy, ResourceMatcher};
///
/// let granted = Recap::builder()
///     .with_ability("https://example.com", "crud/read")
///     .with_ability("https://example.com", "crud/update")
///     .build()?
///     .to_urn();
/// let wanted = Recap::of("https://example.com", "crud/read")?.to_urn();
/// assert!(RecapResources.covers(&granted, &wanted));
/// assert!(!RecapResources.covers(&wanted, &granted));
/// let policy = Policy::default().with_resource_matcher(RecapResources);
/// # Ok::<_, cacao::recap::RecapError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct RecapResources;

impl ResourceMatcher for RecapResources {
    fn covers(&self, granted: &str, wanted: &str) -> bool {
        if granted == wanted {
            return true;
        }
        if !is_recap(granted) || !is_recap(wanted) {
            return false;
        }
        match (granted.parse::<SignedRecap>(), wanted.parse::<Recap>()) {
            (Ok(granted), Ok(wanted)) => granted.grants(&wanted),
            _ => false,
        }
    }
}
