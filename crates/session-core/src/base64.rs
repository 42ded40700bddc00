//! Unpadded base64url as it is read here: what is wrong is told with its place, never with what
//! stands there, which may be a part of a secret.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt;
use zeroize::Zeroizing;

/// What is wrong with a text, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) kind: Kind,
    /// The byte index, from 0; messages count from 1.
    pub(crate) position: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Bytes have no text of this length.
    Length,
    /// A character is not one of base64url.
    Symbol,
    /// The last character has bits beyond the last byte.
    Trailing,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.kind {
            Kind::Length => "is one too many",
            Kind::Symbol => "is not one of its characters",
            Kind::Trailing => "has bits that are not used and not zero",
        };
        write!(f, "character {} {why}", self.position + 1)
    }
}

impl std::error::Error for Malformed {}

/// Decodes into a buffer that is wiped even when the text ends badly: by then most of a secret may
/// stand in it.
pub(crate) fn decode(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, Malformed> {
    let room = text.len().div_ceil(4) * 3;
    let mut bytes = Zeroizing::new(vec![0; room]);
    let len = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes);
    let len = len.map_err(|_| fault(text))?;
    bytes.truncate(len);
    Ok(bytes)
}

fn fault(text: &[u8]) -> Malformed {
    let last = text.len().saturating_sub(1);
    let is_symbol = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let (kind, position) = match text.iter().position(|byte| !is_symbol(byte)) {
        _ if text.len() % 4 == 1 => (Kind::Length, last),
        Some(position) => (Kind::Symbol, position),
        None => (Kind::Trailing, last),
    };
    Malformed { kind, position }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::BASE64URL_NOPAD;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_read_as_the_reference_does(text in "[A-Za-z0-9_-]{0,9}[A-Za-z0-9_=+é-]{0,3}") {
            match (decode(text.as_bytes()), BASE64URL_NOPAD.decode(text.as_bytes())) {
                (Ok(own), Ok(other)) => prop_assert_eq!(&*own, &other),
                (Err(own), Err(other)) => {
                    prop_assert_eq!(format!("{:?}", own.kind), format!("{:?}", other.kind));
                    prop_assert_eq!(own.position, other.position);
                }
                (own, other) => prop_assert!(false, "{own:?} {other:?}"),
            }
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let told = |text: &str| decode(text.as_bytes()).unwrap_err().to_string();
        assert_eq!(told("AAAAA"), "character 5 is one too many");
        assert_eq!(told("AA+A"), "character 3 is not one of its characters");
        assert_eq!(
            told("AB"),
            "character 2 has bits that are not used and not zero"
        );
        assert!(decode(b"").unwrap().is_empty());
    }
}
