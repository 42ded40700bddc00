//! Why an issuer did not sign.

use std::error::Error as StdError;

/// Why an issuer did not sign.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// The user said no.
    #[error("the user declined")]
    Declined,
    /// The wallet cannot be reached, answers something else, or failed.
    #[error("the wallet failed")]
    Failed(#[source] Box<dyn StdError + Send + Sync>),
}

impl AuthError {
    /// The wallet failed for this reason.
    pub fn failed(reason: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Failed(reason.into())
    }

    /// A stable name of the reason in snake case, for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Failed(_) => "wallet_failed",
        }
    }
}
