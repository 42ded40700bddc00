//! What the schemes of all accounts share.

use cacao::{Issuer, Payload, siwx};
use session_core::AuthError;

/// The text that wallets show and sign, laid out as writers do.
pub(crate) fn text_of(payload: &Payload) -> Result<String, AuthError> {
    siwx::render(payload, siwx::Dialect::default()).map_err(AuthError::failed)
}

/// Refuses issuers that are not accounts of this namespace.
pub(crate) fn check_namespace(issuer: &Issuer, namespace: &'static str) -> Result<(), AuthError> {
    if issuer.account().is_some() && issuer.namespace() == namespace {
        return Ok(());
    }
    Err(AuthError::failed(format!(
        "{issuer} is not an account of the namespace {namespace}"
    )))
}
