//! `store info`, `store seal` and `store rekey`.

use clap::{Args, Subcommand};
use did_session::store::{SealKey, SealedStore};
use did_session::{Listed, SessionStore as _};
use serde::Serialize;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::args::Globals;
use crate::escape::printable;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Answer, GOOD, Lines, WARN};
use crate::place;
use crate::waiting::Waiting;
use crate::{seal, store};

/// Show, encrypt or rekey the store as a whole.
#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    Info(Info),
    Seal(Seal),
    Rekey(Rekey),
}

impl StoreCommand {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        match self {
            Self::Info(command) => command.run(globals),
            Self::Seal(command) => command.run(globals),
            Self::Rekey(command) => command.run(globals),
        }
    }
}

/// Show where the store is, its number of sessions, and whether it is sealed.
///
/// The key of a sealed store is not needed for that.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  did-session store info
  did-session store info --json | jq -r .id")]
pub(crate) struct Info {}

/// Encrypt the stored sessions, and all that are stored later.
///
/// From then on every command needs the key: that of --key-file, or one that is made of the
/// passphrase of --passphrase-file. Without either, the terminal is asked for a passphrase. If the
/// command was interrupted, run it again: it goes on where it stopped.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  did-session store seal
  (umask 077; head -c 32 /dev/urandom > seal.key)
  did-session store seal --key-file seal.key")]
pub(crate) struct Seal {}

/// Give a sealed store another key or passphrase.
///
/// Give the present key as for every other command. The sessions are not encrypted anew: somebody
/// who copied the store before and knows the old key can read what was stored then and later. If
/// the old key became known, log out and log in again.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  did-session store rekey
  did-session store rekey --passphrase-file old.txt --new-key-file new.key")]
pub(crate) struct Rekey {
    /// The file with the new passphrase [default: the terminal is asked].
    #[arg(long, value_name = "FILE", conflicts_with = "new_key_file")]
    new_passphrase_file: Option<PathBuf>,
    /// The file with the new key: 32 bytes, or their hex or base64.
    #[arg(long, value_name = "FILE")]
    new_key_file: Option<PathBuf>,
}

#[derive(Serialize)]
struct Told {
    store: String,
    sessions: usize,
    sealed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl Info {
    #[allow(clippy::unused_self)] // every command has the same form
    fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let files = store::files(globals)?;
        let info = seal::info(&files)?;
        let listed = store::block_on(async { Ok(files.list().await?) })?;
        let slots = listed
            .iter()
            .filter(|entry| matches!(entry, Listed::Slot(_)));
        let report = Told {
            store: files.directory().display().to_string(),
            sessions: slots.count(),
            sealed: info.is_some(),
            id: info.as_ref().map(|info| info.id.to_string()),
            key: info.map(|info| info.key.to_string()),
        };
        Ok(Answer::new(Exit::Yes, globals.json, &report))
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Lines::default();
        lines.add("store", Some(place::shown(Path::new(&self.store))));
        lines.add("sessions", Some(self.sessions));
        let sealed = self.key.as_ref().map(|key| format!("with {key}"));
        lines.add("sealed", Some(sealed.as_deref().unwrap_or("no")));
        lines.add("id", self.id.as_ref());
        lines.fmt(f)
    }
}

#[derive(Serialize)]
struct Done {
    store: String,
    id: String,
    /// How many stored sessions were encrypted by this command.
    #[serde(skip_serializing_if = "Option::is_none")]
    sealed: Option<usize>,
    /// Whose sessions could not be read, and lie there as they did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<String>,
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (store, id) = (printable(&self.store), &self.id);
        match self.sealed {
            None => writeln!(f, "{GOOD}rekeyed{GOOD:#}: {store}, id {id}")?,
            Some(sealed) => {
                let sessions = if sealed == 1 { "session" } else { "sessions" };
                writeln!(
                    f,
                    "{GOOD}sealed{GOOD:#}: {sealed} {sessions} of {store}, id {id}"
                )?;
            }
        }
        for slot in &self.unreadable {
            writeln!(
                f,
                "{WARN}cannot be read, not sealed{WARN:#}: {}",
                printable(slot)
            )?;
        }
        Ok(())
    }
}

impl Seal {
    #[allow(clippy::unused_self)] // every command has the same form
    fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let files = store::files(globals)?;
        let sealed = match seal::info(&files)? {
            // it was cut short, or there is nothing to do
            Some(_) => seal::open(&files, &globals.seal)?,
            None => None,
        };
        let sealed = match sealed {
            Some(sealed) => sealed,
            None => create(&files, globals)?,
        };
        let waiting = Waiting::on("encrypting the stored sessions");
        let done = store::block_on(async { Ok(sealed.seal_plain().await?) })?;
        drop(waiting);
        let report = Done {
            store: files.directory().display().to_string(),
            id: sealed.id().to_string(),
            sealed: Some(done.sealed),
            unreadable: done.unreadable.iter().map(ToString::to_string).collect(),
        };
        let exit = if done.unreadable.is_empty() {
            Exit::Yes
        } else {
            Exit::Store
        };
        Ok(Answer::new(exit, globals.json, &report))
    }
}

fn create(
    files: &did_session::store::FsStore,
    globals: &Globals,
) -> Result<SealedStore<did_session::store::FsStore>, Failure> {
    if globals.seal.store_id.is_some() {
        return Err(Failure::usage(
            "--store-id names the id of a sealed store, and this one gets its id only now: leave the \
             option out",
        ));
    }
    let key: SealKey = match globals.seal.key()? {
        Some(key) => key,
        None => seal::new_passphrase("--passphrase-file FILE or --key-file FILE")?,
    };
    seal::warn_if_guessable(&key);
    let _waiting = Waiting::on("making the key of the store");
    store::block_on(async { Ok(SealedStore::create(files.clone(), &key).await?) })
        .map_err(|failure| failure.about(files.directory().display()))
}

impl Rekey {
    fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let files = store::files(globals)?;
        let directory = || files.directory().display();
        let Some(sealed) = seal::open(&files, &globals.seal)? else {
            let line = "the store is not sealed: `did-session store seal` encrypts it";
            return Err(Failure::input("store_not_sealed", line).about(directory()));
        };
        let named = seal::key_in(
            self.new_passphrase_file.as_deref(),
            self.new_key_file.as_deref(),
        )?;
        let key = match named {
            Some(key) => key,
            None => seal::new_passphrase("--new-passphrase-file FILE or --new-key-file FILE")?,
        };
        seal::warn_if_guessable(&key);
        let waiting = Waiting::on("making the new key of the store");
        let done = store::block_on(async { Ok(sealed.rekey(&key).await?) });
        drop(waiting);
        done.map_err(|failure| failure.about(directory()))?;
        let report = Done {
            store: directory().to_string(),
            id: sealed.id().to_string(),
            sealed: None,
            unreadable: Vec::new(),
        };
        Ok(Answer::new(Exit::Yes, globals.json, &report))
    }
}
