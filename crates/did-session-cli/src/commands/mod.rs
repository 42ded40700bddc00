//! The commands, one module each.

pub(crate) mod completions;
pub(crate) mod did;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod inspect;
pub(crate) mod list;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod man;
mod passkeys;
pub(crate) mod renew;
mod replaced;
pub(crate) mod revoke;
mod session;
pub(crate) mod sign;
pub(crate) mod status;
pub(crate) mod store;
pub(crate) mod verify;
mod warned;
