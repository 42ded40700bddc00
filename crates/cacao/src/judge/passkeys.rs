//! The rules that stand for passkeys (WebAuthn, section 7.2).

use super::Policy;
use crate::error::Error;
use crate::prove::PasskeyFacts;
use alloc::string::String;
use alloc::vec::Vec;
use didkey::DidKey;
use sha2::{Digest, Sha256};

#[derive(Clone, Debug, Default)]
pub(super) struct PasskeyRules {
    rp_id: Option<String>,
    origins: Vec<String>,
    top_origins: Vec<String>,
    cross_origin: bool,
    user_verification: bool,
    registered: Vec<DidKey>,
}

/// Passkeys: which relying party, which pages, which users.
impl Policy {
    /// Accepts passkeys of this RP id only; otherwise the RP id is the payload's `domain`, without a
    /// port.
    pub fn with_rp_id(mut self, rp_id: impl Into<String>) -> Self {
        self.passkeys.rp_id = Some(rp_id.into());
        self
    }

    /// Accepts passkeys used at this origin, to the letter, `https://app.example:8443` for
    /// example; each call adds one. Otherwise the origin is `https://` and the payload's
    /// `domain`, at any port, and also `http://` for `localhost`.
    pub fn with_origin(mut self, origin: impl Into<String>) -> Self {
        self.passkeys.origins.push(origin.into());
        self
    }

    /// Accepts passkeys used in a frame within a page of another site.
    pub const fn with_cross_origin(mut self) -> Self {
        self.passkeys.cross_origin = true;
        self
    }

    /// Accepts passkeys used in a frame within a page of this origin (`topOrigin`), to the letter;
    /// each call adds one. Otherwise no page may have held the frame and said who it is.
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

impl PasskeyRules {
    /// Holds what a passkey said against the rules, for a payload of this domain.
    pub(super) fn judge(&self, facts: &PasskeyFacts, domain: &str) -> Result<(), Error> {
        if !self.accepts_origin(&facts.origin, domain) {
            return Err(Error::OriginMismatch {
                expected: self.origin_for(domain),
                found: facts.origin.clone(),
            });
        }
        if facts.cross_origin && !self.cross_origin {
            return Err(Error::CrossOrigin);
        }
        if let Some(top) = &facts.top_origin {
            // only a frame of another site has a page above it that is worth a name
            if !facts.cross_origin || !self.top_origins.contains(top) {
                return Err(Error::CrossOrigin);
            }
        }
        let rp_id = self.rp_id.as_deref().unwrap_or(host_of(domain));
        if facts.rp_id_hash != <[u8; 32]>::from(Sha256::digest(rp_id)) {
            return Err(Error::RpIdMismatch {
                rp_id: rp_id.into(),
            });
        }
        if !facts.user_present {
            return Err(Error::UserNotPresent);
        }
        if self.user_verification && !facts.user_verified {
            return Err(Error::UserNotVerified);
        }
        Ok(())
    }

    fn accepts_origin(&self, origin: &str, domain: &str) -> bool {
        if !self.origins.is_empty() {
            return self.origins.iter().any(|accepted| accepted == origin);
        }
        let host = origin.strip_prefix("https://").or_else(|| {
            // browsers give plain http the powers of https on this host only
            origin
                .strip_prefix("http://")
                .filter(|_| host_of(domain) == "localhost")
        });
        host.and_then(|host| host.strip_prefix(domain))
            .is_some_and(|rest| rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port))
    }

    /// The origin to name in an error.
    fn origin_for(&self, domain: &str) -> String {
        match self.origins.first() {
            Some(origin) => origin.clone(),
            None => alloc::format!("https://{domain}"),
        }
    }

    pub(super) fn knows(&self, key: &DidKey) -> bool {
        self.registered.contains(key)
    }
}

/// An RP id is a host without a port (WebAuthn, "relying party identifier").
fn host_of(domain: &str) -> &str {
    match domain.rsplit_once(':') {
        Some((host, port)) if is_port(port) => host,
        _ => domain,
    }
}

fn is_port(text: &str) -> bool {
    (1..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_rp_id_is_a_host_without_a_port() {
        for (domain, host) in [
            ("app.example", "app.example"),
            ("app.example:8443", "app.example"),
            ("app.example:", "app.example:"),
            ("app.example:x", "app.example:x"),
            ("localhost:3000", "localhost"),
            ("[::1]:8080", "[::1]"),
        ] {
            assert_eq!(host_of(domain), host);
        }
    }

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
            ("https://app.example:8443", "app.example:8443", true),
            ("https://app.example", "app.example:8443", false),
            ("https://app.example:8444", "app.example:8443", false),
            ("http://localhost:3000", "localhost:3000", true),
            ("http://app.example:3000", "app.example:3000", false),
        ] {
            let found = default.accepts_origin(origin, domain);
            assert_eq!(found, accepted, "{origin} for {domain}");
        }
        let named = rules(
            Policy::default()
                .with_origin("https://a.example:1")
                .with_origin("android:apk-key-hash:x"),
        );
        assert!(named.accepts_origin("https://a.example:1", "app.example"));
        assert!(named.accepts_origin("android:apk-key-hash:x", "app.example"));
        assert!(!named.accepts_origin("https://a.example", "app.example"));
        assert!(!named.accepts_origin("https://app.example", "app.example"));
    }
}
