//! Where the store is.

use did_session::store::FsStore;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Below the user's data directory.
const FOLDER: &str = "did-session";

/// The directory that is named, or the user's own.
pub(crate) fn files(named: Option<&Path>) -> Result<FsStore, Failure> {
    // an empty variable is as good as none
    Ok(FsStore::open(
        match named.filter(|path| !path.as_os_str().is_empty()) {
            Some(path) => path.to_owned(),
            None => default_path()?,
        },
    ))
}

fn default_path() -> Result<PathBuf, Failure> {
    use etcetera::BaseStrategy as _;
    let user = etcetera::choose_base_strategy().map_err(|error| {
        Failure::usage("the user's data directory cannot be found: name a directory by --store")
            .caused_by(&error)
    })?;
    Ok(user.data_dir().join(FOLDER))
}
