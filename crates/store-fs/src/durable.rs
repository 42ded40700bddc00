//! Changes that survive a loss of power: each is one function that cannot be half-called, and
//! needs the write lock to be called at all.

use crate::folder;
use crate::lock::WriteLock;
use crate::name::STAGED;
use crate::place;
use session_core::StoreError;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

impl WriteLock {
    /// Puts a file in the place of whatever is there: staged → `fsync` → rename → `fsync` of the
    /// directory. Whatever lies under the name `instead_of` goes with the same step.
    ///
    /// After an error the old file is there, whole; unless it is the last `fsync` that fails: then
    /// the new one is there, and what a loss of power leaves is the file system's choice.
    pub(crate) fn replace(
        &self,
        name: &str,
        bytes: &[u8],
        instead_of: Option<&str>,
    ) -> Result<(), StoreError> {
        let target = self.directory().join(name);
        let failed =
            |error| StoreError::medium(format!("cannot write {}", target.display()), error);
        let mut staged = Staged::new(self.directory(), name).map_err(failed)?;
        staged.file.write_all(bytes).map_err(failed)?;
        staged.file.sync_all().map_err(failed)?;
        staged.rename(&target).map_err(failed)?;
        if let Some(other) = instead_of {
            // the new record stands before it in any case, and a later save tries again
            let _ = take_away(&self.directory().join(other));
        }
        folder::sync(self.directory()).map_err(failed)
    }

    /// Deletes these files, as far as they are there, and what crashed writers of them left;
    /// returns whether one of them was there. What cannot be deleted does not keep the rest.
    pub(crate) fn remove(&self, names: [&str; 2]) -> Result<bool, StoreError> {
        let directory = self.directory();
        let (mut was_there, mut changed, mut failed) = (false, false, None);
        // the records first: whatever happens afterwards, they are gone
        for name in names {
            match take_away(&directory.join(name)) {
                Ok(removed) => was_there |= removed,
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        for name in names {
            for staged in staged_names(name) {
                match take_away(&directory.join(staged)) {
                    Ok(removed) => changed |= removed,
                    Err(error) => failed = failed.or(Some(error)),
                }
            }
        }
        if was_there || changed {
            let synced = folder::sync(directory).map_err(|error| {
                StoreError::medium(format!("cannot write {}", directory.display()), error)
            });
            failed = failed.or(synced.err());
        }
        failed.map_or(Ok(was_there), Err)
    }
}

/// Where a file of this name is written before it gets its name; whatever lies under the first of
/// these names and cannot be taken away, a writer goes on to the next.
pub(crate) fn staged_names(name: &str) -> impl Iterator<Item = String> {
    place::names(format!("{STAGED}{name}"))
}

/// A file that is gone when it was not renamed.
struct Staged {
    file: File,
    path: PathBuf,
    renamed: bool,
}

impl Staged {
    /// Whoever crashed before us left what is there; nobody else writes while we have the lock.
    fn new(directory: &Path, name: &str) -> io::Result<Self> {
        let mut failed = None;
        for staged in staged_names(name) {
            let path = directory.join(staged);
            let file = match create(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    match fs::remove_file(&path) {
                        Ok(()) => create(&path)?,
                        // a directory, for example: it is not ours to delete
                        Err(error) => {
                            failed = failed.or(Some(error));
                            continue;
                        }
                    }
                }
                created => created?,
            };
            return Ok(Self {
                file,
                path,
                renamed: false,
            });
        }
        Err(failed.unwrap_or_else(|| io::ErrorKind::AlreadyExists.into()))
    }

    fn rename(mut self, target: &Path) -> io::Result<()> {
        if let Err(error) = fs::rename(&self.path, target) {
            let is_directory = fs::symlink_metadata(target).is_ok_and(|found| found.is_dir());
            if !is_directory {
                return Err(error);
            }
            place::move_aside(target)?;
            fs::rename(&self.path, target)?;
        }
        self.renamed = true;
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.renamed {
            // if this fails too, the next writer sweeps it away
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Makes a file that nobody else can read, and that was not there.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Deletes a file, or a link itself, and moves a directory aside; returns whether it was there.
fn take_away(path: &Path) -> Result<bool, StoreError> {
    let taken = match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(_) if fs::symlink_metadata(path).is_ok_and(|found| found.is_dir()) => {
            // what is in it is somebody's, and was never a session
            place::move_aside(path).map(drop)
        }
        taken => taken,
    };
    taken
        .map(|()| true)
        .map_err(|error| StoreError::medium(format!("cannot remove {}", path.display()), error))
}
