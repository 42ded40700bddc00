//! Is what lies in the store usable for this request?

use super::SessionOptions;
use crate::context::Context;
use crate::error::Error;
use crate::key::SessionKey;
use crate::session::DidSession;
use crate::store::Slot;
use cacao::{Issuer, UnixTime};
use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

/// Why a stored session is not used for a request.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotUsable {
    /// There is none.
    #[error("there is no stored session")]
    Absent,
    /// What lies there cannot be read.
    #[error("the stored session cannot be read")]
    Unreadable(#[source] Arc<dyn StdError + Send + Sync>),
    /// It cannot be what the issuer signed for this key: it would never work.
    #[error("the stored session is not accepted")]
    Refused(#[source] Error),
    /// It has expired, or is about to.
    #[error("the stored session expires at {at}")]
    Expired {
        /// `exp` as it stands.
        at: String,
    },
    /// It does not grant everything that is asked for.
    #[error("the stored session does not grant {resource:?}")]
    NotGranted {
        /// The first resource that is missing.
        resource: String,
    },
    /// It grants other resources than exactly those that are asked for.
    #[error("the stored session grants other resources than exactly those asked for")]
    NotExact,
    /// It lasts longer than the caller wishes.
    #[error("the stored session lasts longer than asked for")]
    LastsTooLong,
}

impl NotUsable {
    /// A stable name of the reason in snake case, for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Absent => "no_session",
            Self::Unreadable(_) => "unreadable_record",
            Self::Refused(error) => error.code(),
            Self::Expired { .. } => "expired",
            Self::NotGranted { .. } => "resource_not_granted",
            Self::NotExact => "not_exact",
            Self::LastsTooLong => "lasts_too_long",
        }
    }
}

/// A session is not reused in its last minute, nor in the last tenth of a shorter life: it would
/// be gone before the caller has done anything with it.
const REUSE_MARGIN: Duration = Duration::from_secs(60);

/// Judges what was loaded for an issuer, whatever is asked of it.
pub(super) fn open<K: SessionKey>(
    slot: Slot<K>,
    issuer: &Issuer,
    context: &Context,
) -> Result<DidSession<K>, NotUsable> {
    match slot {
        Slot::Empty => Err(NotUsable::Absent),
        Slot::Unreadable { source, .. } => Err(NotUsable::Unreadable(source.into())),
        Slot::Record { record, .. } => {
            DidSession::open(&record, Some(issuer), context).map_err(NotUsable::Refused)
        }
    }
}

/// Whether a session can be handed out for this request.
pub(super) fn fits<K: SessionKey>(
    session: &DidSession<K>,
    options: &SessionOptions,
    context: &Context,
) -> Result<(), NotUsable> {
    let now = context.now();
    check_life(session, options, now)?;
    let granted = || session.authorizations();
    let missing = options
        .wanted()
        .iter()
        .find(|wanted| !context.rules().covers(granted(), wanted));
    if let Some(resource) = missing {
        return Err(NotUsable::NotGranted {
            resource: resource.clone(),
        });
    }
    let more = || granted().any(|granted| !options.wanted().iter().any(|w| w == granted));
    let fewer = || {
        options
            .wanted()
            .iter()
            .any(|wanted| !granted().any(|g| g == wanted))
    };
    if options.is_exact() && (more() || fewer()) {
        return Err(NotUsable::NotExact);
    }
    Ok(())
}

fn check_life<K: SessionKey>(
    session: &DidSession<K>,
    options: &SessionOptions,
    now: UnixTime,
) -> Result<(), NotUsable> {
    let payload = session.cacao().payload();
    let Some(exp) = payload.expires_at() else {
        return match options.explicit_lifetime() {
            Some(_) => Err(NotUsable::LastsTooLong),
            None => Ok(()),
        };
    };
    let life = exp
        .unix_time()
        .duration_since(payload.issued_at().unix_time());
    let margin = REUSE_MARGIN.min(life / 10);
    if exp.unix_time() - margin < now {
        return Err(NotUsable::Expired {
            at: exp.to_string(),
        });
    }
    match options.explicit_lifetime() {
        Some(wish) if exp.unix_time() > now + wish => Err(NotUsable::LastsTooLong),
        _ => Ok(()),
    }
}
