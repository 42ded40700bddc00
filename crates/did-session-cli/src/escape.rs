//! What others wrote, made visible before it is printed.

use did_session::cacao::siwx;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::Write;

/// A text in which control characters, and those that are not seen or move others, are written as
/// escapes: what others wrote must not steer the terminal, nor read as something else.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, is_unprintable, text_escape)
}

/// Whether a character is not seen, or moves others.
pub(crate) const fn is_not_seen(c: char) -> bool {
    siwx::peculiar_character(c).is_some()
}

/// Whether a character is one of those, or a control character.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control() || is_not_seen(c)
}

/// A text in which such characters are written as escapes.
pub(crate) fn escaped(
    text: &str,
    is_such: impl Fn(char) -> bool,
    escape: impl Fn(char, &mut String),
) -> Cow<'_, str> {
    if !text.chars().any(&is_such) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_such(c) {
            escape(c, &mut out);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Lets through to a writer only what can be seen, and what lays out lines.
#[derive(Debug)]
pub(crate) struct Visible<W>(pub(crate) W);

impl<W: Write> Write for Visible<W> {
    /// The writers of logs hand over whole lines.
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let visible = escaped(&text, is_not_seen, text_escape);
        self.0.write_all(visible.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// As people read it: `\n`, `\u{202e}`.
pub(crate) fn text_escape(c: char, out: &mut String) {
    out.extend(c.escape_default());
}

/// As it stands within a text of JSON: `\u202e`, two of them beyond the first plane.
pub(crate) fn json_escape(c: char, out: &mut String) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        // a String takes whatever is written
        let _ = write!(out, "\\u{unit:04x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(printable("plain é"), "plain é");
        assert_eq!(printable("a\nb\u{1b}[31m\u{9b}"), "a\\nb\\u{1b}[31m\\u{9b}");
    }

    #[test]
    fn logs_show_what_is_not_seen() {
        let mut log = Visible(Vec::new());
        log.write_all("a\u{202e}b\u{200b}\n".as_bytes()).unwrap();
        assert_eq!(log.0, b"a\\u{202e}b\\u{200b}\n");
    }
}
