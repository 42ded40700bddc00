//! Changes that survive a loss of power: each is one function that cannot be half-called, and
//! needs the write lock to be called at all.

use crate::lock::WriteLock;
use crate::name::STAGED;
use session_core::StoreError;
use std::fs::{self, DirBuilder, File, OpenOptions};
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
        // whoever crashed before us left it; nobody else writes while we have the lock
        let mut staged = Staged::new(self.staged(name)).map_err(failed)?;
        staged.file.write_all(bytes).map_err(failed)?;
        staged.file.sync_all().map_err(failed)?;
        staged.rename(&target).map_err(failed)?;
        if let Some(other) = instead_of {
            // the new record stands before it in any case, and a later save tries again
            let _ = fs::remove_file(self.directory().join(other));
        }
        sync_directory(self.directory()).map_err(failed)
    }

    /// Deletes these files, as far as they are there, and what crashed writers of them left;
    /// answers whether one of them was there.
    pub(crate) fn remove(&self, names: [&str; 2]) -> Result<bool, StoreError> {
        let (mut was_there, mut changed) = (false, false);
        for name in names {
            changed |= remove_file(&self.staged(name))?;
            let removed = remove_file(&self.directory().join(name))?;
            was_there |= removed;
            changed |= removed;
        }
        if changed {
            let directory = self.directory();
            sync_directory(directory).map_err(|error| {
                StoreError::medium(format!("cannot write {}", directory.display()), error)
            })?;
        }
        Ok(was_there)
    }

    fn staged(&self, name: &str) -> PathBuf {
        staged_path(self.directory(), name)
    }
}

/// Where a file of this name is written before it gets its name.
pub(crate) fn staged_path(directory: &Path, name: &str) -> PathBuf {
    directory.join(format!("{STAGED}{name}"))
}

/// A file that is gone when it was not renamed.
struct Staged {
    file: File,
    path: PathBuf,
    renamed: bool,
}

impl Staged {
    fn new(path: PathBuf) -> io::Result<Self> {
        let file = match create(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                fs::remove_file(&path)?;
                create(&path)?
            }
            created => created?,
        };
        Ok(Self {
            file,
            path,
            renamed: false,
        })
    }

    fn rename(mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)?;
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

/// Makes a directory that nobody else can enter, and those above it that are missing, durably.
pub(crate) fn make_directory(path: &Path) -> Result<(), StoreError> {
    make(path).map_err(|error| {
        StoreError::medium(
            format!("cannot make the directory {}", path.display()),
            error,
        )
    })
}

fn make(path: &Path) -> io::Result<()> {
    let builder = private_directories();
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let made = match (builder.create(path), parent) {
        (Err(error), Some(parent)) if error.kind() == io::ErrorKind::NotFound => {
            make(parent)?;
            builder.create(path)
        }
        (made, _) => made,
    };
    match made {
        Ok(()) => sync_directory(parent.unwrap_or_else(|| Path::new("."))),
        Err(_) if path.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn private_directories() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

/// Other systems inherit the access rules of the directory above.
#[cfg(not(unix))]
fn private_directories() -> DirBuilder {
    DirBuilder::new()
}

/// Deletes a file, or a link itself; answers whether it was there.
fn remove_file(path: &Path) -> Result<bool, StoreError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(StoreError::medium(
            format!("cannot remove {}", path.display()),
            error,
        )),
    }
}

/// Makes what was made, renamed or deleted in a directory survive.
#[cfg(unix)]
fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Other systems open no directory, and keep its entries in a journal.
#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}
