//! `DidUrl`: the syntax of DID URLs, of any method.

use alloc::boxed::Box;
use core::fmt;
use core::str::FromStr;

use crate::{DidKey, Error, multikey};

/// A DID URL ([DID Core 1.0, section 3.2]): a DID, then optionally a path, a query and a fragment.
///
/// Only the syntax is checked, strictly by the grammar; the DID may be of any method. There is no
/// `;param` part: DID Core 1.0 has none. Nothing is decoded or normalised.
///
/// ```
/// use didkey::{DidKey, DidUrl};
///
/// let url: DidUrl =
///     "did:key:z6MksFbF9EwLtgULXutkTTihLF2kSbWpQQzJziffm2bJKYc3?versionTime=2024#key".parse()?;
/// assert_eq!(url.method(), "key");
/// assert_eq!(url.query(), Some("versionTime=2024"));
/// assert_eq!(url.fragment(), Some("key"));
/// assert_eq!(DidKey::from_did_url(&url)?.as_str(), url.did());
/// # Ok::<(), didkey::Error>(())
/// ```
///
/// [DID Core 1.0, section 3.2]: https://www.w3.org/TR/did-core/#did-url-syntax
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DidUrl {
    text: Box<str>,
    // Where each part ends; the next one begins there, with its delimiter.
    method_end: usize,
    did_end: usize,
    path_end: usize,
    query_end: usize,
}

const SCHEME: &str = "did:";

impl DidUrl {
    /// The longest accepted DID URL in bytes.
    pub const MAX_LENGTH: usize = 4096;

    /// Reads a DID URL.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`], or [`Error::DidUrl`] with the part that is malformed.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > Self::MAX_LENGTH {
            return Err(Error::TooLong {
                length: text.len(),
                limit: Self::MAX_LENGTH,
            });
        }
        if !text.starts_with(SCHEME) {
            return Err(Error::DidUrl {
                part: "scheme",
                index: 0,
            });
        }
        let bytes = text.as_bytes();
        let method_end = span(bytes, SCHEME.len(), is_method_char);
        if method_end == SCHEME.len() || bytes.get(method_end) != Some(&b':') {
            return Err(Error::DidUrl {
                part: "method",
                index: method_end,
            });
        }
        let did_end = span(bytes, method_end + 1, |byte| {
            is_id_char(byte) || byte == b':'
        });
        // A colon separates, and the last segment must not be empty.
        if bytes.get(did_end - 1) == Some(&b':') {
            return Err(Error::DidUrl {
                part: "identifier",
                index: did_end,
            });
        }

        let mut part = "identifier";
        let mut path_end = did_end;
        if bytes.get(did_end) == Some(&b'/') {
            part = "path";
            path_end = span(bytes, did_end, |byte| is_path_char(byte) || byte == b'/');
        }
        let mut query_end = path_end;
        if bytes.get(path_end) == Some(&b'?') {
            part = "query";
            query_end = span(bytes, path_end + 1, is_query_char);
        }
        let mut end = query_end;
        if bytes.get(query_end) == Some(&b'#') {
            part = "fragment";
            end = span(bytes, query_end + 1, is_query_char);
        }
        if end != bytes.len() {
            return Err(Error::DidUrl { part, index: end });
        }
        Ok(Self {
            text: text.into(),
            method_end,
            did_end,
            path_end,
            query_end,
        })
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The DID, without path, query and fragment.
    #[must_use]
    pub fn did(&self) -> &str {
        self.slice(0, self.did_end)
    }

    /// The method's name: `key` for did:key.
    #[must_use]
    pub fn method(&self) -> &str {
        self.slice(SCHEME.len(), self.method_end)
    }

    /// The method-specific identifier.
    #[must_use]
    pub fn identifier(&self) -> &str {
        self.slice(self.method_end + 1, self.did_end)
    }

    /// The path, with its leading `/`; empty if there is none.
    #[must_use]
    pub fn path(&self) -> &str {
        self.slice(self.did_end, self.path_end)
    }

    /// The query, without its `?`.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        (self.path_end < self.query_end).then(|| self.slice(self.path_end + 1, self.query_end))
    }

    /// The fragment, without its `#`.
    #[must_use]
    pub fn fragment(&self) -> Option<&str> {
        (self.query_end < self.text.len()).then(|| self.slice(self.query_end + 1, self.text.len()))
    }

    // Every offset is one that `parse` found, behind an ASCII byte.
    fn slice(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }
}

impl DidKey {
    /// The did:key that a DID URL is about. Resolving looks at the DID only: query and fragment
    /// do not matter.
    ///
    /// # Errors
    ///
    /// [`Error::DidUrlPath`] if the URL has a path, since a did:key has nothing under one;
    /// otherwise as `FromStr`.
    pub fn from_did_url(url: &DidUrl) -> Result<Self, Error> {
        let did: Self = url.did().parse()?;
        if url.path().is_empty() {
            Ok(did)
        } else {
            Err(Error::DidUrlPath)
        }
    }
}

/// The end of the run, from `start`, of bytes that `allowed` takes and of `%` escapes.
fn span(bytes: &[u8], start: usize, allowed: impl Fn(u8) -> bool) -> usize {
    let mut at = start;
    loop {
        match bytes.get(at..).unwrap_or_default() {
            [b'%', high, low, ..]
                if allowed(b'%') && high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                at += 3;
            }
            [byte, ..] if *byte != b'%' && allowed(*byte) => at += 1,
            _ => return at,
        }
    }
}

const fn is_method_char(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// `idchar` of DID Core; here and below `%` stands for a whole escape.
const fn is_id_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'%')
}

/// `pchar` of RFC 3986.
const fn is_path_char(byte: u8) -> bool {
    is_id_char(byte)
        || matches!(
            byte,
            b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b','
        )
        || matches!(byte, b';' | b'=' | b':' | b'@')
}

/// The bytes of `query` and `fragment` of RFC 3986.
const fn is_query_char(byte: u8) -> bool {
    is_path_char(byte) || matches!(byte, b'/' | b'?')
}

impl FromStr for DidUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl TryFrom<&str> for DidUrl {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl From<&DidKey> for DidUrl {
    fn from(did: &DidKey) -> Self {
        let end = did.as_str().len();
        Self {
            text: did.as_str().into(),
            method_end: multikey::PREFIX.len() - 1,
            did_end: end,
            path_end: end,
            query_end: end,
        }
    }
}

impl AsRef<str> for DidUrl {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for DidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for DidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DidUrl").field(&self.as_str()).finish()
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::{String, ToString};

    use super::*;

    const DID: &str = "did:key:z6MksFbF9EwLtgULXutkTTihLF2kSbWpQQzJziffm2bJKYc3";

    fn parts(text: &str) -> (&str, &str, Option<&str>, Option<&str>) {
        // Borrow from the input by offset, to compare without clones.
        let url = DidUrl::parse(text).unwrap();
        assert_eq!(url.to_string(), text);
        let find = |part: &str| {
            let start = part.as_ptr() as usize - url.as_str().as_ptr() as usize;
            &text[start..start + part.len()]
        };
        (
            find(url.did()),
            find(url.path()),
            url.query().map(find),
            url.fragment().map(find),
        )
    }

    #[test]
    fn parts_are_found() {
        assert_eq!(parts("did:a:b"), ("did:a:b", "", None, None));
        assert_eq!(parts("did:a1:b:c%3A"), ("did:a1:b:c%3A", "", None, None));
        assert_eq!(parts("did:a::b"), ("did:a::b", "", None, None));
        assert_eq!(parts("did:a:b/"), ("did:a:b", "/", None, None));
        assert_eq!(parts("did:a:b//c;d=1"), ("did:a:b", "//c;d=1", None, None));
        assert_eq!(parts("did:a:b?"), ("did:a:b", "", Some(""), None));
        assert_eq!(parts("did:a:b#"), ("did:a:b", "", None, Some("")));
        assert_eq!(parts("did:a:b?#"), ("did:a:b", "", Some(""), Some("")));
        assert_eq!(
            parts("did:a:b/p?q/?#f/?"),
            ("did:a:b", "/p", Some("q/?"), Some("f/?"))
        );
    }

    #[test]
    fn malformed_parts_are_named() {
        let error = |part, index| Err(Error::DidUrl { part, index });
        let index_of = |text: &str| DidUrl::parse(text).map(|_| ());
        assert_eq!(index_of(""), error("scheme", 0));
        assert_eq!(index_of("DID:a:b"), error("scheme", 0));
        assert_eq!(index_of(" did:a:b"), error("scheme", 0));
        assert_eq!(index_of("did:"), error("method", 4));
        assert_eq!(index_of("did::b"), error("method", 4));
        assert_eq!(index_of("did:a"), error("method", 5));
        assert_eq!(index_of("did:A:b"), error("method", 4));
        assert_eq!(index_of("did:%61:b"), error("method", 4));
        assert_eq!(index_of("did:a:"), error("identifier", 6));
        assert_eq!(index_of("did:a:b:"), error("identifier", 8));
        assert_eq!(index_of("did:a:b;c=d"), error("identifier", 7));
        assert_eq!(index_of("did:a:b "), error("identifier", 7));
        assert_eq!(index_of("did:a:b\n"), error("identifier", 7));
        assert_eq!(index_of("did:a:%4"), error("identifier", 6));
        assert_eq!(index_of("did:a:%4g"), error("identifier", 6));
        assert_eq!(index_of("did:a:é"), error("identifier", 6));
        assert_eq!(index_of("did:a:b/[]"), error("path", 8));
        assert_eq!(index_of("did:a:b?c d"), error("query", 9));
        assert_eq!(index_of("did:a:b#c#d"), error("fragment", 9));
        assert_eq!(index_of("did:a:b#%"), error("fragment", 8));
    }

    #[test]
    fn length_is_bounded() {
        let mut text = String::from("did:a:");
        text.push_str(&"b".repeat(DidUrl::MAX_LENGTH - text.len()));
        assert!(DidUrl::parse(&text).is_ok());
        text.push('b');
        let expected = Error::TooLong {
            length: 4097,
            limit: 4096,
        };
        assert_eq!(DidUrl::parse(&text), Err(expected));
    }

    #[test]
    fn only_the_did_names_a_key() {
        let key = |text: &str| DidKey::from_did_url(&DidUrl::parse(text).unwrap());
        let did: DidKey = DID.parse().unwrap();
        assert_eq!(key(DID), Ok(did.clone()));
        assert_eq!(key(&format!("{DID}?a=b#c")), Ok(did.clone()));
        assert_eq!(key(&format!("{DID}/a")), Err(Error::DidUrlPath));
        assert_eq!(key(&format!("{DID}/")), Err(Error::DidUrlPath));
        assert_eq!(key("did:web:example.com"), Err(Error::NotDidKey));
        assert_eq!(DidUrl::from(&did), DidUrl::parse(DID).unwrap());
    }
}
