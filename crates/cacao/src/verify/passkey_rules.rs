//! The rules that stand for passkeys (WebAuthn, section 7.2).

use super::Policy;
use alloc::string::String;
use alloc::vec::Vec;
use didkey::DidKey;

#[derive(Clone, Debug, Default)]
pub(super) struct PasskeyRules {
    rp_id: Option<String>,
    origins: Vec<String>,
    cross_origin: bool,
    user_verification: bool,
    registered: Vec<DidKey>,
}

/// Passkeys: which relying party, which pages, which users.
impl Policy {
    /// Accepts passkeys of this RP id only; otherwise the RP id is the payload's `domain`.
    pub fn rp_id(mut self, rp_id: impl Into<String>) -> Self {
        self.passkeys.rp_id = Some(rp_id.into());
        self
    }

    /// Accepts passkeys used at this origin, to the letter, `https://app.example:8443` for
    /// example; each call adds one. Otherwise the origin is `https://` and the payload's
    /// `domain`, at any port, and also `http://` for `localhost`.
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.passkeys.origins.push(origin.into());
        self
    }

    /// Accepts passkeys used in a frame within a page of another site.
    pub const fn allow_cross_origin(mut self) -> Self {
        self.passkeys.cross_origin = true;
        self
    }

    /// Refuses passkeys that did not verify their user (by a PIN or a fingerprint). That a user
    /// was present is always required.
    pub const fn require_user_verification(mut self) -> Self {
        self.passkeys.user_verification = true;
        self
    }

    /// Knows this passkey from its registration, so that capabilities which name it as their
    /// issuer count as [`IssuerProof::Expected`](crate::IssuerProof::Expected) although a
    /// passkey's signature does not cover the issuer. Each call adds one.
    pub fn registered_passkey(mut self, key: DidKey) -> Self {
        self.passkeys.registered.push(key);
        self
    }
}

#[cfg(feature = "webauthn")]
impl PasskeyRules {
    /// The RP id for payloads of this domain.
    pub(super) fn rp_id_for<'a>(&'a self, domain: &'a str) -> &'a str {
        self.rp_id.as_deref().unwrap_or(domain)
    }

    pub(super) fn accepts_origin(&self, origin: &str, domain: &str) -> bool {
        if !self.origins.is_empty() {
            return self.origins.iter().any(|accepted| accepted == origin);
        }
        let host = origin.strip_prefix("https://").or_else(|| {
            // browsers give plain http the powers of https on this host only
            origin
                .strip_prefix("http://")
                .filter(|_| domain == "localhost")
        });
        host.and_then(|host| host.strip_prefix(domain))
            .is_some_and(|rest| rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port))
    }

    /// The origin to name in an error.
    pub(super) fn origin_for(&self, domain: &str) -> String {
        match self.origins.first() {
            Some(origin) => origin.clone(),
            None => alloc::format!("https://{domain}"),
        }
    }

    pub(super) const fn accepts_cross_origin(&self) -> bool {
        self.cross_origin
    }

    pub(super) const fn requires_user_verification(&self) -> bool {
        self.user_verification
    }

    pub(super) fn knows(&self, key: &DidKey) -> bool {
        self.registered.contains(key)
    }
}

#[cfg(feature = "webauthn")]
fn is_port(text: &str) -> bool {
    (1..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(all(test, feature = "webauthn"))]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        let rules = |policy: Policy| policy.passkeys;
        let default = rules(Policy::default());
        for (origin, domain, accepted) in [
            ("https://app.example", "app.example", true),
            ("https://app.example:8443", "app.example", true),
            ("http://localhost:3000", "localhost", true),
            ("http://localhost", "localhost", true),
            ("https://localhost", "localhost", true),
            ("http://app.example", "app.example", false),
            ("https://app.example:", "app.example", false),
            ("https://app.example:123456", "app.example", false),
            ("https://app.example:8a", "app.example", false),
            ("https://app.example/", "app.example", false),
            ("https://app.example.evil.example", "app.example", false),
            ("https://evil.example", "app.example", false),
            ("https://sub.app.example", "app.example", false),
            ("https://app.exampl", "app.example", false),
            ("HTTPS://app.example", "app.example", false),
            ("app.example", "app.example", false),
            ("", "app.example", false),
        ] {
            let found = default.accepts_origin(origin, domain);
            assert_eq!(found, accepted, "{origin} for {domain}");
        }
        let named = rules(
            Policy::default()
                .origin("https://a.example:1")
                .origin("android:apk-key-hash:x"),
        );
        assert!(named.accepts_origin("https://a.example:1", "app.example"));
        assert!(named.accepts_origin("android:apk-key-hash:x", "app.example"));
        assert!(!named.accepts_origin("https://a.example", "app.example"));
        assert!(!named.accepts_origin("https://app.example", "app.example"));
    }
}
