//! Where the machine is on its way.

use crate::ask::{Pending, Request};
use crate::error::Error;
use cacao::{Inquiry, Requirement, VerifiedCacao};
use std::time::Duration;

/// What the caller wants.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub(super) enum Aim {
    /// The stored session, if it meets this.
    Find(Box<Requirement>),
    /// One that meets a request: the stored one, unless it ends within this time, or a new one.
    Get {
        request: Box<Request>,
        renew_before: Option<Duration>,
    },
    /// A new one, of whoever answers.
    SignIn(Box<Request>),
}

/// Which step was wanted last.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub(super) enum Phase {
    New,
    Loading(Place),
    /// A stored session: its contract is being asked.
    Proving(Place, Box<Inquiry>),
    /// A stored session whose contract was asked just now.
    Refreshing(Place, Box<VerifiedCacao>),
    /// A stored session: is it revoked?
    Revocations(Place, Box<VerifiedCacao>),
    Joining,
    Locking,
    MakingKey,
    /// Whoever is asked next: would it be known whether the session was revoked?
    RevocationsFirst(Box<Pending>),
    Asking(Box<Pending>),
    /// The answer: its contract is being asked.
    ProvingAnswer(Box<Inquiry>),
    /// The lock for what was answered: of a sign-in, whose slot is not known before, or again, for
    /// it was lost while the wallet was open.
    LockingFor(Box<VerifiedCacao>),
    /// A sign-in: the slot of whoever answered.
    LoadingFor(Box<VerifiedCacao>),
    Saving(Box<VerifiedCacao>),
    Ended,
}

impl Phase {
    /// As errors call it: what it holds is not for them.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Loading(_) => "Loading",
            Self::Proving(..) => "Proving",
            Self::Refreshing(..) => "Refreshing",
            Self::Revocations(..) => "Revocations",
            Self::Joining => "Joining",
            Self::Locking => "Locking",
            Self::MakingKey => "MakingKey",
            Self::RevocationsFirst(_) => "RevocationsFirst",
            Self::Asking(_) => "Asking",
            Self::ProvingAnswer(_) => "ProvingAnswer",
            Self::LockingFor(_) => "LockingFor",
            Self::LoadingFor(_) => "LoadingFor",
            Self::Saving(_) => "Saving",
            Self::Ended => "Ended",
        }
    }
}

/// Where on the way a stored session is looked at.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// At first, without a lock.
    First,
    /// Under the prompt lock.
    Locked,
    /// Under a lock that was lost and taken again; this is to be saved.
    LockedAgain(Box<VerifiedCacao>),
    /// After somebody else changed the slot.
    AfterConflict,
    /// After the store's reply was lost; this was to be saved.
    AfterUnknown(Box<VerifiedCacao>),
    /// A renewal for which there is no new session, for this reason.
    NotGiven(Error),
}
