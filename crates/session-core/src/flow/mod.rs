//! Getting a session, as a state machine: the order of the steps is here and nowhere else.
//!
//! [`Flow`] does no input and output, and holds no key. It says what it wants next, a [`Step`], and
//! is given the result, an [`Input`]. [`Sessions`](crate::Sessions) drives it over a
//! [`SessionStore`](crate::SessionStore); code that cannot use futures may drive it itself.

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
