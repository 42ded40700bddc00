//! What a command put a new session in the place of.

use did_session::cacao::Cacao;
use did_session::didkey::Ed25519SigningKey;
use did_session::{DidSession, Event, EventKind, Observer, Slot};
use serde::Serialize;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::failure::Failure;
use crate::output::{Sentence, WARN};

/// What was stored before and is not any more.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Replaced {
    code: &'static str,
    detail: String,
}

impl Replaced {
    /// What lay in the slot of a session that was stored there, unless it was the same session.
    pub(crate) fn by(
        session: &DidSession<Ed25519SigningKey>,
        before: &Slot<Ed25519SigningKey>,
    ) -> Option<Self> {
        match before {
            Slot::Empty => None,
            Slot::Record { record, .. } if is_same(record.capability(), session.cacao()) => None,
            Slot::Record { record, .. } => {
                let payload = record.capability().payload();
                let key = payload.audience();
                let until = payload.expires_at();
                let until = until.map_or_else(String::new, |exp| format!(" that expires at {exp}"));
                Some(Self {
                    code: "other_session",
                    detail: format!("the session of the key {key}{until}"),
                })
            }
            Slot::Unreadable { .. } => Some(Self {
                code: "unreadable_record",
                detail: "a record that could not be read".to_owned(),
            }),
        }
    }
}

/// A capability delegates to one key, so that one capability is one session.
fn is_same(one: &Cacao, other: &Cacao) -> bool {
    one.identity() == other.identity()
}

impl fmt::Display for Replaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = Sentence {
            label: "replaced what was stored",
            style: WARN,
            code: None,
            what: &self.detail,
        };
        writeln!(f, "{sentence}")
    }
}

/// Sees why a stored session was not used, and that a new one took its place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(Arc<Mutex<(Option<Replaced>, bool)>>);

impl Seen {
    pub(crate) fn observer(&self) -> impl Observer + use<> {
        let seen = Arc::clone(&self.0);
        move |event: &Event<'_>| {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            match event.kind {
                EventKind::Refused(reason) => {
                    let failure = Failure::from(reason.clone());
                    seen.0 = Some(Replaced {
                        code: failure.code(),
                        detail: failure.to_string(),
                    });
                }
                EventKind::Replaced => seen.1 = true,
                _ => {}
            }
        }
    }

    /// What was replaced, if anything was.
    pub(crate) fn replaced(&self) -> Option<Replaced> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.0.clone().filter(|_| seen.1)
    }
}
