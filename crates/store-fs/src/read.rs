//! Reads what lies in the place of a record: no link followed, nothing waited for, no more than a
//! record can have.

use crate::error::Error;
use session_core::{RecordTag, StoreError};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;
use zeroize::Zeroizing;

/// The largest number of bytes of a file that is read: above the longest session string, sealed or
/// not.
pub(crate) const MAX_LEN: u64 = 2 << 20;

/// What lies there.
pub(crate) enum Content {
    Nothing,
    Bytes(Zeroizing<Vec<u8>>),
    Unreadable { tag: RecordTag, error: Error },
}

/// Looks at a path.
pub(crate) fn read(path: &Path) -> Result<Content, StoreError> {
    let failed = |error| StoreError::medium(format!("cannot read {}", path.display()), error);
    // what is not a file is not opened: to open some devices and pipes does something
    let seen = match fs::symlink_metadata(path) {
        Ok(seen) => seen,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Content::Nothing),
        Err(error) => return Err(failed(error)),
    };
    if let Some(odd) = odd(path, &seen) {
        return Ok(odd);
    }
    let mut file = match open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Content::Nothing),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Ok(not_ours(path, &seen, Some(error)));
        }
        // a link was put there meanwhile, for example
        Err(error) => {
            let now = fs::symlink_metadata(path).ok();
            return now
                .and_then(|now| odd(path, &now))
                .ok_or(error)
                .map_err(failed);
        }
    };
    let metadata = file.metadata().map_err(failed)?;
    if let Some(odd) = odd(path, &metadata) {
        return Ok(odd);
    }
    if !is_trusted(path, &metadata) {
        return Ok(not_ours(path, &metadata, None));
    }
    // room for one byte more, so that the buffer is never moved: what it held stays wiped
    let room = usize::try_from(metadata.len().min(MAX_LEN) + 1).unwrap_or(usize::MAX);
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    (&mut file)
        .take(MAX_LEN + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > MAX_LEN {
        let length = metadata.len().max(MAX_LEN + 1);
        bytes.extend(length.to_be_bytes());
        return Ok(Content::Unreadable {
            tag: RecordTag::of_unreadable(&bytes),
            error: Error::TooLarge {
                path: path.to_owned(),
                length,
                limit: MAX_LEN,
            },
        });
    }
    Ok(Content::Bytes(bytes))
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    // neither a link followed nor a pipe's writer waited for
    OpenOptions::new()
        .read(true)
        .custom_flags(NOFOLLOW | NONBLOCK)
        .open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    if fs::symlink_metadata(path)?.file_type().is_symlink() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    OpenOptions::new().read(true).open(path)
}

/// As the standard library takes them.
#[cfg(unix)]
const NOFOLLOW: i32 = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
#[cfg(unix)]
const NONBLOCK: i32 = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();

/// What there is that is not a file.
fn odd(path: &Path, metadata: &Metadata) -> Option<Content> {
    let path = path.to_owned();
    let kind = metadata.file_type();
    if kind.is_symlink() {
        let target = fs::read_link(&path).unwrap_or_default();
        let tag = [
            "a symbolic link to ".as_bytes(),
            target.as_os_str().as_encoded_bytes(),
        ];
        return Some(Content::Unreadable {
            tag: RecordTag::of_unreadable(&tag.concat()),
            error: Error::Symlink { path },
        });
    }
    (!kind.is_file()).then(|| Content::Unreadable {
        tag: RecordTag::of_unreadable(b"not a regular file"),
        error: Error::NotAFile { path },
    })
}

/// A file that we may not read, or that somebody else put there.
fn not_ours(path: &Path, metadata: &Metadata, denied: Option<io::Error>) -> Content {
    let path = path.to_owned();
    // its content is unknown: another file there, or a change of this one, has another tag
    let known = format!(
        "{} bytes of {:?}, {:?}",
        metadata.len(),
        metadata.modified().ok(),
        owner(metadata)
    );
    Content::Unreadable {
        tag: RecordTag::of_unreadable(known.as_bytes()),
        error: match denied {
            Some(source) => Error::NotReadable { path, source },
            None => Error::OtherOwner { path },
        },
    }
}

#[cfg(unix)]
fn is_trusted(path: &Path, metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    crate::place::is_trusted(metadata.uid(), path.parent())
}

#[cfg(not(unix))]
fn is_trusted(_: &Path, _: &Metadata) -> bool {
    true
}

#[cfg(unix)]
fn owner(metadata: &Metadata) -> (u32, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.uid(), metadata.ino())
}

#[cfg(not(unix))]
fn owner(_: &Metadata) {}
