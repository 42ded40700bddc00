//! The rules for passkeys (WebAuthn, section 7.2).

use crate::error::Error;
use crate::model::split_scheme;
use crate::prove::PasskeyFacts;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::Ipv4Addr;
use didkey::DidKey;
use sha2::{Digest, Sha256};

#[derive(Clone, Debug, Default)]
pub(super) struct PasskeyRules {
    pub(super) rp_id: Option<String>,
    pub(super) origins: Vec<String>,
    pub(super) top_origins: Vec<String>,
    pub(super) cross_origin: bool,
    pub(super) user_verification: bool,
    pub(super) registered: Vec<DidKey>,
}

impl PasskeyRules {
    /// Holds what a passkey said against the rules, for a payload of this domain, which may begin
    /// with a scheme.
    pub(super) fn judge(&self, facts: &PasskeyFacts, domain: &str) -> Result<(), Error> {
        // a named relying party is the first thing to be wrong: the origin follows from it
        if self.rp_id.is_some() {
            self.check_rp_id(facts, domain)?;
        }
        if !self.accepts_origin(&facts.origin, domain) {
            return Err(Error::OriginMismatch {
                expected: self.origin_for(domain),
                found: facts.origin.clone(),
            });
        }
        // only a frame of another site has a page above it that is worth a name
        let framed_as_allowed = match &facts.top_origin {
            Some(top) => facts.cross_origin && self.top_origins.contains(top),
            None => !facts.cross_origin || self.cross_origin,
        };
        if !framed_as_allowed {
            return Err(Error::CrossOrigin {
                top_origin: facts.top_origin.clone(),
            });
        }
        self.check_rp_id(facts, domain)?;
        if !facts.user_present {
            return Err(Error::UserNotPresent);
        }
        if self.user_verification && !facts.user_verified {
            return Err(Error::UserNotVerified);
        }
        Ok(())
    }

    fn check_rp_id(&self, facts: &PasskeyFacts, domain: &str) -> Result<(), Error> {
        let (_, authority) = parts(domain);
        let rp_id = self.rp_id.as_deref().unwrap_or(host_of(authority));
        if facts.rp_id_hash == <[u8; 32]>::from(Sha256::digest(rp_id)) {
            return Ok(());
        }
        Err(Error::RpIdMismatch {
            rp_id: rp_id.into(),
        })
    }

    fn accepts_origin(&self, origin: &str, domain: &str) -> bool {
        if !self.origins.is_empty() {
            return self.origins.iter().any(|accepted| accepted == origin);
        }
        let (scheme, domain) = parts(domain);
        let is_of_scheme = scheme.is_none_or(|scheme| {
            let rest = origin.strip_prefix(scheme);
            rest.is_some_and(|rest| rest.starts_with("://"))
        });
        is_of_scheme
            && match &self.rp_id {
                None => is_at(origin, domain),
                Some(rp_id) => {
                    is_at(origin, rp_id)
                        || (is_below(host_of(domain), rp_id) && is_at(origin, domain))
                }
            }
    }

    /// The origin to name in an error.
    fn origin_for(&self, domain: &str) -> String {
        let (scheme, domain) = parts(domain);
        let host = match (self.origins.first(), &self.rp_id) {
            (Some(origin), _) => return origin.clone(),
            (None, Some(rp_id)) if !is_below(host_of(domain), rp_id) => rp_id,
            (None, _) => domain,
        };
        alloc::format!("{}://{host}", scheme.unwrap_or("https"))
    }

    pub(super) fn knows(&self, key: &DidKey) -> bool {
        self.registered.contains(key)
    }
}

/// The scheme of a domain, if it begins with one, and the rest: a host, perhaps with its port.
fn parts(domain: &str) -> (Option<&str>, &str) {
    match split_scheme(domain) {
        Some((scheme, authority)) => (Some(scheme), authority),
        None => (None, domain),
    }
}

/// Whether an origin is that of this host, at the port that is named with it or else at any.
fn is_at(origin: &str, domain: &str) -> bool {
    let host = origin.strip_prefix("https://").or_else(|| {
        // browsers give plain http the powers of https on these hosts only
        origin
            .strip_prefix("http://")
            .filter(|_| is_loopback(host_of(domain)))
    });
    host.and_then(|host| host.strip_prefix(domain))
        .is_some_and(|rest| rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port))
}

/// Whether a host is a subdomain of another.
fn is_below(host: &str, parent: &str) -> bool {
    host.strip_suffix(parent)
        .is_some_and(|name| name.ends_with('.') && name.len() > 1)
}

/// Whether a host is the machine itself (Secure Contexts, section 3.1).
fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || is_below(host, "localhost")
        || host == "[::1]"
        || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
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
    use crate::Policy;

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
            ("http://a.localhost:3000", "a.localhost", true),
            ("http://127.0.0.1:3000", "127.0.0.1:3000", true),
            ("http://127.9.9.9", "127.9.9.9", true),
            ("http://[::1]:8080", "[::1]:8080", true),
            ("http://[::1]:8080", "[::1]", true),
            ("http://128.0.0.1", "128.0.0.1", false),
            (
                "http://127.0.0.1.evil.example",
                "127.0.0.1.evil.example",
                false,
            ),
            ("http://evil-localhost", "evil-localhost", false),
            (
                "http://localhost.evil.example",
                "localhost.evil.example",
                false,
            ),
            ("http://.localhost", ".localhost", false),
            // with a scheme, which must be that of the origin
            ("https://app.example", "https://app.example", true),
            ("https://app.example:8443", "https://app.example", true),
            ("https://app.example:8443", "https://app.example:8443", true),
            (
                "https://app.example:8444",
                "https://app.example:8443",
                false,
            ),
            ("https://evil.example", "https://app.example", false),
            ("http://localhost:3000", "http://localhost:3000", true),
            ("http://localhost:3000", "https://localhost:3000", false),
            ("https://localhost:3000", "http://localhost:3000", false),
            ("http://app.example", "http://app.example", false),
            ("https://app.example", "http://app.example", false),
            ("https://app.example", "myapp://app.example", false),
            ("myapp://app.example", "myapp://app.example", false),
            ("httpsx://app.example", "https://app.example", false),
            ("https://https://app.example", "https://app.example", false),
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
        // an application has an origin of its own, whatever the domain
        assert!(named.accepts_origin("android:apk-key-hash:x", "myapp://app.example"));
    }

    /// What is signed for `https://app.example` is for the RP id `app.example`.
    #[test]
    fn a_scheme_is_no_part_of_the_rp_id() {
        for (domain, rp_id, origin) in [
            ("app.example", "app.example", "https://app.example"),
            ("https://app.example", "app.example", "https://app.example"),
            (
                "https://app.example:8443",
                "app.example",
                "https://app.example:8443",
            ),
            (
                "http://localhost:3000",
                "localhost",
                "http://localhost:3000",
            ),
        ] {
            let facts = PasskeyFacts {
                origin: origin.into(),
                top_origin: None,
                cross_origin: false,
                rp_id_hash: Sha256::digest(rp_id).into(),
                user_present: true,
                user_verified: true,
            };
            let rules = PasskeyRules::default();
            assert!(rules.judge(&facts, domain).is_ok(), "{domain}");
            assert_eq!(rules.origin_for(domain), origin);
        }
        let rules = PasskeyRules::default();
        assert_eq!(
            rules.origin_for("myapp://app.example"),
            "myapp://app.example"
        );
    }

    /// An RP id alone names the host. A host below it counts where that is what was signed.
    #[test]
    fn an_rp_id_restricts_the_origin() {
        let rules = Policy::default().with_rp_id("app.example").passkeys;
        for (origin, domain, accepted) in [
            ("https://app.example", "app.example", true),
            ("https://app.example:8443", "app.example", true),
            ("https://app.example", "My App", true),
            ("https://login.app.example", "login.app.example", true),
            ("https://login.app.example:1", "login.app.example:1", true),
            ("https://login.app.example", "app.example", false),
            ("https://login.app.example", "other.app.example", false),
            ("https://evil.example", "evil.example", false),
            ("https://evil-app.example", "evil-app.example", false),
            ("https://.app.example", ".app.example", false),
            ("http://app.example", "app.example", false),
            ("http://localhost", "localhost", false),
            ("https://app.example", "https://app.example", true),
            (
                "https://login.app.example",
                "https://login.app.example",
                true,
            ),
            (
                "https://login.app.example",
                "http://login.app.example",
                false,
            ),
        ] {
            let found = rules.accepts_origin(origin, domain);
            assert_eq!(found, accepted, "{origin} for {domain}");
        }
        assert_eq!(rules.origin_for("evil.example"), "https://app.example");
        assert_eq!(rules.origin_for("a.app.example"), "https://a.app.example");
        let local = Policy::default().with_rp_id("localhost").passkeys;
        assert!(local.accepts_origin("http://localhost:3000", "My App"));
        let both = Policy::default()
            .with_rp_id("app.example")
            .with_origin("https://x.example");
        let both = both.passkeys;
        assert!(both.accepts_origin("https://x.example", "app.example"));
        assert!(!both.accepts_origin("https://app.example", "app.example"));
    }
}
