//! Slots as they stand in columns.

use cacao::Issuer;
use session_core::{Profile, SlotId};

/// The columns of a slot. The default profile has the empty name, which no other one has.
pub(crate) fn columns(slot: &SlotId) -> (String, String) {
    let profile = slot.profile().name().unwrap_or_default();
    (slot.issuer().did(), profile.to_owned())
}

pub(crate) fn slot_of(issuer: &str, profile: &str) -> Option<SlotId> {
    let read: Issuer = issuer.parse().ok()?;
    let slot = SlotId::from(&read).with_profile(profile_of(profile)?);
    // another spelling is nobody's slot
    (columns(&slot).0 == issuer).then_some(slot)
}

pub(crate) fn profile_of(name: &str) -> Option<Profile> {
    match name {
        "" => Some(Profile::default()),
        name => name
            .parse()
            .ok()
            .filter(|read: &Profile| !read.is_default()),
    }
}
