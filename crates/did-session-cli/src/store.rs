//! The store that the commands work on, and the runtime that its calls need.

use did_session::Sessions;
pub(crate) use did_session::store::FsStore as Store;
use std::future::Future;
use std::path::PathBuf;

use crate::args::Globals;
use crate::failure::Failure;

/// Below the user's data directory.
const FOLDER: &str = "did-session";

/// Opens the store that the arguments name, or the user's own.
pub(crate) fn open(globals: &Globals) -> Result<Sessions<Store>, Failure> {
    // an empty variable is as good as none
    let named = globals
        .store
        .clone()
        .filter(|path| !path.as_os_str().is_empty());
    let path = match named {
        Some(path) => path,
        None => default_path()?,
    };
    Ok(Sessions::new(Store::open(path)))
}

fn default_path() -> Result<PathBuf, Failure> {
    use etcetera::BaseStrategy as _;
    let user = etcetera::choose_base_strategy().map_err(|error| {
        Failure::usage("there is no data directory: name one by --store").caused_by(&error)
    })?;
    Ok(user.data_dir().join(FOLDER))
}

/// Runs a command to its end, on this thread.
pub(crate) fn block_on<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|error| Failure::io("cannot start").caused_by(&error))?;
    let ended = runtime.block_on(command);
    // whoever still waits for a lock is not waited for
    runtime.shutdown_background();
    ended
}
