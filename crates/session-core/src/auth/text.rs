//! The text that wallets show and sign.

use super::{AuthError, AuthRequest};
use cacao::{AccountId, siwx};

/// The text of a request, laid out as writers do.
pub(super) fn of(request: &AuthRequest) -> Result<String, AuthError> {
    siwx::render(request.payload(), siwx::Dialect::default()).map_err(AuthError::failed)
}

/// Refuses an account of another namespace.
pub(super) fn check_namespace(
    account: &AccountId,
    namespace: &'static str,
) -> Result<(), AuthError> {
    if account.namespace() == namespace {
        return Ok(());
    }
    Err(AuthError::failed(format!(
        "{account} is no account of the namespace {namespace}"
    )))
}
