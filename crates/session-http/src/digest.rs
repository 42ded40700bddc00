//! `htd`: the digest of the parts of a request that a proof is for; and the digest of the content.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use sha2::{Digest, Sha256};

/// What stands for the content in `htd` where it is a stream, whose digest nobody knows yet.
pub(crate) const STREAM: &str = "*";

/// The value of `Content-Digest` (RFC 9530) for this content: `sha-256=:…:`.
#[must_use]
pub fn content_digest(content: &[u8]) -> String {
    write_digest(&Sha256::digest(content).into())
}

pub(crate) fn write_digest(digest: &[u8; 32]) -> String {
    format!("sha-256=:{}:", BASE64.encode(digest))
}

/// Reads the one form of `Content-Digest` that the convention has.
pub(crate) fn read_digest(value: &str) -> Option<[u8; 32]> {
    let base64 = value.strip_prefix("sha-256=:")?.strip_suffix(':')?;
    let bytes = BASE64.decode(base64.as_bytes()).ok()?;
    bytes.try_into().ok()
}

/// Compares content with the digest that was promised, while it is read.
#[derive(Clone, Debug)]
pub struct ContentCheck {
    hash: Sha256,
    expected: Expected,
    has_any: bool,
}

/// What is promised about the content of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// There is none.
    Nothing,
    /// It has this SHA-256.
    Sha256([u8; 32]),
    /// Nothing: it is a stream.
    Anything,
}

impl ContentCheck {
    /// Begins before the first byte.
    #[must_use]
    pub fn new(expected: Expected) -> Self {
        Self {
            hash: Sha256::new(),
            expected,
            has_any: false,
        }
    }

    /// Takes the next bytes; returns whether all may still be well.
    pub fn update(&mut self, bytes: &[u8]) -> bool {
        self.has_any |= !bytes.is_empty();
        if matches!(self.expected, Expected::Sha256(_)) {
            self.hash.update(bytes);
        }
        !(self.has_any && self.expected == Expected::Nothing)
    }

    /// Whether the content, which has ended, is what was promised.
    #[must_use]
    pub fn finish(self) -> bool {
        match self.expected {
            Expected::Nothing => !self.has_any,
            Expected::Anything => true,
            Expected::Sha256(digest) => {
                let found: [u8; 32] = self.hash.finalize().into();
                found == digest
            }
        }
    }
}

/// The parts of a request that are signed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Covered<'a> {
    pub(crate) method: &'a str,
    pub(crate) origin: &'a str,
    pub(crate) path_and_query: &'a str,
    /// Where there is content: `content-digest`, and `content-type` where the field is there.
    pub(crate) content: Option<(&'a str, Option<&'a [u8]>)>,
}

impl Covered<'_> {
    /// SHA-256 over lines in the form of RFC 9421, section 2.5, joined by LF.
    pub(crate) fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"\"@method\": ");
        hash.update(self.method);
        hash.update(b"\n\"@target-uri\": ");
        hash.update(self.origin);
        // an empty path is sent as one slash (RFC 9110, section 4.2.3)
        if !self.path_and_query.starts_with('/') {
            hash.update(b"/");
        }
        hash.update(self.path_and_query);
        if let Some((digest, content_type)) = self.content {
            hash.update(b"\n\"content-digest\": ");
            hash.update(digest);
            if let Some(content_type) = content_type {
                hash.update(b"\n\"content-type\": ");
                hash.update(content_type);
            }
        }
        hash.finalize().into()
    }

    pub(crate) fn to_htd(self) -> String {
        BASE64URL_NOPAD.encode(&self.digest())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_the_parts_is_that_of_the_lines() {
        let digest = content_digest(b"{}");
        let covered = Covered {
            method: "POST",
            origin: "https://notes.example.com",
            path_and_query: "/api/notes?limit=10",
            content: Some((&digest, Some(b"application/json"))),
        };
        let lines = format!(
            "\"@method\": POST\n\"@target-uri\": https://notes.example.com/api/notes?limit=10\n\
             \"content-digest\": {digest}\n\"content-type\": application/json"
        );
        let expected: [u8; 32] = Sha256::digest(lines.as_bytes()).into();
        assert_eq!(covered.digest(), expected);
    }

    #[test]
    fn a_content_digest_has_one_form() {
        let digest = content_digest(b"");
        assert_eq!(
            digest,
            "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"
        );
        assert!(read_digest(&digest).is_some());
        for bad in [
            "",
            "*",
            "sha-256=::",
            "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU:",
            "sha-256=:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=:",
            "SHA-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
            "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:, sha-512=:AA==:",
            "sha-512=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
        ] {
            assert!(read_digest(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn content_is_what_was_promised() {
        let of = |content: &[u8]| Expected::Sha256(Sha256::digest(content).into());
        let check = |expected, parts: &[&[u8]]| {
            let mut check = ContentCheck::new(expected);
            parts.iter().all(|part| check.update(part)) && check.finish()
        };
        assert!(check(of(b"abc"), &[b"a", b"", b"bc"]));
        assert!(!check(of(b"abc"), &[b"a", b"b"]));
        assert!(!check(of(b"abc"), &[]));
        assert!(check(of(b""), &[]));
        assert!(check(Expected::Nothing, &[b""]));
        assert!(!check(Expected::Nothing, &[b"a"]));
        assert!(check(Expected::Anything, &[b"a"]));
    }
}
