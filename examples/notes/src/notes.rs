//! The notes themselves: a few for each account, in memory or in the store that instances share.

use async_trait::async_trait;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

/// Most bytes of a note.
pub(crate) const MAX_NOTE_LEN: usize = 4 << 10;

/// Most notes of an account.
pub(crate) const MAX_NOTES: usize = 100;

/// Most accounts in memory: anybody can make one.
const MAX_ACCOUNTS: usize = 10_000;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    pub(crate) id: String,
    pub(crate) text: String,
    /// Whole seconds since the epoch.
    pub(crate) edited_at: u64,
}

impl Note {
    pub(crate) fn new(id: String, text: &str, edited_at: u64) -> Result<Self, NotesError> {
        let text = text.trim().to_owned();
        if text.is_empty() || text.len() > MAX_NOTE_LEN {
            return Err(NotesError::Length);
        }
        Ok(Self {
            id,
            text,
            edited_at,
        })
    }
}

/// The newest first.
pub(crate) fn sort(notes: &mut [Note]) {
    notes.sort_by(|a, b| (b.edited_at, &b.id).cmp(&(a.edited_at, &a.id)));
}

/// Why a note is not kept or not found.
#[derive(Debug)]
pub(crate) enum NotesError {
    NotFound,
    Length,
    Full,
    Store(Box<dyn std::error::Error + Send + Sync>),
}

impl IntoResponse for NotesError {
    fn into_response(self) -> Response {
        let (status, text) = match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "There is no such note."),
            Self::Length => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "A note has 1 to 4,096 bytes.",
            ),
            Self::Full => (StatusCode::CONFLICT, "There is no more room for notes."),
            Self::Store(error) => {
                // for the person who runs the example
                eprintln!("the notes cannot be read or written: {error}");
                let text = "The notes cannot be read or written at the moment.";
                (StatusCode::SERVICE_UNAVAILABLE, text)
            }
        };
        (status, text).into_response()
    }
}

/// Where notes are kept, by the DID of their owner.
#[async_trait]
pub(crate) trait Notes: Send + Sync {
    /// The newest first.
    async fn list(&self, owner: &str) -> Result<Vec<Note>, NotesError>;

    /// Keeps a note: a new one, or in place of one that must be there.
    async fn save(&self, owner: &str, note: &Note, replaces: bool) -> Result<(), NotesError>;

    async fn remove(&self, owner: &str, id: &str) -> Result<(), NotesError>;

    /// Another number after each change.
    async fn version(&self, owner: &str) -> Result<u64, NotesError>;
}

/// The notes as all instances see them.
#[derive(Clone)]
pub(crate) struct SharedNotes(Arc<dyn Notes>);

impl SharedNotes {
    pub(crate) fn new(notes: impl Notes + 'static) -> Self {
        Self(Arc::new(notes))
    }
}

impl Deref for SharedNotes {
    type Target = dyn Notes;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

/// Until this process ends.
#[derive(Default)]
pub(crate) struct MemoryNotes(Mutex<HashMap<String, Account>>);

#[derive(Default)]
struct Account {
    notes: Vec<Note>,
    version: u64,
}

impl MemoryNotes {
    fn with<T>(&self, work: impl FnOnce(&mut HashMap<String, Account>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Notes for MemoryNotes {
    async fn list(&self, owner: &str) -> Result<Vec<Note>, NotesError> {
        let mut notes = self.with(|accounts| {
            let account = accounts.get(owner);
            account
                .map(|account| account.notes.clone())
                .unwrap_or_default()
        });
        sort(&mut notes);
        Ok(notes)
    }

    async fn save(&self, owner: &str, note: &Note, replaces: bool) -> Result<(), NotesError> {
        self.with(|accounts| {
            if accounts.len() >= MAX_ACCOUNTS && !accounts.contains_key(owner) {
                return Err(NotesError::Full);
            }
            let account = accounts.entry(owner.to_owned()).or_default();
            let is_full = account.notes.len() >= MAX_NOTES;
            let found = account.notes.iter_mut().find(|kept| kept.id == note.id);
            match (found, replaces) {
                (Some(kept), _) => kept.clone_from(note),
                (None, true) => return Err(NotesError::NotFound),
                (None, false) if is_full => return Err(NotesError::Full),
                (None, false) => account.notes.push(note.clone()),
            }
            account.version += 1;
            Ok(())
        })
    }

    async fn remove(&self, owner: &str, id: &str) -> Result<(), NotesError> {
        self.with(|accounts| {
            let account = accounts.get_mut(owner).ok_or(NotesError::NotFound)?;
            let before = account.notes.len();
            account.notes.retain(|note| note.id != id);
            if account.notes.len() == before {
                return Err(NotesError::NotFound);
            }
            account.version += 1;
            Ok(())
        })
    }

    async fn version(&self, owner: &str) -> Result<u64, NotesError> {
        Ok(self.with(|accounts| accounts.get(owner).map_or(0, |account| account.version)))
    }
}
