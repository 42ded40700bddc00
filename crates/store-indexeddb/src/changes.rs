//! Telling other tabs and workers what changed, and hearing it from them.

use crate::error::IndexedDbError;
use crate::js;
use cacao::Issuer;
use js_sys::{Object, Reflect};
use session_core::{Profile, SlotId};
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

/// What happened to the record of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChangeKind {
    /// A session was stored, in place of another or not.
    Saved,
    /// The session was removed.
    Removed,
}

/// A change that some store of this origin made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// In which slot.
    pub slot: SlotId,
    /// What happened to it.
    pub kind: ChangeKind,
}

const SAVED: &str = "saved";
const REMOVED: &str = "removed";

/// Listens for changes until it is dropped.
#[derive(Debug)]
#[must_use = "changes are heard until this is dropped"]
pub struct Subscription {
    channels: Vec<BroadcastChannel>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl Subscription {
    /// Listens for changes of these databases.
    pub(crate) fn new(
        databases: &[&str],
        mut hear: impl FnMut(Change) + 'static,
    ) -> Result<Self, IndexedDbError> {
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            // any script of the origin can write here: what is not a change is not passed on
            if let Some(change) = read(&event.data()) {
                hear(change);
            }
        });
        let mut subscription = Self {
            channels: Vec::new(),
            _on_message: on_message,
        };
        for database in databases {
            let channel = channel(database)?;
            let hear = subscription._on_message.as_ref().unchecked_ref();
            channel.set_onmessage(Some(hear));
            subscription.channels.push(channel);
        }
        Ok(subscription)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        for channel in &self.channels {
            channel.set_onmessage(None);
            channel.close();
        }
    }
}

/// Tells everybody who listens for changes of this database. In a browser without channels nobody is
/// told, and everything else works all the same.
pub(crate) fn announce(database: &str, slot: &SlotId, kind: ChangeKind) {
    let Ok(channel) = channel(database) else {
        return;
    };
    let message = Object::new();
    let put = |name: &str, value: &str| {
        let _ = Reflect::set(&message, &name.into(), &value.into());
    };
    put("issuer", &slot.issuer().did());
    if let Some(profile) = slot.profile().name() {
        put("profile", profile);
    }
    put(
        "change",
        match kind {
            ChangeKind::Saved => SAVED,
            ChangeKind::Removed => REMOVED,
        },
    );
    let _ = channel.post_message(&message);
    channel.close();
}

fn read(message: &JsValue) -> Option<Change> {
    let member = |name: &str| Reflect::get(message, &name.into()).ok();
    let text = |name: &str| member(name)?.as_string();
    let kind = match text("change")?.as_str() {
        SAVED => ChangeKind::Saved,
        REMOVED => ChangeKind::Removed,
        _ => return None,
    };
    let issuer: Issuer = text("issuer")?.parse().ok()?;
    let profile: Profile = match member("profile")? {
        absent if absent.is_undefined() => Profile::default(),
        name => name.as_string()?.parse().ok()?,
    };
    let slot = SlotId::new(issuer).with_profile(profile);
    Some(Change { slot, kind })
}

fn channel(database: &str) -> Result<BroadcastChannel, IndexedDbError> {
    if js::scope().broadcast_channel().is_undefined() {
        return Err(IndexedDbError::Unavailable {
            what: "BroadcastChannel",
            reason: "the global object has none".to_owned(),
        });
    }
    BroadcastChannel::new(&format!("did-session:{database}"))
        .map_err(|value| IndexedDbError::thrown(&value))
}
