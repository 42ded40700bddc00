//! The routes of one instance. What a handler need not do: who calls, whether the request is what
//! the session signed, and whether the session still holds, is known before it runs.

use axum::extract::{Json, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Router, middleware};
use serde::Deserialize;
use session_axum::{Caller, SessionLayer, require, routes};
use session_http::{Server, UnixTime};
use std::sync::Arc;
use std::time::Duration;

use crate::events::events;
use crate::notes::{MAX_NOTE_LEN, Note, NotesError, SharedNotes};
use crate::{page, sign_in};

/// What a session may do here. The last one lets it end the account's other sessions.
pub(crate) const RESOURCES: [&str; 3] = [READ, WRITE, "urn:did-session:revoke"];
const READ: &str = "app://notes/read";
const WRITE: &str = "app://notes/write";

/// One instance of the service. Cheap to clone.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) server: Server,
    pub(crate) notes: SharedNotes,
    pub(crate) origins: Arc<[String]>,
    pub(crate) lifetime: Duration,
}

impl App {
    pub(crate) fn new(
        server: Server,
        notes: SharedNotes,
        origins: &[String],
        lifetime: Duration,
    ) -> Self {
        Self {
            server,
            notes,
            origins: origins.into(),
            lifetime,
        }
    }
}

pub(crate) fn router(app: &App) -> Router {
    let reading = Router::new()
        .route("/notes", get(list))
        .route("/events", get(events))
        .layer(require(READ));
    let writing = Router::new()
        .route("/notes", post(create))
        .route("/notes/{id}", put(edit).delete(delete))
        .layer(require(WRITE));
    let proven = reading
        .merge(writing)
        .layer(SessionLayer::new(app.server.clone()).with_content_limit(4 * MAX_NOTE_LEN));
    let signing_in = Router::new()
        .route("/sign-in", post(sign_in::compose))
        .route("/sign-in/capability", post(sign_in::capability));
    Router::new()
        .nest("/api", proven.merge(signing_in))
        .nest("/session", routes(&app.server))
        .merge(page::routes())
        .layer(middleware::map_response(page::secure))
        .with_state(app.clone())
}

#[derive(Deserialize)]
struct Written {
    text: String,
}

/// The account: notes belong to it, and not to one of its sessions.
fn owner(caller: &Caller) -> String {
    caller.issuer().normalized().did()
}

async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Vec<Note>>, NotesError> {
    Ok(Json(app.notes.list(&owner(&caller)).await?))
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    Json(written): Json<Written>,
) -> Result<Response, NotesError> {
    let note = Note::new(new_id()?, &written.text, now(&caller))?;
    app.notes.save(&owner(&caller), &note, false).await?;
    Ok((StatusCode::CREATED, Json(note)).into_response())
}

async fn edit(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(written): Json<Written>,
) -> Result<Json<Note>, NotesError> {
    let note = Note::new(id, &written.text, now(&caller))?;
    app.notes.save(&owner(&caller), &note, true).await?;
    Ok(Json(note))
}

async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, NotesError> {
    app.notes.remove(&owner(&caller), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn now(caller: &Caller) -> u64 {
    seconds(caller.judged_at())
}

/// Whole seconds since the epoch.
pub(crate) fn seconds(time: UnixTime) -> u64 {
    u64::try_from(time.as_secs()).unwrap_or_default()
}

fn new_id() -> Result<String, NotesError> {
    let mut bytes = [0; 9];
    getrandom::fill(&mut bytes).map_err(|error| NotesError::Store(error.into()))?;
    Ok(data_encoding::BASE64URL_NOPAD.encode(&bytes))
}
