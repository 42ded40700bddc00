//! What a shell offers while somebody types: commands, options and files, and what is stored.
//!
//! The script of a shell, which `completions` prints, calls the program with the words that were
//! typed. A store that is sealed is not opened for that: it tells whose sessions it has, and
//! nothing about them.

use clap::Command;
use clap_complete::CompleteEnv;
use clap_complete::engine::{CompletionCandidate, PathCompleter, ValueCompleter as _};
use clap_complete::env::{Elvish, EnvCompleter, Fish, Powershell, Shells, Zsh};
use did_session::cacao::siwx::Variation;
use did_session::cacao::{Payload, SignatureKind};
use did_session::store::FsStore;
use did_session::{Listed, SessionStore as _, Slot, SlotId};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;

use crate::bash::Bash;
use crate::escape::is_unprintable;
use crate::exit::Exit;
use crate::place;
use crate::runtime::block_on;
use crate::value::name;

/// The environment variable in which a script names its shell.
const VARIABLE: &str = "DID_SESSION_COMPLETE";
/// The environment variable that names a store.
pub(crate) const STORE_VARIABLE: &str = "DID_SESSION_STORE";
const SHELLS: &[&dyn EnvCompleter] = &[&Bash, &Elvish, &Fish, &Powershell, &Zsh];

/// Returns the script of a shell, if it is one that calls.
pub(crate) fn answer(cli: fn() -> Command) -> Option<Exit> {
    let here = std::env::current_dir().ok();
    let answered = CompleteEnv::with_factory(cli)
        .var(VARIABLE)
        .shells(Shells(SHELLS))
        .try_complete(std::env::args_os(), here.as_deref());
    match answered {
        Ok(true) => Some(Exit::Yes),
        Ok(false) => None,
        // a message would stand in the middle of what somebody types
        Err(_) => Some(Exit::Input),
    }
}

/// The script by which a shell calls the program.
pub(crate) fn script(shell: &str, name: &str, program: &str) -> io::Result<Vec<u8>> {
    let mut script = Vec::new();
    let shells = Shells(SHELLS);
    let shell = shells.completer(shell);
    let shell = shell.ok_or_else(|| io::Error::other("the shell is not known"))?;
    shell.write_registration(VARIABLE, name, name, program, &mut script)?;
    Ok(script)
}

/// The issuers that have a stored session.
pub(crate) fn issuers(typed: &OsStr) -> Vec<CompletionCandidate> {
    // an address is enough if only one issuer has it
    let by_address = typed.to_str().is_some_and(|typed| typed.starts_with("0x"));
    offered(typed, |_, slot| {
        let issuer = slot.issuer();
        match issuer.account().filter(|_| by_address) {
            Some(account) => vec![account.address().to_owned()],
            None => vec![name(issuer)],
        }
    })
}

/// The same, and files.
pub(crate) fn issuers_and_files(typed: &OsStr) -> Vec<CompletionCandidate> {
    let mut all = issuers(typed);
    all.extend(PathCompleter::file().complete(typed));
    all
}

/// The profiles that have a session.
pub(crate) fn profiles(typed: &OsStr) -> Vec<CompletionCandidate> {
    offered(typed, |_, slot| vec![slot.profile().to_string()])
}

/// The resources of stored sessions.
pub(crate) fn resources(typed: &OsStr) -> Vec<CompletionCandidate> {
    offered(typed, |store, slot| {
        let of = |payload: &Payload| payload.resources().map(str::to_owned).collect();
        stored(store, slot).as_ref().map(of).unwrap_or_default()
    })
}

/// The domains of stored sessions.
pub(crate) fn domains(typed: &OsStr) -> Vec<CompletionCandidate> {
    offered(typed, |store, slot| {
        let payload = stored(store, slot);
        payload.iter().map(|p| p.domain().to_owned()).collect()
    })
}

/// The chains of the accounts that have a session.
pub(crate) fn chains(typed: &OsStr) -> Vec<CompletionCandidate> {
    offered(typed, |_, slot| {
        let chain = slot.issuer().account().map(|account| {
            let (namespace, reference) = (account.namespace(), account.reference());
            format!("{namespace}:{reference}")
        });
        chain.into_iter().collect()
    })
}

/// The kinds of signature.
pub(crate) fn kinds(typed: &OsStr) -> Vec<CompletionCandidate> {
    let all = SignatureKind::KNOWN.map(|kind| kind.to_string());
    typed
        .to_str()
        .map_or_else(Vec::new, |typed| going_on(typed, all))
}

/// The names of dialects.
pub(crate) fn dialects(typed: &OsStr) -> Vec<CompletionCandidate> {
    let all = Variation::ALL.map(|variation| variation.name().to_owned());
    typed
        .to_str()
        .map_or_else(Vec::new, |typed| going_on(typed, all))
}

/// Values of the slots of the store, each once, that go on as was typed. Whatever cannot be read
/// offers nothing.
fn offered(
    typed: &OsStr,
    values: impl Fn(&FsStore, &SlotId) -> Vec<String>,
) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else {
        return Vec::new();
    };
    let Ok(store) = place::files(directory(std::env::args_os()).as_deref()) else {
        return Vec::new();
    };
    let listed = block_on(async { Ok(store.list().await?) }).unwrap_or_default();
    let mut all = BTreeSet::new();
    for entry in listed {
        if let Listed::Slot(slot) = entry {
            all.extend(values(&store, &slot));
        }
    }
    going_on(typed, all)
}

/// Those that go on as was typed.
fn going_on(typed: &str, all: impl IntoIterator<Item = String>) -> Vec<CompletionCandidate> {
    all.into_iter()
        .filter(|value| value.starts_with(typed) && !value.chars().any(is_unprintable))
        .map(CompletionCandidate::new)
        .collect()
}

/// What was signed for the session in a slot.
fn stored(store: &FsStore, slot: &SlotId) -> Option<Payload> {
    match block_on(async { Ok(store.load(slot).await?) }) {
        Ok(Slot::Record { record, .. }) => Some(record.capability().payload().clone()),
        _ => None,
    }
}

/// The directory that the words name, or the environment does.
fn directory(words: impl Iterator<Item = OsString>) -> Option<PathBuf> {
    let mut words = words.skip_while(|word| word != "--");
    while let Some(word) = words.next() {
        if word == "--store" {
            return words.next().map(PathBuf::from);
        }
        if let Some(path) = word.to_str().and_then(|word| word.strip_prefix("--store=")) {
            return Some(PathBuf::from(path));
        }
    }
    std::env::var_os(STORE_VARIABLE).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_name_the_store() {
        let found = |words: &[&str]| directory(words.iter().map(OsString::from));
        let typed = [
            "did-session",
            "--",
            "did-session",
            "sign",
            "--store",
            "x",
            "",
        ];
        assert_eq!(found(&typed), Some(PathBuf::from("x")));
        let typed = ["did-session", "--", "did-session", "--store=y", "list"];
        assert_eq!(found(&typed), Some(PathBuf::from("y")));
    }

    #[test]
    fn every_shell_has_a_script_that_calls_the_program() {
        for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
            let script = script(shell, "did-session", "/opt/did-session").unwrap();
            let script = String::from_utf8(script).unwrap();
            for part in [VARIABLE, "/opt/did-session"] {
                assert!(script.contains(part), "{shell}: {script}");
            }
        }
        assert!(script("csh", "did-session", "did-session").is_err());
    }
}
