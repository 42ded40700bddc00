//! A thin layer over IndexedDB: open, one transaction, close. Nothing here knows what a session
//! is.

mod open;
mod transaction;

pub(crate) use open::{Connection, open, open_existing};
pub(crate) use transaction::{Entry, Reading, Write};
