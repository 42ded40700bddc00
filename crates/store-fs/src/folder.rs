//! Directories of the store's own, and how their entries survive a loss of power.

use std::fs::DirBuilder;
#[cfg(unix)]
use std::fs::File;
use std::io;
use std::path::Path;

/// Makes a directory that nobody else can enter, and those above it that are missing, durably.
pub(crate) fn make(path: &Path) -> io::Result<()> {
    let builder = private();
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
        Ok(()) => sync(parent.unwrap_or_else(|| Path::new("."))),
        Err(_) if path.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn private() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

/// Other systems inherit the access rules of the directory above.
#[cfg(not(unix))]
fn private() -> DirBuilder {
    DirBuilder::new()
}

/// Makes what was made, renamed or deleted in a directory survive.
#[cfg(unix)]
pub(crate) fn sync(path: &Path) -> io::Result<()> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
    File::from(rustix::fs::open(path, flags, Mode::empty())?).sync_all()
}

/// Other systems open no directory, and keep its entries in a journal.
#[cfg(not(unix))]
pub(crate) fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}
