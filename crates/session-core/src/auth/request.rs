//! What an issuer is asked to sign.

use cacao::{Issuer, Payload};

/// What an issuer is asked to sign: immutable, valid, complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthRequest {
    payload: Payload,
}

impl AuthRequest {
    /// A request for this payload: what [`Sessions`](crate::Sessions) hand to an auth method, and
    /// what a test hands to one of your own.
    #[must_use]
    pub const fn new(payload: Payload) -> Self {
        Self { payload }
    }

    /// The payload, complete with issuer, audience (the session key), nonce, times and resources.
    /// Wallets sign its text, see [`cacao::siwx::render`].
    #[must_use]
    pub const fn payload(&self) -> &Payload {
        &self.payload
    }

    /// Who is asked.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        self.payload.issuer()
    }
}
