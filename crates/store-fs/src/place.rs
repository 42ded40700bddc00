//! Where the store's own files go when something else lies in their place.
//!
//! Somebody else may have put a link, a pipe, a directory or a file of theirs under a name that
//! the store uses. Nothing of it is opened, followed or deleted with its content: a lock or a staged
//! file is made under the next name instead, and a directory in the place of a record is moved
//! aside. Every process meets the same obstacle, and so uses the same next name.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// How many names are tried.
const NAMES: usize = 8;

/// A name, and those to use where it is taken by something else.
pub(crate) fn names(name: impl Into<String>) -> impl Iterator<Item = String> {
    let name = name.into();
    (0..NAMES).map(move |n| match n {
        0 => name.clone(),
        n => format!("{name}~{n}"),
    })
}

/// Moves what lies here to a name of no use, and answers to which.
pub(crate) fn move_aside(path: &Path) -> io::Result<PathBuf> {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    for name in names(format!("{}.aside", name.unwrap_or_default())) {
        let aside = path.with_file_name(name);
        if fs::symlink_metadata(&aside).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
        {
            fs::rename(path, &aside)?;
            return Ok(aside);
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Whether nobody put something there who could not replace everything in the directory of the store
/// anyway: its owner is us, the administrator, or whom the directory belongs to.
#[cfg(unix)]
pub(crate) fn is_trusted(owner: u32, directory: Option<&Path>) -> bool {
    use std::os::unix::fs::MetadataExt;
    let of_directory = || Some(fs::metadata(directory?).ok()?.uid());
    owner == 0 || owner == rustix::process::geteuid().as_raw() || of_directory() == Some(owner)
}
