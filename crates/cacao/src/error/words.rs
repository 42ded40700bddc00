//! What errors say of a value that may be missing.

use alloc::string::String;
use core::fmt;
use core::time::Duration;

/// What stands in a text, behind what was expected.
pub(super) struct Found<'a>(pub(super) Option<&'a str>);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(found) => write!(f, ", found {found}"),
            None => Ok(()),
        }
    }
}

/// How long something lasts.
pub(super) struct Lifetime(pub(super) Option<Duration>);

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(lifetime) => write!(f, "it lasts {} seconds", lifetime.as_secs()),
            None => f.write_str("it never expires"),
        }
    }
}

/// A request id, if there is one.
pub(super) struct RequestId<'a>(pub(super) Option<&'a str>);

impl fmt::Display for RequestId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(id) => write!(f, "the request id {id:?}"),
            None => f.write_str("no request id"),
        }
    }
}

/// The page that holds a frame, if it is known.
pub(super) struct Within<'a>(pub(super) Option<&'a str>);

impl fmt::Display for Within<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(page) => write!(f, " within {page:?}"),
            None => Ok(()),
        }
    }
}

/// The largest number of characters of a line that an error repeats.
const MOST_SHOWN: usize = 48;

/// A line for an error: its beginning, escaped.
pub(crate) fn shortened(line: Option<&str>) -> String {
    let Some(line) = line else {
        return String::from("the end of the text");
    };
    if line.is_empty() {
        return String::from("a blank line");
    }
    let shown: String = line.chars().take(MOST_SHOWN).collect();
    let rest = if shown.len() < line.len() { "…" } else { "" };
    alloc::format!("`{}{rest}`", shown.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::super::Error;
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn what_was_found_and_what_was_wanted_are_named() {
        let limit = Duration::from_secs(60);
        let lasts = |lifetime| Error::LifetimeTooLong { lifetime, limit }.to_string();
        assert_eq!(
            lasts(None),
            "it never expires, and the policy allows 60 seconds"
        );
        assert_eq!(
            lasts(Some(Duration::from_secs(90))),
            "it lasts 90 seconds, and the policy allows 60 seconds"
        );
        let nonce = Error::NonceMismatch {
            expected: "a".into(),
            found: "b\n".into(),
        };
        assert_eq!(nonce.to_string(), r#"its nonce is "b\n", not "a""#);
        let id = |found: Option<&str>| {
            let error = Error::RequestIdMismatch {
                expected: "7".into(),
                found: found.map(Into::into),
            };
            error.to_string()
        };
        assert_eq!(id(None), r#"it has no request id, not "7""#);
        assert_eq!(id(Some("8")), r#"it has the request id "8", not "7""#);
        let top_origin = Some("https://evil.example".into());
        assert_eq!(
            Error::CrossOrigin { top_origin }.to_string(),
            "the passkey was used in a cross-origin frame within \"https://evil.example\", \
             which is not accepted"
        );
        assert_eq!(shortened(Some("")), "a blank line");
        assert_eq!(shortened(Some("a\r")), r"`a\r`");
        assert_eq!(shortened(None), "the end of the text");
    }
}
