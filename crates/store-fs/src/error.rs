//! What is wrong with what lies in the directory: the sources of `Unreadable` and of `Medium`.

use std::path::PathBuf;

/// What is wrong with a file in the directory of a store. It names the file, and never shows the
/// content of a record, which is a secret.
///
/// It is the source of [`Slot::Unreadable`](session_core::Slot::Unreadable), and of a
/// [`StoreError::Medium`](session_core::StoreError::Medium) that the operating system has no part
/// in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A symbolic link in the place of a record.
    #[error("{path} is a symbolic link, which is not followed")]
    Symlink {
        /// The link.
        path: PathBuf,
    },
    /// Something else than a file in the place of a record.
    #[error("{path} is not a regular file")]
    NotAFile {
        /// What lies there.
        path: PathBuf,
    },
    /// A file that this user may not read.
    #[error("{path} may not be read by this user")]
    NotReadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
    /// A file that neither this user, nor the administrator, nor the owner of the directory owns.
    #[error("{path} belongs to another user, and is not read")]
    OtherOwner {
        /// The file.
        path: PathBuf,
    },
    /// The file is longer than any record.
    #[error("{path} has {length} bytes, more than the {limit} that a record may have")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its length in bytes.
        length: u64,
        /// The largest number of bytes of a record.
        limit: u64,
    },
    /// The file has white space, a line's end for example.
    #[error(
        "{path} has white space as byte {} of {length}; a record is one session string and nothing \
         else",
        .index + 1
    )]
    WhiteSpace {
        /// The file.
        path: PathBuf,
        /// Where the white space begins, in bytes from 0; the message counts them from 1.
        index: usize,
        /// The length of the file in bytes.
        length: usize,
    },
    /// The file is not a session string, or only a part of one.
    #[error("{path} does not hold a session string")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: session_core::Error,
    },
    /// The record would not come back as it is: it is not written.
    #[error("the record cannot be written as a session string and read again")]
    NotRepresentable {
        /// Why not, if reading it back failed.
        #[source]
        source: Option<session_core::Error>,
    },
    /// The record is not sealed, yet the store is one of sealed records.
    #[error("{path} is not sealed, but this store keeps sealed records")]
    NotSealed {
        /// The file.
        path: PathBuf,
    },
    /// The record, or the store, is sealed, yet was opened without a key. Nothing was written.
    #[error("{path} is sealed, but this store was opened without a key")]
    Sealed {
        /// The file, or the one that says how records are sealed.
        path: PathBuf,
    },
    /// Records are sealed, and the file that says how they are opened is missing. Nothing was
    /// written.
    #[error(
        "{path}, which says how sealed records are opened, is missing, but {sealed} is one: put it \
         back before the directory is used"
    )]
    SealMissing {
        /// The file that is missing.
        path: PathBuf,
        /// A sealed record.
        sealed: PathBuf,
    },
    /// The file does not begin as a sealed record of a known format does.
    #[error("{path} is not a sealed record of a known format")]
    SealFormat {
        /// The file.
        path: PathBuf,
    },
}

impl Error {
    /// A stable name of the reason in snake case, for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Symlink { .. } => "symlink",
            Self::NotAFile { .. } => "not_a_file",
            Self::NotReadable { .. } => "not_readable",
            Self::OtherOwner { .. } => "other_owner",
            Self::TooLarge { .. } => "file_too_large",
            Self::WhiteSpace { .. } => "white_space",
            Self::Malformed { .. } => "malformed_session",
            Self::NotRepresentable { .. } => "not_representable",
            Self::NotSealed { .. } => "not_sealed",
            Self::Sealed { .. } => "sealed",
            Self::SealMissing { .. } => "seal_missing",
            Self::SealFormat { .. } => "unknown_seal",
        }
    }
}
