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

#[cfg(unix)]
pub(crate) use unix::lock_file;

#[cfg(unix)]
mod unix {
    use super::names;
    use crate::durable;
    use crate::name::LOCKS;
    use rustix::fs::{AtFlags, FileType, Mode, OFlags, openat, statat};
    use rustix::io::Errno;
    use std::fs::File;
    use std::io;
    use std::os::fd::OwnedFd;
    use std::path::{Path, PathBuf};

    type Failed = (PathBuf, io::Error);

    /// The lock file of this name, which is made where it is missing, and where it lies.
    ///
    /// The next name is tried only where the first is taken: an error of the moment must not lead
    /// two processes to two locks.
    pub(crate) fn lock_file(directory: &Path, name: &str) -> Result<(File, PathBuf), Failed> {
        let mut obstacle = None;
        for folder in names(LOCKS) {
            let path = directory.join(folder);
            let folder = match folder_at(&path) {
                Err(error) if is_obstacle(&error) => {
                    obstacle.get_or_insert((path, error));
                    continue;
                }
                opened => opened.map_err(|error| (path.clone(), error))?,
            };
            for name in names(name) {
                match file_in(&folder, &name) {
                    Ok(file) => return Ok((file, path.join(name))),
                    Err(error) if is_obstacle(&error) => {
                        obstacle.get_or_insert((path.join(name), error));
                    }
                    Err(error) => return Err((path.join(name), error)),
                }
            }
        }
        Err(obstacle
            .unwrap_or_else(|| (directory.join(LOCKS), io::ErrorKind::AlreadyExists.into())))
    }

    /// Whether something lies in the place that is not ours to use.
    fn is_obstacle(error: &io::Error) -> bool {
        let obstacles = [
            Errno::ACCESS,
            Errno::PERM,
            Errno::NOTDIR,
            Errno::LOOP,
            Errno::ISDIR,
            Errno::NXIO,
        ];
        Errno::from_io_error(error).is_some_and(|errno| obstacles.contains(&errno))
    }

    fn folder_at(path: &Path) -> io::Result<OwnedFd> {
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        match rustix::fs::open(path, flags, Mode::empty()) {
            Err(Errno::NOENT) => {
                durable::make(path)?;
                Ok(rustix::fs::open(path, flags, Mode::empty())?)
            }
            opened => Ok(opened?),
        }
    }

    fn file_in(folder: &OwnedFd, name: &str) -> io::Result<File> {
        // what is not a file is not opened: to open some devices does something
        match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile => {}
            Ok(_) => return Err(Errno::LOOP.into()),
        }
        // never truncated: a lock has no content
        let flags =
            OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(folder, name, flags, Mode::RUSR | Mode::WUSR)?;
        Ok(File::from(file))
    }
}

/// Other systems: the name as it is.
#[cfg(not(unix))]
pub(crate) fn lock_file(
    directory: &Path,
    name: &str,
) -> Result<(fs::File, PathBuf), (PathBuf, io::Error)> {
    let locks = directory.join(crate::name::LOCKS);
    let path = locks.join(name);
    let open = || {
        let mut options = fs::OpenOptions::new();
        // never truncated: a lock has no content
        options.read(true).write(true).create(true).truncate(false);
        options.open(&path)
    };
    let opened = match open() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            crate::durable::make(&locks).map_err(|error| (locks.clone(), error))?;
            open()
        }
        opened => opened,
    };
    match opened {
        Ok(file) => Ok((file, path)),
        Err(error) => Err((path, error)),
    }
}
