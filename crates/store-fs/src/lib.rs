//! Keeps sessions as files, one for each slot. The content of a file is exactly one session string,
//! so that a user can hand it to another program.
//!
//! ```
//! use session_core::{ExpectedSlot, SessionStore, SlotId};
//! use store_fs::FsStore;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let home = tempfile::tempdir()?;
//! # let home = home.path();
//! let store = FsStore::open(home.join("sessions"));
//! let issuer: cacao::Issuer = "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44".parse()?;
//! let slot = SlotId::new(issuer);
//! assert_eq!(store.load(&slot).await?.expected(), ExpectedSlot::Absent);
//! assert!(store.path_of(&slot).ends_with(
//!     "did+pkh+eip155+1+0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44.session"
//! ));
//! # Ok(())
//! # }
//! ```
//!
//! # What lies where
//! - `<issuer>.session`: a session string. The name is the issuer's DID in its canonical spelling,
//!   with `+` for `:` and `=x` for an upper-case `X`, so that no file system confuses two of them;
//!   if the name would be longer than 240 bytes, it is `h=` and the SHA-256 of the DID instead. A
//!   record with evidence has it as one more member, `evidence`, of the string's JSON.
//! - `<issuer>@<profile>.session`: the same for a profile that is not the default one.
//! - `<slot>.sealed`, `.seal`: records sealed at rest, and how they are sealed: the store is a
//!   [`SealableStore`](session_core::SealableStore), which the crate `store-sealed` opens. If there
//!   is a `.seal`, nothing is saved in plain. Revocations are not sealed.
//! - `.revocations`: what was revoked, see [`FsRevocations`].
//! - `.locks/`: for each slot a lock for writing and a lock for asking the wallet. They are empty
//!   files, and are never deleted.
//! - `.staged-…`: a record that is being written, or that a crash left behind; the next writer of
//!   that slot deletes it.
//!
//! # What it promises
//! - Directories that it makes have mode 0700, files 0600 from their creation on. It follows no
//!   symbolic link in the place of a record, and reads no more bytes than a record can have.
//! - Somebody may put something else in the place of a record, of a staged file, of a lock or of the
//!   directory of locks: a link, a pipe, a socket, a device, a directory, a file of another user, or
//!   one that may not be read. Errors name it; it is not opened, and saves, lists and removals work
//!   all the same. A directory in the place of a record is moved to `<name>.aside`, with its
//!   contents. A lock or a staged file is made under the next free name, with `~1` to `~7` at its
//!   end. A file counts as another user's unless it belongs to the user of the process, to the
//!   owner of the directory or to the administrator.
//! - A writer waits for at most ten seconds while another one writes the same slot
//!   ([`FsStore::with_max_write_wait`]). A removal begins with the record.
//! - A save is durable when it returns: the record is written to a staged file, flushed (`fsync`)
//!   and renamed, and the directory is flushed, too. After a crash at any moment, either the old
//!   record or the new one is there, whole. A save or removal whose future was dropped is made as a
//!   whole, or not at all.
//! - A page of a list ([`list_page`](session_core::SessionStore::list_page)) follows the order of the
//!   names: it reads the names of the directory once, and keeps and parses only those of the page.
//!   [`purge`](session_core::SessionStore::purge) reads each record once.
//! - Processes that share the directory may save, remove and ask at once. Locks are advisory
//!   (`flock`), and end with the process that holds them, however it ends.
//! - Every operation runs as one piece on tokio's threads for blocking work, so it needs a tokio
//!   runtime; without one it fails with a typed error.
//!
//! # On Windows
//! The crate is written for Unix and for Windows, but is tested only on Linux. On Windows:
//! - there are no modes: files and directories have the permissions of the folder above, so that
//!   sessions belong below the user's profile;
//! - owners of files are not checked;
//! - in the place of a record, symbolic links and everything that is not a regular file are
//!   refused;
//! - directories are not flushed after a rename: after a loss of power, it depends on the journal
//!   of the file system whether the old record or the new one is there. Either is whole.
#![forbid(unsafe_code)]

mod codec;
mod directory;
mod durable;
mod error;
mod folder;
mod lock;
mod lock_file;
mod name;
mod place;
mod read;
mod revocations;
mod store;
mod walk;

pub use error::Error;
pub use revocations::FsRevocations;
pub use store::FsStore;

/// The examples of the README are compiled, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
