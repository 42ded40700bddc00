//! Opening a database, and closing it on every path.

use crate::error::IndexedDbError;
use crate::js::{self, DatabaseInfo};
use crate::sleep::sleep;
use futures_util::future::{Either, select};
use js_sys::{Array, Promise};
use std::pin::pin;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, IdbDatabase, IdbFactory, IdbOpenDbRequest, IdbRequest, IdbRequestReadyState};

/// The only version that the peer opens; a later one would lock it out.
const VERSION: u32 = 1;
/// Opening takes milliseconds, unless another tab is deleting the database and a third one keeps it
/// open.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// An open database. It closes when it is dropped, and when somebody wants to delete or upgrade
/// the database.
pub(crate) struct Connection {
    pub(super) db: IdbDatabase,
    pub(super) store: &'static str,
    _on_version_change: Closure<dyn FnMut()>,
}

impl Connection {
    fn new(db: IdbDatabase, store: &'static str) -> Self {
        let other = db.clone();
        let on_version_change = Closure::<dyn FnMut()>::new(move || other.close());
        db.set_onversionchange(Some(on_version_change.as_ref().unchecked_ref()));
        Self {
            db,
            store,
            _on_version_change: on_version_change,
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.db.set_onversionchange(None);
        self.db.close();
    }
}

/// Opens a database that holds one object store with out-of-line keys, and makes it when it is
/// not there.
pub(crate) async fn open(
    database: &str,
    store: &'static str,
) -> Result<Connection, IndexedDbError> {
    open_as(database, store, Absent::IsMade).await
}

/// Opens such a database if it is there, and leaves no trace if it is not.
pub(crate) async fn open_existing(
    database: &str,
    store: &'static str,
) -> Result<Option<Connection>, IndexedDbError> {
    match open_as(database, store, Absent::StaysAbsent).await {
        Ok(connection) => Ok(Some(connection)),
        Err(error) if error.is_exception("AbortError") => Ok(None),
        Err(error) => Err(error),
    }
}

/// What to do if the database does not exist.
#[derive(Clone, Copy)]
enum Absent {
    IsMade,
    StaysAbsent,
}

async fn open_as(
    database: &str,
    store: &'static str,
    absent: Absent,
) -> Result<Connection, IndexedDbError> {
    let factory = factory()?;
    let request = factory
        .open_with_u32(database, VERSION)
        .map_err(|value| IndexedDbError::thrown(&value))?;
    let opening = Opening::new(request, store, absent);
    let settled = JsFuture::from(settled(&opening.request));
    let opened = match select(pin!(settled), pin!(sleep(MAX_WAIT))).await {
        Either::Left((opened, _)) => opened,
        Either::Right(_) => {
            return Err(IndexedDbError::Blocked {
                database: database.to_owned(),
                waited: MAX_WAIT,
            });
        }
    };
    if opened.is_err() {
        let error = error_of(&opening.request);
        return Err(if error.is_exception("VersionError") {
            IndexedDbError::NewerVersion {
                database: database.to_owned(),
                found: version_of(&factory, database).await,
                known: VERSION,
            }
        } else {
            error
        });
    }
    let connection = opening.into_connection(store)?;
    let stores = connection.db.object_store_names();
    if !stores.contains(store) {
        return Err(IndexedDbError::NoObjectStore {
            database: database.to_owned(),
            expected: store,
            found: (0..stores.length()).filter_map(|i| stores.get(i)).collect(),
        });
    }
    Ok(connection)
}

/// IndexedDB, where there is one.
fn factory() -> Result<IdbFactory, IndexedDbError> {
    let unavailable = |reason: String| IndexedDbError::Unavailable {
        what: "IndexedDB",
        reason,
    };
    js::scope()
        .indexed_db()
        .map_err(|value| unavailable(IndexedDbError::thrown(&value).to_string()))?
        .ok_or_else(|| unavailable("the global object has no indexedDB".to_owned()))
}

/// The version of a database, where the browser can list them.
async fn version_of(factory: &IdbFactory, database: &str) -> Option<u64> {
    let factory: &js::Factory = factory.unchecked_ref();
    let listed = JsFuture::from(factory.databases().ok()?).await.ok()?;
    let version = Array::from(&listed)
        .iter()
        .map(JsCast::unchecked_into::<DatabaseInfo>)
        .find(|info| info.name().as_deref() == Some(database))?
        .version()?;
    // a version is a whole number below 2^53
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Some(version as u64)
}

/// Settles with the request's success or error event.
fn settled(request: &IdbRequest) -> Promise {
    Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    })
}

/// Why a request failed.
pub(super) fn error_of(request: &IdbRequest) -> IndexedDbError {
    match request.error() {
        Ok(Some(exception)) => IndexedDbError::thrown(&exception),
        _ => IndexedDbError::exception("UnknownError", "the browser does not say why"),
    }
}

/// Closes the database that a request opened, if it did.
fn close(request: &IdbRequest) {
    if let Some(db) = request
        .result()
        .ok()
        .and_then(|result| result.dyn_into::<IdbDatabase>().ok())
    {
        db.close();
    }
}

/// A request to open a database. When it is dropped too early (it took too long, or its caller was
/// cancelled), the database is closed as soon as it opens.
struct Opening {
    request: IdbOpenDbRequest,
    on_upgrade: Option<Closure<dyn FnMut()>>,
    taken: bool,
}

impl Opening {
    fn new(request: IdbOpenDbRequest, store: &'static str, absent: Absent) -> Self {
        let upgraded = request.clone();
        let on_upgrade = Closure::<dyn FnMut()>::new(move || {
            if let (Absent::StaysAbsent, Some(making)) = (absent, upgraded.transaction()) {
                // fails only if it is over already
                let _ = making.abort();
            } else if let Ok(db) = upgraded.result() {
                // fails only if there is one already; a new database has none
                let _ = db
                    .unchecked_into::<IdbDatabase>()
                    .create_object_store(store);
            }
        });
        request.set_onupgradeneeded(Some(on_upgrade.as_ref().unchecked_ref()));
        Self {
            request,
            on_upgrade: Some(on_upgrade),
            taken: false,
        }
    }

    fn into_connection(mut self, store: &'static str) -> Result<Connection, IndexedDbError> {
        let db = self
            .request
            .result()
            .map_err(|value| IndexedDbError::thrown(&value))?;
        self.taken = true;
        Ok(Connection::new(db.unchecked_into(), store))
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        self.request.set_onerror(None);
        self.request.set_onsuccess(None);
        if self.request.ready_state() == IdbRequestReadyState::Done {
            self.request.set_onupgradeneeded(None);
            if !self.taken {
                close(&self.request);
            }
            return;
        }
        // still to come: a new database must get its object store all the same, or it would stay
        // without one for ever
        if let Some(on_upgrade) = self.on_upgrade.take() {
            on_upgrade.forget();
        }
        let late = Closure::once_into_js(|event: Event| {
            if let Some(request) = event
                .target()
                .and_then(|target| target.dyn_into::<IdbRequest>().ok())
            {
                close(&request);
            }
        });
        self.request.set_onsuccess(Some(late.unchecked_ref()));
    }
}
