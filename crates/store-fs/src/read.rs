//! Reads what lies in the place of a record: no link followed, nothing waited for, no more than a
//! record can have.

use crate::error::Error;
use session_core::{RecordTag, StoreError};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;
use zeroize::Zeroizing;

/// Most bytes of a file that is read: above the longest session string, sealed or not.
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
    let mut file = match open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Content::Nothing),
        // a link, a socket or the like does not open; what it is, is asked without opening
        Err(error) => return odd(path).ok_or(error).map_err(failed),
    };
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Ok(not_a_file(path));
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

/// `O_NOFOLLOW`, as the standard library takes it.
#[cfg(unix)]
pub(crate) const NOFOLLOW: i32 = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
#[cfg(unix)]
const NONBLOCK: i32 = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();

/// What there is that is neither file nor nothing.
fn odd(path: &Path) -> Option<Content> {
    let kind = fs::symlink_metadata(path).ok()?.file_type();
    if kind.is_symlink() {
        let target = fs::read_link(path).unwrap_or_default();
        let tag = [
            "a symbolic link to ".as_bytes(),
            target.as_os_str().as_encoded_bytes(),
        ];
        return Some(Content::Unreadable {
            tag: RecordTag::of_unreadable(&tag.concat()),
            error: Error::Symlink {
                path: path.to_owned(),
            },
        });
    }
    (!kind.is_file()).then(|| not_a_file(path))
}

fn not_a_file(path: &Path) -> Content {
    Content::Unreadable {
        tag: RecordTag::of_unreadable(b"no regular file"),
        error: Error::NotAFile {
            path: path.to_owned(),
        },
    }
}
