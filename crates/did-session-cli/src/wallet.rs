//! Wallets.

use crate::failure::Exit;

/// Why a wallet did not sign.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WalletError {
    /// Not found.
    #[error("x")]
    Start,
}

impl WalletError {
    pub(crate) const fn exit(&self) -> Exit {
        Exit::Input
    }
}
