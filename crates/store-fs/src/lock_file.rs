//! The file of a lock: made under a name that is free, never followed, never truncated.

use crate::name::Stem;
use session_core::StoreError;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// What the file of the right to ask the wallet ends in; programs that came before us look for it
/// under this name, too.
const PROMPT: &str = "flight";

/// A file to be locked. Dropping it unlocks it.
#[derive(Debug)]
pub(crate) struct LockFile {
    file: File,
    path: PathBuf,
}

impl LockFile {
    /// The file of the right to ask the wallet.
    pub(crate) fn of_prompt(directory: &Path, stem: &Stem) -> Result<Self, StoreError> {
        Self::open(directory, stem, PROMPT)
    }

    /// Opens the file, and makes what is missing of it.
    pub(crate) fn open(directory: &Path, stem: &Stem, kind: &str) -> Result<Self, StoreError> {
        let (file, path) = open_in(directory, &format!("{stem}.{kind}"))
            .map_err(|(path, error)| failed(&path, error))?;
        Ok(Self { file, path })
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Locks it if nobody else has; returns whether it did.
    pub(crate) fn try_lock(&self) -> Result<bool, StoreError> {
        self.try_by(File::try_lock)
    }

    /// Locks it together with others who share it, if nobody has it alone; returns whether it did.
    pub(crate) fn try_lock_shared(&self) -> Result<bool, StoreError> {
        self.try_by(File::try_lock_shared)
    }

    fn try_by(
        &self,
        try_lock: impl Fn(&File) -> Result<(), TryLockError>,
    ) -> Result<bool, StoreError> {
        loop {
            return match try_lock(&self.file) {
                Ok(()) => Ok(true),
                Err(TryLockError::WouldBlock) => Ok(false),
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => {
                    continue;
                }
                Err(TryLockError::Error(error)) => Err(failed(&self.path, error)),
            };
        }
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // Closing would do, but for a program that is just being started and still has the file
        // open. What cannot be unlocked is unlocked when it is closed.
        let _ = self.file.unlock();
    }
}

/// Says which lock it is that could not be had.
pub(crate) fn failed(path: &Path, error: io::Error) -> StoreError {
    StoreError::medium(format!("cannot lock {}", path.display()), error)
}

#[cfg(unix)]
use unix::open_in;

#[cfg(unix)]
mod unix {
    use crate::folder;
    use crate::name::LOCKS;
    use crate::place::{is_trusted, names};
    use rustix::fs::{self, AtFlags, FileType, Mode, OFlags, fstat, openat, statat};
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
    pub(super) fn open_in(directory: &Path, name: &str) -> Result<(File, PathBuf), Failed> {
        let mut obstacle = None;
        for folder in names(LOCKS) {
            let path = directory.join(folder);
            let opened = folder_at(&path).and_then(|folder| ours(folder, directory));
            let folder = match opened {
                Err(error) if is_obstacle(&error) => {
                    obstacle.get_or_insert((path, error));
                    continue;
                }
                opened => opened.map_err(|error| (path.clone(), error))?,
            };
            for name in names(name) {
                match file_in(&folder, &name).and_then(|file| ours(file, directory)) {
                    Ok(file) => return Ok((File::from(file), path.join(name))),
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

    /// What we opened, unless it is somebody else's, who could hold it for ever.
    fn ours(opened: OwnedFd, directory: &Path) -> io::Result<OwnedFd> {
        match is_trusted(fstat(&opened)?.st_uid, Some(directory)) {
            true => Ok(opened),
            false => Err(Errno::PERM.into()),
        }
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
        match fs::open(path, flags, Mode::empty()) {
            Err(Errno::NOENT) => {
                folder::make(path)?;
                Ok(fs::open(path, flags, Mode::empty())?)
            }
            opened => Ok(opened?),
        }
    }

    fn file_in(folder: &OwnedFd, name: &str) -> io::Result<OwnedFd> {
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
        Ok(openat(folder, name, flags, Mode::RUSR | Mode::WUSR)?)
    }
}

/// Other systems: the name as it is.
#[cfg(not(unix))]
fn open_in(directory: &Path, name: &str) -> Result<(File, PathBuf), (PathBuf, io::Error)> {
    let locks = directory.join(crate::name::LOCKS);
    let path = locks.join(name);
    let open_file = || {
        let mut options = std::fs::OpenOptions::new();
        // never truncated: a lock has no content
        options.read(true).write(true).create(true).truncate(false);
        options.open(&path)
    };
    let opened = match open_file() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            crate::folder::make(&locks).map_err(|error| (locks.clone(), error))?;
            open_file()
        }
        opened => opened,
    };
    match opened {
        Ok(file) => Ok((file, path)),
        Err(error) => Err((path, error)),
    }
}
