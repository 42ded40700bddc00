//! Sealed stores: by which key they open, and who is asked for a passphrase.

use clap::Args;
use did_session::SealableStore as _;
use did_session::store::sealed::{self, KeyKind, SealInfo, StoreId, StoreIdError};
use did_session::store::{FsStore, SealKey, SealedStore};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::runtime::block_on;
use crate::value::{COMMON, Unquoted};
use crate::waiting::Waiting;

const STORE_ID: Unquoted<StoreId> = Unquoted(|text| {
    text.parse()
        .map_err(|error: StoreIdError| error.to_string())
});

/// By which key a sealed store opens.
#[derive(Args, Debug, Default)]
pub(crate) struct SealArgs {
    /// Open a sealed store by the passphrase in this file, which only its owner may read
    /// [default: the terminal is asked].
    #[arg(
        long,
        global = true,
        help_heading = COMMON,
        value_name = "FILE",
        conflicts_with = "key_file"
    )]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Open a sealed store by the key in this file, which only its owner may read: 32 bytes, or
    /// their hex or base64.
    #[arg(long, global = true, help_heading = COMMON, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// Refuse a sealed store that has another id; `store info` prints the id.
    #[arg(
        long,
        global = true,
        help_heading = COMMON,
        value_name = "ID",
        value_parser = STORE_ID
    )]
    pub(crate) store_id: Option<StoreId>,
}

impl SealArgs {
    /// The key in a file that was named, if one was.
    pub(crate) fn key(&self) -> Result<Option<SealKey>, Failure> {
        key_in(self.passphrase_file.as_deref(), self.key_file.as_deref())
    }

    /// Whether a key, or an id, was named.
    pub(crate) const fn is_given(&self) -> bool {
        self.passphrase_file.is_some() || self.key_file.is_some() || self.store_id.is_some()
    }
}

/// The key in one of these files.
pub(crate) fn key_in(
    passphrase: Option<&Path>,
    key: Option<&Path>,
) -> Result<Option<SealKey>, Failure> {
    Ok(match (passphrase, key) {
        (Some(path), _) => Some(SealKey::from_passphrase_file(path)?),
        (None, Some(path)) => Some(SealKey::from_file(path)?),
        (None, None) => None,
    })
}

/// Opens a directory if it is sealed. If a key or an id is named, it must be.
pub(crate) fn open(
    files: &FsStore,
    arguments: &SealArgs,
) -> Result<Option<SealedStore<FsStore>>, Failure> {
    let Some(info) = info(files)? else {
        let failure = if holds_sealed(files.directory()) {
            Failure::input(
                "seal_missing",
                "holds sealed records, but the file .seal that says how they open is missing: put it \
                 back before the directory is used",
            )
        } else if arguments.is_given() {
            Failure::input(
                "store_not_sealed",
                "the store is not sealed: leave out the options for sealed stores, or encrypt it by \
                 `did-session store seal`",
            )
        } else {
            return Ok(None);
        };
        return Err(failure.about(files.directory().display()));
    };
    let key = match arguments.key()? {
        Some(key) => key,
        None => asked(files, &info)?,
    };
    let about = |failure: Failure| failure.about(files.directory().display());
    let waiting = Waiting::on("opening the sealed store");
    let opened = block_on(async { Ok(SealedStore::open(files.clone(), &key).await) })?;
    drop(waiting);
    let store = opened.map_err(|error| about(refused(&key, error)))?;
    Ok(Some(match arguments.store_id {
        Some(id) => store.expect_id(id).map_err(|error| about(error.into()))?,
        None => store,
    }))
}

/// What opens no store is called by its name: a key or a passphrase.
fn refused(key: &SealKey, error: sealed::Error) -> Failure {
    match (&error, key.kind()) {
        (sealed::Error::WrongKey, KeyKind::Passphrase) => Failure::input(
            error.code(),
            "the store does not open: the passphrase is wrong, or the seal was altered",
        ),
        _ => error.into(),
    }
}

/// Warns if a store gets a passphrase that can be found by trying.
pub(crate) fn warn_if_guessable(key: &SealKey) {
    if key.is_guessable() {
        crate::output::warn(format_args!(
            "the passphrase has fewer than {} characters: somebody who copies the store may find it \
             by trying, so choose several words, by `did-session store rekey` for example",
            SealKey::GUESSABLE
        ));
    }
}

/// Whether something lies in the place of the seal that cannot be read: a pipe, for example.
pub(crate) fn is_unreadable(files: &FsStore) -> bool {
    block_on(async { Ok(files.load_seal().await.is_err()) }).unwrap_or(true)
}

/// Whether a directory has a sealed record. A directory that cannot be read is an error later, when
/// it is used.
fn holds_sealed(directory: &Path) -> bool {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names = entries.map(|entry| entry.file_name());
    names.any(|name| {
        Path::new(&name)
            .extension()
            .is_some_and(|end| end == "sealed")
    })
}

/// What the seal of a directory says, if it has one.
pub(crate) fn info(files: &FsStore) -> Result<Option<SealInfo>, Failure> {
    let info = block_on(async { Ok(SealedStore::info(files).await?) });
    info.map_err(|failure| failure.about(files.directory().display()))
}

/// A passphrase that is typed now, for a store that opens by one.
fn asked(files: &FsStore, info: &SealInfo) -> Result<SealKey, Failure> {
    let directory = files.directory().display();
    let how = match info.key {
        KeyKind::Passphrase => "--passphrase-file FILE",
        KeyKind::Key => "--key-file FILE",
        _ => "--passphrase-file FILE or --key-file FILE",
    };
    let takes_passphrase = matches!(info.key, KeyKind::Passphrase | KeyKind::PassphraseOrKey);
    if !takes_passphrase || !std::io::stderr().is_terminal() {
        let line = format!("the store is sealed with {}: give it by {how}", info.key);
        return Err(Failure::input("seal_key_needed", line).about(directory));
    }
    Ok(SealKey::from_passphrase(&typed(&format!(
        "Passphrase of {directory}: "
    ))?)?)
}

/// A new passphrase, typed twice.
pub(crate) fn new_passphrase(option: &str) -> Result<SealKey, Failure> {
    if !std::io::stderr().is_terminal() {
        let line = format!("there is no terminal to ask for a passphrase: give a key by {option}");
        return Err(Failure::input("seal_key_needed", line));
    }
    let first = typed("New passphrase: ")?;
    if *first != *typed("New passphrase, once more: ")? {
        return Err(Failure::input(
            "passphrases_differ",
            "the passphrase that was typed the second time differs from the first: nothing was changed",
        ));
    }
    Ok(SealKey::from_passphrase(&first)?)
}

/// What somebody types at the terminal, which does not show it.
fn typed(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    let typed = rpassword::prompt_password(crate::escape::printable(prompt));
    typed
        .map(Zeroizing::new)
        .map_err(|error| Failure::io("cannot ask for a passphrase").caused_by(&error))
}
