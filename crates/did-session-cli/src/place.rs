//! Where the store is.

use did_session::NotUsable;
use did_session::store::FsStore;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Below the user's data directory.
const FOLDER: &str = "did-session";

/// The directory that is named, or the user's own.
pub(crate) fn files(named: Option<&Path>) -> Result<FsStore, Failure> {
    // an empty variable counts as one that is not set
    let path = match named.filter(|path| !path.as_os_str().is_empty()) {
        Some(path) => path.to_owned(),
        None => default_path()?,
    };
    let is_no_directory = match path.metadata() {
        Ok(found) => !found.is_dir(),
        // it is below a file
        Err(error) => error.kind() == ErrorKind::NotADirectory,
    };
    if is_no_directory {
        let line = "is not a directory: name the directory of the stored sessions by --store";
        return Err(Failure::input("store_not_directory", line).about(path.display()));
    }
    Ok(FsStore::open(path))
}

/// A directory, for messages. If it was mistyped, they say that it does not exist.
pub(crate) fn shown(directory: &Path) -> String {
    let is_missing = directory
        .metadata()
        .is_err_and(|error| error.kind() == ErrorKind::NotFound);
    let what = if is_missing {
        ", which does not exist"
    } else {
        ""
    };
    format!("{}{what}", directory.display())
}

/// If there is no session: says in which directory it was looked for.
pub(crate) fn told(failure: Failure, named: Option<&Path>) -> Failure {
    if failure.code() != NotUsable::Absent.code() {
        return failure;
    }
    match files(named) {
        Ok(files) => failure.followed_by(&format!("the store is {}", shown(files.directory()))),
        Err(_) => failure,
    }
}

fn default_path() -> Result<PathBuf, Failure> {
    use etcetera::BaseStrategy as _;
    let user = etcetera::choose_base_strategy().map_err(|error| {
        Failure::usage("the user's data directory cannot be found: name a directory by --store")
            .caused_by(&error)
    })?;
    Ok(user.data_dir().join(FOLDER))
}
