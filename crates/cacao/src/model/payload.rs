//! CAIP-74 payload: who delegates what to whom, and until when.

use crate::caip::Issuer;
use crate::time::Timestamp;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

/// `p`, what the issuer signs. Immutable and valid: made by [`Payload::builder`] or by a decoder.
///
/// Texts hold no control character (so that one signed text stands for one payload only) and are
/// not empty; dates are RFC 3339 and keep their text; `version` is always `1`, the only one that
/// is defined.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
    pub(super) issuer: Issuer,
    pub(super) issued_at: Timestamp,
    pub(super) not_before: Option<Timestamp>,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) texts: Texts,
}

/// The texts of a payload in one buffer, one behind the other in the order of these members; the
/// resources are parted by line feeds, which no text holds.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Texts {
    pub(super) buffer: Box<str>,
    /// Where each text ends.
    pub(super) domain: usize,
    pub(super) audience: usize,
    pub(super) nonce: usize,
    pub(super) statement: Option<usize>,
    pub(super) request_id: Option<usize>,
    /// How many there are; `None` where the member is absent, which encodes otherwise than an
    /// empty list.
    pub(super) resources: Option<usize>,
}

impl Payload {
    /// `p.version`, the only one that CAIP-74 defines.
    pub const VERSION: &str = "1";

    /// `domain`: the site that asked for the signature, as it appears at the beginning of the text:
    /// with the [`scheme`](Self::scheme), if there is one.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.texts.get(0, self.texts.domain)
    }

    /// The scheme in front of the domain: `https` in `https://app.example` (EIP-4361). Whether a
    /// capability has it in its `domain` or in a member of its own, the text is the same, and so is
    /// what it means.
    ///
    /// ```
    /// # use cacao::Payload;
    /// # let payload = |domain: &str| Payload::builder(
    /// #     domain,
    /// #     "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44".parse().unwrap(),
    /// #     "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn",
    /// #     "HPiCXGTXHI",
    /// #     "2023-04-06T16:15:19.058Z".parse().unwrap(),
    /// # ).build();
    /// let of_scheme = payload("https://app.example:8443")?;
    /// assert_eq!(of_scheme.scheme(), Some("https"));
    /// assert_eq!(of_scheme.authority(), "app.example:8443");
    /// assert_eq!(payload("app.example")?.scheme(), None);
    /// # Ok::<_, cacao::Error>(())
    /// ```
    #[must_use]
    pub fn scheme(&self) -> Option<&str> {
        split_scheme(self.domain()).map(|(scheme, _)| scheme)
    }

    /// The domain without its scheme.
    #[must_use]
    pub fn authority(&self) -> &str {
        split_scheme(self.domain()).map_or(self.domain(), |(_, authority)| authority)
    }

    /// `iss`: the issuer, who delegates.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// `aud`: to whom it is delegated, as URI text.
    #[must_use]
    pub fn audience(&self) -> &str {
        self.texts.get(self.texts.domain, self.texts.audience)
    }

    /// `version`, always `1`.
    #[must_use]
    pub const fn version(&self) -> &'static str {
        Self::VERSION
    }

    /// `nonce`: makes each signature its own.
    #[must_use]
    pub fn nonce(&self) -> &str {
        self.texts.get(self.texts.audience, self.texts.nonce)
    }

    /// `iat`: when it was issued.
    #[must_use]
    pub const fn issued_at(&self) -> &Timestamp {
        &self.issued_at
    }

    /// `nbf`: before when it does not hold.
    #[must_use]
    pub const fn not_before(&self) -> Option<&Timestamp> {
        self.not_before.as_ref()
    }

    /// `exp`: after when it does not hold; without it, it never expires.
    #[must_use]
    pub const fn expires_at(&self) -> Option<&Timestamp> {
        self.expires_at.as_ref()
    }

    /// `statement`: what the user read.
    #[must_use]
    pub fn statement(&self) -> Option<&str> {
        let end = self.texts.statement?;
        Some(self.texts.get(self.texts.nonce, end))
    }

    /// `requestId`.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        let end = self.texts.request_id?;
        Some(self.texts.get(self.texts.statement_end(), end))
    }

    /// `resources`: what is granted, in the order that was signed; empty if the member is absent.
    pub fn resources(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        let texts = &self.texts;
        let start = texts.request_id.unwrap_or(texts.statement_end());
        Lines {
            rest: texts.get(start, texts.buffer.len()),
            left: texts.resources.unwrap_or(0),
        }
    }

    /// Whether the member `resources` is there, even if it is empty.
    #[must_use]
    pub const fn has_resource_list(&self) -> bool {
        self.texts.resources.is_some()
    }
}

/// Scheme and authority of a domain that has a scheme (RFC 3986, section 3.1).
pub(crate) fn split_scheme(domain: &str) -> Option<(&str, &str)> {
    domain
        .split_once("://")
        .filter(|(scheme, authority)| is_scheme(scheme) && !authority.is_empty())
}

/// A letter, then letters, digits and `+-.` (RFC 3986, section 3.1): nothing that would begin an
/// authority.
pub(crate) fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

impl Texts {
    fn get(&self, start: usize, end: usize) -> &str {
        self.buffer.get(start..end).unwrap_or_default()
    }

    fn statement_end(&self) -> usize {
        self.statement.unwrap_or(self.nonce)
    }
}

/// The first line, and what stands behind its line feed. Every verification looks for some dozens of
/// them.
pub(crate) fn next_line(text: &str) -> Option<(&str, &str)> {
    let end = memchr::memchr(b'\n', text.as_bytes())?;
    // a line feed is one byte, and no part of another character
    Some((text.get(..end)?, text.get(end + 1..)?))
}

/// So many texts that are parted by line feeds.
#[derive(Clone)]
struct Lines<'a> {
    rest: &'a str,
    left: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.left = self.left.checked_sub(1)?;
        let (line, rest) = next_line(self.rest).unwrap_or((self.rest, ""));
        self.rest = rest;
        Some(line)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Lines<'_> {}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let resources = self.has_resource_list().then(|| self.resources());
        f.debug_struct("Payload")
            .field("domain", &self.domain())
            .field("issuer", self.issuer())
            .field("audience", &self.audience())
            .field("nonce", &self.nonce())
            .field("issued_at", self.issued_at())
            .field("not_before", &self.not_before())
            .field("expires_at", &self.expires_at())
            .field("statement", &self.statement())
            .field("request_id", &self.request_id())
            .field("resources", &resources.map(Iterator::collect::<Vec<_>>))
            .finish()
    }
}
