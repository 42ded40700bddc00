//! What a policy says of passkeys.

use super::Policy;
use alloc::string::String;
use didkey::DidKey;

/// Passkeys: which relying party, which pages, which users.
impl Policy {
    /// Accepts passkeys of this RP id only; otherwise the RP id is the payload's `domain`, without
    /// a port.
    ///
    /// Unless [origins](Self::with_origin) are named, it also says where passkeys may be used: at
    /// the host of this name, or at the payload's `domain` if that is a host below it, since an RP
    /// id may be a suffix of the page's host (WebAuthn, "relying party identifier").
    pub fn with_rp_id(mut self, rp_id: impl Into<String>) -> Self {
        self.passkeys.rp_id = Some(rp_id.into());
        self
    }

    /// Accepts passkeys used at this origin, to the letter, `https://app.example:8443` for
    /// example; each call adds one. Otherwise the origin is `https://` and the payload's
    /// `domain`, at any port, and also `http://` for hosts of the machine itself: `localhost`,
    /// names below it, and the addresses 127.0.0.0/8 and `[::1]`.
    pub fn with_origin(mut self, origin: impl Into<String>) -> Self {
        self.passkeys.origins.push(origin.into());
        self
    }

    /// Accepts passkeys used in a frame within a page of another site, as long as the browser does
    /// not say which page that is.
    pub const fn with_cross_origin(mut self) -> Self {
        self.passkeys.cross_origin = true;
        self
    }

    /// Accepts passkeys that were used in a frame within a page of exactly this origin
    /// (`topOrigin`); each call adds one. If no such origin is named, no passkey may have a
    /// `topOrigin`.
    pub fn with_top_origin(mut self, origin: impl Into<String>) -> Self {
        self.passkeys.top_origins.push(origin.into());
        self
    }

    /// Refuses passkeys that did not verify their user (by a PIN or a fingerprint). That a user
    /// was present is always required.
    pub const fn with_user_verification(mut self) -> Self {
        self.passkeys.user_verification = true;
        self
    }

    /// Knows this passkey from its registration, so that capabilities which name it as their
    /// issuer count as [`IssuerProof::Expected`](crate::IssuerProof::Expected) although a
    /// passkey's signature does not cover the issuer. Each call adds one.
    pub fn with_registered_passkey(mut self, key: DidKey) -> Self {
        self.passkeys.registered.push(key);
        self
    }
}
