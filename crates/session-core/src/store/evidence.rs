//! What a store keeps with a capability, so that it need not be proven again.

use serde_json::value::RawValue;
use std::fmt;
use std::sync::Arc;

/// What was found when a capability was proven, such as the answer of a contract and its block: a
/// JSON object that a store keeps with the record, and does not look into.
///
/// It proves nothing by itself: the reader of a store decides whether to believe it. Cheap to
/// clone.
///
/// ```
/// use session_core::Evidence;
///
/// let evidence = Evidence::from_json(r#"{"block":"0x10d4f"}"#)?;
/// assert_eq!(evidence.as_str(), r#"{"block":"0x10d4f"}"#);
/// assert!(Evidence::from_json("[]").is_err());
/// # Ok::<_, session_core::EvidenceError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Evidence(Arc<str>);

impl Evidence {
    /// The largest number of bytes of its text.
    pub const MAX_LEN: usize = 4096;

    /// Takes the text of a JSON object (RFC 8259, section 4), and keeps it as it is, without
    /// white space around it.
    ///
    /// # Errors
    /// [`EvidenceError`] when it is too long, or not a JSON object.
    pub fn from_json(text: &str) -> Result<Self, EvidenceError> {
        if text.len() > Self::MAX_LEN {
            return Err(EvidenceError::TooLong { length: text.len() });
        }
        match serde_json::from_str::<&RawValue>(text) {
            Ok(value) if value.get().starts_with('{') => Ok(Self(value.get().into())),
            _ => Err(EvidenceError::NotAnObject),
        }
    }

    /// What a contract said, as a store keeps it.
    pub(crate) fn of(said: &cacao::Evidence) -> Option<Self> {
        Self::from_json(&said.to_json()).ok()
    }

    /// The text of the object.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shows its length only: what it says is not ours.
impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Evidence({} bytes)", self.0.len())
    }
}

/// Why a text is not evidence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// It is longer than [`Evidence::MAX_LEN`].
    #[error("the evidence has {length} bytes, more than {}", Evidence::MAX_LEN)]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// It is not the text of a JSON object.
    #[error("the evidence is not a valid JSON object")]
    NotAnObject,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_json_object_of_bounded_length_is_kept_to_the_letter() {
        for text in ["{}", r#"{"b":1, "a":[1e400,"\u0000"],"b":{}}"#] {
            assert_eq!(Evidence::from_json(text).unwrap().as_str(), text);
            let spaced = format!(" \n{text}\t");
            assert_eq!(Evidence::from_json(&spaced).unwrap().as_str(), text);
        }
        let long = |length: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(length - 8));
        assert!(Evidence::from_json(&long(4096)).is_ok());
        let error = Evidence::from_json(&long(4097));
        assert_eq!(error, Err(EvidenceError::TooLong { length: 4097 }));
    }

    #[test]
    fn nothing_else_is_evidence() {
        let deep = format!("{}{}", "[".repeat(2000), "]".repeat(2000));
        for text in [
            "", "null", "[]", "1", "\"{}\"", "{", "{}{}", "{} x", "{a:1}", &*deep,
        ] {
            let error = Evidence::from_json(text);
            assert_eq!(error, Err(EvidenceError::NotAnObject), "{text}");
        }
    }
}
