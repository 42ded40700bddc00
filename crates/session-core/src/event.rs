//! Events: what happens to sessions, for an observer of the application and for `tracing`.

use crate::ask::RequestWarning;
use crate::error::{AuthError, NotUsable};
use crate::store::Profile;
use cacao::{Cacao, Issuer, MaybeSend, MaybeSync};
use std::fmt;

/// An event: something happened to a session. It holds no secret. Each event is told once, by
/// whichever call it came about.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Event<'a> {
    /// What happened.
    pub kind: EventKind<'a>,
    /// Whose session it is; unknown while a wallet is asked who it is.
    pub issuer: Option<&'a Issuer>,
    /// In which profile it is kept; the default one where it is kept in no store, and for
    /// [`EventKind::Purged`], which is about all profiles.
    pub profile: &'a Profile,
    /// The capability, where there is one that can be read; its [identity](Cacao::identity) is
    /// what to count by. Where a session took the place of another, that of the newer one.
    pub capability: Option<&'a Cacao>,
}

/// What happened.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum EventKind<'a> {
    /// The wallet is asked for a text outside of the grammar. There is one event for each such
    /// text, before [`Asked`](Self::Asked).
    Warned(&'a RequestWarning),
    /// The wallet is asked for a session.
    Asked,
    /// The wallet gave one, and it is stored, if it was asked for by way of a store.
    Granted,
    /// The wallet gave none.
    Declined(&'a AuthError),
    /// A stored session is used.
    Reused,
    /// A stored session is not used.
    Refused(&'a NotUsable),
    /// A session that was still usable was replaced by a newer one.
    Renewed,
    /// What was stored was replaced.
    Replaced,
    /// A session that was made elsewhere was stored.
    Stored,
    /// What was stored was removed.
    Removed,
    /// So many sessions, of whichever issuers, were removed because they had expired. Stores
    /// purge in their engine, and do not say which they were.
    Purged(usize),
    /// A session was revoked.
    Revoked,
    /// The session key signed something.
    Signed,
}

impl EventKind<'_> {
    /// A stable name in snake case, for machines.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Warned(_) => "warned",
            Self::Asked => "asked",
            Self::Granted => "granted",
            Self::Declined(_) => "declined",
            Self::Reused => "reused",
            Self::Refused(_) => "refused",
            Self::Renewed => "renewed",
            Self::Replaced => "replaced",
            Self::Stored => "stored",
            Self::Removed => "removed",
            Self::Purged(_) => "purged",
            Self::Revoked => "revoked",
            Self::Signed => "signed",
        }
    }

    /// The stable name of the reason, where there is one.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Declined(error) => Some(error.code()),
            Self::Refused(reason) => Some(reason.code()),
            Self::Warned(warning) => Some(warning.option()),
            _ => None,
        }
    }

    /// How many sessions it is about, where they are counted and not named.
    #[must_use]
    pub const fn count(&self) -> Option<usize> {
        match self {
            Self::Purged(count) => Some(*count),
            _ => None,
        }
    }
}

/// Is informed about what happens to sessions. It is called in the course of each operation, so it
/// should be quick.
pub trait Observer: MaybeSend + MaybeSync {
    /// Something happened.
    fn event(&self, event: &Event<'_>);
}

impl<F: Fn(&Event<'_>) + MaybeSend + MaybeSync> Observer for F {
    fn event(&self, event: &Event<'_>) {
        self(event);
    }
}

/// To `tracing`, at the level of what an operator wants to see.
pub(crate) fn trace(event: &Event<'_>) {
    struct Shown<T>(Option<T>);

    impl<T: fmt::Display> fmt::Display for Shown<T> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match &self.0 {
                Some(value) => value.fmt(f),
                None => f.write_str("-"),
            }
        }
    }

    tracing::debug!(
        event = event.kind.name(),
        reason = event.kind.reason(),
        count = event.kind.count(),
        issuer = %Shown(event.issuer),
        profile = %event.profile,
        identity = %Shown(event.capability.map(Cacao::identity)),
        "session"
    );
}
