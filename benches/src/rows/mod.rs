//! The rows. Those with an identifier of letters and a number are the ones that have a target.

mod bulk;
mod capability;
mod chains;
mod codec;
mod jws;
mod keys;
mod session;
mod store;

use crate::Row;
pub(crate) use jws::payload;
pub use store::record;

/// Every row, in the order of the tables.
#[must_use]
pub fn all() -> Vec<Row> {
    let mut rows = capability::rows();
    rows.extend(chains::rows());
    rows.extend(bulk::rows());
    rows.extend(codec::rows());
    rows.extend(keys::rows());
    rows.extend(jws::rows());
    rows.extend(session::rows());
    rows.extend(store::rows());
    rows
}
