//! The ReCap of a payload: whether what it grants stands in the statement that a person read.

use super::statement::{PREAMBLE, join};
use super::{Recap, Rendering, SignedRecap, is_recap};
use crate::error::Error;
use crate::model::Payload;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;

/// What the signed text says of the ReCap among the resources of a capability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecapStatement {
    /// There is no ReCap that grants anything.
    #[default]
    Absent,
    /// The statement ends with its translation.
    Said(Rendering),
    /// The statement of the payload does not, but that of the signed text does: the wallet put the
    /// translation behind it, as wallet connectors do.
    Composed,
    /// The statement does not translate it, and the policy takes it as a resource like any other,
    /// which grants no ability ([`Policy::with_opaque_recaps`](crate::Policy::with_opaque_recaps)).
    Opaque,
}

/// What the payload alone says of its ReCap.
pub(crate) enum Found {
    /// None grants anything.
    Absent,
    /// The statement ends with its translation.
    Said(Arc<SignedRecap>, Rendering),
    /// The statement lacks it; a wallet may have put it into the signed text.
    Unsaid(Arc<SignedRecap>),
    /// Resources like any other, by the policy.
    Opaque,
}

impl Found {
    /// The ReCap whose abilities count.
    pub(crate) fn recap(&self) -> Option<&Arc<SignedRecap>> {
        match self {
            Self::Said(recap, _) | Self::Unsaid(recap) => Some(recap),
            Self::Absent | Self::Opaque => None,
        }
    }

    /// That the payload's ReCap grants all of these abilities.
    pub(crate) fn check_grants(&self, wanted: Option<&Recap>) -> Result<(), Error> {
        let Some(wanted) = wanted else { return Ok(()) };
        let missing = |resource| Err(Error::ResourceNotGranted { resource });
        let Some(granted) = self.recap() else {
            return missing(wanted.to_urn());
        };
        match wanted.abilities().first_beyond(granted.abilities()) {
            Some((target, ability)) => missing(format!("{ability} for {target}")),
            // a proof is missing
            None if !granted.grants(wanted) => missing(wanted.to_urn()),
            None => Ok(()),
        }
    }
}

/// Finds the ReCap of a payload: the last resource (ERC-5573, ReCap SIWE Extension). Any other may
/// grant nothing, since no statement translates it.
pub(crate) fn find(payload: &Payload, opaque: bool) -> Result<Found, Error> {
    let mut resources = payload.resources().peekable();
    let mut last = None;
    while let Some(resource) = resources.next() {
        if !is_recap(resource) {
            continue;
        }
        let recap = match resource.parse::<SignedRecap>() {
            Ok(recap) => recap,
            Err(_) if opaque => return Ok(Found::Opaque),
            Err(error) => return Err(Error::Recap(error)),
        };
        if recap.abilities().grants_nothing() {
            continue;
        }
        match resources.peek() {
            None => last = Some(recap),
            Some(_) if opaque => return Ok(Found::Opaque),
            Some(_) => return Err(Error::RecapNotLast),
        }
    }
    let Some(recap) = last.map(Arc::new) else {
        return Ok(Found::Absent);
    };
    let statement = payload.statement();
    if let Some(split) = statement.and_then(|statement| recap.split_statement(statement)) {
        return Ok(Found::Said(recap, split.rendering));
    }
    if may_be_composed(statement) {
        Ok(Found::Unsaid(recap))
    } else if opaque {
        Ok(Found::Opaque)
    } else {
        Err(Error::RecapUnsaid)
    }
}

/// The statement that stands in the text where a wallet put the translation of the last resource
/// behind the payload's own statement; `None` where no wallet does that.
pub(crate) fn composed_statement(payload: &Payload) -> Option<String> {
    let last = payload.resources().last().filter(|last| is_recap(last))?;
    let statement = payload.statement();
    if !may_be_composed(statement) {
        return None;
    }
    let recap = last.parse::<SignedRecap>().ok()?;
    // words that are those of another ReCap say nothing
    if !recap.has_one_reading() {
        return None;
    }
    let translation = recap.translation(Rendering::Connector);
    (!recap.abilities().grants_nothing()).then(|| join(statement, &translation))
}

/// A statement that holds a translation is left as it is by somebody who composes one.
fn may_be_composed(statement: Option<&str>) -> bool {
    !statement.is_some_and(|statement| statement.contains(PREAMBLE))
}
