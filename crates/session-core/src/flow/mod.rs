//! Getting a session, as a machine: the order of the steps stands here and nowhere else.
//!
//! [`Flow`] does no I/O and holds no key. It says what it wants next, a [`Step`], and is told what
//! came of it, an [`Input`]. Two callers drive it: [`Sessions`](crate::Sessions) over a
//! [`SessionStore`](crate::SessionStore), and whoever has a reason to do without futures.

mod drive;
mod found;
mod machine;
mod prompts;
mod step;

pub use crate::chain::Answered;
pub use crate::clock::Time;
pub use machine::Flow;
pub use prompts::{Joined, Lead, Outcome, Prompts, Waiter};
pub use step::{Found, Input, Origin, Step, View};

pub(crate) use drive::{Asked, drive};
