//! `logout`: removes sessions.

use clap::Args;
use did_session::cacao::{self, Issuer};
use did_session::{
    Error, Listed, NotUsable, Profile, SessionStore, Sessions, Slot, SlotId, StoreError,
};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

use super::session::{Ending, Revoked, failed};
use crate::args::Globals;
use crate::escape::printable;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Answer, BAD, GOOD};
use crate::place;
use crate::store::{self, Store};
use crate::who::WhoArgs;

/// Remove the sessions of an account from the store.
///
/// Those of all its profiles are removed, or that of --profile, in whatever state they are. Exit
/// code 1 means that there was none. A session that was exported holds until it expires: `revoke`
/// ends it on servers too, and so does what --all prints.
///
/// The key of a sealed store is not needed, except for what --all prints.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  did-session logout
  did-session logout eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44
  did-session logout --profile work
  did-session logout --all --json > tell-the-servers.json
  did-session logout --all --without-key")]
pub(crate) struct Logout {
    #[command(flatten)]
    who: WhoArgs,
    /// Remove the sessions of every account, and print what ends them on servers.
    #[arg(long, conflicts_with_all = ["issuer", "profile"])]
    all: bool,
    /// Remove the sessions of a sealed store without its key, and so without what ends them on
    /// servers.
    #[arg(long, requires = "all", conflicts_with_all = ["passphrase_file", "key_file", "store_id"])]
    without_key: bool,
}

#[derive(Serialize)]
struct One {
    removed: bool,
    issuer: String,
    /// The profiles that had a session.
    profiles: Vec<String>,
    /// Why nothing was removed, for people.
    #[serde(skip)]
    absent: String,
}

impl fmt::Display for One {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.removed {
            writeln!(f, "{GOOD}logged out{GOOD:#}: {}", self.issuer)
        } else {
            writeln!(f, "{}", self.absent)
        }
    }
}

#[derive(Serialize)]
struct All {
    /// How many sessions were removed.
    removed: usize,
    /// The sessions that still held, and what to send to servers to end them there.
    revoked: Vec<Revoked>,
    /// How many of those that were removed could not be read, so that nothing is printed which ends
    /// them on servers.
    unread: usize,
    /// In which directory.
    #[serde(skip)]
    store: String,
    /// Names of what lies in the store and is not a session: it was left there.
    foreign: Vec<String>,
    /// The sessions that could not be removed, and why.
    failed: Vec<Failed>,
}

#[derive(Serialize)]
struct Failed {
    issuer: String,
    profile: String,
    code: &'static str,
    detail: String,
}

impl fmt::Display for All {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sessions = if self.removed == 1 {
            "session"
        } else {
            "sessions"
        };
        if self.removed == 0 {
            let store = printable(&self.store);
            writeln!(f, "there are no stored sessions in {store}")?;
        } else {
            writeln!(f, "{GOOD}logged out{GOOD:#} of {} {sessions}", self.removed)?;
        }
        for revoked in &self.revoked {
            writeln!(f)?;
            revoked.fmt(f)?;
        }
        if self.unread > 0 {
            writeln!(
                f,
                "{BAD}not told to servers{BAD:#}: {} of them could not be read, and hold there until \
                 they expire",
                self.unread
            )?;
        }
        for name in &self.foreign {
            writeln!(f, "not a session, left where it is: {}", printable(name))?;
        }
        for Failed { issuer, detail, .. } in &self.failed {
            writeln!(
                f,
                "{BAD}not removed{BAD:#}: {issuer}: {}",
                printable(detail)
            )?;
        }
        Ok(())
    }
}

impl Logout {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        if self.all {
            let sessions = match self.without_key {
                true => store::open_unread(globals)?,
                false => store::open(globals)?,
            };
            return all(&sessions, globals);
        }
        let (sessions, issuer) = self.who.find_in(store::open_unread(globals)?)?;
        one(&sessions, &issuer, self.who.profile(), globals)
    }
}

fn one(
    sessions: &Sessions<Store>,
    issuer: &Issuer,
    profile: Option<&Profile>,
    globals: &Globals,
) -> Result<Answer, Failure> {
    let (profiles, absent) = store::block_on(async {
        let profiles = match profile {
            None => sessions.remove(issuer).await?,
            Some(profile) => {
                let removed = sessions.remove_profile(issuer).await?;
                removed.then(|| profile.clone()).into_iter().collect()
            }
        };
        let absent = if profiles.is_empty() {
            let error = Error::NotUsable(NotUsable::Absent.into());
            let failure = failed(sessions, issuer, error).await;
            place::told(failure, globals.store.as_deref()).to_string()
        } else {
            String::new()
        };
        Ok((profiles, absent))
    })?;
    let report = One {
        removed: !profiles.is_empty(),
        issuer: issuer.normalized().did(),
        profiles: profiles.iter().map(Profile::to_string).collect(),
        absent,
    };
    let exit = if report.removed { Exit::Yes } else { Exit::No };
    Ok(Answer::new(exit, globals.json, &report))
}

/// Everything that can be removed is. What ends the sessions on servers is printed before their
/// keys are gone, whatever went wrong with others.
fn all(sessions: &Sessions<Store>, globals: &Globals) -> Result<Answer, Failure> {
    let mut report = All {
        store: place::shown(store::files(globals)?.directory()),
        removed: 0,
        revoked: Vec::new(),
        unread: 0,
        foreign: Vec::new(),
        failed: Vec::new(),
    };
    let mut endings = Vec::new();
    store::run(globals, async {
        let mut slots = BTreeSet::new();
        for listed in sessions.list().await? {
            match listed {
                Listed::Slot(slot) => drop(slots.insert(slot)),
                Listed::Foreign(name) => report.foreign.push(name),
                other => report.foreign.push(format!("{other:?}")),
            }
        }
        for slot in slots {
            match end(sessions, &slot).await {
                Ok(Ended::Empty) => continue,
                Ok(Ended::Removed) => {}
                Ok(Ended::Unread) => report.unread += 1,
                Ok(Ended::Stated(ending)) => {
                    report.revoked.push(ending.words());
                    endings.push(*ending);
                }
                Err(failure) => {
                    report.failed.push(Failed {
                        issuer: slot.issuer().normalized().did(),
                        profile: slot.profile().to_string(),
                        code: failure.code(),
                        detail: failure.to_string(),
                    });
                    continue;
                }
            }
            report.removed += 1;
        }
        Ok(())
    })?;
    let exit = match (report.removed, report.failed.is_empty()) {
        (_, false) => Exit::Store,
        (0, true) => Exit::No,
        (_, true) => Exit::Yes,
    };
    let answer = Answer::new(exit, globals.json, &report);
    if endings.is_empty() {
        return Ok(answer);
    }
    Ok(answer.then(|| {
        store::block_on(async {
            let mut failed: Option<Failure> = None;
            for ending in endings {
                if let Err(failure) = ending.finish().await
                    && let Some(before) = failed.replace(failure)
                {
                    // the last one ends the command, which tells it
                    output::complain(&before);
                }
            }
            failed.map_or(Ok(()), Err)
        })
    }))
}

/// What became of a slot.
enum Ended {
    /// There was nothing.
    Empty,
    /// It held no session that lasts: it is empty now, and there is nothing to tell anybody.
    Removed,
    /// It held something that could not be read: it is empty now.
    Unread,
    /// It holds a session still, until the statement that ends it is printed.
    Stated(Box<Ending>),
}

/// Ends what lies in a slot. One that another process stores meanwhile is not removed in silence.
async fn end(sessions: &Sessions<Store>, slot: &SlotId) -> Result<Ended, Failure> {
    let sessions = sessions.clone().with_profile(slot.profile().clone());
    loop {
        let seen = sessions.store().load(slot).await.map_err(Error::from)?;
        if seen.tag().is_none() {
            return Ok(Ended::Empty);
        }
        let is_unreadable = matches!(seen, Slot::Unreadable { .. });
        match Ending::prepare(&sessions, slot.issuer()).await {
            Ok(ending) => return Ok(Ended::Stated(Box::new(ending))),
            // nobody knows whether it holds: what ends it on servers is not thrown away
            Err(Error::Capability(error)) if matches!(*error, cacao::Error::Chain(_)) => {
                return Err(Error::Capability(error).into());
            }
            // it has ended already, or never held
            Err(Error::NotUsable(_) | Error::Expired { .. } | Error::Capability(_)) => {
                match sessions.store().remove(slot, seen.expected()).await {
                    Ok(_) if is_unreadable => return Ok(Ended::Unread),
                    Ok(_) => return Ok(Ended::Removed),
                    Err(StoreError::Conflict { .. }) => {}
                    Err(error) => return Err(Error::from(error).into()),
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
}
