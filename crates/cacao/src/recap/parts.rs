//! The parts of a ReCap: abilities, their restrictions, their targets.

use super::RecapError;
use super::json::Json;
use super::order::is_array_index;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;
use serde_json::Value;

/// What may be done: `namespace/name`, each of letters, digits and `.*_+-` (ERC-5573, Ability
/// Strings). A `*` is a character like any other: the service decides what it means.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ability(Box<str>);

impl Ability {
    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the slash.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.parts().0
    }

    /// The part after the slash.
    #[must_use]
    pub fn name(&self) -> &str {
        self.parts().1
    }

    fn parts(&self) -> (&str, &str) {
        self.0.split_once('/').unwrap_or_default()
    }

    /// Whether readers agree where it stands among others: JavaScript moves namespaces that are
    /// whole numbers to the front.
    pub(super) fn check_writable(&self) -> Result<(), RecapError> {
        if is_array_index(self.namespace()) {
            let text = self.0.to_string();
            return Err(RecapError::Ability { text });
        }
        Ok(())
    }
}

impl FromStr for Ability {
    type Err = RecapError;

    fn from_str(text: &str) -> Result<Self, RecapError> {
        let is_name = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b".*_+-".contains(&b))
        };
        match text.split_once('/') {
            Some((namespace, name)) if is_name(namespace) && is_name(name) => Ok(Self(text.into())),
            _ => Err(RecapError::Ability {
                text: text.to_string(),
            }),
        }
    }
}

impl fmt::Display for Ability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Ability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A restriction on the use of an ability: a JSON object, whose meaning is for the service to say.
/// The empty one restricts nothing. Restrictions of one ability are alternatives.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Restriction(Box<str>);

impl Restriction {
    const NONE: &str = "{}";

    /// The restriction that restricts nothing.
    #[must_use]
    pub fn none() -> Self {
        Self(Self::NONE.into())
    }

    /// A JSON object as a restriction.
    ///
    /// # Errors
    /// [`RecapError`] for what is not an object, for integers beyond 2^53 - 1, for too many levels,
    /// and for names that are whole numbers, whose order readers do not agree on.
    pub fn new(object: &Value) -> Result<Self, RecapError> {
        Self::of_text(&object.to_string())
    }

    pub(super) fn of_text(text: &str) -> Result<Self, RecapError> {
        let json = Json::parse_restriction(text)?;
        if json.has_array_index() {
            return Err(RecapError::Restriction("a name in it is a whole number"));
        }
        Self::of_json(&json)
    }

    pub(super) fn of_json(json: &Json) -> Result<Self, RecapError> {
        if !matches!(json, Json::Object(_)) {
            return Err(RecapError::Restriction("it is not a JSON object"));
        }
        let mut text = String::new();
        json.write(&mut text);
        Ok(Self(text.into()))
    }

    /// Whether it restricts nothing.
    #[must_use]
    pub fn is_none(&self) -> bool {
        &*self.0 == Self::NONE
    }

    /// Its canonical JSON (RFC 8785).
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.0
    }

    /// The JSON object.
    #[must_use]
    pub fn to_value(&self) -> Value {
        // what was written canonically is JSON
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Restriction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A target that is read: anything that a statement can show.
pub(super) fn check_readable(target: &str) -> Result<(), RecapError> {
    let problem = if target.is_empty() {
        "it is empty"
    } else if target.chars().any(char::is_control) {
        "it holds a control character"
    } else {
        return Ok(());
    };
    Err(wrong(target, problem))
}

/// A target that is written: a URI of RFC 3986, without an apostrophe, which would end the target
/// in the statement.
pub(super) fn check_uri(target: &str) -> Result<(), RecapError> {
    check_readable(target)?;
    let Some((scheme, rest)) = target.split_once(':') else {
        return Err(wrong(target, "it is not a URI, which begins with a scheme"));
    };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    if !is_scheme {
        return Err(wrong(target, "it is not a URI: its scheme is not valid"));
    }
    if rest.is_empty() {
        return Err(wrong(target, "it is not a URI: nothing follows its scheme"));
    }
    if rest.contains('\'') {
        return Err(wrong(target, "an apostrophe in it must be written %27"));
    }
    let mut bytes = rest.bytes();
    while let Some(byte) = bytes.next() {
        let valid = match byte {
            b'%' => {
                let digits = [bytes.next(), bytes.next()];
                digits
                    .iter()
                    .all(|digit| digit.is_some_and(|digit| digit.is_ascii_hexdigit()))
            }
            byte => byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&()*+,;=".contains(&byte),
        };
        if !valid {
            return Err(wrong(target, "it is not a URI: a character is not allowed"));
        }
    }
    Ok(())
}

fn wrong(target: &str, problem: &'static str) -> RecapError {
    RecapError::Target {
        text: target.to_string(),
        problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abilities() {
        for good in ["crud/read", "*/*", "a.b+c-d_e/F9", "tinycloud.kv/get"] {
            let ability: Ability = good.parse().unwrap();
            assert_eq!(ability.to_string(), good);
            let whole = [ability.namespace(), ability.name()].join("/");
            assert_eq!(whole, good);
        }
        for bad in [
            "", "/", "crud", "crud/", "/read", "a/b/c", "a b/c", "a/b c", "a[/b", "a/b^", "é/x",
            "a/b'", "a/b\n",
        ] {
            assert!(bad.parse::<Ability>().is_err(), "{bad}");
        }
    }

    #[test]
    fn targets_that_are_written_are_uris() {
        for good in [
            "https://example.com/pictures/",
            "mailto:username@example.com",
            "my:resource:uri.1",
            "urn:x",
            "kepler:example://default/kv",
            "https://x/%27?a=b&c[]=1#d",
        ] {
            assert_eq!(check_uri(good), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("", "empty"),
            ("eip155", "begins with a scheme"),
            ("1a:b", "scheme"),
            (":b", "scheme"),
            ("a:", "nothing follows"),
            ("a:b'c", "apostrophe"),
            ("a:b c", "not allowed"),
            ("a:b\nc", "control"),
            ("a:%2", "not allowed"),
            ("a:%zz", "not allowed"),
            ("a:é", "not allowed"),
            ("a:<b>", "not allowed"),
        ] {
            let error = check_uri(bad).unwrap_err().to_string();
            assert!(error.contains(why), "{bad}: {error}");
        }
    }

    #[test]
    fn restrictions_are_objects_in_their_canonical_form() {
        let restriction =
            Restriction::new(&serde_json::json!({"b": [1.0, "x"], "a": {"d": null, "c": true}}));
        assert_eq!(
            restriction.unwrap().as_json(),
            r#"{"a":{"c":true,"d":null},"b":[1,"x"]}"#
        );
        for bad in [
            serde_json::json!([]),
            serde_json::json!(1),
            serde_json::json!({"7": 1}),
            serde_json::json!({"a": [{"0": 1}]}),
            serde_json::json!({"a": u64::MAX}),
        ] {
            assert!(Restriction::new(&bad).is_err(), "{bad}");
        }
        assert!(Restriction::none().is_none());
        assert!(Restriction::new(&serde_json::json!({})).unwrap().is_none());
    }
}
