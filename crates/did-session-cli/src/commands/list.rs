//! `list`: what lies in the store.

use clap::Args;
use did_session::{Error, Listed, NotUsable, Sessions, SlotId};
use serde::Serialize;
use std::fmt;

use super::session::{Session, Shown, expiry};
use crate::args::Globals;
use crate::escape::printable;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Answer, Sentence, Table, WARN};
use crate::place;
use crate::store::{self, Store};
use crate::terminal;
use crate::value::name;

/// List the stored sessions.
///
/// On a terminal, accounts and keys are shortened in the middle so that a line fits.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  did-session list
  did-session list --wide
  did-session list --json | jq -r '.sessions[] | .issuer'")]
pub(crate) struct List {
    /// Shorten nothing, however wide the lines become.
    #[arg(long)]
    wide: bool,
}

#[derive(Serialize)]
struct Report {
    sessions: Vec<Entry>,
    /// Names of what lies in the store and is not a session.
    foreign: Vec<String>,
    #[serde(skip)]
    wide: bool,
    /// In which directory it was looked.
    #[serde(skip)]
    store: String,
}

/// A stored session: `valid`, `expired`, `refused`, `unreadable`, or `unknown` if its contract could
/// not be asked or its record not be read just now.
#[derive(Serialize)]
struct Entry {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The session has it, too, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    #[serde(flatten)]
    session: Option<Shown>,
    #[serde(skip)]
    row: [String; 6],
}

impl List {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let sessions = store::open_to_list(globals)?;
        let report = Report {
            wide: self.wide,
            store: place::shown(store::files(globals)?.directory()),
            ..store::run(globals, report(&sessions))?
        };
        Ok(Answer::new(Exit::Yes, globals.json, &report))
    }
}

async fn report(sessions: &Sessions<Store>) -> Result<Report, Failure> {
    let mut listed = sessions.list().await?;
    listed.sort();
    let mut report = Report {
        sessions: Vec::new(),
        foreign: Vec::new(),
        wide: false,
        store: String::new(),
    };
    for entry in listed {
        match entry {
            Listed::Slot(slot) => {
                let sessions = sessions.clone().with_profile(slot.profile().clone());
                match sessions.load(slot.issuer()).await {
                    Ok(session) => report.sessions.push(Entry::of(&session)),
                    Err(Error::NotUsable(reason)) => match *reason {
                        // removed since it was listed
                        NotUsable::Absent => {}
                        reason => report.sessions.push(Entry::bad(&slot, reason)),
                    },
                    // a contract that cannot be asked does not keep the others from being listed,
                    // nor does a record that cannot be read just now
                    Err(error @ (Error::Capability(_) | Error::Store(_))) => {
                        report.sessions.push(Entry::unknown(&slot, error));
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            Listed::Foreign(name) => report.foreign.push(name),
            other => report.foreign.push(format!("{other:?}")),
        }
    }
    Ok(report)
}

impl Entry {
    fn of(session: &Session) -> Self {
        let state = if session.is_expired() {
            "expired"
        } else {
            "valid"
        };
        Self {
            state,
            code: None,
            detail: None,
            issuer: None,
            profile: None,
            row: [
                name(&session.issuer().normalized()),
                session.profile().to_string(),
                session.key_did().to_string(),
                expiry(session),
                session.authorizations().len().to_string(),
                state.to_owned(),
            ],
            session: Some(Shown::of(session)),
        }
    }

    fn bad(slot: &SlotId, reason: NotUsable) -> Self {
        let state = match reason {
            NotUsable::Unreadable(_) => "unreadable",
            _ => "refused",
        };
        Self::without_session(slot, state, &Failure::from(reason))
    }

    fn unknown(slot: &SlotId, error: Error) -> Self {
        Self::without_session(slot, "unknown", &Failure::from(error))
    }

    fn without_session(slot: &SlotId, state: &'static str, failure: &Failure) -> Self {
        let issuer = slot.issuer().did();
        let profile = slot.profile().name().map(str::to_owned);
        let dash = || "-".to_owned();
        Self {
            state,
            code: Some(failure.code()),
            detail: Some(failure.to_string()),
            issuer: Some(issuer),
            profile,
            session: None,
            row: [
                name(slot.issuer()),
                slot.profile().to_string(),
                dash(),
                dash(),
                dash(),
                state.to_owned(),
            ],
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sessions.is_empty() {
            let store = printable(&self.store);
            writeln!(f, "there are no stored sessions in {store}")?;
        } else {
            let titles = [
                "ISSUER",
                "PROFILE",
                "KEY",
                "EXPIRES IN",
                "RESOURCES",
                "STATE",
            ];
            let mut table = Table::new(titles).shortening(&[0, 1, 2]);
            for entry in &self.sessions {
                table.row(entry.row.clone());
            }
            let columns = terminal::columns().filter(|_| !self.wide);
            f.write_str(&table.fit(columns))?;
        }
        for entry in &self.sessions {
            if let (Some(issuer), Some(detail)) = (&entry.issuer, &entry.detail) {
                let what = format!("{issuer}: {detail}");
                let sentence = Sentence {
                    label: entry.state,
                    style: WARN,
                    code: None,
                    what: &what,
                };
                writeln!(f, "{sentence}")?;
            }
        }
        for name in &self.foreign {
            writeln!(f, "{WARN}not a session{WARN:#}: {}", printable(name))?;
        }
        Ok(())
    }
}
