//! The grammar of EIP-4361 for what a writer puts into a sign-in text. Readers accept more, since a
//! text that was signed cannot be changed; but a writer that leaves the grammar asks for a text
//! that other verifiers refuse.
//!
//! The rules are those of the ABNF in the final text of EIP-4361, with the terms of RFC 3986.

use crate::error::Shown;
use alloc::string::String;

/// Fewest characters of a nonce.
pub const MIN_NONCE_LEN: usize = 8;

const IN_STATEMENT: &str = "letters, digits, spaces and any of -._~:/?#[]@!$&'()*+,;=";
const IN_NONCE: &str = "letters and digits";
const IN_REQUEST_ID: &str = "letters, digits, any of -._~:@!$&'()*+,;= and %XX";
const IN_AUTHORITY: &str = "a host and a port: letters, digits, any of -._~!$&'()*+,;= and %XX";
const IN_PORT: &str = "the digits of a port";
const IN_SCHEME: &str = "a scheme and a colon: letters, digits and any of +-.";
const IN_PATH: &str = "letters, digits, any of -._~:@!$&'()*+,;=/?# and %XX";

/// How a text leaves the grammar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GrammarError {
    /// A character that is not allowed there.
    #[error("holds {} as character {place}, where only {allowed} may stand", Shown(*.character))]
    Character {
        /// The character.
        character: char,
        /// Its place, counted in characters from 1.
        place: usize,
        /// What is allowed there, in words.
        allowed: &'static str,
    },
    /// It is too short.
    #[error("has {found} characters, and must have at least {least} letters and digits")]
    TooShort {
        /// How many characters it has.
        found: usize,
        /// How many it must have.
        least: usize,
    },
    /// It names a port above 65535.
    #[error("names a port above 65535, which does not exist")]
    Port,
    /// It does not have the form as a whole.
    #[error("{0}")]
    Form(&'static str),
}

/// `statement = *( reserved / unreserved / " " )`.
///
/// # Errors
/// [`GrammarError::Character`], the first one.
pub fn statement(text: &str) -> Result<(), GrammarError> {
    let is_allowed = |c| is_reserved(c) || is_unreserved(c) || c == ' ';
    check(text, 0, IN_STATEMENT, is_allowed, false)
}

/// `nonce = 8*( ALPHA / DIGIT )`.
///
/// # Errors
/// [`GrammarError::Character`], the first one; [`GrammarError::TooShort`].
pub fn nonce(text: &str) -> Result<(), GrammarError> {
    check(text, 0, IN_NONCE, |c| c.is_ascii_alphanumeric(), false)?;
    if text.len() < MIN_NONCE_LEN {
        return Err(GrammarError::TooShort {
            found: text.len(),
            least: MIN_NONCE_LEN,
        });
    }
    Ok(())
}

/// `request-id = *pchar`.
///
/// # Errors
/// [`GrammarError::Character`], the first one.
pub fn request_id(text: &str) -> Result<(), GrammarError> {
    check(text, 0, IN_REQUEST_ID, is_pchar, true)
}

/// `domain = authority` of RFC 3986, section 3.2.
///
/// ```
/// use cacao::siwx::grammar;
///
/// assert!(grammar::domain("app.example:8443").is_ok());
/// let error = grammar::domain("https://app.example").unwrap_err();
/// assert!(error.to_string().starts_with("holds `/` as character 7"), "{error}");
/// ```
///
/// # Errors
/// [`GrammarError`].
pub fn domain(text: &str) -> Result<(), GrammarError> {
    authority(text, 0)
}

/// A URI of RFC 3986, section 3: what `URI:` and every resource is.
///
/// # Errors
/// [`GrammarError`].
pub fn uri(text: &str) -> Result<(), GrammarError> {
    const NO_SCHEME: GrammarError =
        GrammarError::Form("is not a URI: it has no scheme and colon in front");
    let Some((scheme, rest)) = text.split_once(':') else {
        return Err(NO_SCHEME);
    };
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    check(scheme, 0, IN_SCHEME, is_allowed, false)?;
    if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(NO_SCHEME);
    }
    let mut start = scheme.len() + 1;
    let mut rest = rest;
    if let Some(after) = rest.strip_prefix("//") {
        start += 2;
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        let (named, path) = after.split_at_checked(end).unwrap_or((after, ""));
        authority(named, start)?;
        start += named.chars().count();
        rest = path;
    }
    let (before, fragment) = match rest.split_once('#') {
        Some((before, fragment)) => (before, Some(fragment)),
        None => (rest, None),
    };
    let is_allowed = |c| is_pchar(c) || matches!(c, '/' | '?');
    check(before, start, IN_PATH, is_allowed, true)?;
    match fragment {
        None => Ok(()),
        Some(fragment) => {
            let start = start + before.chars().count() + 1;
            check(fragment, start, IN_PATH, is_allowed, true)
        }
    }
}

/// `[ userinfo "@" ] host [ ":" port ]`, which begins behind `start` characters.
fn authority(text: &str, start: usize) -> Result<(), GrammarError> {
    let is_name = |c| is_unreserved(c) || is_sub_delim(c);
    let (user, host) = match text.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, text),
    };
    let mut start = start;
    if let Some(user) = user {
        check(user, start, IN_AUTHORITY, |c| is_name(c) || c == ':', true)?;
        start += user.chars().count() + 1;
    }
    let (port, port_start) = if let Some(literal) = host.strip_prefix('[') {
        const NO_LITERAL: GrammarError =
            GrammarError::Form("does not hold a valid IPv6 address between its brackets");
        let (address, after) = literal.split_once(']').ok_or(NO_LITERAL)?;
        if address.parse::<core::net::Ipv6Addr>().is_err() && !is_future_address(address) {
            return Err(NO_LITERAL);
        }
        let after_start = start + address.chars().count() + 2;
        if !after.is_empty() && !after.starts_with(':') {
            check(after, after_start, IN_AUTHORITY, |_| false, false)?;
        }
        (after.strip_prefix(':'), after_start + 1)
    } else {
        let (name, port) = match host.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (host, None),
        };
        check(name, start, IN_AUTHORITY, is_name, true)?;
        (port, start + name.chars().count() + 1)
    };
    match port {
        None => Ok(()),
        Some(port) => {
            check(port, port_start, IN_PORT, |c| c.is_ascii_digit(), false)?;
            // the ABNF takes any digits, but there is no such port (RFC 9293, section 3.1)
            match port.trim_start_matches('0') {
                "" => Ok(()),
                port => port
                    .parse::<u16>()
                    .map(drop)
                    .map_err(|_| GrammarError::Port),
            }
        }
    }
}

/// `"v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )`.
fn is_future_address(text: &str) -> bool {
    let Some((version, address)) = text
        .strip_prefix(['v', 'V'])
        .and_then(|rest| rest.split_once('.'))
    else {
        return false;
    };
    let is_allowed = |c| is_unreserved(c) || is_sub_delim(c) || c == ':';
    !version.is_empty()
        && version.chars().all(|c| c.is_ascii_hexdigit())
        && !address.is_empty()
        && address.chars().all(is_allowed)
}

/// Every character is allowed, or, where `escapes` may stand, begins two hex digits.
fn check(
    text: &str,
    start: usize,
    allowed: &'static str,
    is_allowed: impl Fn(char) -> bool,
    escapes: bool,
) -> Result<(), GrammarError> {
    let mut rest = text.chars();
    let mut place = start;
    while let Some(character) = rest.next() {
        place += 1;
        if is_allowed(character) {
            continue;
        }
        let escaped: String = rest.clone().take(2).collect();
        let is_escape = escapes
            && character == '%'
            && escaped.len() == 2
            && escaped.chars().all(|c| c.is_ascii_hexdigit());
        if !is_escape {
            return Err(GrammarError::Character {
                character,
                place,
                allowed,
            });
        }
    }
    Ok(())
}

const fn is_unreserved(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~')
}

const fn is_sub_delim(c: char) -> bool {
    matches!(
        c,
        '!' | '$' | '&' | '\'' | '(' | ')' | '*' | '+' | ',' | ';' | '='
    )
}

const fn is_reserved(c: char) -> bool {
    is_sub_delim(c) || matches!(c, ':' | '/' | '?' | '#' | '[' | ']' | '@')
}

const fn is_pchar(c: char) -> bool {
    is_unreserved(c) || is_sub_delim(c) || matches!(c, ':' | '@')
}

#[cfg(test)]
mod tests {
    use super::*;

    type Rule = fn(&str) -> Result<(), GrammarError>;

    /// Character and place of what is refused.
    fn offence(rule: Rule, text: &str) -> (char, usize) {
        match rule(text) {
            Err(GrammarError::Character {
                character, place, ..
            }) => (character, place),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn statements() {
        let whole = "Az09-._~ :/?#[]@!$&'()*+,;=";
        assert_eq!(statement(whole), Ok(()));
        assert_eq!(statement(""), Ok(()));
        // every other character of ASCII, and some beyond
        let others = (0_u8..128).map(char::from);
        let others = others
            .filter(|c| !whole.contains(*c) && !c.is_ascii_alphanumeric())
            .chain(['é', '\u{202e}']);
        let mut refused = 0;
        for c in others {
            assert_eq!(offence(statement, &alloc::format!("ab{c}d")), (c, 3));
            refused += 1;
        }
        assert_eq!(refused, 32 + 1 + 10 + 2);
    }

    #[test]
    fn nonces() {
        assert_eq!(nonce("abcdEF12"), Ok(()));
        assert_eq!(
            nonce("abcdEF1"),
            Err(GrammarError::TooShort { found: 7, least: 8 })
        );
        assert_eq!(offence(nonce, "abcd-EF12"), ('-', 5));
        assert_eq!(offence(nonce, "é"), ('é', 1));
    }

    #[test]
    fn request_ids() {
        assert_eq!(request_id("a:b@c-%2F"), Ok(()));
        assert_eq!(offence(request_id, "a b"), (' ', 2));
        assert_eq!(offence(request_id, "a/b"), ('/', 2));
        assert_eq!(offence(request_id, "a%2"), ('%', 2));
        assert_eq!(offence(request_id, "a%2é"), ('%', 2));
        assert_eq!(offence(request_id, "a%zz"), ('%', 2));
    }

    #[test]
    fn domains() {
        for good in [
            "app.example",
            "app.example:8443",
            "app.example:",
            "localhost",
            "127.0.0.1:80",
            "a:0",
            "a:65535",
            "a:00065535",
            "[2001:db8::1]:8080",
            "[::ffff:1.2.3.4]",
            "[v1.a:b]",
            "bank.example@evil.example",
            "user:word@host",
            "xn--mnchen-3ya.example",
            "a%20b",
        ] {
            assert_eq!(domain(good), Ok(()), "{good}");
        }
        for (bad, character, place) in [
            ("My App", ' ', 3),
            ("https://app.example", '/', 7),
            ("app.example/path", '/', 12),
            ("app.example:80a", 'a', 15),
            ("a:1:2", ':', 4),
            ("münchen.example", 'ü', 2),
            ("a@b@c", '@', 2),
            ("u@b c", ' ', 4),
            ("[::1]x", 'x', 6),
            ("ü@b:x", 'ü', 1),
            ("u@[::1]:x", 'x', 9),
        ] {
            assert_eq!(offence(domain, bad), (character, place), "{bad}");
        }
        for bad in ["a:65536", "a:99999999", "[::1]:70000"] {
            assert_eq!(domain(bad), Err(GrammarError::Port), "{bad}");
        }
        for bad in [
            "[::1",
            "[]",
            "[fe80::1%25eth0]",
            "[v.a]",
            "[v1.]",
            "[1.2.3.4]",
        ] {
            assert!(matches!(domain(bad), Err(GrammarError::Form(_))), "{bad}");
        }
    }

    #[test]
    fn uris() {
        for good in [
            "ceramic://*",
            "ceramic://*?model=kjzl6",
            "https://a.example:1/b/c?d=/?e#f/?",
            "https://[::1]/",
            "did:key:z6Mk",
            "urn:did-session:revoke",
            "mailto:a@b",
            "x:",
        ] {
            assert_eq!(uri(good), Ok(()), "{good}");
        }
        for bad in ["notes", "", ":a", "1a:b", "/a:b"] {
            assert!(uri(bad).is_err(), "{bad}");
        }
        for (bad, character, place) in [
            ("a:b c", ' ', 4),
            ("https://a.example/<b", '<', 19),
            ("https://a b/", ' ', 10),
            ("https://ü/x y", 'ü', 9),
            ("a:b#c#d", '#', 6),
            ("https://a/[b]", '[', 11),
            ("https://[::1]/\u{202e}", '\u{202e}', 15),
            ("a b:c", ' ', 2),
        ] {
            assert_eq!(offence(uri, bad), (character, place), "{bad}");
        }
    }

    #[test]
    fn the_text_names_character_place_and_what_is_allowed() {
        use alloc::string::ToString;
        let error = statement("notes -> sync").unwrap_err();
        assert_eq!(
            error.to_string(),
            "holds `>` as character 8, where only letters, digits, spaces and any of \
             -._~:/?#[]@!$&'()*+,;= may stand"
        );
        let error = nonce("\u{202e}").unwrap_err().to_string();
        assert!(error.starts_with("holds U+202E as character 1"), "{error}");
    }
}
