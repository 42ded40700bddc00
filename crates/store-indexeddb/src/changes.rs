//! Telling other tabs and workers what changed, and hearing it from them.

use crate::error::IndexedDbError;
use crate::js;
use cacao::Issuer;
use js_sys::{Object, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

/// What happened to the record of an issuer.
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
    /// Whose record.
    pub issuer: Issuer,
    /// What happened to it.
    pub kind: ChangeKind,
}

const SAVED: &str = "saved";
const REMOVED: &str = "removed";

/// Hears of changes until it is dropped.
#[derive(Debug)]
#[must_use = "changes are heard until this is dropped"]
pub struct Subscription {
    channel: BroadcastChannel,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl Subscription {
    pub(crate) fn new(
        database: &str,
        mut hear: impl FnMut(Change) + 'static,
    ) -> Result<Self, IndexedDbError> {
        let channel = channel(database)?;
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            // any script of the origin can write here: what is no change is not passed on
            if let Some(change) = read(&event.data()) {
                hear(change);
            }
        });
        channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Ok(Self {
            channel,
            _on_message: on_message,
        })
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.channel.set_onmessage(None);
        self.channel.close();
    }
}

/// Tells everybody. Where there are no channels nobody hears it, and nothing else suffers.
pub(crate) fn announce(database: &str, issuer: &Issuer, kind: ChangeKind) {
    let Ok(channel) = channel(database) else {
        return;
    };
    let message = Object::new();
    let name = match kind {
        ChangeKind::Saved => SAVED,
        ChangeKind::Removed => REMOVED,
    };
    let _ = Reflect::set(
        &message,
        &"issuer".into(),
        &issuer.normalized().did().into(),
    );
    let _ = Reflect::set(&message, &"change".into(), &name.into());
    let _ = channel.post_message(&message);
    channel.close();
}

fn read(message: &JsValue) -> Option<Change> {
    let text = |name: &str| {
        Reflect::get(message, &name.into())
            .ok()
            .and_then(|value| value.as_string())
    };
    let kind = match text("change")?.as_str() {
        SAVED => ChangeKind::Saved,
        REMOVED => ChangeKind::Removed,
        _ => return None,
    };
    let issuer = text("issuer")?.parse().ok()?;
    Some(Change { issuer, kind })
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
