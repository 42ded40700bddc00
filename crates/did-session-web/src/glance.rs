//! A first glance: what can be said before anything that judges is loaded. Whoever has no session
//! needs nothing else. What is not plain is left to the machine, which says the same and more.

use cacao::{AccountId, Issuer};
use session_core::{NotUsable, Request, SlotId};
use wasm_bindgen::prelude::*;

const PKH: &str = "did:pkh:";
const KEY: &str = "did:key:";

/// The key of the slot of an account and a profile; nothing for what is not an account, not a
/// profile with a name, or a key.
#[wasm_bindgen(js_name = plainKey)]
#[must_use]
pub fn plain_key(account: &str, profile: Option<String>) -> Option<String> {
    let account: AccountId = account.strip_prefix(PKH).unwrap_or(account).parse().ok()?;
    let mut slot = SlotId::new(Issuer::from(account));
    if let Some(name) = profile {
        let profile: session_core::Profile = name.parse().ok()?;
        profile.name()?;
        slot = slot.with_profile(profile);
    }
    Some(slot.to_key())
}

/// Whether a request in the name of this domain is admitted for sure.
#[wasm_bindgen(js_name = isPlainDomain)]
#[must_use]
pub fn is_plain_domain(domain: &str) -> bool {
    Request::is_plain_domain(domain)
}

/// Whether a request for this resource at this place of the list is admitted for sure.
#[wasm_bindgen(js_name = isPlainResource)]
#[must_use]
pub fn is_plain_resource(place: usize, resource: &str) -> bool {
    Request::is_plain_resource(place, resource)
}

/// Whether a key of the database belongs to the slot with that key.
#[wasm_bindgen(js_name = isKeyOf)]
#[must_use]
pub fn is_key_of(key: &str, other: &str) -> bool {
    // a did:key has one spelling, and is not an account
    if key.starts_with(KEY) || other.starts_with(KEY) {
        return key == other;
    }
    let wanted = SlotId::from_key(key);
    wanted.is_some() && SlotId::from_key(other) == wanted
}

/// What is said where nothing is stored: its code, and in words.
#[wasm_bindgen(js_name = absence)]
#[must_use]
pub fn absence(in_words: bool) -> String {
    let told = match in_words {
        true => NotUsable::ABSENT,
        false => NotUsable::ABSENT_CODE,
    };
    told.to_owned()
}
