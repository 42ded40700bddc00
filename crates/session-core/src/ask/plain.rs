//! Requests that are admitted for sure, told without what it takes to look closer.

use super::Request;

/// The largest number of resources of a plain request.
const MAX_RESOURCES: usize = 16;
/// The largest number of bytes of a plain text.
const MAX_LEN: usize = 256;

impl Request {
    /// Whether this text is a domain that [`check`](Self::check) admits for sure: lower-case ASCII
    /// as host names have it, and a port at most. A `false` says nothing.
    #[must_use]
    pub fn is_plain_domain(text: &str) -> bool {
        let (host, port) = text.split_once(':').unwrap_or((text, "1"));
        let is_label = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let digits = port.bytes().all(|byte| byte.is_ascii_digit());
        host.len() <= MAX_LEN
            && host
                .bytes()
                .all(|byte| is_label(byte) || b".-".contains(&byte))
            && host.bytes().next().is_some_and(is_label)
            && host.bytes().last().is_some_and(is_label)
            && (1..=5).contains(&port.len())
            && digits
    }

    /// Whether this text at this place of the list is a resource that [`check`](Self::check) admits
    /// for sure: a URI with an authority, of a few characters of ASCII. A `false` says nothing.
    #[must_use]
    pub fn is_plain_resource(place: usize, text: &str) -> bool {
        let Some((scheme, rest)) = text.split_once("://") else {
            return false;
        };
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/?#=&+*".contains(&byte);
        place < MAX_RESOURCES
            && text.len() <= MAX_LEN
            && !scheme.is_empty()
            && scheme.bytes().all(|byte| byte.is_ascii_lowercase())
            && !rest.is_empty()
            && rest.bytes().all(is_plain)
    }
}
