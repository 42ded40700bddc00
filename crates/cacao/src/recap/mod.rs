//! ReCaps (ERC-5573): a resource that grants abilities on targets, and the words for it at the end
//! of the statement, so that a person reads what is granted before signing it.
//!
//! - [`Recap`]: a ReCap to ask for, which a builder makes and which is written in one way;
//!   [`Recap::merge`], [`Recap::is_subset_of`].
//! - [`SignedRecap`]: a ReCap that was signed, in every spelling that is accepted.
//! - [`Recap::translation`], [`SignedRecap::split_statement`]: the words, both ways.
//! - [`Requirement::with_recap`](crate::Requirement::with_recap): what a capability must grant;
//!   [`RecapResources`] if resources are texts.
//!
//! # How a capability with a ReCap is judged
//! Only the last resource is a ReCap that grants something, and the signed statement ends with its
//! translation; otherwise a person did not read what was granted, and the capability is refused:
//! [`Error::RecapUnsaid`](crate::Error::RecapUnsaid),
//! [`Error::RecapNotLast`](crate::Error::RecapNotLast), [`Error::Recap`](crate::Error::Recap). A
//! policy may take such resources as opaque texts
//! ([`Policy::with_opaque_recaps`](crate::Policy::with_opaque_recaps)), which grant no ability then.
//!
//! ```
//! use cacao::Requirement;
//! use cacao::recap::Recap;
//!
//! let wanted = Recap::of("https://files.example/photos/", "crud/read")?;
//! let requirement = Requirement::for_domain("app.example").with_recap(wanted);
//! # Ok::<_, cacao::recap::RecapError>(())
//! ```

mod abilities;
mod json;
mod order;
mod parts;
mod payload;
mod read;
mod statement;
#[cfg(test)]
mod tests;
mod value;

pub use crate::error::RecapError;
pub use crate::judge::RecapResources;
pub use abilities::Abilities;
pub use json::MAX_RECAP_DEPTH;
pub use parts::{Ability, Restriction};
pub use payload::RecapStatement;
pub use read::{RecapNote, SignedRecap};
pub use statement::{Rendering, SplitStatement};
pub use value::{Recap, RecapBuilder};

pub(crate) use payload::{Found, composed_statement, find};

const PREFIX: &str = "urn:recap:";

/// Whether a resource is a ReCap: it begins with `urn:recap:`, in upper or lower case, since
/// programs that compare URNs take both for one (RFC 8141, section 3.1).
#[must_use]
pub fn is_recap(resource: &str) -> bool {
    let start = resource.get(..PREFIX.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}
