//! What the state machine wants, and what it is given.

use crate::ask::Pending;
use crate::chain::Answered;
use crate::error::{AuthError, Error};
use crate::store::{ExpectedSlot, RecordTag, SlotId};
use cacao::{Cacao, EthCall, Evidence, VerifiedCacao};
use didkey::DidKey;
use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

/// What the state machine wants next.
#[derive(Debug)]
#[non_exhaustive]
pub enum Step {
    /// Join the callers of this process that want the same account: lead, or wait for the leader,
    /// until this time on the clock that never goes back.
    Join {
        /// Until when to wait.
        until: Duration,
    },
    /// Load what lies in this slot.
    Load {
        /// Which slot.
        slot: SlotId,
    },
    /// Find out whether this capability was revoked: one that is stored, or one that is not signed
    /// yet. If that cannot be found out, the flow ends before a wallet is asked.
    AskRevocations(Cacao),
    /// Put these calls to their chain.
    AskChain(Vec<EthCall>),
    /// Take the prompt lock of this slot, after giving back one that was taken before.
    Lock {
        /// Which slot.
        slot: SlotId,
        /// How long to wait for it at most.
        max_wait: Duration,
    },
    /// Make a session key, and do not keep it yet.
    MakeKey,
    /// Ask the wallet, if the prompt lock is still held: the only prompt.
    Ask(Box<Pending>),
    /// Keep this answer of a contract with the record that was loaded, if the record is still
    /// there. The flow goes on whether this succeeds or not.
    Refresh {
        /// What the contract said.
        evidence: Evidence,
        /// What must lie in the slot.
        expected: ExpectedSlot,
    },
    /// Save the new session, with the key that was made, in the slot that was locked, if it is
    /// still locked.
    Save {
        /// The capability, as it was judged.
        verified: Box<VerifiedCacao>,
        /// What must lie in the slot.
        expected: ExpectedSlot,
    },
    /// There is nothing more to do.
    Done(Result<Box<Found>, Error>),
}

impl Step {
    /// The name of the variant, as errors say it: what it holds is not for them.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Join { .. } => "Join",
            Self::Load { .. } => "Load",
            Self::AskRevocations(_) => "AskRevocations",
            Self::AskChain(_) => "AskChain",
            Self::Lock { .. } => "Lock",
            Self::MakeKey => "MakeKey",
            Self::Ask(_) => "Ask",
            Self::Refresh { .. } => "Refresh",
            Self::Save { .. } => "Save",
            Self::Done(_) => "Done",
        }
    }
}

/// A session that was found.
#[derive(Debug)]
pub struct Found {
    /// The capability, as it was judged.
    pub verified: VerifiedCacao,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a session comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was stored: its key is the one that was loaded last.
    Stored,
    /// It was stored, and is returned because the wallet did not give a newer one.
    Kept,
    /// The wallet was asked for it: its key is the one that was made.
    Asked,
}

/// The result of a step.
#[derive(Debug)]
#[non_exhaustive]
pub enum Input {
    /// Begin.
    Start,
    /// This caller is the leader.
    Lead,
    /// The leader asked for the same thing, and this is the result.
    Outcome(Result<(), Error>),
    /// The leader is gone, or asked for something else.
    LeaderGone,
    /// Waiting took too long.
    TimedOut,
    /// What lies in the slot.
    Loaded(View),
    /// Whether the capability was revoked.
    Revoked(bool),
    /// What came of the calls.
    Chain(Answered),
    /// The prompt lock is held.
    Locked,
    /// Somebody else still holds it.
    Busy,
    /// The prompt lock ran out or was lost: nobody was asked, nothing was saved.
    LockLost,
    /// A session key was made.
    Key(DidKey),
    /// What the wallet answered.
    Answer(Result<Cacao, AuthError>),
    /// What the contract said was kept, or not.
    Refreshed,
    /// The session was saved.
    Saved,
    /// Nothing was saved, for the slot is not as it was expected.
    Conflict,
    /// The reply of the store was lost: the session was saved or not.
    Unknown,
}

impl Input {
    /// The name of the variant, as errors say it: what it holds is not for them.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Start => "Start",
            Self::Lead => "Lead",
            Self::Outcome(_) => "Outcome",
            Self::LeaderGone => "LeaderGone",
            Self::TimedOut => "TimedOut",
            Self::Loaded(_) => "Loaded",
            Self::Revoked(_) => "Revoked",
            Self::Chain(_) => "Chain",
            Self::Locked => "Locked",
            Self::Busy => "Busy",
            Self::LockLost => "LockLost",
            Self::Key(_) => "Key",
            Self::Answer(_) => "Answer",
            Self::Refreshed => "Refreshed",
            Self::Saved => "Saved",
            Self::Conflict => "Conflict",
            Self::Unknown => "Unknown",
        }
    }
}

/// The content of a slot, as the state machine sees it: without the key.
#[derive(Clone, Debug)]
pub enum View {
    /// Nothing.
    Empty,
    /// A record.
    Record {
        /// Its capability.
        capability: Cacao,
        /// The public half of its key.
        key: DidKey,
        /// Its tag.
        tag: RecordTag,
        /// The kept answer of a contract, if the caller trusts its store.
        evidence: Option<Evidence>,
    },
    /// Something that cannot be read.
    Unreadable {
        /// The tag of what lies there.
        tag: RecordTag,
        /// Why.
        source: Arc<dyn StdError + Send + Sync>,
    },
}

impl View {
    /// What a later save must find.
    #[must_use]
    pub const fn expected(&self) -> ExpectedSlot {
        match self {
            Self::Empty => ExpectedSlot::Absent,
            Self::Record { tag, .. } | Self::Unreadable { tag, .. } => ExpectedSlot::Tag(*tag),
        }
    }
}
